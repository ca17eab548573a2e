// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge
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

/// How a run ended.
public enum RunStatus: String, Sendable {
    case done, failed, cancelled
}

/// What is known of a module after its turn in a run.
public struct ModuleRecord: Sendable {
    public enum Status: String, Sendable {
        case computed, cached, failed, skipped
    }

    public var node: String
    public var module: String
    public var version: String
    public var status: Status
    public var seconds: Double
    public var attempts: Int
    public var printed: String
    public var annotations: [(key: String, value: LuaValue)]
    /// Whether its result is kept beyond the process.
    public var isKept = false
    /// The parallel calls that it made, with their tasks.
    public var calls: [CallRecord] = []
    public var failure: ModuleFailure?
    /// For a skipped one: the node that failed.
    public var skippedBecauseOf: String?
}

/// Why a module failed, for a person to read.
public struct ModuleFailure: Error, Sendable {
    public var node: String
    public var module: String
    public var version: String
    public var run: String
    /// What the module was doing: "compute", "its inputs", "its outputs".
    public var stage: String
    /// Without the position in front.
    public var message: String
    /// Where it happened, in the person's code.
    public var location: SourceLocation?
    /// The line of the library that failed, if the message is not for the person's call.
    public var inside: SourceLocation?
    /// The person's functions that led to ``location``, innermost first.
    public var callers: [LuaFrame]
    /// The functions that led there, innermost first; none of the runtime.
    public var traceback: [LuaFrame]
    /// The inputs, in a few words each, with the node they came from.
    public var inputs: [Input]
    /// Where the node stands in the workflow.
    public var placed: SourceLocation?
    /// How many modules were done, and how many there are.
    public var done: Int
    public var total: Int
    public var attempts: Int
    /// Whether it was stopped by its time limit.
    public var timedOut = false
    /// The task that failed, if it was one that the module sent to a worker.
    public var task: TaskError?
    /// A table that was thrown, copied; nil for a message.
    public var thrown: LuaValue?

    public struct Input: Sendable {
        public var name: String
        public var value: String
        public var origin: String?
    }
}

/// A run that is over.
public struct RunResult {
    public var run: String
    public var workflow: String
    public var status: RunStatus
    public var seconds: Double
    public var modules: [ModuleRecord]
    /// The workflow's outputs; nil where the module did not compute.
    public var outputs: [(name: String, value: LuaReference?)]

    /// The first module that failed.
    public var failure: ModuleFailure? { modules.lazy.compactMap(\.failure).first }
}
