// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import VTShipping
import Testing

/// Runs `body` on a state of its own.
func withLua<R>(_ body: (borrowing Lua) throws -> R) throws -> R {
    let state = try LuaState()
    return try state.run { lua in
        try lua.openShipping()
        return try body(lua)
    }
}

extension Lua {
    /// Pushes the first result of `code`, whose chunk is called `test`.
    func pushResult(of code: String) throws {
        try load(code, name: "=test")
        try call(results: 1)
    }

    /// Calls `check` with the value on top; it must return true.
    func check(_ check: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        try load(check, name: "=check")
        try pushValue(at: -2)
        try call(arguments: 1, results: 1)
        #expect(type(at: -1) == .boolean && truth(at: -1), sourceLocation: sourceLocation)
        pop(2)
    }
}

/// The first result of `code` as an item.
func shipment(
    _ code: String, _ rules: ShippingRules = .functions, prepare: String = ""
) throws -> Shipment {
    try withLua { lua in
        try lua.execute(prepare)
        try lua.pushResult(of: code)
        let encoder = ShippingEncoder(rules)
        try encoder.encode(lua, at: -1)
        return encoder.ship()
    }
}

/// The bytes, in hexadecimal.
func hex(_ shipment: Shipment) -> String {
    shipment.withBytes { bytes in
        bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}

func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.utf8.filter { $0 != UInt8(ascii: " ") }.map { UInt8($0) }
    func value(_ digit: UInt8) -> UInt8 { digit < 58 ? digit - 48 : (digit | 32) - 87 }
    return stride(from: 0, to: digits.count, by: 2).map {
        value(digits[$0]) << 4 | value(digits[$0 + 1])
    }
}

/// Sends the first result of `code` to another state, where `check` must return true for it.
func travel(
    _ code: String, _ rules: ShippingRules = .functions, prepare: String = "", there: String = "",
    check: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let shipment = try shipment(code, rules, prepare: prepare)
    try withLua { lua in
        try lua.execute(there)
        var position = 0
        let height = lua.top
        let decoder = ShippingDecoder(trustsCode: rules.contains(.functions))
        try decoder.decode(shipment, at: &position, lua)
        #expect(position == shipment.count, sourceLocation: sourceLocation)
        #expect(lua.top == height + 1, sourceLocation: sourceLocation)
        try lua.check(check, sourceLocation: sourceLocation)
    }
}

/// The error of decoding the bytes. The stack and the position must be unchanged.
func failure(
    _ bytes: [UInt8], trustsCode: Bool = false, elements: Bool = false, _ lua: borrowing Lua,
    sourceLocation: SourceLocation = #_sourceLocation
) -> String {
    let decoder = ShippingDecoder(trustsCode: trustsCode)
    var position = 0
    let height = lua.top
    defer {
        #expect(lua.top == height, sourceLocation: sourceLocation)
        #expect(position == 0, sourceLocation: sourceLocation)
    }
    do {
        try bytes.withUnsafeBytes { bytes in
            if elements {
                _ = try decoder.decodeElements(bytes, at: &position, lua)
            } else {
                try decoder.decode(bytes, at: &position, lua)
            }
        }
    } catch {
        return "\(error)"
    }
    Issue.record("nothing was thrown", sourceLocation: sourceLocation)
    return ""
}

/// The refusal of the first result of `code`.
func refusal(
    _ code: String, _ rules: ShippingRules = .functions,
    sourceLocation: SourceLocation = #_sourceLocation,
    prepare: (borrowing Lua) throws -> Void = { _ in }
) throws -> String {
    try withLua { lua in
        try prepare(lua)
        try lua.pushResult(of: code)
        let encoder = ShippingEncoder(rules)
        let height = lua.top
        do {
            try encoder.encode(lua, at: -1)
        } catch let refusal as ShippingRefusal {
            #expect(encoder.count == 0, sourceLocation: sourceLocation)
            #expect(lua.top == height, sourceLocation: sourceLocation)
            return refusal.message(sending: "it all")
        }
        Issue.record("nothing was thrown", sourceLocation: sourceLocation)
        return ""
    }
}
