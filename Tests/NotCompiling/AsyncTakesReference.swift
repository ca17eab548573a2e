// SPDX-License-Identifier: BSD-3-Clause
// expect: conformance of 'LuaReference' to 'Sendable' is unavailable

import VTLuaBridge

func push(_ lua: borrowing Lua) throws {
    try lua.push(async: { (value: LuaReference) in 1 })
}
