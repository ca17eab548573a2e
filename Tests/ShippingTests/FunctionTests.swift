// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import VTShipping
import Testing

@Suite struct FunctionTests {
    @Test(arguments: [
        ("return function() return 1 end", "return v() == 1"),
        (
            "local a, b = 1, 'x' return function() return a, b end",
            "local a, b = v() return a == 1 and b == 'x'"
        ),
        ("local n = nil return function() return n end", "return v() == nil"),
        ("return function(x) return math.floor(x) end", "return v(2.5) == 2"),
        // _ENV as the first, a middle and the last upvalue, and no _ENV.
        (
            "local a = 1 return function() return print, a end",
            "local p, a = v() return p == print and a == 1"
        ),
        (
            "local a, b = 1, 2 return function() return a, print, b end",
            "local a, p, b = v() return a == 1 and p == print and b == 2"
        ),
        (
            "local a, b = 1, 2 return function() return a, b, print end",
            "local a, b, p = v() return a == 1 and b == 2 and p == print"
        ),
        ("local a = {5} return function() return a end", "return v()[1] == 5"),
        // Another name for the globals, and another table instead of them.
        ("local g = _ENV return function() return g end", "return v() == _ENV"),
        ("local _ENV = {x = 7} return function() return x end", "return v() == 7"),
        // Recursion.
        (
            "local function f(n) return n == 0 and 1 or n * f(n - 1) end return f",
            "return v(5) == 120"
        ),
        (
            "local odd local function even(n) return n == 0 or odd(n - 1) end function odd(n) return n > 0 and even(n - 1) end return even",
            "return v(10) and not v(7)"
        ),
        ("local t = {} function t.f() return t end return t", "return v.f() == v"),
        ("local t = {} function t.f() return t end return t.f", "return v().f == v"),
        // Shared upvalues.
        (
            "local n = 0 return {function() n = n + 1 return n end, function() return n end}",
            "v[1]() v[1]() return v[2]() == 2"
        ),
        (
            "local n, m = 0, 0 return {function() m = m + 1 n = n + 1 end, function() return n, m end, function() n = 10 end}",
            "v[1]() v[3]() local n, m = v[2]() return n == 10 and m == 1"
        ),
        (
            "local n = 0 local function f() return function() n = n + 1 return n end end return {f, f()}",
            "v[2]() return v[1]()() == 2 and debug.upvalueid(v[1], 1) == debug.upvalueid(v[2], 1)"
        ),
        // Equal values in different cells.
        (
            "local function make() local n = 0 return function() n = n + 1 return n end end return {make(), make()}",
            "v[1]() v[1]() return v[2]() == 1"
        ),
        // The same code many times.
        (
            "local t = {} for i = 1, 50 do t[i] = function() return i end end return t",
            "for i = 1, 50 do if v[i]() ~= i then return i end end return true"
        ),
        ("local f = function() end return {f, f}", "return v[1] == v[2]"),
        ("return {[function() end] = 1}", "return type(next(v)) == 'function'"),
        (
            "local function f(...) return select('#', ...), ... end return f",
            "return v(1, nil) == 2"
        ),
        (
            "local a <const>, b <close> = 5, nil return function() return a end",
            "return v() == 5"
        ),
        ("return load('local a = ... return a')", "return v(3) == 3"),
        (
            "local co = coroutine return function() return co.wrap(function() return 4 end)() end",
            "return v() == 4"
        ),
    ])
    func functions(code: String, check: String) throws {
        try travel(code, check: "local v = ... " + check)
    }

    /// Lines and names of the source are kept.
    @Test func errorsSayWhere() throws {
        try travel(
            "\n\nlocal cfg = {}\nreturn function() return cfg.x.y end",
            check: """
                local ok, message = pcall(...)
                return message == "test:4: attempt to index a nil value (field 'x')"
                """)
    }

    /// lua_load sets the first upvalue to the globals, whatever its name.
    @Test func firstUpvalueIsNotTheGlobals() throws {
        try travel(
            "local a return function(x) if x then a = x end return a end",
            check: "local v = ... return v() == nil and v(3) == 3")
    }

    /// The worker's own globals, not the sender's.
    @Test func environmentIsTheReceivers() throws {
        try travel(
            "x = 'theirs' return function() return x end", there: "x = 'ours'",
            check: "return (...)() == 'ours'")
    }

    @Test func codeComesOnce() throws {
        let one = try shipment("return {function() return 'some text' end}").count
        let many = try shipment(
            "local t = {} for i = 1, 100 do t[i] = function() return 'some text' end end return t")
        #expect(many.count > one)
        // Lua 5.4 creates a new closure in each iteration, even without upvalues.
        #expect(many.count < one + 100 * 16)
    }

    @Test func manyUpvalues() throws {
        let names = (1...200).map { "a\($0)" }
        let values = (1...200).map { "\($0)" }
        let locals = stride(from: 0, to: 200, by: 50).map { i in
            "local \(names[i..<i + 50].joined(separator: ",")) = "
                + values[i..<i + 50].joined(separator: ",")
        }
        // A function may have 255 upvalues, but at most 200 local variables are visible.
        let code =
            "\(locals[0..<3].joined(separator: " ")) return function() return \(names[0..<150].joined(separator: " + ")) end"
        try travel(code, check: "return (...)() == \(150 * 151 / 2)")
    }
}
