// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import VTShipping
import Testing

@Suite struct NameTests {
    @Test(arguments: [
        "_G", "print", "string", "string.format", "math.pi and math.floor", "table.unpack",
        "io.stdout", "io.write", "os.time", "coroutine", "utf8.char", "debug.traceback", "require",
        "package", "pcall",
    ])
    func standard(code: String) throws {
        for rules: ShippingRules in [[], .functions] {
            try travel("return " + code, rules, check: "return ... == (\(code))")
            try travel("return {x = {\(code)}}", rules, check: "return (...).x[1] == (\(code))")
        }
        try travel(
            "local v = \(code) return function() return v end", check: "return (...)() == (\(code))"
        )
    }

    /// A module of a script: Lua functions, a class, a value.
    static let geometry = """
        package.preload.geometry = function()
          local M = {pi = 3, Point = {}}
          M.Point.__index = M.Point
          function M.Point.new(x) return setmetatable({x = x}, M.Point) end
          function M.double(x) return 2 * x end
          loaded = (loaded or 0) + 1
          return M
        end
        """

    @Test func modules() throws {
        try travel(
            "local g = require 'geometry' return function() return g end", prepare: Self.geometry,
            there: Self.geometry,
            check:
                "local g = (...)() return g == require 'geometry' and g.double(2) == 4 and loaded == 1"
        )
        try travel(
            "return require 'geometry'.double", [], prepare: Self.geometry, there: Self.geometry,
            check: "return ... == require 'geometry'.double")
        // A table with data in a module is encoded as data.
        try travel(
            "return require 'geometry'.pi", [], prepare: Self.geometry, check: "return ... == 3")
    }

    /// The module itself is encoded by name, even before any function.
    @Test func moduleAfterATable() throws {
        for code in [
            "return {{}, require 'geometry'}", "return {require 'geometry', {}, print}",
            "return {require 'geometry', function() end}",
        ] {
            try travel(
                code, prepare: Self.geometry, there: Self.geometry,
                check: """
                    local v = ...
                    for _, w in ipairs(v) do if w == require 'geometry' then return true end end
                    return false
                    """)
        }
    }

    @Test func metatablesOfModules() throws {
        try travel(
            "return {require 'geometry'.Point.new(5)}", [], prepare: Self.geometry,
            there: Self.geometry,
            check:
                "local v = (...)[1] return getmetatable(v) == require 'geometry'.Point and v.x == 5"
        )
    }

    /// A module that is a function, or a userdata.
    @Test func otherModules() throws {
        let prepare = "package.loaded.f = function() return 1 end package.loaded.out = io.stderr"
        try travel(
            "return {require 'f', require 'out'}", [], prepare: prepare, there: prepare,
            check: "local v = ... return v[1] == require 'f' and v[2] == io.stderr")
    }

    /// Fields that a script adds to a library, or assigns to another name, are not part of the
    /// library.
    @Test func addedByAScript() throws {
        let shipment = try shipment(
            "return {string.trim, aaa, _G.mine}", .functions,
            prepare:
                "string.trim = function() return 8 end aaa = print mine = function() return 9 end")
        try withLua { lua in
            var position = 0
            let decoder = ShippingDecoder(trustsCode: true)
            try decoder.decode(shipment, at: &position, lua)
            try lua.check("local v = ... return v[1]() == 8 and v[2] == print and v[3]() == 9")
        }
    }

    @Test func replacedByAScript() throws {
        try travel(
            "return print", prepare: "print = function() return 1 end", check: "return (...)() == 1"
        )
    }

    @Test(arguments: [
        ("da5654000481436e6f74", "not")
    ])
    func unknownModule(code: String, name: String) throws {
        try withLua { lua in
            let message = failure(bytes(code), lua)
            #expect(message.hasPrefix("module '\(name)' not found:"))
        }
    }

