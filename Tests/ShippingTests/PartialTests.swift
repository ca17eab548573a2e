// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import VTShipping
import Testing

/// Values of which parts cannot be sent, or are unknown to the receiver.
@Suite struct PartialTests {
    private func travel(
        _ code: String, _ rules: ShippingRules = [], prepare: String = "",
        omitted: String?, missing: String? = nil, check: String
    ) throws {
        let (shipment, found) = try withLua { lua in
            try lua.execute(prepare)
            try lua.pushResult(of: code)
            let encoder = ShippingEncoder(rules.union(.partial))
            try encoder.encode(lua, at: -1)
            return (encoder.ship(), encoder.omissions?.summary)
        }
        #expect(found == omitted)
        try withLua { lua in
            let decoder = ShippingDecoder.partial(trustsCode: rules.contains(.functions))
            var position = 0
            try decoder.decode(shipment, at: &position, lua)
            #expect(decoder.missing == missing)
            try lua.check(check)
        }
    }

    @Test func complete() throws {
        try travel(
            "local t = {1, x = {2}} t.me = t return t", omitted: nil,
            check: "local v = ... return v[1] == 1 and v.x[1] == 2 and v.me == v")
    }

    @Test func withoutWhatCannotBeSent() throws {
        try travel(
            "return {code = 1, f = function() end}", omitted: ".f is a function",
            check: "local v = ... return v.code == 1 and v.f == nil")
        try travel(
            "local co = coroutine.create(print) return {1, co, [co] = 2, x = 3}",
            omitted: "[2] is a coroutine; a key is a coroutine",
            check: "local v = ... return v[1] == 1 and v[2] == nil and v.x == 3 and #v == 1")
        try travel(
            "local t = {} for i = 1, 7 do t[i] = {coroutine.create(print)} end return t",
            omitted: (1...5).map { "[\($0)][1] is a coroutine" }.joined(separator: "; ")
                + "; and 2 more",
            check: "return #... == 7")
        try travel(
            "return function() return 1 end", omitted: "it is a function",
            check: "return ... == nil")
    }

    @Test func objectsLoseTheirMetatable() throws {
        try travel(
            "return setmetatable({x = setmetatable({1}, {__name = 'Point'})}, {})",
            omitted: "it is a table with an unregistered metatable; "
                + ".x is a Point (a table with an unregistered metatable)",
            check: "local v = ... return v.x[1] == 1 and not getmetatable(v.x)")
    }

    @Test func functionsLoseUpvalues() throws {
        try travel(
            "local co, n = coroutine.create(print), 2 return function() return co, n end",
            .functions, omitted: "upvalue 'co' is a coroutine",
            check: "local a, b = (...)() return a == nil and b == 2")
    }

    @Test func withoutWhatIsUnknownHere() throws {
        try travel(
            "return {code = 1, m = require 'm', [require 'm'] = 2, o = setmetatable({3}, require 'm'.C)}",
            prepare: "package.loaded.m = {C = {__index = {}}}", omitted: nil,
            missing:
                "module 'm' is not loaded here, and a result loads none; call `require` for it before",
            check: """
                local v, n = ..., 0
                for _ in pairs(v) do n = n + 1 end
                return n == 2 and v.code == 1 and v.o[1] == 3 and tostring(v.o) == 'm.C'
                """)
        try withLua { lua in
            let decoder = ShippingDecoder.partial(trustsCode: false)
            var position = 0
            // An object of the class "Point".
            try bytes("da5654000582da5654000645506f696e748107").withUnsafeBytes {
                try decoder.decode($0, at: &position, lua)
            }
            #expect(
                decoder.missing
                    == "class 'Point' is not registered here; call vt.class(\"Point\", metatable) here, "
                    + "too")
            try lua.check("local v = ... return v[1] == 7 and tostring(v) == 'Point'")
        }
    }

    /// Values that the receiver has under a number.
    @Test func roots() throws {
        try withLua { lua in
            try lua.pushResult(of: "shared = {1} return {shared, {x = shared}, shared}")
            try lua.pushGlobal("shared")
            let pointer = lua.pointer(at: -1)
            let address = try #require(pointer)
            let encoder = ShippingEncoder(.functions)
            encoder.setRoots([ShippingRoot(address: address, number: 5)])
            try encoder.encode(lua, at: 1)
            encoder.setRoots([])
            let shipment = encoder.ship()
            try lua.pushResult(of: "return {[5] = shared}")
            let roots = try lua.takeReference()
            let decoder = ShippingDecoder(trustsCode: true)
            try decoder.setRoots(roots, lua)
            var position = 0
            try decoder.decode(shipment, at: &position, lua)
            try lua.check(
                "local v = ... return v[1] == shared and v[2].x == shared and v[3] == shared")
            try decoder.setRoots(nil, lua)
            position = 0
            #expect(throws: ShippingError.self) {
                try decoder.decode(shipment, at: &position, lua)
            }
        }
    }
}
