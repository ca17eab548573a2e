// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import VTShipping
import Testing

@Suite struct EncoderTests {
    @Test func itemsFollowEachOther() throws {
        try withLua { lua in
            let encoder = ShippingEncoder()
            for i in 0..<100 {
                try lua.push(i)
                try encoder.encode(lua, at: -1)
                try lua.push("text \(i)")
                try encoder.encode(lua, at: -1)
                lua.pop(2)
            }
            let shipment = encoder.ship()
            #expect(encoder.count == 0)
            let decoder = ShippingDecoder(trustsCode: false)
            var position = 0
            for i in 0..<100 {
                try decoder.decode(shipment, at: &position, lua)
                try decoder.decode(shipment, at: &position, lua)
                #expect(lua.integer(at: -2) == i)
                #expect(lua.string(at: -1) == "text \(i)")
                lua.pop(2)
            }
            #expect(position == shipment.count)
        }
    }

    @Test func truncated() throws {
        try withLua { lua in
            let encoder = ShippingEncoder()
            try lua.pushResult(of: "return {1, 2}")
            try encoder.encode(lua, at: 1)
            let one = encoder.count
            try encoder.encode(lua, at: 1)
            #expect(encoder.count == 2 * one)
            encoder.truncate(to: one)
            #expect(encoder.count == one)
            encoder.withBytes { #expect(Array($0) == [0x82, 1, 2]) }
            encoder.truncate(to: 100)
            #expect(hex(encoder.ship()) == "820102")
            #expect(encoder.ship().count == 0)
        }
    }

    /// An item that was refused leaves no bytes, and does not affect the next one.
    @Test func afterARefusal() throws {
        try withLua { lua in
            let encoder = ShippingEncoder()
            try lua.push(7)
            try encoder.encode(lua, at: 1)
            try lua.pushResult(of: "local t = {} return {t, t, coroutine.create(print)}")
            #expect(throws: ShippingRefusal.self) { try encoder.encode(lua, at: 2) }
            #expect(encoder.count == 1)
            try lua.pushResult(of: "return {true}")
            try encoder.encode(lua, at: 3)
            #expect(hex(encoder.ship()) == "0781f5")
        }
    }

    @Test func shipments() {
        let copied = [UInt8]([1, 2, 3]).withUnsafeBytes { Shipment(copying: $0) }
        #expect(hex(copied) == "010203")
        #expect(!copied.hasReferences)
        #expect(Shipment(copying: UnsafeRawBufferPointer(start: nil, count: 0)).count == 0)
        let freed = Flag()
        do {
            let memory = UnsafeMutableRawPointer.allocate(byteCount: 4, alignment: 1)
            memory.initializeMemory(as: UInt8.self, repeating: 9, count: 4)
            let adopted = Shipment(adopting: memory, count: 4) {
                $0.deallocate()
                freed.raise()
            }
            #expect(hex(adopted) == "09090909")
            #expect(!freed.isRaised)
        }
        #expect(freed.isRaised)
    }
}
