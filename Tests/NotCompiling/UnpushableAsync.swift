// SPDX-License-Identifier: BSD-3-Clause
// expect: 'lua' is borrowed and cannot be consumed

import VTLuaBridge

struct Parcel {}

func define(_ lua: borrowing Lua) throws {
    try lua.push(async: { (number: Int) in Parcel() })
}
