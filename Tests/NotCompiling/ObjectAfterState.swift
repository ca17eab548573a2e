// SPDX-License-Identifier: BSD-3-Clause
// expect: sending

import VTLuaBridge

final class Counter {
    var count = 0
    static let luaClass = LuaClass<Counter>("Counter") { _ in }
}

func split() throws -> Int {
    let state = try LuaState()
    let counter = Counter()
    try state.run { lua in
        try lua.push(counter, as: Counter.luaClass)
        try lua.setGlobal("counter")
    }
    Task { try state.run { try $0.execute("counter = nil") } }
    return counter.count
}
