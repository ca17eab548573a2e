// SPDX-License-Identifier: BSD-3-Clause
// expect: capture of 'lua' with non-Sendable type 'Lua' in a '@Sendable' closure

import VTLuaBridge

func define(_ lua: borrowing Lua) throws {
    try lua.push(function: { _ in
        try lua.push(1)
        return 1
    })
}
