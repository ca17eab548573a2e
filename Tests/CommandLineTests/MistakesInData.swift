// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// In the files that modules read and write.
    static let inData: [Mistake] = [
        Mistake(
            "broken data for csv.read",
            compute: """
                local csv = require "csv"
                function M:compute(inputs)
                  return { y = #csv.read("stations.csv") }
                end

                """,
            files: [
                "stations.csv": """
                name,lat
                "Oslo,59

                """
            ],
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:7: stations.csv:2: a quoted field starts here and never ends; \
                close it with a quote
                      6 | function M:compute(inputs)
                   >  7 |   return { y = #csv.read("stations.csv") }
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "broken data for json.read",
            compute: """
                local json = require "json"
                function M:compute(inputs)
                  return { y = json.read("stations.json") }
                end

                """,
            files: [
                "stations.json": """
                {
                  "name": "Oslo",
                  lat: 59
                }

                """
            ],
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:7: stations.json:3:3: expected a key in quotes, got `l`
                      6 | function M:compute(inputs)
                   >  7 |   return { y = json.read("stations.json") }
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "a library module that cannot read its file",
            flow: """
                local flow = vt.workflow { name = "f", params = { path = { "file", default = \
                "stations.csv" } } }
                local rows = flow:add("rows", "csv.read", { path = flow.params.path })
                return flow:outputs { n = rows.count }

                """,
            files: [
                "stations.csv": """
                name,lat
                "Oslo,59

                """
            ],
            exits: 1,
            says: """
                error: `rows` (csv.read 1.1.0) failed in compute         run RRRR, 0 of 1 done
                  stations.csv:2: a quoted field starts here and never ends; close it with a quote
                  inputs  arrays = false   path = "stations.csv"   separator = ","
                  placed  flow.lua:2

                """),
        Mistake(
            "a default file that is not there",
            flow: """
                local flow = vt.workflow { name = "f", params = { path = { "file", default = \
                "missing.csv" } } }
                local rows = flow:add("rows", "csv.read", { path = flow.params.path })
                return flow:outputs { n = rows.count }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: csv.read: input `path`: 'missing.csv': No such file or directory
                      1 | local flow = vt.workflow { name = "f", params = { path = { "fil...
                   >  2 | local rows = flow:add("rows", "csv.read", { path = flow.params....

                """),
        Mistake(
            "csv.write into a directory that is not there",
            compute: """
                local csv = require "csv"
                function M:compute(inputs)
                  csv.write("nowhere/out.csv", { { a = 1 } })
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:7: cannot write `nowhere/out.csv`: No such file or directory; \
                the directory must exist and be writable
                      6 | function M:compute(inputs)
                   >  7 |   csv.write("nowhere/out.csv", { { a = 1 } })
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "text.write into a directory that is not there",
            compute: """
                local files = require "files"
                function M:compute(inputs)
                  files.write("nowhere/out.txt", "hello")
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:7: cannot write `nowhere/out.txt`: No such file or directory; \
                the directory must exist and be writable
                      6 | function M:compute(inputs)
                   >  7 |   files.write("nowhere/out.txt", "hello")
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "vt.mkdir where a file is",
            compute: """
                function M:compute(inputs)
                  vt.mkdir("flow.lua/out")
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: cannot make 'flow.lua': there is a file of that name
                      5 | function M:compute(inputs)
                   >  6 |   vt.mkdir("flow.lua/out")
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
    ]
}
