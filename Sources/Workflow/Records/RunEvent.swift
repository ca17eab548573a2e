// SPDX-License-Identifier: BSD-3-Clause

public import VTParallel

/// What happens during a run, as it happens.
public enum RunEvent: Sendable {
    /// `expected`: what modules took when they were last computed, in seconds, where a store
    /// knows it.
    case runStarted(run: String, workflow: String, modules: Int, expected: [String: Double])
    case moduleStarted(node: String, module: String, position: Int)
    /// `fraction` is from 0 to 1.
    case progress(node: String, fraction: Double, note: String?)
    /// How far a parallel call of a module is.
    case tasks(node: String, CallProgress)
    /// What a module printed, a line or more.
    case printed(node: String, text: String)
    case logged(node: String, level: LogLevel, message: String)
    case moduleFinished(ModuleRecord)
    case runFinished(run: String, status: RunStatus, seconds: Double)

    public enum LogLevel: String, Sendable, CaseIterable {
        case debug, info, warn, error
    }
}
