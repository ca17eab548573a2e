// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

/// Numbers for objects of a Lua state that keys identify by identity, not by content.
///
/// An address does not identify an object: the collector may give it to another object later.
/// The table of numbers has weak keys, and each number is used once.
final class Identities {
    private var numbers: LuaReference?
    private var last = 0
    private var names: [Int: String] = [:]

    /// Sets the name of the object with a number: it is the same in every process.
    func setName(_ name: String, of number: Int) { names[number] = name }
    func name(of number: Int) -> String? { names[number] }

    /// Returns the number of the object at `index`; nil if it has none.
    func find(_ lua: borrowing Lua, at index: Int) throws -> Int? {
        guard let numbers else { return nil }
        let index = lua.absolute(index)
        try lua.push(numbers)
        try lua.pushValue(at: index)
        lua.pushRawIndexed(of: -2)
        defer { lua.pop(2) }
        return lua.integer(at: -1)
    }

    /// Returns the number of the object at `index`, and assigns one if it has none.
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
