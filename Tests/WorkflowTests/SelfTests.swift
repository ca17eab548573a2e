// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import VTLuaBridge
import Testing
import VTRuntime

@testable import VTWorkflow

/// What `self` can do while a module computes.
@Suite struct SelfTests {
    /// Runs a workflow of one node `a`, whose `compute` is the body.
    private func run(
        _ body: String, spec: String = "outputs = { v = 'any' }", inputs: String = "{}",
        in shop: Workshop? = nil, _ change: (inout Interpreter.Options) -> Void = { _ in }
    ) throws -> RunResult {
        let shop = try shop ?? Workshop()
        return try shop.compute(
            """
            local flow = vt.workflow { name = "w" }
            flow:add("a", module("m", { \(spec) }, function(self, inputs)
            \(body)
            end), \(inputs))
            return flow
            """, change)
    }

    private func failure(
        _ body: String, spec: String = "outputs = { v = 'any' }", inputs: String = "{}"
    ) throws -> String {
        try run(body, spec: spec, inputs: inputs).failure?.message ?? "no failure"
    }

    @Test func inputsAndOutputs() throws {
        let shop = try Workshop()
        _ = try run(
            """
            assert(self:get_input("x") == 3 and inputs.x == 3)
            assert(self:has_input("x") and not self:has_input("y"))
            assert(self:get_input("y") == nil)
            self:set_output("v", 1)
            self:set_output("v", 2)
            self:set_output("w", 3)
            seen = true
            return { v = 4 }
            """,
            spec: "inputs = { x = 'number', y = { 'any', optional = true } }, "
                + "outputs = { v = 'number', w = 'number' }", inputs: "{ x = 3 }", in: shop)
        #expect(try shop.run("return seen") == .boolean(true))
        #expect(shop.takeEvents().contains("computed a"))
    }

