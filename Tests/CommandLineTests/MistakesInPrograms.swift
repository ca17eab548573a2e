// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// In programs, commands and lists of files.
    static let inPrograms: [Mistake] = [
        Mistake(
            "an argument with a port that there is not",
            flow: """
                local gz = vt.command {
                  name = "gz", program = "gzip", arguments = { "{inptu}", "{output}" }, inputs = \
                { input = "file" }, outputs = { output = "file" },
                }
                local flow = vt.workflow { name = "f" }
                flow:add("a", gz, {})
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: vt.command: argument 1: there is no port `inptu`; did you mean \
                {input}?
                   >  1 | local gz = vt.command {

                """),
        Mistake(
            "an output that nothing writes",
            flow: """
                local gz = vt.command {
                  name = "gz", program = "gzip", arguments = { "-k" }, outputs = { output = \
                "file" },
                }
                local flow = vt.workflow { name = "f" }
                flow:add("a", gz, {})
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: vt.command: nothing writes the output `output`; put {output} into \
                an argument, or set stdout = "output"
                   >  1 | local gz = vt.command {

                """),
        Mistake(
            "a standard output that is no port",
            flow: """
                local gz = vt.command {
                  name = "gz", program = "gzip", outputs = { output = "file" }, stdout = "ouput",
                }
                local flow = vt.workflow { name = "f" }
                flow:add("a", gz, {})
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: vt.command: `stdout` must be the name of an output, got `ouput`; \
                did you mean `output`?
                   >  1 | local gz = vt.command {

                """),
        Mistake(
            "a misspelt field of a command",
            flow: """
                local gz = vt.command {
                  name = "gz", program = "gzip", argments = { "-k" }, outputs = { output = \
                "file" }, stdout = "output",
                }
                local flow = vt.workflow { name = "f" }
                flow:add("a", gz, {})
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: vt.command: unknown option `argments`; did you mean `arguments`?
                   >  1 | local gz = vt.command {

                """),
        Mistake(
            "a port type of a command",
            flow: """
                local gz = vt.command {
                  name = "gz", program = "gzip", inputs = { input = "fille" }, outputs = { \
                output = "file" }, stdout = "output",
                }
                local flow = vt.workflow { name = "f" }
                flow:add("a", gz, {})
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: gz: input `input`: `fille` is not a port type; did you mean `file`?
                   >  1 | local gz = vt.command {

                """),
        Mistake(
            "a suffix with a directory",
            flow: """
                local gz = vt.command {
                  name = "gz", program = "gzip", outputs = { output = { "file", suffix = \
                "out/x.gz" } }, stdout = "output",
                }
                local flow = vt.workflow { name = "f" }
                flow:add("a", gz, {})
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: vt.command: output `output`: `suffix` is the end of a name, such \
                as ".gz"
                   >  1 | local gz = vt.command {

                """),
        Mistake(
            "a list of files without a pattern",
            flow: """
                local gz = vt.command {
                  name = "gz", program = "gzip", arguments = { "{parts}/x" }, outputs = { parts \
                = "list<file>" },
                }
                local flow = vt.workflow { name = "f" }
                flow:add("a", gz, {})
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: vt.command: output `parts`: a list<file> needs `glob`, the pattern \
                of its files in the directory {parts}, such as "part-*"
                   >  1 | local gz = vt.command {

                """),
        Mistake(
            "a program that fails",
            compute: """
                local process, files = require "process", require "files"
                function M:compute(inputs)
                  return { y = #process.run { "ls", "nothing" } }
                end

                """,
            exits: 1,
            says: """
                a | ls: cannot access 'nothing': No such file or directory
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:7: process.run: the program `ls nothing` ended with exit code \
                2: ls: cannot access 'nothing': No such file or directory
                      6 | function M:compute(inputs)
                   >  7 |   return { y = #process.run { "ls", "nothing" } }
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "a command line as a program",
            compute: """
                local process, files = require "process", require "files"
                function M:compute(inputs)
                  return { y = #process.run { "ls -l", env = { PATH = "/usr/bin:/bin" } } }
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:7: process.run: there is no program `ls -l`; write { "ls", \
                "-l" }, or use process.shell. PATH is /usr/bin:/bin
                      6 | function M:compute(inputs)
                   >  7 |   return { y = #process.run { "ls -l", env = { PATH = "/usr/bin...
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "a program as a text",
            compute: """
                local process, files = require "process", require "files"
                function M:compute(inputs)
                  return { y = #process.run "ls" }
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:7: process.run: expected a table such as { "gzip", "-9", path \
                }, got a string; process.shell runs a command line
                      6 | function M:compute(inputs)
                   >  7 |   return { y = #process.run "ls" }
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "a misspelt option of a program",
            compute: """
                local process, files = require "process", require "files"
                function M:compute(inputs)
                  return { y = #process.run { "ls", tiemout = 2 } }
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:7: process.run: unknown option `tiemout`; did you mean \
                `timeout`?
                      6 | function M:compute(inputs)
                   >  7 |   return { y = #process.run { "ls", tiemout = 2 } }
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "an argument that is nil",
            compute: """
                local process, files = require "process", require "files"
                function M:compute(inputs)
                  return { y = #process.run { "echo", inputs.y, "x" } }
                end

                """,
            exits: 1,
            says: """
                warning: modules/bad.lua:7: module `bad` has no input `y`: it is nil here
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:7: process.run: argument 1 is nil; a text, a number or a list \
                of them expected
                      6 | function M:compute(inputs)
                   >  7 |   return { y = #process.run { "echo", inputs.y, "x" } }
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "an argument that is a table",
            compute: """
                local process, files = require "process", require "files"
                function M:compute(inputs)
                  return { y = #process.run { "echo", { name = "x" } } }
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:7: process.run: argument 1 is a table with the field `name`; a \
                text, a number or a list of them expected
                      6 | function M:compute(inputs)
                   >  7 |   return { y = #process.run { "echo", { name = "x" } } }
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "a program that takes too long",
            compute: """
                local process, files = require "process", require "files"
                function M:compute(inputs)
                  return { y = #process.run { "sleep", 60, timeout = 0.1 } }
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:7: process.run: the program `sleep 60` did not end within 0.1 \
                s and was ended
                      6 | function M:compute(inputs)
                   >  7 |   return { y = #process.run { "sleep", 60, timeout = 0.1 } }
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "a file that is not there to read",
            compute: """
                local process, files = require "process", require "files"
                function M:compute(inputs)
                  return { y = #process.run { "ls", reads = { "nothing" } } }
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:7: process.run: `reads` names 'nothing', which does not exist
                      6 | function M:compute(inputs)
                   >  7 |   return { y = #process.run { "ls", reads = { "nothing" } } }
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "a list of a directory that is not there",
            compute: """
                local process, files = require "process", require "files"
                function M:compute(inputs)
                  return { y = #files.list "nothing" }
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:7: cannot list `nothing`: No such file or directory
                      6 | function M:compute(inputs)
                   >  7 |   return { y = #files.list "nothing" }
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "a misspelt option of a pattern",
            compute: """
                local process, files = require "process", require "files"
                function M:compute(inputs)
                  return { y = #files.glob("*", { hiden = true }) }
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:7: files.glob: unknown option `hiden`; did you mean `hidden`?
                      6 | function M:compute(inputs)
                   >  7 |   return { y = #files.glob("*", { hiden = true }) }
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
    ]
}
