// SPDX-License-Identifier: BSD-3-Clause
// expect: mutation of captured var 'count' in concurrently-executing code

import VTLuaBridge

func define(_ lua: borrowing Lua) throws {
    var count = 0
    try lua.push(function: { _ in
        count += 1
        return 0
    })
}
