// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTLuaBridge
import VTLuaTooling
import VTRuntime
import VTWorkflow

/// `vtlua run --repl-on-error`: a prompt with the variables of the failed module at the time of the
/// error.
final class PostMortem {
    private let frames = FailedFrames()
    private let console: Console

    /// - Throws: `ValidationError` if there is no terminal.
    init() throws {
        guard let console = Console.ofProcess() else {
            throw ValidationError(
                "--repl-on-error needs a terminal; run this in a terminal, or omit the option")
        }
        self.console = console
    }

    /// Keeps the stack frames of the first module that fails.
    func watch(_ runner: inout FlowRunner, _ lua: borrowing Lua) {
        frames.watch(lua)
        runner.environment.observers.append { [weak self] event in
            if case .moduleFinished(let record) = event, record.status == .failed {
                self?.frames.isFinal = true
            }
        }
    }

    /// Opens the prompt.
    func open(_ failure: ModuleFailure, in workspace: Workspace, _ lua: borrowing Lua) throws {
        lua.observeErrors(nil)
        let session = Session(workspace: workspace)
        let repl = Repl(
            session: session, workspace: workspace, console: console, label: "failed ")
        repl.purpose = .failure
        repl.lastError = LuaError(.runtime, failure.sentence, traceback: failure.traceback)
        let found = try frames.adopt(by: session, lua)
        let names = found.map { $0.names.isEmpty ? "none" : $0.names.joined(separator: ", ") }
        repl.show(
            "`\(failure.node)` failed" + (found.map { " at \($0.place)" } ?? "")
                + "\n  variables: \(names ?? "none")\n  Ctrl-D quits, :help lists commands")
        _ = try repl.run(lua)
        for error in session.end(lua) { repl.showError(error) }
    }
}
