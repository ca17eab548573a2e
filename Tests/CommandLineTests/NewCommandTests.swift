// SPDX-License-Identifier: BSD-3-Clause

import Testing

/// `vtlua new`: what it writes runs as it is.
@Suite struct NewCommandTests {
    @Test func aWorkflowThatRuns() throws {
        let folder = try Folder()
        let made = try folder.vtlua("new", "flow", "sums")
        #expect(made.output.text == "")
        #expect(
            made.error.text == """
                wrote sums.lua
                wrote sums_spec.lua
                wrote .luarc.json
                wrote .luacheckrc
                wrote .gitignore
                wrote .vtlua/definitions/
                run it with: vtlua run sums.lua; test it with: vtlua test

                """)
        #expect(made.end == .exit(0))
        let names = folder.names.filter { !$0.hasPrefix(".vtlua") }
        #expect(names == [".gitignore", ".luacheckrc", ".luarc.json", "sums.lua", "sums_spec.lua"])
        #expect(try folder.vtlua("check", "sums.lua").end == .exit(0))
        let found = try folder.vtlua("run", "sums.lua", "-p", "x=2", "--progress", "none")
        #expect(found.output.text == "fourth_power = 16\n")
        #expect(found.error.text == "")
    }

    @Test func aModuleThatComputes() throws {
        let folder = try Folder([
            "flow.lua": """
            local flow = vt.workflow { name = "f" }
            return flow:outputs { y = flow:add("blur", "img.blur", { x = 1 }).y }

            """
        ])
        let made = try folder.vtlua("new", "module", "img.blur")
        #expect(
            made.error.text == """
                wrote modules/img/blur.lua
                wrote modules/img/blur_spec.lua
                wrote .luarc.json
                wrote .luacheckrc
                wrote .gitignore
                wrote .vtlua/definitions/
                use it with: flow:add("blur", "img.blur", { x = 1 }); test it with: vtlua test

                """)
        #expect(try folder.vtlua("run", "flow.lua", "--progress", "none").output.text == "y = 1\n")
    }

    @Test func whatIsThereStays() throws {
        let folder = try Folder(["mine.lua": "-- mine\n", "modules/mine.lua": "-- mine too\n"])
        let flow = try folder.vtlua("new", "flow", "mine")
        #expect(
            flow.error.text
                == "error: 'mine.lua' already exists; choose another name\n")
        #expect(flow.end == .exit(1))
        let module = try folder.vtlua("new", "module", "mine")
        #expect(
            module.error.text
                == "error: 'modules/mine.lua' already exists; "
                + "choose another name\n")
        #expect(folder.text(of: "mine.lua") == "-- mine\n")
        #expect(folder.text(of: "modules/mine.lua") == "-- mine too\n")
    }
}
