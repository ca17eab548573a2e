// SPDX-License-Identifier: BSD-3-Clause
// expect: async

import VTLuaBridge

func wait(_ state: borrowing LuaState) throws {
    try state.run { lua in
        await Task.yield()
        try lua.push(1)
    }
}
