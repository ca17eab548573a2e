// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
internal import VTParallel
internal import VTRuntime

// Operations of a prompt's commands on all variables.

extension Session {
    /// Assigns the value at `new` to all variables and globals whose value is the one at `old`.
    package func replaceVariables(
        holding old: Int, by new: Int, _ lua: borrowing Lua
    ) throws {
        let (old, new) = (lua.absolute(old), lua.absolute(new))
        for (name, variable) in variables {
            guard try pushVariable(name, lua) else { continue }
            defer { lua.pop() }
            guard lua.rawEqual(-1, old) else { continue }
            try lua.push(variable.holder)
            try lua.pushValue(at: new)
            _ = lua.setUpvalue(1, of: -2)
            lua.pop()
        }
        try lua.pushGlobals()
        defer { lua.pop() }
        var names: [String] = []
        try lua.forEachPair(of: -1) {
            if lua.rawEqual(-1, old), let name = lua.string(at: -2) { names.append(name) }
        }
        for name in names {
            try lua.pushValue(at: new)
            try lua.setRawField(name, of: -2)
        }
    }

    /// Returns a line for each pool in a variable, and one for each of its workers.
    package func workers(_ lua: borrowing Lua) throws -> [String] {
        var lines: [String] = []
        var seen: Set<UnsafeRawPointer> = []
        func add(_ name: String) throws {
            guard lua.object(View.luaClass, at: -1) != nil, let address = lua.pointer(at: -1),
                seen.insert(address).inserted
            else { return }
            lines.append("\(name)  \(try lua.display(at: -1))")
            try lua.pushField("status", of: -1)
            try lua.pushValue(at: -2)
            try lua.call(arguments: 1, results: 1)
            defer { lua.pop() }
            for row in 1..<(try lua.length(at: -1) + 1) {
                try lua.pushElement(row, of: -1)
                lines.append("  \(try Self.worker(lua))")
                lua.pop()
            }
        }
        for name in variableNames where try pushVariable(name, lua) {
            try add(name)
            lua.pop()
        }
        try lua.pushGlobals()
        defer { lua.pop() }
        try lua.forEachPair(of: -1) {
            if let name = lua.string(at: -2) { try add(name) }
        }
        return lines
    }

    /// Returns `worker 1  idle  12 tasks  pid 4711` for the row on top.
    private static func worker(_ lua: borrowing Lua) throws -> String {
        func field(_ name: String) throws -> String? {
            try lua.pushField(name, of: -1)
            defer { lua.pop() }
            return lua.isNil(at: -1) ? nil : try lua.display(at: -1)
        }
        let number = try field("worker") ?? "?"
        let tasks = try field("tasks") ?? "0"
        var text = "worker \(number)  \(try field("state") ?? "?")"
        text += "  \(tasks) \(tasks == "1" ? "task" : "tasks")"
        if let pid = try field("pid") { text += "  pid \(pid)" }
        return text
    }
}
