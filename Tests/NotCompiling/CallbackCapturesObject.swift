// SPDX-License-Identifier: BSD-3-Clause
// expect: non-Sendable

import VTLuaBridge

final class Counter {
    var count = 0
}

func define(_ lua: borrowing Lua, _ counter: Counter) throws {
    try lua.push(function: { _ in
        counter.count += 1
        return 0
    })
}
