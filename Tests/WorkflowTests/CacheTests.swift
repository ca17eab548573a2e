// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import Testing
import VTRuntime

@testable import VTWorkflow

/// `go()` runs a workflow and gives its nodes' statuses; what should change is changed between.
@Suite struct CacheTests {
    private func statuses(_ script: String, files: [String: String] = [:]) throws -> String {
        let shop = try Workshop(files: files)
        let value = try shop.run(
            """
            local done = {}
            function go(flow, options)
              local nodes = flow:run(options).nodes
              local names = {}
              for name in pairs(nodes) do names[#names + 1] = name end
              table.sort(names)
              local line = {}
              for i, name in ipairs(names) do line[i] = nodes[name].status end
              done[#done + 1] = table.concat(line, " ")
            end
            function single(module, inputs)
              local flow = vt.workflow { name = "single" }
              flow:add("a", module, inputs)
              return flow
            end
            \(script)
            return table.concat(done, ", ")
            """)
        return value.text
    }

    @Test func theSecondRunComputesNothing() throws {
        let script = """
            local flow = vt.workflow { name = "w" }
            local a = flow:add("a", one)
            flow:add("b", add, { a = a.value })
            go(flow) go(flow) go(flow, { cache = false })
            """
        #expect(try statuses(script) == "computed computed, cached cached, computed computed")
    }

    @Test func aConstant() throws {
        let script = """
            for _, value in ipairs { 1, 2, 1, 1.0 } do go(single(add, { a = value })) end
            """
        #expect(try statuses(script) == "computed, computed, cached, computed")
    }

    @Test func aParameter() throws {
        let script = """
            local flow = vt.workflow { name = "w", params = { x = { "number", default = 1 } } }
            local a = flow:add("a", add, { a = flow.params.x })
            local b = flow:add("b", one)
            go(flow) go(flow, { params = { x = 2 } }) go(flow, { params = { x = 1 } })
            """
        #expect(try statuses(script) == "computed computed, computed cached, cached cached")
    }