    @Test func whatIsReturnedGoesBeforeWhatWasSet() throws {
        let shop = try Workshop()
        try shop.with(
            graph: """
                local flow = vt.workflow { name = "w" }
                local M = module("m", { outputs = { v = "number", w = "number" } }, function(self)
                  self:set_output("v", 1)
                  self:set_output("w", 2)
                  return { v = 3 }
                end)
                local a = flow:add("a", M)
                return flow:outputs { v = a.v, w = a.w }
                """
        ) { graph, lua in
            let result = try shop.runtime.workspace.interpreter.run(
                try graph.plan(lua), of: "w", lua)
            let values = try result.outputs.map { output in
                try lua.push(try #require(output.value))
                return lua.integer(at: -1)
            }
            #expect(values == [3, 2])
        }
    }

    @Test(arguments: [
        ("self:get_input('z')", "m has no input `z`; there are none"),
        ("self:has_input('q')", "m has no input `q`; there are none"),
        ("self:set_output('vv', 1)", "m has no output `vv`; did you mean `v`?"),
        ("self:get_input()", "bad argument #1 to 'get_input' (string expected, got no value)"),
        ("self:progress('x')", "bad argument #1 to 'progress' (number expected, got string)"),
        ("self:annotate(1)", "bad argument #1 to 'annotate' (table expected, got number)"),
        ("self:fail('%d of %s', 3, 'five')", "3 of five"),
        ("self:fail('100% sure')", "100% sure"),
        ("self:fail()", ""),
        ("error()", "nil was thrown; give error() a message"),
        ("error({ code = 1 })", "a table was thrown: { code = 1 }"),
        ("error(setmetatable({}, { __tostring = function() return 'mine' end }))", "mine"),
        ("local x = nil; x()", "attempt to call a nil value (local 'x')"),
        (
            "return 7",
            "compute returned a number; a table of outputs expected, "
                + "such as { v = value }"
        ),
        ("return { w = 1 }", "compute returned `w`, which is not among the outputs; there is v"),
        (
            "return { v = 1, 2 }",
            "compute returned the entry [1]; every output must have a name, such as { v = value }"
        ),
    ])
    func messages(body: String, message: String) throws {
        let told = try failure(body)
        #expect(told == message)
    }

    @Test func outputsAreChecked() throws {
        let spec = "outputs = { v = { 'integer', min = 0 }, w = { 'any', optional = true } }"
        #expect(
            try failure("return {}", spec: spec)
                == "output `v` (integer) is nil; give it a value, or declare it with optional = true"
        )
        #expect(
            try failure("", spec: spec)
                == "compute returned nothing; end it with return { v = value }")
        #expect(
            try failure("return { v = 1.5 }", spec: spec)
                == "output `v`: integer expected, got the float 1.5")
        #expect(
            try failure("return { v = -1 }", spec: spec)
                == "output `v`: -1 is below the minimum 0")
        #expect(try failure("return { v = 1 }", spec: spec) == "no failure")
    }

    @Test func progressAnnotationsAndLog() throws {
        let shop = try Workshop()
        let result = try run(
            """
            self:progress(0.5, "half")
            self:progress(2)
            self:progress(-1)
            self:progress(0/0)
            self:annotate { rows = 3, name = "x" }
            self:annotate { rows = 4 }
            self.log.debug("a %d", 1)
            self.log.info("b")
            self.log.warn("100%")
            self.log.error({} and "d")
            return { v = 1 }
            """, in: shop)
        #expect(
            shop.takeEvents() == [
                "run w, 1 modules", "start 0 a (m 0)", "progress a 0.5 half", "progress a 1.0",
                "progress a 0.0", "progress a 0.0", "debug a a 1", "info a b", "warn a 100%",
                "error a d", "computed a", "run done",
            ])
        let annotations = result.modules[0].annotations.sorted { $0.key < $1.key }
        #expect(annotations.map(\.key) == ["name", "rows"])
        #expect(annotations.map(\.value) == [.string(LuaBytes("x")), .integer(4)])
    }

    @Test(arguments: [
        ("return { v = 1 }", "no failure"), ("error('boom')", "boom"),
        ("self:fail('enough')", "enough"), ("while true do end", "timed out after 0.05 s"),
    ])
    func scratchIsRemoved(end: String, message: String) throws {
        let shop = try Workshop()
        let result = try run(
            """
            scratch = self.scratch
            assert(scratch == self.scratch)
            vt.mkdir(scratch .. "/deep/er")
            for _, name in ipairs { "/x", "/deep/y", "/deep/er/z" } do
              local file <close> = assert(io.open(scratch .. name, "w"))
            end
            os.execute("ln -s /etc " .. scratch .. "/deep/link")
            \(end)
            """, in: shop
        ) { $0.timeout = end.contains("while") ? .milliseconds(50) : nil }
        #expect(result.failure?.message ?? "no failure" == message)
        let path = try shop.run("return scratch").text
        #expect(path.contains("/vtlua-"))
        #expect(access(path, F_OK) != 0)
        #expect(access("/etc/passwd", F_OK) == 0)
    }

    @Test func scratchIsRemovedAfterACancel() throws {
        let shop = try Workshop()
        let token = LuaCancellation()
        shop.runtime.workspace.environment.observers.append { event in
            if case .progress = event { token.cancel() }
        }
        #expect {
            try shop.runtime.run { lua in
                try lua.limited(cancellation: token) { lua in
                    try lua.execute(
                        """
                        local flow = vt.workflow { name = "w" }
                        flow:add("a", module("m", {}, function(self)
                          scratch = self.scratch
                          self:progress(0)
                          while true do pcall(function() while true do end end) end
                        end))
                        flow:run()
                        """)
                }
            }
        } throws: {
            ($0 as? LuaError)?.code == .cancelled
        }
        #expect(shop.takeEvents().suffix(1) == ["run cancelled"])
        let scratch = try shop.run("return scratch").text
        #expect(access(scratch, F_OK) != 0)
        #expect(shop.runtime.workspace.interpreter.current == nil)
        // The state is as good as before.
        #expect(try run("return { v = 1 }", in: shop).status == .done)
    }

    @Test func aFileInScratchIsNoOutput() throws {
        let shop = try Workshop()
        let result = try run(
            """
            path = self.scratch .. "/x"
            io.open(path, "w"):close()
            return { v = path }
            """, spec: "outputs = { v = 'file' }", in: shop)
        let path = try shop.run("return path").text
        #expect(
            result.failure?.message
                == "output `v`: '\(path)' is in self.scratch, which is removed when compute ends; "
                + "write it elsewhere")
    }

    @Test func selfIsFreshEachTime() throws {
        let shop = try Workshop()
        let result = try shop.compute(
            """
            local M = module("m", { outputs = { v = "any" }, cache = false }, function(self)
              assert(self.kept == nil)
              assert(self.name == "m" and self.shared == 1)
              self.kept = 1
              self.name = "other"
              return {}
            end)
            M.shared = 1
            local flow = vt.workflow { name = "w" }
            flow:add("a", M)
            flow:add("b", M)
            return flow
            """)
        #expect(result.failure?.message == nil)
        #expect(result.modules.map(\.status) == [.computed, .computed])
    }

    @Test func outsideOfARunSelfIsOfNoUse() throws {
        let shop = try Workshop()
        #expect(
            shop.failure(of: "one:progress(1)")
                == "flow:1: `self:progress` works only while a module computes in a run")
        #expect(try shop.run("return one.scratch") == .nil)
    }

    // MARK: What is printed

    @Test func whatIsPrintedIsKept() throws {
        let shop = try Workshop()
        let result = try run(
            """
            print("a", 1, nil, true)
            io.write("b", 2, "\\nc")
            io.write("d"):write("")
            print()
            io.write("no end")
            return {}
            """, in: shop)
        #expect(result.modules[0].printed == "a\t1\tnil\ttrue\nb2\ncd\nno end")
        #expect(
            shop.takeEvents().filter { $0.hasPrefix("printed") } == [
                "printed a \"a\\t1\\tnil\\ttrue\\n\"", "printed a \"b2\\n\"",
                "printed a \"cd\\n\"", "printed a \"no end\\n\"",
            ])
    }

    @Test func printKeepsWithTheModuleOnlyWhileItComputes() throws {
        let shop = try Workshop()
        let result = try shop.compute(
            """
            local flow = vt.workflow { name = "w" }
            for _, name in ipairs { "a", "b" } do
              flow:add(name, module(name, { outputs = {} }, function(self)
                print(name)
                if name == "b" then error("x") end
              end))
            end
            return flow
            """)
        #expect(result.modules.map(\.printed) == ["a\n", "b\n"])
    }

    @Test func aFileIsWrittenAsEver() throws {
        let shop = try Workshop()
        let result = try run(
            """
            local before = io.output()
            io.output(directory .. "/x")
            io.write("to the file")
            io.close()
            io.output(before)
            io.write("to the module")
            return {}
            """, in: shop)
        #expect(result.modules[0].printed == "to the module")
        #expect(try shop.run("return io.open(directory .. '/x'):read('a')").text == "to the file")
    }

    @Test func printedTextIsBounded() throws {
        let shop = try Workshop()
        let result = try run(
            """
            local line = ("x"):rep(1023) .. "\\n"
            for _ = 1, 2000 do io.write(line) end
            io.write(("y"):rep(3 << 20))
            return {}
            """, in: shop)
        // The beginning and the end are kept.
        let line = String(repeating: "x", count: 1023) + "\n"
        let kept =
            String(repeating: line, count: 512) + "[... 4145152 bytes left out ...]\n"
            + String(repeating: "y", count: 512 << 10)
        #expect(result.modules[0].printed == kept)
        // All of it was shown; many lines in a short time came together.
        let shown = shop.takeEvents().filter { $0.hasPrefix("printed") }
        #expect(shown.reduce(0) { $0 + $1.utf8.count { $0 == UInt8(ascii: "x") } } == 2000 * 1023)
        #expect(shown.reduce(0) { $0 + $1.utf8.count { $0 == UInt8(ascii: "y") } } == 3 << 20)
    }

    /// Small writes without a line end are collected, up to a bound.
    @Test func aLineWithoutEnd() throws {
        let shop = try Workshop()
        let result = try run(
            "for _ = 1, 300000 do io.write('.') end return {}", in: shop)
        #expect(result.modules[0].printed.utf8.count == 300_000)
        #expect(shop.takeEvents().count { $0.hasPrefix("printed") } == 5)
    }
}
