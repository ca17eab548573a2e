// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
package import LuaBridge
internal import Workflow

extension Workspace {
    /// Puts functions in the place of `print` and `io.write` which, while a module computes,
    /// keep what it writes with the module, and else do what they always did.
    package func capturePrint(_ lua: borrowing Lua) throws {
        if capturesPrint { return }
        capturesPrint = true
        try lua.pushGlobal("print")
        let print = try lua.takeReference()
        try lua.pushConfined { [unowned self] lua in
            guard let context = interpreter.current else {
                return try lua.pass(to: print)
            }
            for index in 1..<(lua.top + 1) {
                if index > 1 { "\t".write(to: context) }
                try lua.display(at: index).write(to: context)
            }
            "\n".write(to: context)
            return 0
        }
        try lua.setGlobal("print")

        try lua.pushGlobal("io")
        defer { lua.pop() }
        try lua.pushRawField("write", of: -1)
        let write = try lua.takeReference()
        try lua.pushRawField("output", of: -1)
        let output = try lua.takeReference()
        try lua.pushRawField("stdout", of: -1)
        let standard = try lua.takeReference()
        try lua.pushConfined { [unowned self] lua in
            guard let context = interpreter.current else { return try lua.pass(to: write) }
            let arguments = lua.top
            try lua.push(output)
            try lua.call(results: 1)
            try lua.push(standard)
            guard lua.rawEqual(-1, -2) else {  // the module writes to a file
                try lua.setTop(arguments)
                return try lua.pass(to: write)
            }
            for index in 1..<(arguments + 1) {
                guard lua.type(at: index) == .string || lua.type(at: index) == .number else {
                    throw lua.argumentError(
                        index, "string expected, got \(lua.typeName(at: index))")
                }
                try lua.display(at: index).write(to: context)
            }
            return 1
        }
        try lua.setRawField("write", of: -2)
        try refuseExit(lua)
        try watchCommands(lua)
    }

    /// A module, or the script of a workflow, that ends the program would end the run without a
    /// word, and half of what it writes would stay.
    private func refuseExit(_ lua: borrowing Lua) throws {
        try lua.pushGlobal("os")
        defer { lua.pop() }
        try lua.pushRawField("exit", of: -1)
        let exit = try lua.takeReference()
        try lua.pushConfined { [unowned self] lua in
            if interpreter.current != nil {
                throw lua.error("os.exit would end the whole run; use self:fail(message) or return")
            }
            if isLoading {
                throw lua.error(
                    "os.exit would end vtlua; use error(message), or return the workflow")
            }
            return try lua.pass(to: exit)
        }
        try lua.setRawField("exit", of: -2)
    }

    /// While `os.execute` waits, the C library ignores Ctrl-C: a command that it ended tells.
    private func watchCommands(_ lua: borrowing Lua) throws {
        try lua.pushGlobal("os")
        defer { lua.pop() }
        try lua.pushRawField("execute", of: -1)
        let execute = try lua.takeReference()
        try lua.pushConfined { [unowned self] lua in
            let results = try lua.pass(to: execute)
            let wasInterrupted =
                lua.top >= 3 && lua.string(at: -2) == "signal"
                && lua.integer(at: -1) == Int(SIGINT)
            if wasInterrupted, isLoading || interpreter.current != nil {
                kill(getpid(), SIGINT)
                // Whoever listens cancels in a moment: the module does not go on meanwhile.
                for _ in 0..<1000 {
                    try lua.checkCancellation()
                    usleep(1000)
                }
            }
            return results
        }
        try lua.setRawField("execute", of: -2)
    }
}

extension String {
    fileprivate func write(to context: ModuleContext) {
        var text = self
        text.withUTF8 { context.write(UnsafeRawBufferPointer($0)) }
    }
}

extension Lua {
    /// Calls a function with all arguments of this one; its results are this one's.
    fileprivate func pass(to function: LuaReference) throws -> LuaReturn {
        let arguments = top
        try push(function)
        insert(at: 1)
        try call(arguments: arguments, results: nil)
        return .values(top)
    }
}
