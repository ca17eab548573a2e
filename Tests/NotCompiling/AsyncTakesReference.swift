// SPDX-License-Identifier: BSD-3-Clause
// expect: to be 'Sendable'

import VTLuaBridge

func push(_ lua: borrowing Lua) throws {
    try lua.push(async: { (value: LuaReference) in 1 })
}
