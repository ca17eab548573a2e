// SPDX-License-Identifier: BSD-3-Clause
// expect: 'lua' is borrowed

import VTLuaBridge

func leak(_ state: borrowing LuaState) -> Lua {
    state.run { lua in lua }
}
