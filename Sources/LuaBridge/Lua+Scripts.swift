// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTLuaGuard

// Running scripts as the program `lua` does. What failed stays on the stack as Lua's own bytes,
// message and traceback in one string, for that is what goes to standard error.

/// How a script's load or call ended.
public enum LuaScriptStatus: Sendable {
    case done
    /// The code does not compile.
    case syntax
    case failed

    init(_ status: Int32) throws(LuaError) {
        switch status {
        case LUA_OK: self = .done
        case LUA_ERRSYNTAX: self = .syntax
        case VTL_ERRSTACK: throw .stackOverflow
        default: self = .failed
        }
    }
}

extension Lua {
    /// Pushes the function in a file, source or bytecode, or else the message.
    ///
    /// - Parameter path: in the file system's own bytes; standard input for nil.
    public func loadScript(path: UnsafePointer<CChar>?) throws(LuaError) -> LuaScriptStatus {
        try LuaScriptStatus(vtl_loadfile(L, path, LuaCodeForm.any.rawValue))
    }

    /// Pushes the function that the bytes are the body of, or else the message.
    public func loadScript(
        bytes: UnsafeRawBufferPointer, name: String
    ) throws(LuaError) -> LuaScriptStatus {
        try withUnsafePointer(to: CChar(0)) { none throws(LuaError) in
            let code = bytes.bindMemory(to: CChar.self).baseAddress ?? none
            return try LuaScriptStatus(
                vtl_load(L, code, bytes.count, name, LuaCodeForm.any.rawValue))
        }
    }

    /// Calls the function that lies below its arguments and leaves its results, or else the
    /// message with a traceback.
    ///
    /// Meanwhile SIGINT is the error "interrupted!" for every coroutine that is active; a second
    /// one ends the process.
    ///
    /// - Parameter results: how many are wanted; nil for all.
    public func callScript(
        arguments: Int = 0, results: Int? = 0
    ) throws(LuaError) -> LuaScriptStatus {
        try LuaScriptStatus(
            vtl_call_script(L, Int32(arguments), results.map { Int32($0) } ?? LUA_MULTRET))
    }

    /// Takes the message on top and writes it to standard error.
    ///
    /// - Parameter program: put in front of it, followed by a colon.
    public func report(as program: UnsafePointer<CChar>?) {
        if lua_type(L, -1) == LUA_TSTRING {
            vtl_report(program, lua_tolstring(L, -1, nil))
        } else {
            vtl_report(program, "?")
        }
        pop()
    }

    /// Replaces the value on top by what `tostring` makes of it.
    public func convertToString() throws {
        try checkRun(vtl_tostring(L, -1))
        vtl_remove(L, -2)
    }
}
