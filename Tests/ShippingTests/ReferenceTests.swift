// SPDX-License-Identifier: BSD-3-Clause

import Dispatch
import VTLuaBridge
import VTShipping
import Synchronization
import Testing

/// A host object that several states share.
final class Counter: ShippingReference, LuaObject {
    private let value = Atomic(0)
    var count: Int { value.load(ordering: .relaxed) }

    static let luaClass = LuaClass<Counter>("Counter") { type in
        type.method("add") { (counter: Counter) in
            counter.value.add(1, ordering: .relaxed).newValue
        }
    }

    func push(onto lua: borrowing Lua) throws(LuaError) {
        try lua.push(self, as: Self.luaClass)
    }
}

/// A host object that cannot be pushed.
final class Stubborn: ShippingReference {
    static let luaClass = LuaClass<Stubborn>("Stubborn") { _ in }
    func push(onto lua: borrowing Lua) throws(LuaError) {
        throw LuaError(.argument, "not here")
    }
}

@Suite struct ReferenceTests {
    static let large = 100_000

    /// Encodes the first result of `code` with references.
    private func encoded(
        _ lua: borrowing Lua, _ code: String, _ encoder: ShippingEncoder
    ) throws -> Shipment {
        try lua.pushResult(of: code)
        try encoder.encode(lua, at: -1)
        lua.pop()
        return encoder.ship()
    }

    private func used(_ lua: borrowing Lua) throws -> Int {
        try lua.collectGarbage()
        return lua.memory.used
    }

    private func receive(_ shipment: Shipment, check: String) throws {
        try withLua { lua in
            var position = 0
            try ShippingDecoder(trustsCode: true).decode(shipment, at: &position, lua)
            #expect(position == shipment.count)
            try lua.check(check)
        }
    }

