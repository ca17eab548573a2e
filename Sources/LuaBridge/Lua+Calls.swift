// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTLuaGuard

/// Which forms of code a load accepts.
public enum LuaCodeForm: String, Sendable {
    /// Source only. Bytecode can crash the machine that runs it, so this is what you want for
    /// anything that comes from elsewhere.
    case text = "t"
    /// Bytecode only, made by this program.
    case binary = "b"
    case any = "bt"
}

extension Lua {
    /// Pushes the function that `code` is the body of.
    ///
    /// - Parameters:
    ///   - name: what messages call it: `=name` as it stands, `@file` for a file, else the code.
    ///   - form: text only, unless said otherwise.
    /// - Throws: ``LuaError`` with code `syntax` or `memory`.
    public func load(
        _ code: String, name: String? = nil, form: LuaCodeForm = .text
    ) throws(LuaError) {
        var code = code
        let status = code.withUTF8 { load(UnsafeRawBufferPointer($0), name: name, form: form) }
        try check(status)
    }

    /// Pushes the function that the bytes are the body of.
    public func load(
        bytes: UnsafeRawBufferPointer, name: String, form: LuaCodeForm = .text
    ) throws(LuaError) {
        try check(load(bytes, name: name, form: form))
    }

    private func load(
        _ bytes: UnsafeRawBufferPointer, name: String?, form: LuaCodeForm
    ) -> Int32 {
        let name = name ?? String(decoding: bytes.prefix(256), as: UTF8.self)
        // An empty buffer may have no address, but lua_load wants one.
        return withUnsafePointer(to: CChar(0)) { none in
            let code = bytes.bindMemory(to: CChar.self).baseAddress ?? none
            return vtl_load(L, code, bytes.count, name, form.rawValue)
        }
    }

    /// Pushes the function in a file; standard input for nil. A first line with `#` is skipped.
    public func load(file path: String?, form: LuaCodeForm = .text) throws(LuaError) {
        try check(vtl_loadfile(L, path, form.rawValue))
    }

    /// Calls the function that lies below its arguments. Both are taken; the results are left.
    ///
    /// - Parameter results: how many are wanted; nil for all.
    /// - Throws: ``LuaError``, or the Swift error thrown by a function that Lua called.
    public func call(arguments: Int = 0, results: Int? = 0) throws {
        try checkRun(
            vtl_call(L, Int32(arguments), results.map { Int32($0) } ?? LUA_MULTRET))
    }

    /// Replaces the function on top by its bytecode, a string.
    public func dump(strip: Bool = false) throws(LuaError) {
        try check(vtl_dump(L, strip))
    }

    /// Runs `code` and gives its first result.
    ///
    /// ```swift
    /// let n: Int = try lua.evaluate("return #arg")
    /// ```
    public func evaluate<R: LuaReadable>(
        _ code: String, name: String? = nil, as type: R.Type = R.self
    ) throws -> R {
        try load(code, name: name)
        try call(results: 1)
        defer { pop() }
        return try R.read(from: self, at: -1)
    }

    /// Runs `code` for its effects.
    public func execute(_ code: String, name: String? = nil) throws {
        try load(code, name: name)
        try call()
    }

    /// Calls a function with values of Swift and reads its first result.
    @inlinable
    public func call<each A: LuaPushable, R: LuaReadable>(
        _ function: LuaReference, _ argument: repeat each A, returning type: R.Type = R.self
    ) throws -> R {
        var count = 0
        repeat _ = (each argument, count += 1)
        try beginCall(function, arguments: count)
        var pushed = 0
        do {
            repeat try pushArgument(each argument, &pushed)
        } catch {
            pop(pushed + 2)
            throw error
        }
        try finishCall(arguments: count)
        defer { pop(2) }
        return try R.read(from: self, at: -1)
    }

