// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import Glibc
import Testing
import VTLuaBridge
import VTWorkflow

@testable import VTRuntime

/// Runtimes whose scripts have only some libraries.
@Suite struct SandboxTests {
    /// - Parameter timeLimit: only guards against a hang where it is not what is tested.
    static func options(
        _ libraries: LuaLibraries = .safe, timeLimit: Duration = .seconds(120)
    ) -> Runtime.Options {
        var options = Runtime.Options()
        options.libraries = libraries
        options.memoryLimit = 32 << 20
        options.timeLimit = timeLimit
        return options
    }

    /// The results of a chunk, or its message.
    static func outcome(_ code: String, _ options: Runtime.Options) throws -> String {
        let runtime = try Runtime(options)
        do {
            return try runtime.limited { lua in
                try lua.load(code, name: "=attempt")
                let base = lua.top - 1
                try lua.call(arguments: 0, results: nil)
                return try (base..<lua.top).map { index in
                    try lua.pushValue(at: index + 1)
                    defer { lua.pop() }
                    try lua.convertToString()
                    return lua.string(at: -1) ?? "?"
                }.joined(separator: ", ")
            }
        } catch let error as LuaError {
            return "error: \(error.message)"
        }
    }

    /// The title, the code and the outcome of each attempt, and the one in a module on a worker where that
    /// is another.
    ///
    /// The ThreadSanitizer holds signals back while Lua code calls no C function: loops that call none would
    /// never end, and are left out.
    static func attempts() throws -> [[String]] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Lua/sandbox/attempts.lua").path
        let all = try Runtime().run { lua in
            try lua.load(file: file)
            try lua.call(arguments: 0, results: 1)
            return try lua.read([[String]].self, at: -1)
        }
        #expect(all.count >= 90)
        guard dlsym(nil, "__tsan_init") != nil else { return all }
        return all.filter { attempt in
            let isLoop = attempt[2] == "error: timed out" && attempt[1].contains(/do end|goto/)
            if isLoop { print("skipped: `\(attempt[0])` does not end under the ThreadSanitizer") }
            return !isLoop
        }
    }

    /// A short time for what does not end, and enough for all others on a machine that is busy.
    static func timeLimit(for outcome: String) -> Duration {
        outcome.contains("timed out") ? .milliseconds(500) : .seconds(120)
    }

    @Test func attemptsToEscape() throws {
        let attempts = try Self.attempts()
        for attempt in attempts {
            let limit = Self.timeLimit(for: attempt[2])
            let found = try Self.outcome(attempt[1], Self.options(timeLimit: limit))
            #expect(found == attempt[2], "\(attempt[0])")
        }
    }

    private static let expectedTypes: [(LuaLibraries, String)] = [
        (.safe, "nil nil nil nil"), (.io, "table nil nil nil"),
        ([.safe, .os], "nil function nil nil"), (.debug, "nil nil table nil"),
        (.package, "nil nil nil table"), (.all, "table function table table"),
    ]

    @Test(arguments: expectedTypes)
    func sets(_ libraries: LuaLibraries, _ expected: String) throws {
        let code = """
            return table.concat({ type(io), type(os.execute), type(debug), type(package) }, ' ')
            """
        #expect(try Self.outcome(code, Self.options(libraries)) == expected)
        let state = try LuaState(libraries: libraries)
        let types = try state.run { try $0.evaluate(code, as: String.self) }
        #expect(types == expected)
    }

    @Test func programsNeedFilesAndTheSystem() throws {
        let code = "return pcall(require, 'process')"
        let refusal =
            "false, the library `process` is not available in this sandbox: it runs no programs"
        #expect(try Self.outcome(code, Self.options(.io)) == refusal)
        #expect(try Self.outcome(code, Self.options([.io, .os])).hasPrefix("true"))
        #expect(
            try Self.outcome("return io.popen, require('files').exists('/')", Self.options(.io))
                == "nil, true")
    }

    /// Without `.debug` no finalizer of a script runs, and those of the library do.
    @Test func finalizersOfTheLibrary() throws {
        let code = """
            local n, files = 0, require "files"
            local path = files.temporary()
            local mark = function() n = n + 1 end
            getmetatable(require("json").array {}).__gc = mark
            require("json").array {}
            collectgarbage()
            return n .. " " .. path .. " " .. tostring(files.exists(path))
            """
        let found = try Self.outcome(code, Self.options(.io)).split(separator: " ")
        #expect(found.count == 3)
        #expect(found.first == "0")
        #expect(found.last == "true")
        #expect(!FileManager.default.fileExists(atPath: String(found[1])))
    }

    // MARK: Modules

    @Test func modulesFromMemory() throws {
        var options = Self.options()
        options.loader = .memory([
            "img.blur": """
            local M = vt.module { name = "blur", inputs = { x = "number" }, outputs = { y = "number" } }
            function M:compute(inputs) return { y = require("img.kernel") * inputs.x } end
            return M
            """,
            "img.kernel": "return 3", "broken": "return +", "bytecode": "\u{1B}Lua",
        ])
        let flow = """
            local f = vt.workflow { name = "w" }
            f:outputs { y = f:add("b", "img.blur", { x = 2 }).y }
            return f:run().outputs.y
            """
        #expect(try Self.outcome(flow, options) == "6")
        let broken = try Self.outcome("return pcall(require, 'broken')", options)
        #expect(broken == "false, broken.lua:1: unexpected symbol near '+'")
        #expect(
            try Self.outcome("return pcall(require, 'bytecode')", options)
                == "false, module `bytecode` is bytecode; it must be source code")
    }

    @Test func modulesOfADirectory() throws {
        let folder = Folder(["b.lua": "return 'b'"])
        var options = Self.options()
        options.loader = .directory(folder.path)
        #expect(try Self.outcome("return (require 'b')", options) == "b")
        #expect(
            try Self.outcome("return pcall(require, '../b')", options).hasPrefix(
                "false, module '../b' not found"))
    }

    /// A result depends on the code of the modules that were served.
    @Test func servedModulesAreInKeys() throws {
        let folder = Folder()
        func run(_ kernel: String) throws -> String {
            var options = Self.options(.io)
            options.loader = .memory(["kernel": "return \(kernel)"])
            return try Self.outcome(
                """
                local M = vt.module { name = "m", outputs = { y = "number" } }
                function M:compute() return { y = require "kernel" } end
                local f = vt.workflow { name = "w" }
                f:outputs { y = f:add("m", M).y }
                local r = f:run { store = "\(folder.path)/store" }
                return r.outputs.y, r.nodes.m.status
                """, options)
        }
        #expect(try run("1") == "1, computed")
        #expect(try run("1") == "1, cached")
        #expect(try run("2") == "2, computed")
    }

    // MARK: Environments

    /// The result of a chunk in the environment at `index`.
    private static func run(
        _ code: String, in index: Int, _ lua: borrowing Lua
    ) throws -> String? {
        try lua.load(code, name: "=chunk", environment: index)
        try lua.call(results: 1)
        defer { lua.pop() }
        return lua.string(at: -1)
    }

    @Test func environments() throws {
        let state = try LuaState(libraries: .safe)
        let found = try state.run { lua in
            try lua.pushNewEnvironment()
            let first = lua.top
            try lua.pushNewEnvironment()
            let second = lua.top
            _ = try Self.run("x = 'first' load('y = 1')()", in: first, lua)
            return [
                try Self.run("return x .. tostring(y)", in: first, lua),
                try Self.run("return tostring(x) .. tostring(_G.x)", in: second, lua),
                try Self.run("return tostring(getmetatable(_G))", in: second, lua),
                try lua.evaluate("return tostring(x) .. tostring(y)", as: String.self),
            ]
        }
        #expect(found == ["first1", "nilnil", "false", "nilnil"])
    }

    // MARK: Workers

    @Test func workersHaveTheSameLimits() throws {
        var options = Self.options([.safe, .workers])
        options.timeLimit = .seconds(30)
        options.workerLimit = 2
        let code = """
            local pool <close> = parallel.threads(64)
            local found = pool:apply(function()
              return tostring(io) .. tostring(debug)
                .. tostring(select(2, pcall(require, "files")))
            end)
            local ok, message = pcall(pool.apply, pool, function() return ("x"):rep(1 << 30) end)
            return #pool, found, tostring(message):match("not enough memory")
            """
        let found = try Self.outcome(code, options)
        #expect(
            found
                == "2, nilnilthe library `files` is not available in this sandbox: it has no access "
                + "to files, not enough memory")
        #expect(
            try Self.outcome(
                "return pcall(parallel.processes, { n = 1, env = { A = 'b' } })", options)
                == "false, parallel.processes: `env` or `directory` is not available in this sandbox: "
                + "it runs no programs")
    }

    @Test func aTimeLimitReachesWorkers() throws {
        var options = Self.options([.safe, .workers])
        options.timeLimit = .seconds(1)
        let code = """
            local pool <close> = parallel.threads(1)
            return pool:apply(function() return ("a"):rep(30000):find(("a-"):rep(12) .. "b") end)
            """
        #expect(try Self.outcome(code, options) == "error: timed out")
    }
}
