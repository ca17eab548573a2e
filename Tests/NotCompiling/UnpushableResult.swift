// SPDX-License-Identifier: BSD-3-Clause
// expect: 'lua' is borrowed and cannot be consumed

import VTLuaBridge

struct Parcel {}

@discardableResult
func send(_ number: Int) -> Parcel { Parcel() }

func define(_ lua: borrowing Lua) throws {
    try lua.push { (number: Int) in send(number) }
}
