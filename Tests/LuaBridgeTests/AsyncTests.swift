// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import Synchronization
import Testing
import VTLuaBridge
import VTSystem

/// Async functions of Swift that Lua code calls.
@Suite struct AsyncTests {
    private struct Refused: Error, Equatable {}

    /// A place where async functions wait until it is opened.
    private actor Door {
        private var isOpen = false
        private var waiters: [CheckedContinuation<Void, Never>] = []

        func pass() async {
            if isOpen { return }
            await withCheckedContinuation { waiters.append($0) }
        }

        func open() {
            isOpen = true
            for waiter in waiters { waiter.resume() }
            waiters = []
        }
    }

    /// Counts what happened to tasks.
    private final class Log: Sendable {
        let started = Atomic(0)
        let cancelled = Atomic(0)

        /// Waits until a number of calls have started, at most ten seconds.
        func hasStarted(_ number: Int) -> Bool {
            poll { started.load(ordering: .acquiring) >= number }
        }

        /// Waits until a number of calls were cancelled, at most ten seconds.
        func hasCancelled(_ number: Int) -> Bool {
            poll { cancelled.load(ordering: .acquiring) >= number }
        }

        private func poll(_ condition: () -> Bool) -> Bool {
            for _ in 0..<120_000 {
                if condition() { return true }
                usleep(1000)
            }
            return false
        }
    }

