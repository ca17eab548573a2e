// SPDX-License-Identifier: BSD-3-Clause
// expect: sending

import VTLuaBridge

func split() throws -> LuaReference {
    let state = try LuaState()
    let reference = try state.run { lua in
        try lua.pushTable()
        return try lua.takeReference()
    }
    Task { state.run { _ = $0.top } }
    return reference
}
