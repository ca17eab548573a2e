// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import VTRuntime
import VTSystem

/// `vtlua script.lua`: runs a script as `lua` does, with VTLua's library.
struct LuaCommand {
    private let arguments: Arguments
    /// Returns the subcommand whose name is close to a word; nil if none is.
    private let subcommand: (_ near: String) -> String?

    init(_ arguments: Arguments, subcommand: @escaping (_ near: String) -> String?) {
        self.arguments = arguments
        self.subcommand = subcommand
    }

    /// Runs the command line and returns the exit code.
    func run() -> Int32 {
        let options: LuaOptions
        do throws(LuaOptions.UsageError) {
            options = try LuaOptions(arguments)
        } catch {
            StandardStreams.report(error.text(for: arguments.program), as: nil)
            return EXIT_FAILURE
        }
        if options.showsVersion { StandardStreams.write(Version.line + "\n") }
        var settings = Runtime.Options.ofProgram()
        settings.usesEnvironment = !options.ignoresEnvironment
        settings.store = StorePlace()
        settings.closingLimit = nil  // as in lua, a script's finalizers have no time limit
        do {
            let runtime = try Runtime(settings)
            return try runtime.run { lua in
                // Runs inside a C function, so that every traceback ends with "[C]: in ?" as in
                // lua. The captured values stay on this thread.
                try lua.pushConfined { [unowned runtime] lua in
                    try lua.push(try perform(options, runtime, in: lua))
                    return 1
                }
                try lua.call(results: 1)
                return lua.truth(at: -1) ? EXIT_SUCCESS : EXIT_FAILURE
            }
        } catch {
            StandardStreams.report("\(error)", as: arguments.program)
            return EXIT_FAILURE
        }
    }

    /// Returns false after an error that has been reported.
    private func perform(
        _ options: LuaOptions, _ runtime: Runtime, in lua: borrowing Lua
    ) throws -> Bool {
        try Breakpoint.offer(in: runtime.workspace, lua)
        try setArguments(options, in: lua)
        if !options.ignoresEnvironment {
            guard try runInitialCode(in: lua) else { return false }
        }
        for step in options.steps {
            guard try perform(step, in: lua) else { return false }
        }
        if options.script < arguments.count {
            guard try runScript(options.script, runtime, in: lua) else { return false }
        }
        if options.isInteractive {
            try runPrompt(runtime, in: lua)
        } else if options.script == arguments.count, !options.hasCode, !options.showsVersion {
            try runInput(runtime, in: lua)
        }
        return true
    }

    /// Without arguments: starts a prompt on a terminal, else runs standard input as a script. As
    /// in `lua`, a failure of that script is reported but the exit code is 0; `vtlua -` returns 1.
    private func runInput(_ runtime: Runtime, in lua: borrowing Lua) throws {
        guard isatty(STDIN_FILENO) != 0 else {
            _ = try runFile(nil, in: lua)
            return
        }
        StandardStreams.write(Version.line + "\n")
        try runPrompt(runtime, in: lua)
    }

    /// Starts the prompt of `vtlua repl` on a terminal, and that of `lua` elsewhere.
    private func runPrompt(_ runtime: Runtime, in lua: borrowing Lua) throws {
        guard Console.ofStandardStreams() != nil else { return try Prompt().run(lua) }
        let code = try Repl.start(in: runtime, showsBanner: false, lua)
        if code != 0 { exit(code) }
    }

    /// Sets `arg`: the script at 0, its arguments from 1, the preceding arguments at negative
    /// indices.
    private func setArguments(_ options: LuaOptions, in lua: borrowing Lua) throws {
        let script = options.script == arguments.count ? 0 : options.script
        try lua.pushTable(elements: arguments.count - script - 1, fields: script + 1)
        for index in 0..<arguments.count {
            guard let argument = arguments[index] else { break }
            try lua.push(bytes: bytes(of: argument))
            try lua.setRawElement(index - script, of: -2)
        }
        try lua.setGlobal("arg")
    }

    /// Runs the code in `LUA_INIT_5_4` or `LUA_INIT`, or the file named after an `@`.
    private func runInitialCode(in lua: borrowing Lua) throws -> Bool {
        for name in ["LUA_INIT_5_4", "LUA_INIT"] {
            guard let code = getenv(name) else { continue }
            return UInt8(bitPattern: code.pointee) == UInt8(ascii: "@")
                ? try runFile(code + 1, in: lua) : try run(code, name: "=" + name, in: lua)
        }
        return true
    }

