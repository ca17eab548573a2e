// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import Testing
import VTFoundation
import VTLuaBridge

/// Arguments and results of Swift functions: tuples, variadics, integers, enumerations, Codable.
@Suite struct TypedFunctionTests {
    private func define(_ lua: borrowing Lua) throws {
        try lua.setGlobal("divide") { (a: Int, b: Int) in (a / b, a % b) }
        try lua.setGlobal("nothing") { (_: Int) in }
        try lua.setGlobal("sum") { (first: Int, rest: LuaVariadic<Int>) in rest.reduce(first, +) }
        try lua.setGlobal("repeated") { (x: String, n: Int) in
            LuaVariadic(repeatElement(x, count: n))
        }
        try lua.setGlobal("split") { (x: Int) in (x, LuaVariadic([x, x])) }
        try lua.setGlobal("small") { (x: Int8) in x }
        try lua.setGlobal("large") { (x: Int) in UInt64(x) << 1 }
        try lua.setGlobal("mode") { (mode: Mode) in mode == .fast ? Mode.slow : .fast }
        try lua.setGlobal("area") { (box: Box) in box.width * box.inner.height }
        try lua.setGlobal("box") { Box(width: 1, inner: .init(height: 2)) }
        try lua.setGlobal("lookup") { (t: [Int: String]) in t[7] }
        try lua.setGlobal("later") { (date: Date) in date + 1 }
        try lua.setGlobal("reversed") { (data: Data) in Data(data.reversed()) }
    }

    private enum Mode: String, CaseIterable, LuaPushable, LuaReadable { case fast, slow }

    private struct Box: LuaCodable {
        struct Inner: Codable { var height: Double }
        var width: Double
        var inner: Inner
    }

    @Test(arguments: [
        ("divide(7, 2)", "3 1"), ("nothing(1)", ""), ("sum(1, 2, 3)", "6"), ("sum(1)", "1"),
        ("repeated('a', 3)", "a a a"), ("repeated('a', 0)", ""), ("split(2)", "2 2 2"),
        ("small(-128)", "-128"), ("large(4)", "8"), ("mode('fast')", "slow"),
        ("area {width = 2, inner = {height = 3}}", "6.0"), ("box().inner.height", "2.0"),
        ("lookup {[7] = 'x'}", "x"), ("later(10)", "11"), ("later(0.5)", "1.5"),
        ("reversed('\\xFFa')", "a\u{FFFD}"), ("select('#', repeated('a', 300))", "300"),
    ])
    func results(code: String, expected: String) throws {
        try withLua { lua in
            try define(lua)
            let all = try lua.evaluate("return \(code)", as: LuaVariadic<LuaValue>.self)
            #expect(all.map(\.description).joined(separator: " ") == expected)
            #expect(lua.top == 0)
        }
    }

    @Test(arguments: [
        ("sum(1, 2, 'x')", "bad argument #3 to 'sum' (number expected, got string)"),
        ("small(128)", "bad argument #1 to 'small' (128 does not fit in Int8)"),
        ("large(math.maxinteger)", "18446744073709551614 does not fit in a Lua integer"),
        ("mode('quick')", "bad argument #1 to 'mode' (one of fast, slow expected, got quick)"),
        (
            "area {width = 2, inner = {height = 'x'}}",
            "bad argument #1 to 'area' (inner.height: number expected, got string)"
        ),
        ("area {width = 2}", "bad argument #1 to 'area' (no field 'inner')"),
        ("lookup {x = 1}", "bad argument #1 to 'lookup' (a key: number expected, got string)"),
        ("later('x')", "bad argument #1 to 'later' (number expected, got string)"),
    ])
    func mistakes(code: String, message: String) throws {
        try withLua { lua in
            try define(lua)
            let found = try failure(lua, of: code)
            #expect(found.message.hasSuffix(message), "\(found.message)")
        }
    }

    @Test func foundationInsideCodable() throws {
        struct Event: Codable, Equatable {
            var when: Date
            var body: Data
            var id: UUID
            var link: URL
        }
        let event = Event(
            when: Date(timeIntervalSince1970: 86400), body: Data([0, 255]), id: UUID(),
            link: try #require(URL(string: "https://example.org/a")))
        try withLua { lua in
            try lua.push(encoding: event)
            try lua.setGlobal("event")
            #expect(
                try lua.evaluate(
                    "return event.when, event.body, event.link, os.date('!%F', event.when)",
                    as: (Int, LuaBytes, String, String).self)
                    == (86400, LuaBytes([0, 255]), "https://example.org/a", "1970-01-02"))
            try lua.pushGlobal("event")
            #expect(try lua.read(decoding: Event.self, at: -1) == event)
            #expect(try LuaValue(encoding: event).decode(Event.self) == event)
        }
    }

