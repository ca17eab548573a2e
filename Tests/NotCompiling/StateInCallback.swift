// SPDX-License-Identifier: BSD-3-Clause
// expect: non-Sendable

import VTLuaBridge

func share(_ state: borrowing LuaState, _ reference: LuaReference) throws {
    try state.run { lua in
        try lua.push(function: { lua in
            try lua.push(reference)
            return 1
        })
    }
}
