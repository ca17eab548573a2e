// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
package import VTRuntime
internal import VTWorkflow

/// A conversation with a Lua state: pieces of code that build on each other, as at a prompt or in
/// a notebook.
///
/// ```swift
/// let session = Session(workspace: runtime.workspace)
/// try runtime.run { lua in
///     let count = try session.evaluate("local x = 6", name: "=[1]", lua)      // 0
///     let more = try session.evaluate("x * 7", name: "=[2]", lua)             // 1: 42 on top
///     lua.pop(more)
/// }
/// ```
///
/// It belongs to the thread of its state. Offsets are in the UTF-8 of the code, from 0.
package final class Session {
    /// Where modules are looked for, and which tables are modules.
    package let workspace: Workspace?
    private(set) var variables: [String: KeptVariable] = [:]
    /// What `<close>` was said of, in order.
    private var toClose: [LuaReference] = []
    /// The pieces by name, for their functions' source.
    var sources: [(name: String, code: String)] = []
    private var count = 0

    /// A `local` of a piece that outlives it.
    struct KeptVariable {
        var attribute: SessionCode.Variable.Attribute
        /// A function whose first upvalue is the variable.
        var holder: LuaReference
        /// Rises from variable to variable.
        var order: Int
    }

    package init(workspace: Workspace? = nil) { self.workspace = workspace }

    /// The names of the variables that live on, the oldest first.
    package var variableNames: [String] {
        variables.sorted { $0.value.order < $1.value.order }.map(\.key)
    }

    // MARK: Evaluating

    /// Runs code and leaves its results on the stack.
    ///
    /// An expression gives its values, and so does one in the last line of several. A `local` that
    /// is in no block lives on; with `<close>` it does so until ``end(_:)``.
    ///
    /// - Parameters:
    ///   - name: what messages call it, such as `=[1]` or `@file.lua`.
    /// - Returns: how many results are on top.
    /// - Throws: ``LuaError`` with the frames from the piece inward, or the Swift error that a
    ///   function of Swift threw.
    package func evaluate(_ code: String, name: String, _ lua: borrowing Lua) throws -> Int {
        let code = Self.withoutFirstComment(code)
        remember(code, name)
        let whole = try chunk(of: code, name, lua)
        let base = lua.top
        let depth = lua.depth
        do {
            let code = SessionCode(whole, known: variables.mapValues(\.attribute))
            try pushFunction(code, name, lua)
            try lua.call(results: nil)
        } catch {
            try lua.setTop(base)
            guard var error = error as? LuaError else { throw error }
            error.traceback = Self.frames(of: error, above: depth, in: name)
            throw error
        }
        return lua.top - base
    }

    /// What a person is told of an error: the message, and where it was.
    package static func text(of error: any Error) -> String {
        guard let error = error as? LuaError, error.code != .syntax, !error.traceback.isEmpty
        else { return message(of: error) }
        var lines = [message(of: error), "stack traceback:"]
        for (index, frame) in error.traceback.enumerated() {
            if error.skippedFrames > 0, index == error.traceback.count / 2 {
                lines.append("\t...\t(skipping \(error.skippedFrames) levels)")
            }
            lines.append("\t\(frame)")
        }
        return lines.joined(separator: "\n")
    }

    /// The message alone; of a thrown table that does not describe itself, what is in it.
    package static func message(of error: any Error) -> String {
        guard let error = error as? LuaError, error.message.hasPrefix("(error object is a ") else {
            let message = "\(error)"
            return message + (Hint.library(message) ?? "")
        }
        return ErrorPlace(error).message
    }

    /// Closes what `<close>` was said of, the newest first; gives what went wrong.
    package func end(_ lua: borrowing Lua) -> [any Error] {
        var errors: [any Error] = []
        while let value = toClose.popLast() {
            do {
                try lua.push(value)
                defer { lua.pop() }
                guard try lua.pushMetatable(of: -1) else { continue }
                try lua.pushRawField("__close", of: -1)
                lua.remove(at: -2)
                try lua.pushValue(at: -2)
                try lua.pushNil()
                try lua.call(arguments: 2)
            } catch {
                errors.append(error)
            }
        }
        variables = [:]
        return errors
    }

    // MARK: Parts

    /// The code as Lua takes it: with `return` before all of it, or before its last line, if that
    /// is possible.
    private func chunk(
        of code: String, _ name: String, _ lua: borrowing Lua
    ) throws(LuaError) -> String {
        if Self.compiles("return " + code, lua) { return "return " + code }
        let plain: LuaError?
        do throws(LuaError) {
            try lua.load(code, name: name)
            lua.pop()
            plain = nil
        } catch {
            plain = error
        }
        if let shown = Self.returningLast(code, lua) { return shown }
        if let plain { throw plain }
        return code
    }

    static func compiles(_ code: String, _ lua: borrowing Lua) -> Bool {
        guard (try? lua.load(code, name: "=?")) != nil else { return false }
        lua.pop()
        return true
    }

    /// The code with `return` before its last statement; nil where that makes no sense.
    static func returningLast(_ code: String, _ lua: borrowing Lua) -> String? {
        let outline = LuaOutline(code)
        for place in outline.lastStatements {
            let text =
                String(decoding: outline.bytes[..<place], as: UTF8.self) + "return "
                + String(decoding: outline.bytes[place...], as: UTF8.self)
            if compiles(text, lua) { return text }
        }
        return nil
    }

    /// Pushes the function of a piece, its variables joined with the session's.
    private func pushFunction(
        _ code: SessionCode, _ name: String, _ lua: borrowing Lua
    ) throws {
        guard code.uses <= SessionCode.mostUses else {
            throw LuaError(
                .syntax,
                "\(Self.shortSource(name)): the code uses \(code.uses) local variables of "
                    + "earlier pieces, and \(SessionCode.mostUses) is the most; put some in a table"
            )
        }
        try lua.load(code.text, name: name)
        let kept = code.kept
        try lua.pushConfined { [unowned self] lua in
            guard let number = lua.integer(at: 1), kept.indices.contains(number - 1) else {
                return 0
            }
            try keep(kept[number - 1], at: 2, lua)
            return 0
        }
        try lua.call(arguments: 1, results: 1)
        let function = lua.top
        var number = 1
        while let upvalue = try lua.pushUpvalue(number, of: function) {
            lua.pop()
            if let variable = variables[upvalue] {
                try lua.push(variable.holder)
                lua.joinUpvalue(number, of: function, to: 1, of: -1)
                lua.pop()
            }
            number += 1
        }
    }

    /// Keeps a variable. The function at `index` returns it.
    private func keep(
        _ variable: SessionCode.Variable, at index: Int, _ lua: borrowing Lua
    ) throws {
        try lua.pushValue(at: index)
        if try lua.pushUpvalue(1, of: index) != nil {
            lua.pop()
        } else {  // a constant that is known when the code is compiled
            try lua.call(results: 1)
            try pushHolder(lua)
        }
        let holder = try lua.takeReference()
        if variable.attribute == .closed { try prepareToClose(variable.name, holder, lua) }
        set(variable.name, holder, variable.attribute)
    }

    func set(
        _ name: String, _ holder: LuaReference, _ attribute: SessionCode.Variable.Attribute
    ) {
        count += 1
        variables[name] = KeptVariable(attribute: attribute, holder: holder, order: count)
    }

    /// Takes the value on top; leaves a function whose only upvalue is a variable with it.
    func pushHolder(_ lua: borrowing Lua) throws {
        try lua.load("local x = ... return function() return x end", name: "=session")
        lua.insert(at: -2)
        try lua.call(arguments: 1, results: 1)
    }

    private func prepareToClose(
        _ name: String, _ holder: LuaReference, _ lua: borrowing Lua
    ) throws {
        try lua.push(holder)
        _ = try lua.pushUpvalue(1, of: -1)
        defer { lua.pop(2) }
        guard lua.truth(at: -1) else { return }
        let isClosable: Bool
        if try lua.pushMetatable(of: -1) {
            try lua.pushRawField("__close", of: -1)
            isClosable = !lua.isNil(at: -1)
            lua.pop(2)
        } else {
            isClosable = false
        }
        guard isClosable else {
            throw lua.error("variable '\(name)' got a non-closable value", level: 1)
        }
        toClose.append(try lua.reference(at: -1))
    }

    private static func withoutFirstComment(_ code: String) -> String {
        guard code.hasPrefix("#!") else { return code }
        return code.firstIndex(of: "\n").map { String(code[$0...]) } ?? ""
    }

    /// The frames of the piece and what it called.
    private static func frames(
        of error: LuaError, above depth: Int, in name: String
    ) -> [LuaFrame] {
        var frames = Array(error.traceback.dropLast(min(depth, error.traceback.count)))
        if let last = frames.indices.last, frames[last].source == name, frames[last].name == nil,
            frames[last].kind == .lua
        {
            frames[last].kind = .main
        }
        return frames
    }
}