    @Test func strings() throws {
        try withLua { lua in
            let encoder = ShippingEncoder([.functions, .references])
            let shipment = try encoded(
                lua, "return {('a'):rep(65536), ('b'):rep(65535), ('c'):rep(100000)}", encoder)
            #expect(shipment.hasReferences)
            #expect(shipment.count < 66000)
            try receive(
                shipment,
                check: """
                    local v = ...
                    return v[1] == ('a'):rep(65536) and v[2] == ('b'):rep(65535) and v[3] == ('c'):rep(100000)
                    """)
            let one = try encoded(lua, "return ('x'):rep(70000)", encoder)
            #expect(one.hasReferences && one.count == 6)
            try receive(one, check: "return ... == ('x'):rep(70000)")
            // Without the rule, and for raw bytes.
            let copied = try encoded(lua, "return ('x'):rep(70000)", ShippingEncoder())
            #expect(!copied.hasReferences && copied.count > 70000)
            let alone = one.withBytes { Array($0) }
            #expect(
                failure(alone, lua)
                    == "malformed message: a reference; none is accepted here, at byte 6")
        }
    }

    /// A number that the shipment does not have.
    @Test func unknownNumber() throws {
        try withLua { lua in
            let encoder = ShippingEncoder(.references)
            let shipment = try encoded(lua, "return {('x'):rep(70000)}", encoder)
            var position = 0
            try ShippingDecoder(trustsCode: false).decode(shipment, at: &position, lua)
            lua.pop()
            // A shipment with references cannot be created from its bytes with another number.
            #expect(hex(shipment) == "81da5654000700")
        }
    }

    /// The sender's string is kept as long as it is shared.
    @Test func comesBack() throws {
        try withLua { lua in
            let encoder = ShippingEncoder(.references)
            let before = try used(lua)
            do {
                let shipment = try encoded(lua, "return {('x'):rep(1000000)}", encoder)
                #expect(try used(lua) > before + 1_000_000)
                try receive(shipment, check: "return #(...)[1] == 1000000")
            }
            _ = try encoded(lua, "return 1", encoder)
            #expect(try used(lua) < before + 100_000)
        }
    }

    /// Items that were removed share no strings.
    @Test func truncated() throws {
        try withLua { lua in
            let encoder = ShippingEncoder(.references)
            try lua.pushResult(of: "return ('x'):rep(70000)")
            try lua.push(5)
            try encoder.encode(lua, at: 2)
            try encoder.encode(lua, at: 1)
            encoder.truncate(to: 1)
            let none = encoder.ship()
            #expect(!none.hasReferences && hex(none) == "05")
            try encoder.encode(lua, at: 1)
            let one = encoder.count
            try encoder.encode(lua, at: 1)
            encoder.truncate(to: one)
            try lua.pushResult(of: "return {('x'):rep(70000), coroutine.create(print)}")
            #expect(throws: ShippingRefusal.self) { try encoder.encode(lua, at: 3) }
            let shipment = encoder.ship()
            #expect(hex(shipment) == "da5654000700")
            try receive(shipment, check: "return #... == 70000")
        }
    }

    /// Many threads read while the state is closed.
    @Test func copiedOut() async throws {
        for _ in 1...20 {
            let shipments = try shareAndClose(early: [])
            await withTaskGroup(of: Void.self) { group in
                for shipment in shipments {
                    for _ in 1...2 {
                        group.addTask {
                            #expect(throws: Never.self) {
                                try self.receive(
                                    shipment, check: "return #(...)[1] == \(Self.large)")
                            }
                        }
                    }
                }
            }
        }
    }

    private func shareAndClose(early: [Shipment]) throws -> [Shipment] {
        try withLua { lua in
            let encoder = ShippingEncoder(.references)
            var shipments: [Shipment] = []
            for _ in 1...4 {
                shipments.append(
                    try encoded(lua, "return {('x'):rep(\(Self.large))}", encoder))
            }
            encoder.copyOutSharedStrings()
            return shipments
        }
    }

    @Test func copiedOutWhileRead() throws {
        for _ in 1...20 {
            let group = DispatchGroup()
            let queue = DispatchQueue(label: "readers", attributes: .concurrent)
            try withLua { lua in
                let encoder = ShippingEncoder(.references)
                for _ in 1...4 {
                    let shipment = try encoded(lua, "return {('x'):rep(\(Self.large))}", encoder)
                    queue.async(group: group) {
                        #expect(throws: Never.self) {
                            try self.receive(shipment, check: "return #(...)[1] == \(Self.large)")
                        }
                    }
                }
                encoder.copyOutSharedStrings()
            }
            group.wait()
        }
    }

    /// An encoder that is released without copyOutSharedStrings.
    @Test func forgotten() throws {
        let shipment = try withLua { lua in
            try encoded(lua, "return {('x'):rep(\(Self.large))}", ShippingEncoder(.references))
        }
        try receive(shipment, check: "return (...)[1] == ('x'):rep(\(Self.large))")
    }

    @Test func objects() throws {
        let counter = Counter()
        let shipment = try withLua { lua in
            try lua.push(counter, as: Counter.luaClass)
            try lua.setGlobal("counter")
            return try encoded(
                lua, "return {counter, function() return counter:add() end}",
                ShippingEncoder([.functions, .references]))
        }
        #expect(shipment.hasReferences)
        for _ in 1...3 {
            try receive(
                shipment, check: "counter = (...)[1] counter:add() return (...)[2]() % 2 == 0")
        }
        #expect(counter.count == 6)
        // Without references, it cannot be encoded.
        let found = try refusal("return counter", .functions) { lua in
            try lua.push(counter, as: Counter.luaClass)
            try lua.setGlobal("counter")
        }
        #expect(
            found
                == "cannot send it all: it is a Counter (userdata). Create it inside the task instead."
        )
    }

    @Test func objectThatCannotBePushed() throws {
        let shipment = try withLua { lua in
            try lua.push(Stubborn(), as: Stubborn.luaClass)
            let encoder = ShippingEncoder(.references)
            try encoder.encode(lua, at: 1)
            return encoder.ship()
        }
        try withLua { lua in
            var position = 0
            do {
                try ShippingDecoder(trustsCode: false).decode(shipment, at: &position, lua)
                Issue.record("nothing was thrown")
            } catch let error as LuaError {
                #expect(error.message == "not here")
            }
            #expect(lua.top == 0)
        }
    }
}
