// SPDX-License-Identifier: BSD-3-Clause
// expect: call can throw

import VTLuaBridge

struct Parcel {}

@discardableResult
func send(_ number: Int) -> Parcel { Parcel() }

let numbers = LuaClass<Int>("Number") { type in
    type.method("send") { number in send(number) }
}
