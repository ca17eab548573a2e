// SPDX-License-Identifier: BSD-3-Clause
//
// The cost of the bridge in nanoseconds a call: the same calls as peer.c makes on the Lua library.

import VTLuaBridge

let calls = 10_000_000
let rounds = 5

func report(_ name: String, _ times: [Double]) {
    let median = times.sorted()[times.count / 2]
    print("\(name)\t\((median * 1000).rounded() / 1000)")
}

func nanosecondsPerCall(_ body: () throws -> Void) rethrows -> Double {
    let (seconds, attoseconds) = try ContinuousClock().measure(body).components
    return (Double(seconds) * 1e9 + Double(attoseconds) * 1e-9) / Double(calls)
}

/// A function that takes its arguments from the stack, as a function in C does.
func add(_ lua: borrowing Lua) throws -> LuaReturn {
    guard let a = lua.toInteger(at: 1), let b = lua.toInteger(at: 2) else {
        throw lua.error("add: two integers expected")
    }
    return .integer(a &+ b)
}

func callsFromLua(_ name: String, _ lua: borrowing Lua) throws {
    try lua.load(
        "local add, n = add, ... local sum = 0 for i = 1, n do sum = add(sum, i) end return sum")
    let loop = try lua.takeReference()
    var times: [Double] = []
    for _ in 0..<rounds {
        times.append(
            try nanosecondsPerCall {
                let sum: Int = try lua.call(loop, calls)
                precondition(sum == calls * (calls + 1) / 2, "the sum is wrong")
            })
    }
    report(name, times)
}

func callsToLua(_ lua: borrowing Lua) throws {
    let function: LuaReference = try lua.evaluate("return function(a) return a + 1 end")
    var times: [Double] = []
    for _ in 0..<rounds {
        var value = 0
        times.append(
            try nanosecondsPerCall {
                try lua.prepared(function) { function in
                    for _ in 0..<calls { value = try function(value) }
                }
            })
        precondition(value == calls, "the count is wrong")
    }
    report("pcall_lua_from_swift", times)
}

/// A call of an async function, without and with a suspension, and 100 calls that wait together.
func asyncCalls(_ lua: borrowing Lua) throws {
    try lua.push(async: { (a: Int) in a &+ 1 })
    try lua.setGlobal("next")
    try lua.push(async: { (a: Int) in
        await Task.yield()
        return a &+ 1
    })
    try lua.setGlobal("next_later")
    for (name, function, count) in [
        ("async_swift_function_from_lua", "next", 1_000_000),
        ("async_swift_function_that_suspends", "next_later", 1_000_000),
    ] {
        try lua.load(
            "local next, n = \(function), ... local x = 0 for i = 1, n do x = next(x) end return x")
        let loop = try lua.takeReference()
        var times: [Double] = []
        for _ in 0..<rounds {
            let (seconds, attoseconds) = try ContinuousClock().measure {
                let x: Int = try lua.call(loop, count)
                precondition(x == count, "the count is wrong")
            }.components
            times.append((Double(seconds) * 1e9 + Double(attoseconds) * 1e-9) / Double(count))
        }
        report(name, times)
    }
}

let state = try LuaState()
let wanted = CommandLine.arguments.dropFirst()

func wants(_ name: String) -> Bool { wanted.isEmpty || wanted.contains(name) }

try state.run { lua in
    if wants("raw") {
        try lua.push(function: add)
        try lua.setGlobal("add")
        try callsFromLua("call_swift_function_from_lua", lua)
    }
    if wants("call") { try callsToLua(lua) }
    if wants("async") { try asyncCalls(lua) }
    if wants("typed") {
        try lua.push { (a: Int, b: Int) in a &+ b }
        try lua.setGlobal("add")
        try callsFromLua("typed_swift_function_in_lua", lua)
    }
}
