// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import VTShipping
import Testing

@Suite struct ClassTests {
    static let point = """
        local Point = {} Point.__index = Point _G.Point = Point
        function Point.new(x) return setmetatable({x = x}, Point) end
        function Point:double() return Point.new(2 * self.x) end
        """

    /// Sends the result of `code` from a state with the class `Point` to one in which `there` was
    /// run and its result, if any, registered.
    func send(
        _ code: String, _ rules: ShippingRules = .functions, here: String = Self.point,
        there: String, check: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let shipment = try withLua { lua in
            try lua.pushResult(of: here + " return Point")
            try lua.registerClass("Point")
            try lua.pushResult(of: code)
            let encoder = ShippingEncoder(rules)
            try encoder.encode(lua, at: -1)
            return encoder.ship()
        }
        try withLua { lua in
            try lua.pushResult(of: there)
            if lua.type(at: -1) == .table { try lua.registerClass("Point") } else { lua.pop() }
            var position = 0
            let decoder = ShippingDecoder(trustsCode: rules.contains(.functions))
            try decoder.decode(shipment, at: &position, lua)
            try lua.check(check, sourceLocation: sourceLocation)
        }
    }

    @Test func objects() throws {
        for rules: ShippingRules in [[], .functions, .canonical] {
            try send(
                "return {Point.new(1), Point.new(2)}", rules, there: Self.point + " return Point",
                check: "local v = ... return v[1].x == 1 and getmetatable(v[2]) == Point")
        }
    }

    @Test func cycleThroughAnObject() throws {
        try send(
            "local p = Point.new(1) p.p = p return {p, p}", there: Self.point + " return Point",
            check:
                "local v = ... return v[1] == v[2] and v[1].p == v[1] and getmetatable(v[1]) == Point"
        )
        try send(
            "local p = setmetatable({}, Point) return {p, p}", there: Self.point + " return Point",
            check: "local v = ... return v[1] == v[2] and getmetatable(v[1]) == Point")
    }

    @Test func objectThatIsAList() throws {
        try send(
            "local t = {} for i = 1, 40 do t[i] = i end return {setmetatable(t, Point), t}",
            there: Self.point + " return Point",
            check:
                "local v = ... return v[1] == v[2] and #v[1] == 40 and getmetatable(v[1]) == Point")
    }

    /// The class itself, captured by a function, is defined in the other state.
    @Test func definitions() throws {
        try send(
            "local P = Point return function(x) return P.new(x):double() end", there: "return nil",
            check: "local p = (...)(4) return p.x == 8 and p:double().x == 16")
        try send(
            "return {Point, Point.new(3)}", there: "return nil",
            check: "local v = ... return getmetatable(v[2]) == v[1] and v[2]:double().x == 6")
    }

    /// A class that the receiver has registered gets the content of the definition.
    @Test func definedBefore() throws {
        try send(
            "return {Point, Point.new(3)}",
            there: "Old = {y = 1} return Old",
            check: "local v = ... return v[1] == Old and Old.y == 1 and v[2]:double().x == 6")
    }

    @Test func unknownClass() throws {
        let message =
            "class 'Point' is not registered here; call vt.class(\"Point\", metatable) here, too"
        do {
            try send("return Point.new(1)", there: "return nil", check: "return true")
            Issue.record("nothing was thrown")
        } catch let error as LuaError {
            #expect(error.message == message)
        }
    }

    /// A class whose metatable is a class.
    @Test func derived() throws {
        let code = """
            Base = {} Base.__index = Base function Base.name() return 'base' end
            Derived = setmetatable({}, Base) Derived.__index = Derived
            """
        let shipment = try withLua { lua in
            try lua.pushResult(of: code + " return Base")
            try lua.registerClass("Base")
            try lua.pushResult(of: "return Derived")
            try lua.registerClass("Derived")
            try lua.pushClasses()
            try lua.check("return #... == 2 and (...)[1] == Base and (...)[2] == Derived")
            try lua.pushClasses()
            let encoder = ShippingEncoder(.functions)
            try encoder.encode(lua, at: -1)
            try lua.pushResult(of: "return setmetatable({}, Derived)")
            try encoder.encode(lua, at: -1)
            return encoder.ship()
        }
        try withLua { lua in
            var position = 0
            let decoder = ShippingDecoder(trustsCode: true)
            try decoder.decode(shipment, at: &position, lua)
            try decoder.decode(shipment, at: &position, lua)
            try lua.check("return (...).name() == 'base'")
        }
    }

    @Test func registeredAgain() throws {
        try withLua { lua in
            for _ in 1...2 {
                try lua.pushResult(of: "Old = Old or {} return Old")
                try lua.registerClass("Point")
            }
            try lua.pushResult(of: "New = {} return New")
            try lua.registerClass("Point")
            try lua.pushClasses()
            try lua.check("return #... == 1 and (...)[1] == New")
            try lua.pushResult(of: "return setmetatable({}, New)")
            let encoder = ShippingEncoder()
            try encoder.encode(lua, at: -1)
            #expect(hex(encoder.ship()) == "da5654000582da5654000645506f696e7480")
            try lua.pushResult(of: "return setmetatable({}, Old)")
            #expect(throws: ShippingRefusal.self) { try encoder.encode(lua, at: -1) }
            // Under another name.
            try lua.pushResult(of: "return New")
            try lua.registerClass("P")
            try lua.pushResult(of: "return setmetatable({}, New)")
            try encoder.encode(lua, at: -1)
            #expect(hex(encoder.ship()) == "da5654000582da56540006415080")
            try lua.pushClasses()
            try lua.check("return #... == 1")
        }
    }

    @Test func noTable() throws {
        try withLua { lua in
            try lua.push(5)
            do {
                try lua.registerClass("Point")
                Issue.record("nothing was thrown")
            } catch let error as LuaError {
                #expect(error.message == "bad argument #1 to '?' (table expected, got number)")
            }
            #expect(lua.top == 0)
        }
    }
}