    /// As above; one argument is what most calls have, and a pack costs time.
    @inlinable
    public func call<A: LuaPushable, R: LuaReadable>(
        _ function: LuaReference, _ argument: A, returning type: R.Type = R.self
    ) throws -> R {
        try beginCall(function, arguments: 1)
        do {
            try argument.push(onto: self)
        } catch {
            pop(2)
            throw error
        }
        try finishCall(arguments: 1)
        defer { pop(2) }
        return try R.read(from: self, at: -1)
    }

    @inlinable
    func pushArgument(_ argument: some LuaPushable, _ count: inout Int) throws(LuaError) {
        try argument.push(onto: self)
        count += 1
    }

    /// Pushes the message handler and the function, with room for `arguments`.
    @usableFromInline
    func beginCall(_ function: LuaReference, arguments: Int) throws(LuaError) {
        let slot = try function.slot(in: self)
        guard vtl_begin_call(L, slot, Int32(truncatingIfNeeded: arguments)) else {
            throw LuaError.stackOverflow
        }
    }

    /// Leaves the handler and one result; nothing when it throws.
    @usableFromInline
    func finishCall(arguments: Int) throws {
        let status = vtl_call_handled(L, Int32(truncatingIfNeeded: arguments), 1)
        guard status != LUA_OK else { return }
        defer { pop() }
        throw takeAnyError(status)
    }

    /// Pushes "file:line: " of the function at `level`: 1 is who called this Swift function.
    public func pushWhere(level: Int = 1) throws(LuaError) {
        try check(vtl_where(L, vtl_caller(L, Int32(level))))
    }

    /// Where the function at `level` is: its source as loaded, and the line. Nil for C.
    public func location(level: Int = 1) -> (source: String, line: Int)? {
        var record = lua_Debug()
        guard lua_getstack(L, vtl_caller(L, Int32(level)), &record) != 0,
            lua_getinfo(L, "Sl", &record) != 0, record.currentline > 0
        else { return nil }
        return (String(cString: record.source), Int(record.currentline))
    }

    /// What the function at `level` calls the value at `index`: the name of a local variable, an
    /// upvalue or a global. Nil when it has none.
    public func nameOfValue(at index: Int, level: Int = 1) throws(LuaError) -> String? {
        let index = absolute(index)
        try reserve(3)
        var record = lua_Debug()
        guard lua_getstack(L, Int32(level), &record) != 0 else { return nil }
        func isSame() -> Bool {
            defer { pop() }
            return lua_rawequal(L, -1, Int32(index)) != 0
        }
        // The last one of a name is the one that is seen.
        var found: String?
        var position: Int32 = 1
        while let name = lua_getlocal(L, &record, position) {
            if isSame(), name.pointee != CChar(UInt8(ascii: "(")) { found = String(cString: name) }
            position += 1
        }
        if let found { return found }
        guard lua_getinfo(L, "f", &record) != 0 else { return nil }
        let function = lua_gettop(L)
        defer { lua_settop(L, function - 1) }
        position = 1
        while let name = lua_getupvalue(L, function, position) {
            if isSame() { return String(cString: name) }
            position += 1
        }
        vtl_pushglobals(L)
        lua_pushnil(L)
        while try next(of: -2) {
            if isSame(), lua_type(L, -1) == LUA_TSTRING { return text(at: -1) }
        }
        return nil
    }

    /// What is known of the function at `index`: its source as loaded, where it begins and
    /// ends. Nil for C functions and other values.
    public func definition(at index: Int) throws(LuaError) -> (
        source: String, first: Int, last: Int
    )? {
        guard type(at: index) == .function else { return nil }
        try pushValue(at: index)
        var record = lua_Debug()
        guard lua_getinfo(L, ">S", &record) != 0, record.what.pointee != CChar(UInt8(ascii: "C"))
        else { return nil }
        return (
            String(cString: record.source), Int(record.linedefined), Int(record.lastlinedefined)
        )
    }

    /// The traceback of this moment, as `debug.traceback` writes it.
    public func traceback(_ message: String? = nil, level: Int = 0) throws(LuaError) -> String {
        try check(vtl_traceback(L, L, message, Int32(level)))
        defer { pop() }
        return text(at: -1) ?? ""
    }
}
