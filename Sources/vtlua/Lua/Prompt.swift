// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import VTSystem

/// The prompt of `lua`: it reads a line, tries it as an expression, reads more lines while the code
/// is incomplete, runs it and prints the results.
///
/// It uses the whole stack frame of the function it runs in: the line at 1, then the function.
struct Prompt {
    /// Debian's `lua` reads through readline, which echoes its input when it is not a terminal. The
    /// transcript of a file then looks like an interactive one.
    private let echoes = isatty(STDIN_FILENO) == 0

    /// Returns at the end of the input.
    func run(_ lua: borrowing Lua) throws {
        while let status = try loadLine(lua) {
            if status == .done, try lua.callScript(results: nil) == .done {
                try printResults(lua)
            } else {
                lua.report(as: nil)  // as in lua, without the program's name
            }
        }
        try lua.setTop(0)
        StandardStreams.write("\n")
    }

    /// Leaves the compiled function of the next statement, or the error message, as the only value
    /// on the stack. Returns nil at the end of the input.
    private func loadLine(_ lua: borrowing Lua) throws -> LuaScriptStatus? {
        try lua.setTop(0)
        guard try pushLine(lua, isFirst: true) else { return nil }
        var status = LuaScriptStatus.done
        if try !loadExpression(lua) { status = try loadStatement(lua) }
        lua.remove(at: 1)
        return status
    }

    /// Reads a line and pushes it; returns false at the end of the input.
    private func pushLine(_ lua: borrowing Lua, isFirst: Bool) throws -> Bool {
        try showPrompt(lua, isFirst: isFirst)
        let line: Void? = try StandardStreams.withLine { line in
            if echoes {
                StandardStreams.write(line)
                StandardStreams.write("\n")
            }
            guard isFirst, line.first == UInt8(ascii: "=") else {
                return try lua.push(bytes: line)
            }
            try lua.push("return ")
            try lua.push(bytes: UnsafeRawBufferPointer(rebasing: line.dropFirst()))
            try lua.concatenate(2)
        }
        return line != nil
    }

    private func showPrompt(_ lua: borrowing Lua, isFirst: Bool) throws {
        try lua.pushGlobal(isFirst ? "_PROMPT" : "_PROMPT2")
        defer { lua.pop() }
        if lua.isNil(at: -1) { return StandardStreams.write(isFirst ? "> " : ">> ") }
        try lua.convertToString()
        lua.withBytes(at: -1) { StandardStreams.write($0) }
    }

    /// Compiles the line as an expression and pushes its function; returns false if it is not one.
    private func loadExpression(_ lua: borrowing Lua) throws -> Bool {
        try lua.push("return ")
        try lua.pushValue(at: 1)
        try lua.push(";")
        try lua.concatenate(3)
        let status = try load(lua, at: 2)
        lua.remove(at: 2)
        if status == .done { return true }
        lua.pop()
        return false
    }

    /// Compiles the lines and pushes their function or the message; reads more while incomplete.
    private func loadStatement(_ lua: borrowing Lua) throws -> LuaScriptStatus {
        while true {
            let status = try load(lua, at: 1)
            guard status == .syntax, isIncomplete(lua) else { return status }
            guard try pushLine(lua, isFirst: false) else { return status }
            lua.remove(at: 2)
            try lua.push("\n")
            lua.insert(at: 2)
            try lua.concatenate(3)
        }
    }

    private func load(_ lua: borrowing Lua, at index: Int) throws(LuaError) -> LuaScriptStatus {
        try lua.withBytes(at: index) { code throws(LuaError) in
            try lua.loadScript(bytes: code, name: "=stdin")
        } ?? .failed
    }

    /// Returns true if the message reports an unexpected end of the code.
    private func isIncomplete(_ lua: borrowing Lua) -> Bool {
        lua.withBytes(at: -1) { $0.suffix(5).elementsEqual("<eof>".utf8) } ?? false
    }

    private func printResults(_ lua: borrowing Lua) throws {
        let count = lua.top
        guard count > 0 else { return }
        try lua.pushGlobal("print")
        lua.insert(at: 1)
        do {
            try lua.call(arguments: count)
        } catch {
            StandardStreams.report("error calling 'print' (\(error))", as: nil)
        }
    }
}
