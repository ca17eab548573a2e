// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import VTLuaBridge
import Synchronization
import Testing
import VTWorkflow

@testable import VTRuntime

@Suite struct RuntimeTests {
    @Test func vtIsThere() throws {
        let runtime = try Runtime()
        try runtime.run { lua in
            let (same, version, json) = (
                try lua.evaluate("return vt == require 'vt'", as: Bool.self),
                try lua.evaluate("return vt.version", as: String.self),
                try lua.evaluate("return require('json').encode { 1, 2 }", as: String.self)
            )
            #expect(same)
            #expect(version == VTRuntimeVersion.text)
            #expect(json == "[1,2]")
        }
    }

    @Test func aMemoryLimit() throws {
        var options = Runtime.Options()
        options.memoryLimit = 8 << 20
        let runtime = try Runtime(options)
        _ = runtime.run { lua in
            #expect {
                try lua.execute("local t = {} for i = 1, 1e9 do t[i] = { i } end")
            } throws: {
                ($0 as? LuaError)?.code == .memory
            }
        }
    }

    /// What a person has on the path comes before the library, except for a workflow's modules.
    @Test func whereModulesAreFound() throws {
        let folder = Folder(["json.lua": "return 'mine'"])
        var options = Runtime.Options()
        options.usesEnvironment = false
        let runtime = try Runtime(options)
        try runtime.run { lua in
            try lua.execute("package.path = '\(folder.path)/?.lua;' .. package.path")
            #expect(try lua.evaluate("return require 'json'", as: String.self) == "mine")
            #expect(
                try lua.evaluate("return select(2, require 'csv')", as: String.self)
                    == "@stdlib/csv.lua")
        }
    }

    // MARK: What a runtime leaves behind

    private final class Witness: Sendable {
        let freed: Mutex<Int>.Box
        init(_ freed: Mutex<Int>.Box) { self.freed = freed }
        deinit { freed.mutex.withLock { $0 += 1 } }
    }

    @Test func nothingOutlivesARuntime() throws {
        let freed = Mutex<Int>.Box()
        weak var workspace: Workspace?
        weak var interpreter: Interpreter?
        weak var graph: Graph?
        do {
            let runtime = try Runtime()
            workspace = runtime.workspace
            interpreter = runtime.workspace.interpreter
            let folder = Folder([
                "flow.lua": """
                local M = vt.module { name = "m", outputs = { v = "any" } }
                function M:compute() used(); print("x"); return { v = { M } } end
                local inner = vt.workflow { name = "inner" }
                inner:outputs { v = inner:add("m", M).v }
                local flow = vt.workflow { name = "flow" }
                local a = flow:add("a", M)
                local i = flow:add("i", inner)
                kept = { flow, a, a.v, flow.params }
                return flow:outputs { v = a.v, i = i.v }
                """
            ])
            try runtime.run { lua in
                let witness = Witness(freed)
                try lua.push { () in withExtendedLifetime(witness) {} }
                try lua.setGlobal("used")
                let runner = try FlowRunner(
                    script: folder.file("flow.lua"), in: runtime.workspace, lua)
                graph = runner.graph
                let result = try runner.run(try runner.plan(lua), lua)
                #expect(result.status == .done)
            }
        }
        #expect(freed.mutex.withLock { $0 } == 1)
        #expect(workspace == nil)
        #expect(interpreter == nil)
        #expect(graph == nil)
    }

    @Test func aReferenceThatOutlivesItsRuntime() throws {
        var reference: LuaReference?
        do {
            let runtime = try Runtime()
            reference = try runtime.run { lua in
                try lua.pushTable()
                return try lua.takeReference()
            }
        }
        let other = try Runtime()
        let kept = try #require(reference)
        _ = other.run { lua in
            #expect(throws: (any Error).self) { try lua.push(kept) }
        }
        reference = nil
    }

    /// Finalizers run when the state closes, and may use what is there.
    @Test func finalizersAtTheEnd() throws {
        let seen = Mutex<[String]>.Box()
        do {
            let runtime = try Runtime()
            try runtime.run { lua in
                try lua.push { (text: String) in seen.mutex.withLock { $0.append(text) } }
                try lua.setGlobal("tell")
                try lua.execute(
                    """
                    local flow = vt.workflow { name = "late" }
                    local M = vt.module { name = "m", outputs = { v = "any" } }
                    function M:compute() return { v = 1 } end
                    flow:outputs { v = flow:add("a", M).v }
                    flow:run()
                    kept = setmetatable({}, { __gc = function()
                      tell("ran " .. flow:run().outputs.v)
                    end })
                    """)
            }
            #expect(seen.mutex.withLock { $0 } == [])
        }
        #expect(seen.mutex.withLock { $0 } == ["ran 1"])
    }

    /// An object made before `print` was replaced is finalized after that print is gone.
    @Test func aFinalizerThatPrintsAtTheEnd() throws {
        let seen = Mutex<[String]>.Box()
        do {
            let runtime = try Runtime()
            try runtime.run { lua in
                try lua.push { (text: String) in seen.mutex.withLock { $0.append(text) } }
                try lua.setGlobal("tell")
                try lua.execute(
                    """
                    kept = setmetatable({}, { __gc = function()
                      io.output("/dev/null")
                      tell(tostring(pcall(io.write, "x")))
                      tell(tostring(pcall(vt.workflow, {})))
                    end })
                    vt.workflow { name = "w" }
                    """)
            }
        }
        #expect(seen.mutex.withLock { $0.count } == 2)
    }
}

extension Mutex where Value: ~Copyable & Sendable {
    /// A mutex that closures can share.
    final class Box: Sendable where Value: Copyable {
        let mutex: Mutex<Value>
        init(_ value: Value) { mutex = Mutex(value) }
    }
}

extension Mutex<Int>.Box {
    convenience init() { self.init(0) }
}

extension Mutex<[String]>.Box {
    convenience init() { self.init([]) }
}
