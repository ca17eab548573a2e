// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge
public import VTRuntime
internal import VTWorkflow
internal import VTSystem

/// Runs pieces of code that build on each other, as at a prompt or in a notebook, in one Lua state.
///
/// ```swift
/// let session = Session(runtime)
/// try runtime.run { lua in
///     let count = try session.evaluate("local x = 6", name: "=[1]", lua)      // 0
///     let more = try session.evaluate("x * 7", name: "=[2]", lua)             // 1: 42 on top
///     lua.pop(more)
/// }
/// ```
///
/// A session must be used from the thread of its state. Offsets are in the UTF-8 of the code, from
/// 0.
public final class Session {
    /// The directories of modules, and the tables that are modules.
    package let workspace: Workspace?
    private(set) var variables: [String: KeptVariable] = [:]
    /// The values of `<close>` variables, in order.
    private var toClose: [LuaReference] = []
    /// The pieces by name, which contain the source of their functions.
    var sources: [(name: String, code: String)] = []
    private var count = 0

    /// A top-level `local` variable, which outlives its piece.
    struct KeptVariable {
        var attribute: SessionCode.Variable.Attribute
        /// A function whose first upvalue is the variable.
        var holder: LuaReference
        /// Increases from variable to variable.
        var order: Int
    }

    /// Starts a session in a runtime. The runtime must outlive it.
    public convenience init(_ runtime: Runtime) { self.init(workspace: runtime.workspace) }

    package init(workspace: Workspace? = nil) { self.workspace = workspace }

    /// The names of the session's variables, the oldest first.
    public var variableNames: [String] {
        variables.sorted { $0.value.order < $1.value.order }.map(\.key)
    }

    // MARK: Evaluating

    /// Runs code and leaves its results on the stack.
    ///
    /// The results of an expression are its values, and so are those of an expression on the last
    /// line. A `local` outside of any block stays a variable of the session; with `<close>` it is
    /// closed by ``end(_:)``.
    ///
    /// - Parameters:
    ///   - code: the piece of code.
    ///   - name: the chunk name for messages, such as `=[1]` or `@file.lua`.
    ///   - lua: the state of the session.
    /// - Returns: the number of results on top.
    /// - Throws: `LuaError` with the frames from the piece inward, or the Swift error that a
    ///   Swift function threw.
    public func evaluate(_ code: String, name: String, _ lua: borrowing Lua) throws -> Int {
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

    /// Returns the text of an error for the user: the message and the traceback.
    public static func text(of error: any Error) -> String {
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

    /// Returns the message alone. For a thrown table that does not describe itself, it includes the
    /// content.
    ///
    /// - Parameter code: the code that was evaluated, for suggestions.
    public static func message(of error: any Error, in code: String? = nil) -> String {
        guard let error = error as? LuaError, error.message.hasPrefix("(error object is a ") else {
            let message = "\(error)"
            return message + Hint.text(message, source: code)
        }
        return ErrorPlace(error).message
    }

    /// Closes the `<close>` variables, the newest first; returns the errors.
    public func end(_ lua: borrowing Lua) -> [any Error] {
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

    /// Returns the code as given to Lua: with `return` before all of it, or before its last line,
    /// if that compiles.
    private func chunk(
        of code: String, _ name: String, _ lua: borrowing Lua
    ) throws(LuaError) -> String {
        if Self.compiles("return " + code, lua) { return "return " + code }
        let plain: LuaError?
        do throws(LuaError) {
            try lua.load(source: code, name: name)
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
        guard (try? lua.load(source: code, name: "=?")) != nil else { return false }
        lua.pop()
        return true
    }

    /// Returns the code with `return` before its last statement; nil if that does not compile.
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

    /// Pushes the function of a piece, with its variables joined to the session's.
    private func pushFunction(
        _ code: SessionCode, _ name: String, _ lua: borrowing Lua
    ) throws {
        guard code.uses <= SessionCode.mostUses else {
            throw LuaError(
                .syntax,
                "\(Self.shortSource(name)): the code uses \(code.uses) local variables of "
                    + "earlier pieces, at most \(SessionCode.mostUses) are possible; put some in a table"
            )
        }
        try lua.load(source: code.text, name: name)
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

    /// Keeps a variable. The function at `index` returns its value.
    private func keep(
        _ variable: SessionCode.Variable, at index: Int, _ lua: borrowing Lua
    ) throws {
        try lua.pushValue(at: index)
        if try lua.pushUpvalue(1, of: index) != nil {
            lua.pop()
        } else {  // a compile-time constant, which has no upvalue
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

    /// Pops a value and pushes a function whose only upvalue is a variable that holds it.
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

    /// Removes what Lua skips at the start of a file: a byte order mark, and a first line with `#`.
    private static func withoutFirstComment(_ code: String) -> String {
        var code = code
        if code.unicodeScalars.first == "\u{FEFF}" { code.unicodeScalars.removeFirst() }
        guard code.hasPrefix("#!") else { return code }
        return String(code[code.sourceLines[0].endIndex...])
    }

    /// Returns the frames of the piece and of the functions that it called.
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

@available(*, unavailable)
extension Session: Sendable {}
