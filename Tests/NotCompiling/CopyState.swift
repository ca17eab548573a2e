// SPDX-License-Identifier: BSD-3-Clause
// expect: 'state' consumed more than once

import VTLuaBridge

func copy(_ state: consuming LuaState) -> (Int, Int) {
    let one = state
    let two = state
    return (one.run { $0.top }, two.run { $0.top })
}
