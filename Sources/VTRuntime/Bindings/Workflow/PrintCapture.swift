// SPDX-License-Identifier: BSD-3-Clause

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
        for (library, field) in [("_G", "print"), ("io", "write"), ("os", "exit")] {
            try lua.acceptEnvironment(library, field)
        }
    }

    /// Replaces `os.exit`: a module or workflow script that ends the program would end the run
    /// without a message, with its output incomplete.
    func refuseExit(_ lua: borrowing Lua) throws {
        try lua.pushLoaded("os")
        defer { lua.pop() }
        try lua.pushRawField("exit", of: -1)
        if lua.isNil(at: -1) { return lua.pop() }
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
}