    @Test func classes() throws {
        final class Counter: LuaObject {
            var count = 0
            static let luaClass = LuaClass<Counter>("Counter") { type in
                type.property("count", \.count)
                type.method("increment") { counter in counter.count += 1 }
                type.mutatingMethod("add") { (counter: inout Counter, n: Int) in
                    counter.count += n
                    return counter.count
                }
                type.method("both") { counter in (counter.count, -counter.count) }
                type.function("pair") { ("a", "b") }
                type.constructor { Counter() }
            }
        }
        try withLua { lua in
            try lua.register(Counter.luaClass)
            let counter = Counter()
            try lua.setGlobal("a", to: counter)
            try lua.setGlobal("b", to: counter)
            #expect(
                try lua.evaluate(
                    "a:increment() a.count = a.count + 1 return a == b, b:add(3), a:both()",
                    as: (Bool, Int, Int, Int).self) == (true, 5, 5, -5))
            #expect(counter.count == 5)
            #expect(try lua.evaluate("return a", as: Counter.self) === counter)
            #expect(
                try lua.evaluate("return Counter.pair()", as: (String, String).self) == ("a", "b"))
            try lua.push([counter, counter])
            #expect(try lua.read([Counter].self, at: -1).allSatisfy { $0 === counter })
        }
    }

    @Test func mutatingStruct() throws {
        struct Stack: LuaObject {
            var items: [Int] = []
            static let luaClass = LuaClass<Stack>("Stack") { type in
                type.mutatingMethod("push") { (stack: inout Stack, items: LuaVariadic<Int>) in
                    stack.items += items
                }
                type.mutatingMethod("pop") { (stack: inout Stack) in stack.items.popLast() }
                type.mutatingMethod("pop2") { (stack: inout Stack) in
                    (stack.items.popLast(), stack.items.popLast())
                }
                type.operator(.length) { (stack: Stack) in stack.items.count }
                type.operator(.call) { (stack: Stack, i: Int) in (stack.items[i - 1], i) }
                type.constructor { Stack() }
            }
        }
        try withLua { lua in
            try lua.register(Stack.luaClass)
            #expect(
                try lua.evaluate(
                    """
                    local s = Stack()
                    s:push(1, 2, 3, 4)
                    local a, b, c = s:pop(), s:pop2()
                    return a, b, c, #s, s(1)
                    """, as: LuaVariadic<Int>.self
                ).elements == [4, 3, 2, 1, 1, 1])
            #expect(try lua.evaluate("return Stack():pop()", as: Int?.self) == nil)
        }
    }

    /// A method that throws keeps what it has changed, as it does in Swift.
    @Test func aMutatingMethodThatThrows() throws {
        struct Account: LuaObject {
            var balance = 0
            static let luaClass = LuaClass<Account>("Account") { type in
                type.property("balance", \.balance)
                type.mutatingMethod("take") { (account: inout Account, n: Int) throws -> Int in
                    account.balance -= n
                    if account.balance < 0 { throw Boom(n: n) }
                    return account.balance
                }
            }
        }
        try withLua { lua in
            try lua.setGlobal("account", to: Account(balance: 5))
            #expect(throws: Boom(n: 9)) { try lua.execute("account:take(9)") }
            #expect(try lua.evaluate("return account.balance", as: Int.self) == -4)
        }
    }

    @Test func aWrongResultIsNumbered() throws {
        try withLua { lua in
            let error = #expect(throws: LuaError.self) {
                try lua.evaluate("return 1, 'a'", as: (Int, Int).self)
            }
            #expect(error?.message == "result 2: number expected, got string")
            let missing = #expect(throws: LuaError.self) {
                try lua.call("tostring", 1, returning: (String, Int).self)
            }
            #expect(missing?.message == "result 2: number expected, got nil")
            #expect(lua.top == 0)
        }
    }

    /// A scalar of a program may be made of a long table.
    @Test func aScalarOfAWholeTable() throws {
        struct Count: LuaScalar {
            var elements: Int
            init(luaValue: LuaValue) throws(LuaError) { elements = luaValue.array?.count ?? -1 }
            func luaValue() -> LuaValue { .integer(elements) }
        }
        try withLua { lua in
            try lua.setGlobal("count") { (count: Count) in count }
            let code = "local t = {} for i = 1, 5000 do t[i] = i end return count(t)"
            #expect(try lua.evaluate(code, as: Int.self) == 5000)
        }
    }
}
