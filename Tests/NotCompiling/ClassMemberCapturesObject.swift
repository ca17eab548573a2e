// SPDX-License-Identifier: BSD-3-Clause
// expect: non-Sendable

import VTLuaBridge

final class Counter {
    var count = 0
}

func describe(_ counter: Counter) -> LuaClass<Int> {
    LuaClass<Int>("Number") { type in
        type.property("count") { _ in counter.count }
    }
}
