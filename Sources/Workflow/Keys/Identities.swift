// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

/// Numbers for objects of a Lua state that count by what they are, not by what is in them.
///
/// An address would not do: the collector gives it to another object later. The table behind
/// this has weak keys, and no number is given twice.
final class Identities {
    private var numbers: LuaReference?
    private var last = 0
    private var names: [Int: String] = [:]

    /// Gives the object of a number a name that is the same in every process.
    func setName(_ name: String, of number: Int) { names[number] = name }
    func name(of number: Int) -> String? { names[number] }

    /// The number of the object at `index`; nil if it has none.
    func find(_ lua: borrowing Lua, at index: Int) throws -> Int? {
        guard let numbers else { return nil }
        let index = lua.absolute(index)
        try lua.push(numbers)
        try lua.pushValue(at: index)
        lua.pushRawIndexed(of: -2)
        defer { lua.pop(2) }
        return lua.integer(at: -1)
    }

    /// The number of the object at `index`, a new one if need be.
    func number(_ lua: borrowing Lua, of index: Int) throws -> Int {
        if let number = try find(lua, at: index) { return number }
        let index = lua.absolute(index)
        try lua.push(try table(lua))
        defer { lua.pop() }
        last += 1
        try lua.pushValue(at: index)
        try lua.push(last)
        try lua.setRawIndexed(of: -3)
        return last
    }

    private func table(_ lua: borrowing Lua) throws -> LuaReference {
        if let numbers { return numbers }
        try lua.pushWeakTable()
        let made = try lua.takeReference()
        numbers = made
        return made
    }
}
