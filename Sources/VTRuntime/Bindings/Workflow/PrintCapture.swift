// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
package import VTLuaBridge
internal import VTWorkflow

extension Workspace {
    /// Replaces `print` and `io.write` by functions that record the output of a running module, and
    /// otherwise behave as before.
    package func capturePrint(_ lua: borrowing Lua) throws {
        if capturesPrint { return }
        capturesPrint = true
        try lua.redirectPrint { [unowned self] in
            guard let context = interpreter.current, context !== stoppedModule else { return nil }
            return { context.write($0) }
        }
        try refuseExit(lua)
        try watchCommands(lua)
    }

    /// Replaces `os.exit`: a module or workflow script that ends the program would end the run
    /// without a message, with its output incomplete.
    private func refuseExit(_ lua: borrowing Lua) throws {
        try lua.pushLoaded("os")
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

    /// Replaces `os.execute`. The C library ignores Ctrl-C while a command runs, so its exit status
    /// is checked.
    private func watchCommands(_ lua: borrowing Lua) throws {
        try lua.pushLoaded("os")
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
                // The run is cancelled in a moment, and the module must not continue until then.
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
