// SPDX-License-Identifier: BSD-3-Clause

/// The commands that the program starts itself with: a worker, and an engine's watcher.
package enum HiddenCommand {
    /// If this process was started to be one of these, runs it and never returns. It must be called
    /// before anything else.
    package static func runIfAsked(makeState: @escaping WorkerStateMaker) {
        EngineWatcher.runIfAsked()
        ChildProcess.runIfAsked(makeState: makeState)
    }
}
