// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTLuaGuard

extension Lua {
    /// A function for Lua that calls functions at the same time: while one waits for an async function,
    /// the others run. It returns the first result of each, in their order.
    ///
    /// ```swift
    /// try lua.push(function: Lua.concurrently)
    /// try lua.setGlobal("concurrently")
    /// // local a, b = concurrently(function() return fetch(x) end, function() return fetch(y) end)
    /// ```
    ///
    /// If one raises an error, the calls of the others are cancelled, and the error is raised.
    public static let concurrently: LuaFunctionBody = { lua in
        let count = lua.top
        var functions: [LuaReference] = []
        for index in stride(from: 1, through: count, by: 1) {
            guard lua.type(at: index) == .function else {
                throw lua.argumentError(
                    index, "function expected, got \(lua.typeName(at: index))")
            }
            functions.append(try lua.reference(at: index))
        }
        let results = try lua.callConcurrently(functions)
        try lua.reserve(count)
        for result in results { try result.push(onto: lua) }
        return .values(count)
    }

    /// Calls functions without arguments at the same time, each in a coroutine of its own: while one
    /// waits for an async function, the others run.
    ///
    /// - Returns: the first result of each.
    /// - Throws: the error of the first function that fails; the calls of the others are cancelled.
    public func callConcurrently(_ functions: [LuaReference]) throws -> [LuaReference] {
        let core = core
        let wasConcurrent = core.isConcurrent
        core.isConcurrent = true
        defer { core.isConcurrent = wasConcurrent }
        var results: [LuaReference?] = Array(repeating: nil, count: functions.count)
        var running = try functions.enumerated().map { index, function in
            (index: index, coroutine: try coroutine(from: function))
        }
        do {
            while !running.isEmpty {
                var waiting: [(index: Int, coroutine: LuaCoroutine)] = []
                for (index, coroutine) in running {
                    if !coroutine.isReady {
                        waiting.append((index, coroutine))
                        continue
                    }
                    switch try coroutine.step(self) {
                    case nil: waiting.append((index, coroutine))
                    case .suspended:
                        throw error(
                            "a function that runs concurrently with others called coroutine.yield "
                                + "outside of a coroutine")
                    case .finished(let values):
                        if values == 0 { try pushNil() } else { pop(values - 1) }
                        results[index] = try takeReference()
                    }
                }
                running = waiting
                if running.isEmpty { break }
                StopWatch.shared.watching(running.compactMap { $0.coroutine.awaited?.task }) {
                    core.asyncExecutor.wait { running.contains { $0.coroutine.isReady } }
                }
                try checkCancellation()
            }
        } catch {
            for (_, coroutine) in running { try? coroutine.close(self) }
            throw error
        }
        return results.compactMap { $0 }
    }
}