    /// Runs `body` on a thread that may wait: the pool of Swift has few.
    private func onThread<R: Sendable>(
        _ body: @escaping @Sendable () throws -> R
    ) async throws -> R {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try startThread("async-test", stackSize: 16 << 20) {
                    continuation.resume(with: Result { try body() })
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    private func run<R>(_ body: (borrowing Lua) throws -> R) throws -> R {
        let state = try LuaState()
        return try state.run { lua in
            try lua.push(async: { (a: Int, b: Int) in a + b })
            try lua.setGlobal("add")
            try lua.push(async: { (value: String) in
                for _ in 0..<3 { await Task.yield() }
                try await Task.sleep(for: .milliseconds(1))
                return value + "!"
            })
            try lua.setGlobal("shout")
            try lua.push(async: { () async throws -> Void in throw Refused() })
            try lua.setGlobal("refuse")
            try lua.push(function: Lua.concurrently)
            try lua.setGlobal("concurrently")
            return try body(lua)
        }
    }

    @Test(arguments: [
        ("return add(20, 22)", "42"),
        ("return shout('a')", "a!"),
        ("return (shout('a') .. shout('b'))", "a!b!"),
        // In coroutines, of which scripts notice nothing.
        ("return coroutine.wrap(function() return shout('a') .. shout('b') end)()", "a!b!"),
        (
            """
            local all = ""
            for x in coroutine.wrap(function()
              for _, x in ipairs { "a", "b" } do coroutine.yield(shout(x)) end
            end) do all = all .. x end
            return all
            """, "a!b!"
        ),
        (
            """
            local inner = coroutine.create(function(x)
              return shout(x), coroutine.yield(shout("y"))
            end)
            local outer = coroutine.wrap(function()
              local ok, y = coroutine.resume(inner, "x")
              local _, x, z = coroutine.resume(inner, shout("z"))
              return tostring(ok) .. y .. x .. z .. coroutine.status(inner)
            end)
            return outer()
            """, "truey!x!z!dead"
        ),
        // Where nothing can yield.
        ("return (('ab'):gsub('.', function(x) return shout(x) end))", "a!b!"),
        (
            "return coroutine.wrap(function() return (('ab'):gsub('.', shout)) end)()", "a!b!"
        ),
        (
            "local t = { 'b', 'a' } table.sort(t, function(x, y) return shout(x) < shout(y) end) "
                + "return t[1]", "a"
        ),
        (
            "return tostring(setmetatable({}, { __tostring = function() return shout('m') end }))",
            "m!"
        ),
        // Errors.
        ("return tostring(select(2, pcall(refuse)))", "Refused()"),
        ("return tostring(select(2, coroutine.resume(coroutine.create(refuse))))", "Refused()"),
        ("return tostring(select(2, pcall(coroutine.wrap(refuse))))", "Refused()"),
        (
            "return select(2, pcall(function() return add(1) end))",
            "bad argument #2 to 'add' (number expected, got no value)"
        ),
        ("return select('#', concurrently())", "0"),
        (
            """
            local a, b, c = concurrently(
              function() return shout("a") .. shout("b") end, function() return add(1, 2) end,
              function() return coroutine.wrap(function() return shout("c") end)() end)
            return a .. b .. c
            """, "a!b!3c!"
        ),
        (
            "return select(2, pcall(function() concurrently(7) end))",
            "bad argument #1 to 'concurrently' (function expected, got number)"
        ),
        (
            "return select(2, pcall(concurrently, function() coroutine.yield(1) end))",
            "a function that runs concurrently with others called coroutine.yield outside of a "
                + "coroutine"
        ),
    ])
    func results(script: String, expected: String) async throws {
        let result = try await onThread { [self] in
            try run { lua in
                try lua.evaluate(
                    "return tostring((function() \(script) end)())", name: "=chunk", as: String.self
                )
            }
        }
        #expect(result == expected || result == "chunk:1: " + expected)
    }

    @Test func aSwiftErrorIsItself() throws {
        #expect(throws: Refused()) { try run { lua in try lua.execute("refuse()") } }
        #expect(throws: Refused()) {
            try run { lua in try lua.execute("concurrently(function() shout('a') refuse() end)") }
        }
    }

    @Test func aCoroutineOfSwift() throws {
        try run { lua in
            let function: LuaReference = try lua.evaluate(
                "return function(x) local y = coroutine.yield(shout(x)) return shout(y) end")
            let coroutine = try lua.coroutine(from: function)
            try lua.push("a")
            #expect(try coroutine.resume(lua, arguments: 1) == .suspended(values: 1))
            #expect(lua.string(at: -1) == "a!")
            try lua.push("b")
            #expect(try coroutine.resume(lua, arguments: 1) == .finished(values: 1))
            #expect(lua.string(at: -1) == "b!")
        }
    }

    /// All three calls wait at the same time, or the door would never open.
    @Test func functionsWaitAtTheSameTime() throws {
        let door = Door()
        let count = Log()
        let sum: Int = try run { lua in
            try lua.push(async: { (x: Int) in
                if count.started.add(1, ordering: .relaxed).newValue == 3 { await door.open() }
                await door.pass()
                return x
            })
            try lua.setGlobal("meet")
            return try lua.evaluate(
                """
                local function call(x) return function() return meet(x) end end
                local a, b, c = concurrently(call(1), call(20), call(300))
                return a + b + c
                """)
        }
        #expect(sum == 321)
    }

    /// A state that runs on a thread of the pool, and waits for tasks of the pool.
    @Test func statesInTasks() async throws {
        let sums = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 1...20 {
                group.addTask {
                    try run { lua in
                        try lua.push(async: { (x: Int) in
                            await Task.yield()
                            async let one = x
                            return await one + 1
                        })
                        try lua.setGlobal("next")
                        return try lua.evaluate(
                            "local x = 0 for i = 1, 50 do x = next(x) end return x + \(number)")
                    }
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(sums == 20 * 50 + 210)
    }

    // MARK: Stopping

    private enum Waiting: CaseIterable {
        case sleep, spin, spinWithYields, coroutine, nested, concurrent
    }

    /// An async function that waits until its task is cancelled.
    private func pushWait(_ waiting: Waiting, _ log: Log, _ lua: borrowing Lua) throws {
        try lua.push(async: { () async throws -> Void in
            log.started.add(1, ordering: .releasing)
            defer {
                if Task.isCancelled { log.cancelled.add(1, ordering: .releasing) }
            }
            switch waiting {
            case .spin: while !Task.isCancelled {}
            case .spinWithYields: while !Task.isCancelled { await Task.yield() }
            default: try await Task.sleep(for: .seconds(600))
            }
            try Task.checkCancellation()
        })
        try lua.setGlobal("wait")
        let code =
            switch waiting {
            case .sleep, .spin, .spinWithYields: "pcall(wait)"
            case .coroutine: "pcall(coroutine.wrap(function() pcall(wait) end))"
            case .nested:
                "coroutine.wrap(function() coroutine.resume(coroutine.create(wait)) end)()"
            case .concurrent: "concurrently(wait, function() pcall(wait) end)"
            }
        try lua.load(code)
    }

    @Test(arguments: Waiting.allCases)
    private func aTimeLimitCancelsTheTask(_ waiting: Waiting) async throws {
        let log = Log()
        let code = try await onThread { [self] in try timedOut(waiting, log) }
        #expect(code == .timedOut)
        #expect(try await onThread { log.hasCancelled(waiting == .concurrent ? 2 : 1) })
    }

    private func timedOut(_ waiting: Waiting, _ log: Log) throws -> LuaError.Code {
        try run { lua in
            try pushWait(waiting, log, lua)
            do {
                try lua.limited(timeout: .milliseconds(100)) { lua in try lua.call() }
            } catch let error as LuaError {
                // The state is usable.
                #expect(try lua.evaluate("return shout('a')", as: String.self) == "a!")
                return error.code
            }
            return .runtime
        }
    }

    @Test(arguments: Waiting.allCases)
    private func aCancellationCancelsTheTask(_ waiting: Waiting) async throws {
        let log = Log()
        let cancellation = LuaCancellation()
        async let hasStarted = onThread {
            defer { cancellation.cancel() }
            return log.hasStarted(1)
        }
        let code = try await onThread { [self] in
            try run { lua in
                try pushWait(waiting, log, lua)
                do {
                    try lua.limited(cancellation: cancellation) { lua in try lua.call() }
                } catch let error as LuaError {
                    return error.code
                }
                return .runtime
            }
        }
        #expect(code == .cancelled)
        #expect(try await hasStarted)
        #expect(try await onThread { log.hasCancelled(1) })
    }

    /// The call is cancelled when its coroutine is closed or collected.
    @Test func closingACoroutine() async throws {
        let log = Log()
        let fails = try await onThread { [self] in
            try run { lua in
                try pushWait(.sleep, log, lua)
                lua.pop()
                return try lua.evaluate(
                    """
                    local ok = pcall(concurrently, wait, function() shout("a") error("no") end)
                    return not ok
                    """, as: Bool.self)
            }
        }
        #expect(fails)
        #expect(try await onThread { log.hasCancelled(1) })
    }

    @Test func anErrorAfterAWait() throws {
        let message = try run { lua in
            do {
                try lua.execute("local x = shout('a')\nerror(x)", name: "=chunk")
            } catch let error as LuaError {
                return error.message
            }
            return ""
        }
        #expect(message == "chunk:2: a!")
    }

    @Test func manyCalls() throws {
        let sum: Int = try run { lua in
            try lua.evaluate(
                """
                local sum = 0
                for i = 1, 20000 do sum = add(sum, 1) end
                local f = coroutine.wrap(function() for i = 1, 20000 do sum = add(sum, 1) end end)
                f()
                return sum
                """)
        }
        #expect(sum == 40_000)
    }

    /// A class with async members.
    private final class Client: LuaObject, Sendable {
        let prefix: String
        init(_ prefix: String) { self.prefix = prefix }

        static let luaClass = LuaClass<Client>("Client") { type in
            type.method(
                "get",
                async: { (client, path: String) in
                    try await Task.sleep(for: .milliseconds(1))
                    return client.prefix + path
                })
            type.method(
                "pair",
                async: { (_: Client, a: Int) in
                    await Task.yield()
                    return (a, "b")
                })
            type.method("none", async: { (_: Client) in await Task.yield() })
            type.method("fail", async: { (_: Client) async throws -> Int in throw Refused() })
            type.function(
                "open",
                async: { (prefix: String) in
                    await Task.yield()
                    return Client(prefix)
                })
        }
    }

    @Test(arguments: [
        ("return Client.open('a'):get('b')", "ab"),
        ("return table.concat({ Client.open('a'):pair(3) }, ' ')", "3 b"),
        ("return select('#', Client.open('a'):none())", "0"),
        ("return coroutine.wrap(function() return Client.open('a'):get('c') end)()", "ac"),
        ("return tostring(select(2, pcall(Client.open('a').fail, Client.open('b'))))", "Refused()"),
        ("return table.concat({ later(3) }, ' ')", "3 t"),
        ("return table.concat({ all(4, 5, 6) }, ' ')", "4 5 6"),
        ("return library.double(4)", "8"),
        (
            "return select(2, pcall(function() Client.open('a').get('b') end))",
            "code:1: bad argument #1 to 'get' (Client expected, got string; is the call written with "
                + "':'?)"
        ),
        (
            "return select(2, pcall(function() Client.open('a'):get() end))",
            "code:1: bad argument #1 to 'get' (string expected, got no value)"
        ),
    ])
    func asyncMembersAndSeveralResults(code: String, expected: String) throws {
        let seen = try run { lua in
            try lua.register(Client.luaClass)
            try lua.setGlobal("later", async: { (x: Int) in (x, "t") })
            try lua.setGlobal("all", async: { (x: LuaVariadic<Int>) in x })
            try lua.setGlobal(
                "library", to: ["double": LuaClosure(async: { (x: Int) in 2 * x })])
            try lua.load(code, name: "=code")
            try lua.call(results: 1)
            return try lua.display(at: -1)
        }
        #expect(seen == expected)
    }
}
