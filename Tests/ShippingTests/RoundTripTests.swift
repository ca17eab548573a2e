// SPDX-License-Identifier: BSD-3-Clause

import LuaBridge
import Shipping
import Testing

@Suite struct RoundTripTests {
    @Test func quick() throws {
        let state = try LuaState()
        try state.run { lua in
            let encoder = ShippingEncoder(.functions)
            try lua.load(
                "local a, b = 1, {x = 2} b.b = b; return {1, 'x', 2.5, {y = b}, function() return a + b.x, math.pi end}, {1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17}, print"
            )
            try lua.call(results: 3)
            for i in 1...3 { try encoder.encode(lua, at: i) }
            try encoder.encode(lua, elementsFrom: 1, count: 3)
            let shipment = encoder.ship()
            let decoder = ShippingDecoder(trustsCode: true)
            var position = 0
            for _ in 1...3 { try decoder.decode(shipment, at: &position, lua) }
            let n = try decoder.decodeElements(shipment, at: &position, lua)
            #expect(n == 3 && position == shipment.count)
            #expect(lua.top == 9)
            try lua.pushRawElement(5, of: 4)
            try lua.call(results: 2)
            #expect(lua.integer(at: -2) == 3)
        }
    }
}
