// SPDX-License-Identifier: BSD-3-Clause
// expect: 'call' cannot be captured by an escaping closure

import VTLuaBridge

func keep(_ call: borrowing LuaPreparedCall) -> () throws -> Int {
    { try call(1, returning: Int.self) }
}
