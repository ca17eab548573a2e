// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import Testing

/// `vtlua run`: its options, and what goes where.
@Suite struct RunCommandTests {
    @Test func resultsGoToStandardOutput() throws {
        let found = try Flows.folder(Flows.twice).vtlua("run", "flow.lua")
        #expect(found.output.text == "y = 12\n")
        #expect(
            found.error.text.replacing(/\d+\.\d\d s/, with: "T s").replacing(
                /run [0-9A-Z]{4}/, with: "run RRRR") == """
                    [1/2] first  T s
                    [2/2] second  T s
                    done: run RRRR in T s

                    """)
        #expect(found.end == .exit(0))
    }

    @Test(arguments: [
        (["-p", "x=5"], "y = 20\n"), (["--param", "x=2.5"], "y = 10.0\n"),
        (["-p", "x=5", "-p", "x=6"], "y = 24\n"), (["--params", "p.json"], "y = 28\n"),
        (["--params", "p.lua"], "y = 32\n"), (["--params", "p.json", "-p", "x=1"], "y = 4\n"),
        (["-t", "second"], "y = 12\n"), (["-t", "first"], ""),
        (["-t", "first", "-t", "second"], "y = 12\n"),
    ])
    func parametersAndTargets(_ options: [String], _ output: String) throws {
        let folder = try Flows.folder(
            Flows.twice, ["p.json": "{\"x\": 7}", "p.lua": "return { x = 2 ^ 3 // 1 | 0 }"])
        let found = try folder.vtlua(["run", "--progress", "none", "flow.lua"] + options)
        #expect(found.output.text == output)
        #expect(found.error.text == "")
        #expect(found.end == .exit(0))
    }

    /// What is said often is read in a shorter way than the rest: it means the same.
    @Test(arguments: [
        (["flow.lua", "-p", "x=5"], ["flow.lua", "-p=x=5"]),
        (["-p", "x=5", "flow.lua", "--json"], ["-p=x=5", "flow.lua", "--json"]),
        (["flow.lua", "--params", "p.json"], ["flow.lua", "--params=p.json"]),
        (["-t", "first", "flow.lua"], ["--target=first", "flow.lua"]),
        (["--progress", "json", "flow.lua"], ["--progress=json", "flow.lua"]),
        (["--store", "kept", "flow.lua"], ["--store=kept", "flow.lua"]),
        (
            ["--store", "kept", "--no-cache", "flow.lua"],
            ["--store=kept", "--no-cache", "flow.lua"]
        ),
        (["bad.lua", "-k"], ["bad.lua", "-k", "--retries=0"]),
        (["bad.lua"], ["bad.lua", "--retries=0"]),
        (["none.lua"], ["none.lua", "--retries=0"]),
        (["flow.lua", "-p", "z=1"], ["flow.lua", "-p=z=1"]),
    ])
    func bothWaysOfReading(_ short: [String], _ long: [String]) throws {
        func found(_ arguments: [String]) throws -> [String] {
            let folder = try Flows.folder(
                Flows.twice,
                [
                    "p.json": "{\"x\": 7}",
                    "bad.lua": """
                    local M = vt.module { name = "m", outputs = { y = "any" } }
                    function M:compute() error("no") end
                    local N = vt.module { name = "n", outputs = { y = "any" } }
                    function N:compute() return { y = 1 } end
                    local flow = vt.workflow { name = "bad" }
                    flow:add("a", M)
                    return flow:outputs { y = flow:add("b", N).y }
                    """,
                ])
            let found = try folder.vtlua(["run"] + arguments)
            let texts = [found.output, found.error].map {
                $0.text.replacing(folder.path, with: "FOLDER")
                    .replacing(/[0-9]+(\.[0-9]+)?(e-[0-9]+)?/, with: "N")
                    .replacing(/run [0-9A-Z]+|"run": "[0-9A-Z]+"|[0-9A-Z]+\/a/, with: "RUN")
            }
            return texts + ["\(found.end)", "\(folder.names.contains("kept/store.sqlite"))"]
        }
        let (first, second) = (try found(short), try found(long))
        #expect(first == second)
    }

    /// What a flow asks for is capped, and so is what it asks about.
    @Test(arguments: [([], 3, 3), (["-j", "2"], 2, 3), (["-j1"], 1, 1), (["-j", "64"], 3, 3)])
    func atMostSoManyWorkers(_ options: [String], _ asked: Int, _ most: Int) throws {
        let flow: Bytes = """
            local many = vt.module {
              name = "many", inputs = { cores = "integer" },
              outputs = { asked = "integer", default = "integer", cores = "integer" },
            }
            function many:compute(inputs)
              local asked <close> = parallel.threads(3)
              local default <close> = parallel.threads()
              assert(inputs.cores == parallel.cores and #default == parallel.cores)
              return { asked = #asked, default = #default, cores = inputs.cores }
            end
            local flow = vt.workflow { name = "f" }
            local a = flow:add("a", many, { cores = parallel.cores })
            return flow:outputs { asked = a.asked, cores = a.cores }

            """
        let found = try Folder(["flow.lua": flow]).vtlua(
            ["run", "--progress", "none", "flow.lua"] + options)
        #expect(found.error == "")
        let lines = found.output.text.split(separator: "\n")
        #expect(lines.first == "asked = \(asked)")
        if most < 3 { #expect(lines.last == "cores = \(most)") }
        #expect(found.end == .exit(0))
    }

    @Test(arguments: ["serial", "threads", "processes"])
    func whatTasksPrintIsKeptWithTheNode(_ kind: String) throws {
        let flow: Bytes = """
            local talk = vt.module { name = "talk", outputs = { y = "any" } }
            function talk:compute()
              print("before")
              local pool <close> = parallel.\(kind)(2)
              local y = pool:map(function(x)
                print("task", x)
                io.write("half of ", x, "\\n")
                if x == 3 then error("no luck") end
                return x
              end, { 1, 2, 3 }, { on_error = "collect" })
              pool:execute("print 'executed'")
              return { y = #y }
            end
            local flow = vt.workflow { name = "f" }
            return flow:outputs { y = flow:add("a", talk).y }

            """
        let workers = kind == "serial" ? 1 : 2
        let text =
            "before\n" + (1...3).map { "task\t\($0)\nhalf of \($0)\n" }.joined()
            + String(repeating: "executed\n", count: workers)
        let found = try Folder(["flow.lua": flow]).vtlua(
            "run", "--progress", "none", "--json", "flow.lua")
        #expect(
            found.error.text
                == text.split(separator: "\n").map { "a | \($0)\n" }.joined())
        #expect(
            try found.output.text.canonicalJSON()
                == """
                {"schema": 1, "run": "RRRR", "status": "done", "seconds": 0, "outputs": {"y": 3},
                 "nodes": [
                   {"name": "a", "module": "talk 0", "status": "computed", "seconds": 0,
                    "printed": "\(text.replacing("\n", with: "\\n").replacing("\t", with: "\\t"))",
                    "error": null}]}
                """.canonicalJSON())
    }

    @Test func jsonOfAFailedTask() throws {
        let flow: Bytes = """
            local bad = vt.module { name = "bad", version = "2", outputs = { y = "any" } }
            function bad:compute()
              local pool <close> = parallel.threads(1)
              return { y = pool:map(function(x) print(type(x)) return x + 1 end, { 1, 2, {} }) }
            end
            local flow = vt.workflow { name = "f" }
            return flow:outputs { y = flow:add("a", bad).y }

            """
        let found = try Folder(["flow.lua": flow]).vtlua("run", "flow.lua", "--json")
        #expect(
            try found.output.text.canonicalJSON()
                == """
                {"schema": 1, "run": "RRRR", "status": "failed", "seconds": 0,
                 "outputs": {"y": null},
                 "nodes": [
                   {"name": "a", "module": "bad 2", "status": "failed", "seconds": 0,
                    "printed": "number\\nnumber\\ntable\\n",
                    "error": {
                      "node": "a", "stage": "compute",
                      "message": "attempt to perform arithmetic on a table value (local 'x')",
                      "file": "flow.lua", "line": 4, "placed": "flow.lua:7",
                      "task": {"index": 3, "total": 3, "kind": "threads", "worker": 1,
                               "cause": "error"}}}]}
                """.canonicalJSON())
        #expect(found.end == .exit(1))
    }

    @Test(arguments: ["-n", "--dry-run"]) func dryRunShowsTheOrder(_ option: String) throws {
        let folder = try Flows.folder(Flows.twice)
        let found = try folder.vtlua("run", "flow.lua", option)
        #expect(found.output.text == "1  first   math.double 1.0.0\n2  second  math.double 1.0.0\n")
        #expect(found.error.text == "")
        let object = try folder.vtlua("run", "flow.lua", option, "--json", "-t", "first")
        #expect(
            object.output.text == """
                {"schema": 1, "workflow": "twice", "status": "planned", "nodes": \
                [{"name": "first", "module": "math.double 1.0.0"}]}

                """)
    }

    @Test func jsonOfARun() throws {
        let found = try Flows.folder(Flows.twice).vtlua("run", "flow.lua", "--json")
        #expect(
            try found.output.text.canonicalJSON()
                == """
                {"schema": 1, "run": "RRRR", "status": "done", "seconds": 0, "outputs": {"y": 12},
                 "nodes": [
                   {"name": "first", "module": "math.double 1.0.0", "status": "computed",
                    "seconds": 0, "error": null},
                   {"name": "second", "module": "math.double 1.0.0", "status": "computed",
                    "seconds": 0, "error": null}]}
                """.canonicalJSON())
        #expect(found.end == .exit(0))
    }

    @Test func jsonOfARunThatFailsInPart() throws {
        let found = try Flows.folder(Flows.partly).vtlua(
            "run", "flow.lua", "--json", "-k", "--progress", "none")
        #expect(
            try found.output.text.canonicalJSON()
                == """
                {"schema": 1, "run": "RRRR", "status": "failed", "seconds": 0,
                 "outputs": {"b": null, "c": 2},
                 "nodes": [
                   {"name": "a", "module": "bad 2", "status": "failed", "seconds": 0,
                    "printed": "about to fail\\n",
                    "error": {"node": "a", "stage": "compute", "message": "no luck", "file": "flow.lua",
                              "line": 4, "placed": "flow.lua:7"}},
                   {"name": "b", "module": "math.double 1.0.0", "status": "skipped",
                    "seconds": 0, "error": null, "because": "a"},
                   {"name": "c", "module": "math.double 1.0.0", "status": "computed",
                    "seconds": 0, "error": null}]}
                """.canonicalJSON())
        #expect(found.end == .exit(1))
    }

    @Test func jsonOfAnInvalidWorkflow() throws {
        let folder = try Folder(["flow.lua": "local x = 1 +\nreturn x\n"])
        let found = try folder.vtlua("run", "flow.lua", "--json")
        #expect(
            found.output.text == """
                {"schema": 1, "status": "invalid", "problems": [{"message": \
                "unexpected symbol near 'return'", "file": "flow.lua", "line": 2}]}

                """)
        #expect(found.end == .exit(3))
    }

    @Test(arguments: [["-k"], ["--keep-going"]])
    func keepGoingComputesWhatItCan(_ option: [String]) throws {
        let found = try Flows.folder(Flows.partly).vtlua(["run", "flow.lua"] + option)
        #expect(found.output.text == "c = 2\n")
        #expect(found.error.text.hasPrefix("a | about to fail\n[1/3] a  failed\n"))
        #expect(found.error.text.contains("\n[2/3] b  skipped: `a` failed\n"))
        #expect(found.end == .exit(1))
    }

    @Test func withoutItTheRestIsSkipped() throws {
        let found = try Flows.folder(Flows.partly).vtlua("run", "flow.lua")
        #expect(found.output.text == "")
        #expect(found.error.text.contains("\n[3/3] c  skipped: `a` failed\n"))
        #expect(found.end == .exit(1))
    }

    @Test func theModulesOwnLimitWins() throws {
        let flow: Bytes = """
            local quick = vt.module { name = "quick", outputs = { y = "number" }, timeout = 1000 }
            function quick:compute()
              local till = os.clock() + 0.3
              while os.clock() < till do end
              return { y = 1 }
            end
            local flow = vt.workflow { name = "f" }
            return flow:outputs { y = flow:add("a", quick).y }

            """
        let found = try Folder(["flow.lua": flow]).vtlua("run", "flow.lua", "--timeout", "0.1")
        #expect(found.output.text == "y = 1\n")
        #expect(found.end == .exit(0))
    }

    @Test func aSecondAttemptMaySucceed() throws {
        let flow: Bytes = """
            local tries = 0
            local moody = vt.module { name = "moody", outputs = { y = "number" } }
            function moody:compute()
              tries = tries + 1
              if tries < 3 then error("not today") end
              return { y = tries }
            end
            local flow = vt.workflow { name = "f" }
            return flow:outputs { y = flow:add("a", moody).y }

            """
        let folder = try Folder(["flow.lua": flow])
        #expect(try folder.vtlua("run", "flow.lua", "--retries", "2").output.text == "y = 3\n")
        #expect(try folder.vtlua("run", "flow.lua", "--retries", "1").end == .exit(1))
    }

    @Test func whatModulesPrintGoesToStandardError() throws {
        let found = try Flows.folder(Flows.talk).vtlua("run", "--progress", "none", "flow.lua")
        #expect(found.output.text == "y = 4\n")
        #expect(
            found.error.text == """
                the flow says
                a | printed\t1
                a | written
                a | info: noted 2
                to stdout
                to stderr
                from a child
                a | no end

                """)
    }

    @Test func relativePathsOfTheFlowStartBesideIt() throws {
        let flow: Bytes = """
            local flow = vt.workflow {
              name = "f", params = { path = { "file", default = "data/here.txt" } },
            }
            local fixed = flow:add("fixed", "text.read", { path = "data/here.txt" })
            local given = flow:add("given", "text.read", { path = flow.params.path })
            return flow:outputs { fixed = fixed.text, given = given.text }

            """
        let folder = try Folder([
            "deep/flow.lua": flow, "deep/data/here.txt": "beside the flow",
            "there.txt": "beside the person",
        ])
        let found = try folder.vtlua("run", "deep/flow.lua", "--progress", "none")
        #expect(found.output.text == "fixed = beside the flow\ngiven = beside the flow\n")
        #expect(found.error.text == "")
        let given = try folder.vtlua(
            "run", "deep/flow.lua", "--progress", "none", "-p", "path=there.txt")
        #expect(given.output.text == "fixed = beside the flow\ngiven = beside the person\n")
    }

    @Test func pathsInListsOfTheFlowStartBesideIt() throws {
        let flow: Bytes = """
            local names = vt.module {
              name = "names", inputs = { files = "list<file>" }, outputs = { first = "string" },
            }
            function names:compute(inputs) return { first = io.open(inputs.files[1]):read() } end
            local flow = vt.workflow {
              name = "f", params = { files = { "list<file>", default = { "data/here.txt" } } },
            }
            return flow:outputs { first = flow:add("names", names, { files = flow.params.files }).first }

            """
        let folder = try Folder(["deep/flow.lua": flow, "deep/data/here.txt": "beside the flow"])
        let found = try folder.vtlua("run", "deep/flow.lua", "--progress", "none")
        #expect(found.error.text == "")
        #expect(found.output.text == "first = beside the flow\n")
    }

    @Test func aFileThatMayNotBeRead() throws {
        let folder = try Folder(["flow.lua": "return 1\n"])
        chmod("\(folder.path)/flow.lua", 0)
        chmod(folder.path, 0o755)
        var program = folder.program()
        let vtlua = Bytes(program.path)
        var arguments: [Bytes] = ["run", "flow.lua"]
        if geteuid() == 0 {
            // The superuser may read everything.
            program.path = "/usr/bin/setpriv"
            arguments = ["--reuid=65534", "--clear-groups", vtlua] + arguments
        }
        let found = try program.run(arguments)
        #expect(found.error.text == "error: cannot read 'flow.lua': Permission denied\n")
        #expect(found.end == .exit(2))
    }

    @Test func resultsThatCannotBeWrittenAreAnError() throws {
        var program = try Flows.folder(Flows.twice).program()
        let folder = try Flows.folder(Flows.twice)
        program.directory = folder.path
        let vtlua = Bytes(program.path)
        program.path = "/bin/sh"
        let full = try program.run(
            "-c", "exec \"$0\" run --progress none flow.lua >/dev/full", vtlua)
        #expect(
            full.error.text
                == "error: cannot write the results to standard output: No space left on device\n")
        #expect(full.end == .exit(1))
        let closed = try program.run("-c", "exec \"$0\" run --progress none flow.lua >&-", vtlua)
        #expect(
            closed.error.text
                == "error: cannot write the results to standard output: Bad file descriptor\n")
        #expect(closed.end == .exit(1))
    }
}
