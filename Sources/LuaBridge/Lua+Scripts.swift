// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTLuaGuard

// Scripts, as the program `lua` runs them. After a failure, the message and the traceback lie on
// the stack as one string of bytes, to be written to standard error unchanged.

/// The outcome of loading or calling a script.
public enum LuaScriptStatus: Sendable {
    /// The script was loaded, or returned.
    case done
    /// The code does not compile.
    case syntax
    /// The script raised an error, or its file could not be read.
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
    /// Compiles a file, source or bytecode, and pushes it as a function; on failure, pushes the
    /// message.
    ///
    /// - Parameter path: the bytes of the file's path; nil for standard input.
    /// - Throws: ``LuaError`` with code `stackOverflow`.
    public func loadScript(path: UnsafePointer<CChar>?) throws(LuaError) -> LuaScriptStatus {
        try LuaScriptStatus(vtl_loadfile(L, path, LuaCodeForm.any.rawValue))
    }

    /// Compiles bytes and pushes them as a function; on failure, pushes the message.
    ///
    /// - Throws: ``LuaError`` with code `stackOverflow`.
    public func loadScript(
        bytes: UnsafeRawBufferPointer, name: String
    ) throws(LuaError) -> LuaScriptStatus {
        try withUnsafePointer(to: CChar(0)) { none throws(LuaError) in
            let code = bytes.bindMemory(to: CChar.self).baseAddress ?? none
            return try LuaScriptStatus(
                vtl_load(L, code, bytes.count, name, LuaCodeForm.any.rawValue))
        }
    }

    /// Calls the function below its arguments, and replaces both by the results; on failure, by the
    /// message with a traceback.
    ///
    /// During the call, the first SIGINT raises "interrupted!" in every active coroutine, and a
    /// second one ends the process.
    ///
    /// - Parameters:
    ///   - arguments: the number of arguments on top.
    ///   - results: the number of results to keep; nil for all.
    /// - Throws: ``LuaError`` with code `stackOverflow`.
    public func callScript(
        arguments: Int = 0, results: Int? = 0
    ) throws(LuaError) -> LuaScriptStatus {
        try LuaScriptStatus(
            vtl_call_script(L, Int32(arguments), results.map { Int32($0) } ?? LUA_MULTRET))
    }

    /// Takes the message on top and writes it to standard error.
    ///
    /// - Parameter program: a name to write before the message, followed by a colon; nil for none.
    public func report(as program: UnsafePointer<CChar>?) {
        if lua_type(L, -1) == LUA_TSTRING {
            vtl_report(program, lua_tolstring(L, -1, nil))
        } else {
            vtl_report(program, "?")
        }
        pop()
    }

    /// Writes warnings to standard error as `lua` does, `Lua warning: text`, instead of to the
    /// sink.
    public func printWarnings() { vtl_warnings_print(L) }

    /// Replaces the value on top by the result of `tostring`.
    ///
    /// - Throws: ``LuaError``, or the error of a Swift function that `__tostring` called.
    public func convertToString() throws {
        try checkRun(vtl_tostring(L, -1))
        vtl_remove(L, -2)
    }
}
