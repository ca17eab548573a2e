// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTLuaGuard

/// The forms of code that a load accepts.
public enum LuaCodeForm: String, Sendable {
    /// Source code only. Code from an untrusted source must be loaded so, because malformed
    /// bytecode can crash the process.
    case text = "t"
    /// Bytecode only, which must come from a trusted source.
    case binary = "b"
    /// Source code or bytecode.
    case any = "bt"
}

extension Lua {
    /// Compiles `code` and pushes it as a function.
    ///
    /// - Parameters:
    ///   - code: the body of the function.
    ///   - name: the chunk's name in messages: `=name` for the name itself, `@file` for a file; the
    ///     code by default.
    ///   - form: the forms of code to accept; source code only by default.
    /// - Throws: ``LuaError`` with code `syntax` or `memory`.
    public func load(
        _ code: String, name: String? = nil, form: LuaCodeForm = .text
    ) throws(LuaError) {
        var code = code
        let status = code.withUTF8 { load(UnsafeRawBufferPointer($0), name: name, form: form) }
        try check(status)
    }

    /// Compiles bytes and pushes them as a function.
    ///
    /// - Throws: ``LuaError`` with code `syntax` or `memory`.
    public func load(
        bytes: UnsafeRawBufferPointer, name: String, form: LuaCodeForm = .text
    ) throws(LuaError) {
        try check(load(bytes, name: name, form: form))
    }

    private func load(
        _ bytes: UnsafeRawBufferPointer, name: String?, form: LuaCodeForm
    ) -> Int32 {
        let name = name ?? String(decoding: bytes.prefix(256), as: UTF8.self)
        // lua_load needs an address, which an empty buffer may not have.
        return withUnsafePointer(to: CChar(0)) { none in
            let code = bytes.bindMemory(to: CChar.self).baseAddress ?? none
            return vtl_load(L, code, bytes.count, name, form.rawValue)
        }
    }

    /// Compiles a file and pushes it as a function. A first line that begins with `#` is skipped.
    ///
    /// - Parameters:
    ///   - path: the file; nil for standard input.
    ///   - form: the forms of code to accept; source code only by default.
    /// - Throws: ``LuaError`` with code `file`, `syntax` or `memory`.
    public func load(file path: String?, form: LuaCodeForm = .text) throws(LuaError) {
        try check(vtl_loadfile(L, path, form.rawValue))
    }

    /// Calls the function below its arguments, and replaces both by the results.
    ///
    /// - Parameters:
    ///   - arguments: the number of arguments on top.
    ///   - results: the number of results to keep, filled up with nil; nil for all.
    /// - Throws: ``LuaError``, or the error of a Swift function that Lua called.
    public func call(arguments: Int = 0, results: Int? = 0) throws {
        try checkRun(
            vtl_call(L, Int32(arguments), results.map { Int32($0) } ?? LUA_MULTRET))
    }

    /// Replaces the function on top by its bytecode, a string.
    ///
    /// - Parameter strip: whether to omit debug information.
    /// - Throws: ``LuaError`` with code `runtime` for a C function.
    public func dump(strip: Bool = false) throws(LuaError) {
        try check(vtl_dump(L, strip))
    }

    /// Runs `code` and ignores its results.
    ///
    /// - Throws: ``LuaError``, or the error of a Swift function that Lua called.
    public func execute(_ code: String, name: String? = nil) throws {
        try load(code, name: name)
        try call()
    }

    /// Pushes the location "file:line: " of the function at `level`. Level 1 is the caller of this
    /// Swift function.
    public func pushWhere(level: Int = 1) throws(LuaError) {
        try check(vtl_where(L, vtl_caller(L, Int32(level))))
    }

    /// The chunk name and the current line of the function at `level`; nil for C and Swift.
    public func location(level: Int = 1) -> (source: String, line: Int)? {
        var record = lua_Debug()
        guard lua_getstack(L, vtl_caller(L, Int32(level)), &record) != 0,
            lua_getinfo(L, "Sl", &record) != 0, record.currentline > 0
        else { return nil }
        return (String(cString: record.source), Int(record.currentline))
    }

    /// The name that the function at `level` has for the value at `index`: that of a local
    /// variable, an upvalue or a global. Nil if there is none.
    public func nameOfValue(at index: Int, level: Int = 1) throws(LuaError) -> String? {
        let index = absolute(index)
        try reserve(3)
        var record = lua_Debug()
        guard lua_getstack(L, Int32(level), &record) != 0 else { return nil }
        func isSame() -> Bool {
            defer { pop() }
            return lua_rawequal(L, -1, Int32(index)) != 0
        }
        // A later variable hides an earlier one of the same name.
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

    /// The chunk name of the function at `index`, and its first and last lines. Nil for C functions
    /// and other values.
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

    /// The current traceback, in the format of `debug.traceback`.
    ///
    /// - Parameters:
    ///   - message: the text before the traceback.
    ///   - level: the first level to include.
    public func traceback(_ message: String? = nil, level: Int = 0) throws(LuaError) -> String {
        try check(vtl_traceback(L, L, message, Int32(level)))
        defer { pop() }
        return text(at: -1) ?? ""
    }
}
