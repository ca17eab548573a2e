// SPDX-License-Identifier: BSD-3-Clause

public import VTParallel

/// An event of a run. Observers receive it on the interpreter's thread, when it happens.
public enum RunEvent: Sendable {
    /// A run has started. `expected` has the durations of nodes that a store knows from earlier
    /// runs.
    case runStarted(run: String, workflow: String, modules: Int, expected: [String: Duration])
    /// A node has started; `position` is its index in the plan.
    case moduleStarted(node: String, module: String, position: Int)
    /// A module has reported its progress; `fraction` is from 0 to 1.
    case progress(node: String, fraction: Double, note: String?)
    /// A parallel call of a module has made progress.
    case tasks(node: String, CallProgress)
    /// A module has printed one or more lines.
    case printed(node: String, text: String)
    /// A module has logged a message.
    case logged(node: String, level: LogLevel, message: String)
    /// A node has ended.
    case moduleFinished(ModuleRecord)
    /// A run has ended.
    case runFinished(run: String, status: RunStatus, duration: Duration)

    /// The severity of a message, from `debug`, the lowest, to `error`.
    public enum LogLevel: String, Sendable, CaseIterable {
        /// A detail for the author of the module.
        case debug
        /// A message about normal work.
        case info
        /// A problem that does not stop the module.
        case warn
        /// A problem that makes the result wrong or incomplete.
        case error
    }
}
