// SPDX-License-Identifier: BSD-3-Clause

/// The commands with which the program starts itself: a worker, and an engine's watcher.
package enum HiddenCommand {
    /// Runs the command that this process was started with, and never returns then. Returns at once
    /// in any other process. It must be called before anything else.
    ///
    /// - Parameters:
    ///   - makeState: makes the Lua state of a worker.
    ///   - refused: receives the message when another program has started the command; the process
    ///     then exits.
    package static func runIfAsked(
        makeState: @escaping WorkerStateMaker, refused: (String) -> Void
    ) {
        EngineWatcher.runIfAsked(refused: refused)
        ChildProcess.runIfAsked(makeState: makeState, refused: refused)
    }
}