    @Test func unknownField() throws {
        try withLua { lua in
            #expect(
                failure(bytes("da5654000482446d617468436e6f70"), lua)
                    == "module 'math' has no 'nop' here")
            #expect(
                failure(bytes("da5654000482425f47436e6f70"), lua)
                    == "module '_G' has no 'nop' here")
        }
    }

    @Test func withoutRequiring() throws {
        try withLua { lua in
            try lua.execute(Self.geometry)
            let shipped = try shipment("return require 'geometry'", [], prepare: Self.geometry)
            var position = 0
            let decoder = ShippingDecoder(trustsCode: false, requiresModules: false)
            do {
                try decoder.decode(shipped, at: &position, lua)
                Issue.record("nothing was thrown")
            } catch let error as LuaError {
                #expect(
                    error.message == "module 'geometry' is not loaded here, and a result loads "
                        + "none; call `require` for it before")
            }
            try lua.execute("require 'geometry'")
            try decoder.decode(shipped, at: &position, lua)
            #expect(lua.type(at: -1) == .table)
        }
    }

    /// Values of others are data: no functions or libraries of Lua by their names.
    @Test(arguments: [
        ("return string.format", "'format' is a function here, and a result is only data"),
        ("return print", "'print' is a function here, and a result is only data"),
        ("return { deep = { os.exit } }", "'exit' is a function here, and a result is only data"),
        ("return os", "'os' is a library of Lua, and a result is only data"),
        ("return _G", "'_G' is a library of Lua, and a result is only data"),
        (
            "return setmetatable({}, string)",
            "'string' is a library of Lua, and a result is only data"
        ),
        ("return require 'geometry'.area", "'area' is a function here, and a result is only data"),
    ])
    func onlyData(_ code: String, _ reason: String) throws {
        try withLua { lua in
            let geometry =
                "package.preload.geometry = function() return { area = function() end } end"
            try lua.execute(geometry + " require 'geometry'")
            let shipped = try shipment(code, .functions, prepare: geometry)
            var position = 0
            let top = lua.top
            do {
                try ShippingDecoder(trustsCode: false, requiresModules: false)
                    .decode(shipped, at: &position, lua)
                Issue.record("nothing was thrown")
            } catch let error as LuaError {
                #expect(error.message == reason)
            }
            #expect(lua.top == top)
        }
    }

    /// A decoder that describes looks up no module: values have their names only.
    @Test func describing() throws {
        try withLua { lua in
            let shipped = try shipment(
                """
                local g = require 'geometry'
                return { module = g, field = string.format, list = { 1, 2 } }
                """, [], prepare: Self.geometry)
            var position = 0
            try ShippingDecoder.describing().decode(shipped, at: &position, lua)
            #expect(position == shipped.count)
            try lua.check(
                """
                local value = ...
                return tostring(value.module) == "geometry"
                    and tostring(value.field) == "string.format" and #value.list == 2
                """)
        }
    }

    /// A state without libraries has no names; its data can be encoded.
    @Test func bareState() throws {
        let state = try LuaState(libraries: false)
        try state.run { lua in
            try lua.pushResult(of: "local t = {} return {t, t, x = function() return t end}")
            let encoder = ShippingEncoder(.functions)
            try encoder.encode(lua, at: 1)
            var position = 0
            try ShippingDecoder(trustsCode: true).decode(encoder.ship(), at: &position, lua)
            try lua.check("local v = ... return v[1] == v[2] and v.x() == v[1]")
            #expect(
                failure(bytes("da5654000481436e6f74"), lua)
                    == "module 'not' is not loaded here, and there is no 'require'")
        }
    }

    /// A module that the decoder requires may use the same decoder.
    @Test func decodingWhileDecoding() throws {
        try withLua { lua in
            let inner = try shipment("return {1, {2}}", [])
            let outer = try shipment(
                "return {{7}, require 'm', {8}, print}", [],
                prepare: "package.preload.m = function() return {} end")
            let decoder = Confined(ShippingDecoder(trustsCode: false))
            try lua.pushConfined { lua in
                var position = 0
                try decoder.value.decode(inner, at: &position, lua)
                return 1
            }
            try lua.setGlobal("inner")
            try lua.execute("package.preload.m = function() return inner() end")
            var position = 0
            try decoder.value.decode(outer, at: &position, lua)
            try lua.check("local v = ... return v[1][1] == 7 and v[2][2][1] == 2 and v[3][1] == 8")
        }
    }
}

/// A value that belongs to the test's thread.
final class Confined<Value> {
    let value: Value
    init(_ value: Value) { self.value = value }
}
