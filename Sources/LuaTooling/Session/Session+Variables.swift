// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
internal import VTRuntime

// The variables of a session and the code that it has run.

extension Session {
    /// Pushes the value of a session variable; returns false and pushes nothing if there is none.
    package func pushVariable(_ name: String, _ lua: borrowing Lua) throws(LuaError) -> Bool {
        guard let variable = variables[name] else { return false }
        try lua.push(variable.holder)
        guard try lua.pushUpvalue(1, of: -1) != nil else {
            lua.pop()
            return false
        }
        lua.remove(at: -2)
        return true
    }

    /// Makes the value on top a session variable, as `local name = value` does.
    package func setVariable(_ name: String, _ lua: borrowing Lua) throws {
        try pushHolder(lua)
        set(name, try lua.takeReference(), .none)
    }

    /// Makes the upvalues of the function at `index` variables of the session. They are shared, not
    /// copied. Returns their names.
    func adoptUpvalues(of index: Int, _ lua: borrowing Lua) throws -> [String] {
        let function = lua.absolute(index)
        var names: [String] = []
        var number = 1
        while let name = try lua.pushUpvalue(number, of: function) {
            lua.pop()
            if name != "_ENV", name.isLuaName {
                try adoptUpvalue(number, named: name, of: function, lua)
                names.append(name)
            }
            number += 1
        }
        return names
    }

    private func adoptUpvalue(
        _ number: Int, named name: String, of index: Int, _ lua: borrowing Lua
    ) throws {
        let function = lua.absolute(index)
        try lua.pushNil()
        try pushHolder(lua)
        lua.joinUpvalue(1, of: -1, to: number, of: function)
        set(name, try lua.takeReference(), .none)
    }

    private static var mostSources: Int { 1000 }

    func remember(_ code: String, _ name: String) {
        sources.append((name, code))
        if sources.count > Self.mostSources { sources.removeFirst(Self.mostSources / 2) }
    }

    /// Returns the code that was last run under this name.
    func source(named name: String) -> String? {
        sources.last { $0.name == name }?.code
    }
}
