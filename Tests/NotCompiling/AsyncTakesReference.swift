// SPDX-License-Identifier: BSD-3-Clause
// expect: 'lua' is borrowed and cannot be consumed

import VTLuaBridge

func push(_ lua: borrowing Lua) throws {
    try lua.push(async: { (value: LuaReference) in 1 })
}