    private func perform(_ step: LuaOptions.Step, in lua: borrowing Lua) throws -> Bool {
        switch step {
        case .run(let code):
            return try run(code, name: "=(command line)", in: lua)
        case .require(let library):
            return try requireLibrary(library, in: lua)
        case .warnings:
            lua.setWarnings(true)
            return true
        }
    }

    /// Handles `-l global=module`, or `-l name` for both.
    private func requireLibrary(
        _ library: UnsafePointer<CChar>, in lua: borrowing Lua
    ) throws -> Bool {
        let whole = bytes(of: library)
        let sign = whole.firstIndex(of: UInt8(ascii: "="))
        let global = UnsafeRawBufferPointer(rebasing: whole[..<(sign ?? whole.endIndex)])
        let module = UnsafeRawBufferPointer(rebasing: whole[(sign.map { $0 + 1 } ?? 0)...])
        try lua.pushGlobals()
        try lua.push(bytes: global)
        try lua.pushGlobal("require")
        try lua.push(bytes: module)
        guard try finish(lua.callScript(arguments: 1, results: 1), in: lua) else { return false }
        try lua.setIndexed(of: -3)
        lua.pop()
        return true
    }

    /// Runs the script with its arguments. Its result is ignored, unless it is a workflow that has
    /// not run.
    private func runScript(
        _ script: Int, _ runtime: Runtime, in lua: borrowing Lua
    ) throws -> Bool {
        var path = arguments[script]
        // A dash is standard input, unless "--" came before it.
        if path.map({ strcmp($0, "-") == 0 }) == true,
            arguments[script - 1].map({ strcmp($0, "--") == 0 }) != true
        {
            path = nil
        }
        runtime.workspace.script = path.map { String(cString: $0) } ?? ""
        guard try finish(lua.loadScript(path: path), in: lua) else {
            path.map(hintAtSubcommand)
            return false
        }
        let count = try pushArguments(in: lua)
        guard try finish(lua.callScript(arguments: count, results: 1), in: lua) else {
            return false
        }
        if let path, !runtime.workspace.interpreter.hasRun, FlowFile.isWorkflow(at: -1, lua) {
            let path = String(cString: path)
            report("'\(path)' defines a workflow but does not run it; run: vtlua run \(path)\n")
        }
        lua.pop()
        return true
    }

    /// Suggests a subcommand for a script that does not exist, such as `vtlua rum`.
    private func hintAtSubcommand(_ path: UnsafePointer<CChar>) {
        guard access(path, F_OK) != 0, let near = subcommand(String(cString: path))
        else { return }
        report("did you mean the subcommand: vtlua \(near)?\n")
    }

    /// Pushes the elements of `arg`, which the code of `-e` may have changed.
    private func pushArguments(in lua: borrowing Lua) throws -> Int {
        try lua.pushGlobal("arg")
        let table = lua.top
        guard lua.type(at: table) == .table else {
            throw LuaError(.runtime, "'arg' is not a table")
        }
        let count = try lua.length(at: table)
        do {
            try lua.reserve(count)
        } catch {
            throw LuaError(.stackOverflow, "stack overflow (too many arguments to script)")
        }
        for index in stride(from: 1, through: count, by: 1) {
            try lua.pushRawElement(index, of: table)
        }
        lua.remove(at: table)
        return max(count, 0)
    }

    private func runFile(
        _ path: UnsafePointer<CChar>?, in lua: borrowing Lua
    ) throws -> Bool {
        guard try finish(lua.loadScript(path: path), in: lua) else { return false }
        return try finish(lua.callScript(), in: lua)
    }

    private func run(
        _ code: UnsafePointer<CChar>, name: String, in lua: borrowing Lua
    ) throws -> Bool {
        let status = try lua.loadScript(bytes: bytes(of: code), name: name)
        guard finish(status, in: lua) else { return false }
        return try finish(lua.callScript(), in: lua)
    }

    /// Returns true if the status is success; otherwise reports the message on top of the stack.
    private func finish(_ status: LuaScriptStatus, in lua: borrowing Lua) -> Bool {
        if status == .done { return true }
        lua.report(as: arguments.program)
        return false
    }

    private func bytes(of text: UnsafePointer<CChar>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: text, count: strlen(text))
    }
}