    /// Each changes something that a module computes with.
    @Test(arguments: [
        ("an upvalue", "local n = 1 function M:compute() return { v = n } end", "n = 2"),
        (
            "a table among the upvalues",
            "local t = { n = 1 } function M:compute() return { v = t.n } end", "t.n = 2"
        ),
        (
            "another method", "function M:compute() return { v = self:n() } end function M:n() end",
            "function M:n() return 2 end"
        ),
        ("a field of the module", "function M:compute() return { v = self.n } end", "M.n = 2"),
        ("a global", "function M:compute() return { v = n } end", "n = 2"),
        (
            "a global function", "function M:compute() return { v = f() } end function f() end",
            "function f() return 2 end"
        ),
        (
            "compute itself", "function M:compute() return { v = 1 } end",
            "function M:compute() return { v = 2 } end"
        ),
        (
            "a loaded module's field",
            "local lib = require 'lib' function M:compute() return { v = lib.n } end",
            "require('lib').n = 2"
        ),
        (
            "a loaded module's function",
            "local lib = require 'lib' function M:compute() return { v = lib.f() } end",
            "require('lib').f = function() return 2 end"
        ),
    ])
    func code(what: String, module: String, change: String) throws {
        let script = """
            local M = vt.module { name = "m", outputs = { v = "any" } }
            \(module)
            local flow = single(M)
            go(flow) go(flow)
            \(change)
            go(flow) go(flow)
            """
        let lib = "return { n = 1, f = function() return 1 end }"
        #expect(
            try statuses(script, files: ["lib.lua": lib]) == "computed, cached, computed, cached",
            "\(what)")
    }

    @Test func whatLuaBringsAlongCountsByItself() throws {
        let script = """
            local M = vt.module { name = "m", outputs = { v = "any" } }
            function M:compute() return { v = string.format("%d", math.floor(2.5)) } end
            local flow = single(M)
            go(flow) string.unrelated = 1 go(flow)
            """
        #expect(try statuses(script) == "computed, cached")
    }

    @Test func aModuleLoadedAnew() throws {
        let script = """
            local function write(text)
              local file <close> = assert(io.open(directory .. "/part.lua", "w"))
              file:write(text)
            end
            local function text(value, helper)
              return ([[
                local M = vt.module { name = "part", outputs = { v = "any" } }
                local function helper() return %s end
                function M:compute() return { v = %s + helper() } end
                return M]]):format(helper, value)
            end
            for _, pair in ipairs { { 1, 1 }, { 1, 1 }, { 2, 1 }, { 2, 2 } } do
              write(text(table.unpack(pair)))
              package.loaded.part = nil
              collectgarbage()
              go(single("part"))
            end
            """
        #expect(try statuses(script) == "computed, cached, computed, computed")
    }

    @Test func theVersionAndThePorts() throws {
        let script = """
            local function made(version, type)
              return module("m", { version = version, outputs = { v = type } },
                function() return { v = 1 } end)
            end
            go(single(made("1", "number"))) go(single(made("1", "number")))
            go(single(made("2", "number"))) go(single(made("2", "integer")))
            """
        #expect(try statuses(script) == "computed, cached, computed, computed")
    }

    @Test func aTypeOfOnesOwn() throws {
        let script = """
            local factor = 1
            local double = vt.type { name = "double", convert = function(x) return x * factor end }
            local M = module("m", { inputs = { x = double }, outputs = { v = "number" } },
              function(self, inputs) return { v = inputs.x } end)
            local flow = single(M, { x = 1 })
            go(flow) go(flow) factor = 2 go(flow)
            """
        #expect(try statuses(script) == "computed, cached, computed")
    }

    @Test func theContentOfAFile() throws {
        let script = """
            local path = directory .. "/data"
            local function write(text)
              local file <close> = assert(io.open(path, "w"))
              file:write(text)
            end
            local size = module("size", { inputs = { files = TYPE }, outputs = { v = "any" } },
              function() return {} end)
            local value = TYPE == "file" and path or { path }
            write("aa") go(single(size, { files = value }))
            write("aa") go(single(size, { files = value }))
            write("bb") go(single(size, { files = value }))
            """
        for type in ["file", "list<file>"] {
            #expect(
                try statuses("local TYPE = '\(type)'\n" + script) == "computed, cached, computed")
        }
    }

    @Test func aFileAmongTheOutputs() throws {
        let script = """
            local M = module("write", {
              inputs = { text = "string", path = "string" }, outputs = { file = "file" },
            }, function(self, inputs)
              local file <close> = assert(io.open(inputs.path, "w"))
              file:write(inputs.text)
              return { file = inputs.path }
            end)
            local path = directory .. "/out"
            local flow = single(M, { text = "a", path = path })
            local other = single(M, { text = "b", path = path })
            go(flow) go(flow)
            os.remove(path) go(flow) go(flow)
            -- Another run writes over it.
            go(other) go(flow) go(flow)
            assert(io.open(path):read("a") == "a")
            """
        #expect(
            try statuses(script)
                == "computed, cached, computed, cached, computed, computed, cached")
    }

    @Test func cacheIsFalseOrAFunction() throws {
        let script = """
            local never = module("n", { cache = false, outputs = { v = "any" } },
              function() return { v = 1 } end)
            local some = module("s", {
              inputs = { x = "number" }, outputs = { v = "any" },
              cache = function(inputs) return inputs.x > 1 end,
            }, function(self, inputs) return { v = inputs.x } end)
            for _ = 1, 2 do go(single(never)) end
            for _ = 1, 2 do go(single(some, { x = 1 })) end
            for _ = 1, 2 do go(single(some, { x = 2 })) end
            """
        #expect(
            try statuses(script) == "computed, computed, computed, computed, computed, cached")
    }

    @Test func whatComesFromANodeThatIsNotCachedIsNotEither() throws {
        let script = """
            local never = module("n", { cache = false, outputs = { v = "any" } },
              function() return { v = 1 } end)
            local flow = vt.workflow { name = "w" }
            local a = flow:add("a", never)
            local b = flow:add("b", broken and add, { a = a.v })
            flow:add("c", one)
            go(flow) go(flow)
            """
        #expect(try statuses(script) == "computed computed computed, computed computed cached")
    }

    @Test(arguments: ["coroutine.create(print)", "{ deep = io.tmpfile() }"])
    func anInputThatCannotBeToldApart(value: String) throws {
        let script = """
            local M = module("m", { inputs = { x = "any" }, outputs = { v = "any" } },
              function() return { v = 1 } end)
            local flow = single(M, { x = \(value) })
            go(flow) go(flow)
            """
        #expect(try statuses(script) == "computed, computed")
    }

    @Test func aFailureIsNotKept() throws {
        let script = """
            local fails = true
            local flaky = module("flaky", { outputs = { v = "any" } }, function()
              if calls.fails then error("not yet") end
              return { v = 1 }
            end)
            local flow = single(flaky)
            calls.fails = true
            go(flow, { keep_going = true })
            go(flow, { keep_going = true })
            calls.fails = nil
            go(flow) go(flow)
            """
        #expect(try statuses(script) == "failed, failed, computed, cached")
    }

    @Test func whatTwoRunsHaveNotAskedForIsForgotten() throws {
        let script = """
            local kept, other = single(add, { a = 1 }), single(add, { a = 2 })
            go(kept) go(other) go(kept)
            go(other) go(other) go(kept)
            """
        #expect(
            try statuses(script)
                == "computed, computed, cached, cached, cached, computed")
    }

    /// A loop with an input that is new each time does not fill the memory.
    @Test func theCacheDoesNotGrow() throws {
        let shop = try Workshop()
        try shop.run(
            """
            local flow = vt.workflow { name = "w", params = { x = "any" } }
            flow:add("a", add, { a = flow.params.x })
            for i = 1, 200 do flow:run { params = { x = i } } end
            """)
        let cache = shop.runtime.workspace.interpreter.cache
        #expect(cache.count.entries == 3)
        #expect(cache.count.parts < 20)
    }

    @Test func aRunInsideAModuleIsPartOfTheRunAroundIt() throws {
        let script = """
            local inner = single(add, { a = 1 })
            local M = module("m", { outputs = { v = "any" }, cache = false }, function()
              for _ = 1, 5 do inner:run() end
              return { v = 1 }
            end)
            local flow = vt.workflow { name = "outer" }
            flow:add("a", one)
            flow:add("b", M)
            go(flow) go(flow)
            """
        #expect(try statuses(script) == "computed computed, cached computed")
    }

    @Test func aCachedResultBringsWhatItPrintedAndItsAnnotations() throws {
        let shop = try Workshop()
        let value = try shop.run(
            """
            local M = module("m", { outputs = { v = "any" } }, function(self)
              print("hello")
              self:annotate { rows = 3 }
              return { v = 1 }
            end)
            local flow = vt.workflow { name = "w" }
            flow:add("a", M)
            flow:run()
            local a = flow:run().nodes.a
            return a.status .. " " .. a.printed .. a.annotations.rows
            """)
        #expect(value.text == "cached hello\n3")
    }
}

extension LuaValue {
    /// The text of a string; of another value a description.
    var text: String { if case .string(let bytes) = self { bytes.text } else { brief } }
}
