// SPDX-License-Identifier: BSD-3-Clause
// expect: 'lua' is borrowed and cannot be consumed

import VTLuaBridge

struct Parcel: Codable {}

func define(_ lua: borrowing Lua) throws {
    try lua.setGlobal("send") { (parcel: Parcel) in 1 }
}
