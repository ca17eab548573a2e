// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import Testing
import VTRuntime

@testable import VTWorkflow

@Suite struct FingerprintTests {
    private let shop: Workshop
    private let identities = Identities()

    init() throws {
        shop = try Workshop()
        try shop.runtime.run { lua in
            try lua.pushGlobals()
            _ = try identities.number(lua, of: -1)
            try lua.pushGlobal("string")
            _ = try identities.number(lua, of: -1)
        }
    }

    /// The fingerprint of what an expression or a chunk gives.
    private func print(_ code: String) throws -> [UInt8] {
        let isChunk = code.hasPrefix("local ") || code.hasPrefix("return ")
        let code = isChunk ? code : "return " + code
        return try shop.runtime.run { lua in
            try lua.load(code, name: "=value")
            try lua.call(results: 1)
            var fingerprint = Fingerprint(identities)
            try fingerprint.add(lua, at: -1)
            return fingerprint.bytes
        }
    }

    @Test(arguments: [
        ("{ a = 1, b = 2, c = 3 }", "{ c = 3, b = 2, a = 1 }"),
        ("{ 1, 2, 3 }", "local t = {} for i = 3, 1, -1 do t[i] = i end return t"),
        // A border of a table with holes depends on its history.
        ("{ 1, 2, nil, 4 }", "local t = {} t[4] = 4 t[2] = 2 t[1] = 1 return t"),
        ("{ 0/0 }", "{ 0/0 }"),
        ("{ [1.5] = true, [true] = 1.5, x = {} }", "{ x = {}, [true] = 1.5, [1.5] = true }"),
        ("local t = {} t.t = t return t", "local t = {} t.t = t return t"),
        ("string", "require 'string'"),
        ("print", "_G.print"),
    ])
    func equal(a: String, b: String) throws { #expect(try print(a) == print(b)) }

    @Test(arguments: [
        ("1", "1.0"), ("0.0", "-0.0"), ("'1'", "1"), ("nil", "false"), ("true", "1"),
        ("''", "nil"), ("{ 'ab', 'c' }", "{ 'a', 'bc' }"), ("{ 'abc' }", "{ 'ab', 'c' }"),
        ("{ a = 1 }", "{ b = 1 }"), ("{ a = 1 }", "{ 'a', 1 }"), ("{ { 1 }, 2 }", "{ { 1, 2 } }"),
        ("{ {}, {} }", "{ { {} } }"), ("{ 1, 2 }", "{ 2, 1 }"), ("{ 1, nil, 3 }", "{ 1, 3 }"),
        ("{ a = { b = 1 } }", "{ a = {}, b = 1 }"), ("{ [1] = 'x' }", "{ ['1'] = 'x' }"),
        ("{ a = 1, b = 2 }", "{ a = 2, b = 1 }"), ("{}", "setmetatable({}, { __index = {} })"),
        ("local t = {} return { t, t }", "{ {}, {} }"),
        ("local t = {} t[1] = t return t", "local t = {} t[1] = { t } return t"),
        ("function() return 1 end", "function() return 2 end"),
        (
            "local n = 1 return function() return n end",
            "local n = 2 return function() return n end"
        ),
        (
            "local n = 1 local f = function() return n end return function() return f() end",
            "local n = 2 local f = function() return n end return function() return f() end"
        ),
        ("print", "tostring"), ("string", "{}"), ("string", "_G"),
        ("setmetatable({}, { __index = { a = 1 } })", "setmetatable({}, { __index = { a = 2 } })"),
        ("vt.type { name = 'a', check = print }", "vt.type { name = 'b', check = print }"),
        (
            "vt.type { name = 'a', check = function() return true end }",
            "vt.type { name = 'a', check = function() return false end }"
        ),
    ])
    func different(a: String, b: String) throws { #expect(try print(a) != print(b)) }

    /// Tables made from the same pairs, put in in any order, with garbage between.
    @Test(arguments: 1...30) func theOrderOfPairsDoesNotMatter(seed: Int) throws {
        var random = SplitMix(seed: UInt64(seed))
        let keys = (0..<20).map { index in
            [
                "'k\(index)'", "\(index)", "\(index).5", "-\(index)", "\(index + 1000)",
            ].randomElement(using: &random)!
        }
        let pairs = Set(keys).sorted().map { key in
            let value = ["1", "'x'", "{ 1, { a = 2 } }", "true"].randomElement(using: &random)!
            return "t[\(key)] = \(value)"
        }
        func script() -> String {
            let lines = pairs.shuffled(using: &random).map { "t.junk = {} \($0)" }
            return "local t = {} \(lines.joined(separator: "\n")) t.junk = nil return t"
        }
        let first = try print(script())
        for _ in 0..<4 { #expect(try print(script()) == first) }
        let other = script().replacing("'x'", with: "'y'").replacing("true", with: "false")
            .replacing("= 1 ", with: "= 2 ").replacing("a = 2", with: "a = 3")
            .replacing("] = 1\n", with: "] = 7\n")
        if other != script() { #expect(try print(other) != first) }
    }

    @Test(arguments: [
        ("coroutine.create(print)", "coroutine"), ("io.tmpfile()", "open file"),
        ("{ a = { coroutine.create(print) } }", "coroutine"),
        ("local f = io.tmpfile() return function() return f end", "open file"),
        ("local t = {} for i = 1, 300 do t = { t } end return t", "deeply nested table"),
    ])
    func impossible(code: String, type: String) throws {
        #expect {
            try print(code)
        } throws: {
            ($0 as? Fingerprint.Impossible)?.type == type
        }
    }

    @Test func theGlobalsThatAFunctionReads() throws {
        let function = """
            return function()
              local t = { unused = 1 }
              local function inner() return used + t.unused end
              return inner
            end
            """
        try shop.run("used, unused = 1, 1")
        let first = try print(function)
        try shop.run("unused = 2")
        #expect(try print(function) == first)
        try shop.run("used = 2")
        #expect(try print(function) != first)
        try shop.run("used = 1")
        #expect(try print(function) == first)
    }

    @Test func aGlobalFunctionCountsByItsCode() throws {
        try shop.run("function helper(x) return x + step end step = 1")
        let first = try print("function(x) return helper(x) end")
        try shop.run("step = 2")
        #expect(try print("function(x) return helper(x) end") != first)
        try shop.run("step = 1 function helper(x) return x - step end")
        #expect(try print("function(x) return helper(x) end") != first)
    }

    @Test func keysThatAreTablesAreToldApart() throws {
        try shop.run("k1, k2 = {}, {}")
        #expect(try print("{ [k1] = 1, [k2] = 2 }") == print("{ [k2] = 2, [k1] = 1 }"))
        #expect(try print("{ [k1] = 1, [k2] = 2 }") != print("{ [k1] = 2, [k2] = 1 }"))
    }

    /// An address that is used again must not be taken for what was there before.
    @Test func anIdentityIsNeverGivenTwice() throws {
        let numbers = try shop.runtime.run { lua in
            try (0..<200).map { _ in
                try lua.pushTable()
                defer { lua.pop() }
                let number = try identities.number(lua, of: -1)
                try lua.collectGarbage()
                return number
            }
        }
        #expect(Set(numbers).count == 200)
    }

    @Test func filesCountByTheirContent() throws {
        func file(_ name: String) throws -> [UInt8] {
            var fingerprint = Fingerprint(identities)
            try fingerprint.add(file: shop.path(name))
            return fingerprint.bytes
        }
        // As fast as one can, and of the same size.
        for size in [3, 100_000] {
            try shop.write(String(repeating: "a", count: size), to: "x")
            let first = try file("x")
            #expect(try file("x") == first)
            try shop.write(String(repeating: "b", count: size), to: "x")
            #expect(try file("x") != first)
        }
        #expect(throws: Fingerprint.Impossible.self) { try file("none") }
        #expect(throws: Fingerprint.Impossible.self) { try file(".") }
    }
}
