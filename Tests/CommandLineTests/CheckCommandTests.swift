// SPDX-License-Identifier: BSD-3-Clause

import Testing

/// `vtlua check`: says whether a workflow is sound, and computes nothing.
@Suite struct CheckCommandTests {
    @Test func aSoundWorkflow() throws {
        let folder = try Flows.folder(Flows.twice)
        let found = try folder.vtlua("check", "flow.lua")
        #expect(found.output.text == "flow.lua: `twice` is valid, 2 modules\n")
        #expect(found.error.text == "")
        #expect(found.end == .exit(0))
        #expect(
            try folder.vtlua("check", "--json", "flow.lua").output.text
                == #"{"schema": 1, "status": "valid", "workflow": "twice", "modules": 2}"# + "\n")
    }

    @Test func nothingComputes() throws {
        let found = try Flows.folder(Flows.partly).vtlua("check", "flow.lua")
        #expect(found.output.text == "flow.lua: `partly` is valid, 3 modules\n")
        #expect(found.error.text == "")
        #expect(found.end == .exit(0))
    }

    @Test func oneModuleIsOne() throws {
        #expect(
            try Flows.folder(Flows.talk).vtlua("check", "flow.lua").output.text
                == "flow.lua: `talk` is valid, 1 module\n")
    }

    /// It may be meant: it is no error. `run` and `plan` say it, too, once.
    @Test(arguments: ["check", "run", "plan"]) func anInputThatIsNone(_ command: String) throws {
        let flow: Bytes = """
            local M = vt.module {
              name = "m", inputs = { workers = "integer" }, outputs = { n = "integer" },
            }
            function M:compute(inputs)
              return { n = inputs.wrokers or 4 }
            end
            local flow = vt.workflow { name = "w" }
            flow:add("a", M, { workers = 1 })
            return flow:outputs { n = flow:add("b", M, { workers = 2 }).n }

            """
        let found = try Folder(["flow.lua": flow]).vtlua(command, "flow.lua")
        let warning = """
            warning: flow.lua:5: module `m` has no input `wrokers`: it is nil here; did you mean \
            `workers`?

            """
        #expect(
            command == "run"
                ? found.error.text.hasPrefix(warning) : found.error.text == warning)
        #expect(found.end == .exit(0))
    }

    /// A workflow that needs a value is not wrong for it.
    @Test func parametersMayBeOpen() throws {
        let folder = try Flows.folder(Flows.busy)
        #expect(
            try folder.vtlua("check", "flow.lua").output.text
                == "flow.lua: `busy` is valid, 1 module\n")
        let wrong = try folder.vtlua("check", "flow.lua", "-p", "hwo=me")
        #expect(
            wrong.error.text
                == "error: workflow `busy` has no parameter `hwo`; did you mean `how`?\n")
        #expect(wrong.end == .exit(2))
    }

    @Test func allProblemsAreTold() throws {
        let flow: Bytes = """
            local flow = vt.workflow { name = "f" }
            local a = flow:add("a", "math.double")
            local b = flow:add("b", "math.double")
            return flow:outputs { a = a.y, b = b.y }

            """
        let folder = try Flows.folder(flow)
        let found = try folder.vtlua("check", "flow.lua")
        #expect(
            found.error.text == """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: `a` (math.double): input `x` (number) is missing
                  flow.lua:3: `b` (math.double): input `x` (number) is missing

                """)
        #expect(found.end == .exit(3))
        #expect(
            try folder.vtlua("check", "--json", "flow.lua").output.text == """
                {"schema": 1, "status": "invalid", "problems": [\
                {"message": "`a` (math.double): input `x` (number) is missing", \
                "file": "flow.lua", "line": 2}, \
                {"message": "`b` (math.double): input `x` (number) is missing", \
                "file": "flow.lua", "line": 3}]}

                """)
    }

    @Test func aLongListIsCut() throws {
        var flow = "local flow = vt.workflow { name = \"f\" }\n"
        for number in 1...30 { flow += "flow:add(\"n\(number)\", \"math.double\")\n" }
        let found = try Flows.folder(Bytes(flow + "return flow\n")).vtlua("run", "flow.lua")
        let lines = found.error.text.split(separator: "\n")
        #expect(lines.count == 12)
        #expect(lines.last == "  and 20 more; vtlua check --json shows all")
    }
}
