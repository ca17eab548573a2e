// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import VTLuaTooling
import VTRuntime
import VTWorkflow

/// Implements `vt.breakpoint()`: opens a prompt on the terminal with the variables of the calling
/// function.
enum Breakpoint {
    /// Enables `vt.breakpoint()` for scripts of the workspace.
    static func offer(in workspace: Workspace, _ lua: borrowing Lua) throws {
        workspace.breakpoint = { [unowned workspace] lua in
            guard let console = Console.ofProcess() else {
                throw lua.error(
                    "vt.breakpoint() needs a terminal; run this in a terminal, or remove the call",
                    level: 1)
            }
            try open(console, in: workspace, lua)
        }
    }

    /// Opens the prompt. Level 1 is the calling function.
    private static func open(
        _ console: Console, in workspace: Workspace, _ lua: borrowing Lua
    ) throws {
        workspace.beforePrompt()
        workspace.interpreter.current?.wasStopped = true
        let session = Session(workspace: workspace)
        let frame = try FrameVariables(level: 1, adoptedBy: session, lua)
        let repl = Repl(
            session: session, workspace: workspace, console: console, label: "break ")
        repl.purpose = .breakpoint
        let place = lua.location(level: 1).map {
            " at \(Session.shortSource($0.source)):\($0.line)"
        }
        let names = frame.names.isEmpty ? "none" : frame.names.joined(separator: ", ")
        repl.show(
            "stopped\(place ?? "")\n  variables: \(names)\n  Ctrl-D continues, :help lists commands"
        )
        let end = try repl.run(lua) { lua in try frame.writeBack(lua) }
        for error in session.end(lua) { repl.showError(error) }
        if end == .stop { throw lua.error("stopped at vt.breakpoint()", level: 1) }
    }
}
