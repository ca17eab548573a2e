// SPDX-License-Identifier: BSD-3-Clause
// compiles

import VTLuaBridge

struct Reader {
    let values: [Int]
}

final class Worker: Sendable {
    let cancellation = LuaCancellation()

    func start() -> Task<Int, any Error> {
        let cancellation = cancellation
        return Task {
            let state = try LuaState()
            return try state.run { lua in
                try lua.push { (n: Int) in n * 2 }
                try lua.setGlobal("double")
                try lua.push { (a: Int, b: Int) in (a / b, a % b) }
                try lua.setGlobal("divide")
                try lua.setGlobal("nothing") { print("nothing") }
                return try lua.limited(cancellation: cancellation) { lua in
                    try lua.evaluate("return double(21)", as: Int.self)
                }
            }
        }
    }
}
