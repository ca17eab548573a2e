// SPDX-License-Identifier: BSD-3-Clause
// expect: 'lua' cannot be captured by an escaping closure

import VTLuaBridge

func keep(_ lua: borrowing Lua) -> () -> Int {
    { lua.top }
}
