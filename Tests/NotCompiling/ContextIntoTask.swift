// SPDX-License-Identifier: BSD-3-Clause
// expect: 'lua' cannot be captured by an escaping closure

import VTLuaBridge

func send(_ lua: borrowing Lua) {
    Task { lua.top }
}
