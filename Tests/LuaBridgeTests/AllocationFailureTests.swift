// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import Testing

/// A use of the bridge, on a new state with a table at index 1.
struct Use: Sendable, CustomTestStringConvertible {
    var name: String
    var prepare: @Sendable (borrowing Lua) throws -> Void
    /// Leaves the stack unchanged, and keeps no reference to the token.
    var run: @Sendable (borrowing Lua, Token) throws -> Void
    var testDescription: String { name }

    init(
        _ name: String, prepare: @escaping @Sendable (borrowing Lua) throws -> Void = { _ in },
        run: @escaping @Sendable (borrowing Lua, Token) throws -> Void
    ) {
        self.name = name
        self.prepare = prepare
        self.run = run
    }
}

/// Makes every allocation of every use fail once, as mlua's tests do.
@Suite struct AllocationFailureTests {
    @Test(arguments: Use.values + Use.tables + Use.functions + Use.objects)
    func operations(use: Use) throws { try sweep(use) }

    @Test(arguments: Use.codables) func codables(use: Use) throws { try sweep(use) }

    @Test(arguments: Use.scripts) func scripts(use: Use) throws { try sweep(use) }

    /// Opening a state, with a memory limit instead of a failing allocation.
    @Test func opening() throws {
        var limit = 0
        var refused = 0
        while true {
            limit += 64
            do {
                let state = try LuaState(memoryLimit: limit)
                let sum: Int = try state.run { lua in
                    lua.setMemoryLimit(nil)
                    return try lua.evaluate("return 1 + 1")
                }
                #expect(sum == 2)
                break
            } catch {
                refused += 1
                #expect(Failure(error as! LuaError) == Failure(.memory, "not enough memory"))
            }
        }
        #expect(refused > 100)
    }

    private func sweep(_ use: Use) throws {
        var number = 0
        while try !holds(use, failingFrom: number + 1) {
            number += 1
            try #require(number < 20000, "\(use.name) never succeeds")
        }
    }

    /// True if the use succeeds although the allocations from `number` on fail.
    private func holds(_ use: Use, failingFrom number: Int) throws -> Bool {
        var token = Token()
        let succeeded = try withLua { lua in
            try lua.pushTable()
            try use.prepare(lua)
            let height = lua.top
            var succeeded = true
            lua.failAllocations(from: number)
            do {
                try use.run(lua, token)
                lua.failAllocations(from: 0)
            } catch {
                lua.failAllocations(from: 0)
                succeeded = false
                let code = (error as? LuaError)?.code
                #expect(
                    code == .memory || code == .stackOverflow,
                    "\(use.name), allocation \(number): \(error)")
            }
            #expect(lua.top == height, "\(use.name), allocation \(number)")
            try lua.setTop(height)
            let sum = try lua.evaluate("return 1 + 1", as: Int.self)
            #expect(sum == 2, "\(use.name), allocation \(number)")
            try lua.collectGarbage()
            return succeeded
        }
        #expect(isKnownUniquelyReferenced(&token), "\(use.name), allocation \(number)")
        return succeeded
    }
}
