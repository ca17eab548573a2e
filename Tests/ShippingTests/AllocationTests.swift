// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import VTShipping
import Testing

/// Makes every allocation in Lua fail once; the state is unchanged then. Encoding plain data does
/// not allocate.
@Suite struct AllocationTests {
    static let codes = [
        "return ('x'):rep(100)",
        "return {1, 'a long string that is a block of its own, not a short one', {x = {y = 1}}}",
        "local t = {} for i = 1, 100 do t[i] = i end return {t, t}",
        "local n = 0 local function f() n = n + 1 return f, print end return {f, function() return n end}",
        "return {point, {point, Point}, string.format, io.stdout}",
        "local t = {} for i = 1, 50 do t = {t, i} end return t",
    ]

    @Test(arguments: codes) func decoding(code: String) throws {
        let shipment = try withClass { lua in
            try lua.pushResult(of: code)
            let encoder = ShippingEncoder(.functions)
            try encoder.encode(lua, at: -1)
            return encoder.ship()
        }
        try sweep(
            prepare: { _ in },
            run: { lua in
                var position = 0
                let decoder = ShippingDecoder(trustsCode: true)
                try decoder.decode(shipment, at: &position, lua)
                lua.pop()
            })
    }

    @Test(
        arguments: codes,
        [ShippingRules.functions, [.functions, .references], [.functions, .canonical]])
    func encoding(code: String, rules: ShippingRules) throws {
        try sweep(
            prepare: { lua in
                try lua.pushResult(of: code)
                // A new module for the index of names.
                try lua.execute("package.loaded.more = {f = function() end, g = print}")
            },
            run: { lua in
                let encoder = ShippingEncoder(rules)
                defer { encoder.copyOutSharedStrings() }
                try encoder.encode(lua, at: 1)
                #expect(encoder.count > 0)
            })
    }

    @Test func sharedStrings() throws {
        try sweep(
            prepare: { try $0.pushResult(of: "return {('x'):rep(70000), ('y'):rep(70000)}") },
            run: { lua in
                let encoder = ShippingEncoder(.references)
                defer { encoder.copyOutSharedStrings() }
                try encoder.encode(lua, at: 1)
                let shipment = encoder.ship()
                var position = 0
                try ShippingDecoder(trustsCode: false).decode(shipment, at: &position, lua)
                lua.pop()
            })
    }

    @Test func opening() throws {
        try sweep(prepare: { _ in }, run: { try $0.openShipping() }, fresh: true)
    }

    @Test func registering() throws {
        try sweep(
            prepare: { _ in },
            run: { lua in
                try lua.pushTable()
                try lua.registerClass("Some class")
                try lua.pushClasses()
                lua.pop()
            })
    }

    @Test func refusing() throws {
        try sweep(
            prepare: { lua in
                try lua.pushResult(of: "return {print, io.tmpfile(), coroutine.create(print)}")
            },
            run: { lua in
                let encoder = ShippingEncoder()
                do {
                    try encoder.encode(lua, at: 1)
                } catch let refusal as ShippingRefusal {
                    #expect(refusal.total == 2)
                }
            })
    }

    private func withClass<R>(_ body: (borrowing Lua) throws -> R) throws -> R {
        try withLua { lua in
            try lua.pushResult(
                of:
                    "Point = {} Point.__index = Point point = setmetatable({x = 1}, Point) return Point"
            )
            try lua.registerClass("Point")
            return try body(lua)
        }
    }

    private func sweep(
        prepare: (borrowing Lua) throws -> Void, run: (borrowing Lua) throws -> Void,
        fresh: Bool = false
    ) throws {
        var number = 0
        var succeeded = false
        while !succeeded {
            number += 1
            try #require(number < 20000)
            if fresh {
                let state = try LuaState()
                try state.run { lua in
                    succeeded = try holds(lua, failingFrom: number, prepare, run)
                }
            } else {
                try withClass { lua in
                    succeeded = try holds(lua, failingFrom: number, prepare, run)
                }
            }
        }
    }

    /// True if `run` succeeds although the allocations from `number` on fail.
    private func holds(
        _ lua: borrowing Lua, failingFrom number: Int, _ prepare: (borrowing Lua) throws -> Void,
        _ run: (borrowing Lua) throws -> Void
    ) throws -> Bool {
        try prepare(lua)
        let height = lua.top
        var succeeded = true
        lua.failAllocations(from: number)
        do {
            try run(lua)
            lua.failAllocations(from: 0)
        } catch {
            lua.failAllocations(from: 0)
            succeeded = false
            let code = (error as? LuaError)?.code
            #expect(code == .memory || code == .stackOverflow, "allocation \(number): \(error)")
        }
        #expect(lua.top == height, "allocation \(number)")
        try lua.setTop(height)
        // It works again when there is memory.
        try run(lua)
        try lua.collectGarbage()
        #expect(lua.isCollecting == true)
        return succeeded
    }
}
