// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge
public import VTWorkflow

extension WorkflowRun {
    /// The result of a run.
    public struct Outcome: Sendable {
        /// The identifier of the run.
        public var run: String
        /// The status of the run: done, failed, suspended or cancelled.
        public var status: RunStatus
        /// The duration of the run.
        public var duration: Duration
        /// The records of the modules in the order in which they ended.
        public var modules: [ModuleRecord]
        /// Copies of the workflow's outputs. A value that cannot be copied is replaced by its
        /// description.
        public var outputs: [String: LuaValue]
    }

    /// The selection of nodes, the store and the limits of a run.
    public struct Options: Sendable {
        /// The options of the Lua state.
        public var runtime = Runtime.Options()
        /// True to keep running modules that do not depend on a failed one.
        public var keepGoing = false
        /// Names of nodes; only they and their dependencies run. Empty for all.
        public var targets: [String] = []
        /// The directory of the store that keeps results and the record; nil to keep nothing.
        public var store: String?
        /// The version of the functions that the program has registered for modules: stored results of
        /// another version are not used. Those of ``SwiftModule`` have their own.
        public var version = ""
        /// False to compute every module, and to keep no result.
        public var usesCache = true
        /// The time limit for modules without one of their own.
        public var timeout: Duration?
        /// The number of attempts after the first, for modules that set none.
        public var retries = 0
        /// The number of modules and tasks that run at once; modules compute on worker processes where
        /// it is more than 1 and nothing prevents it. See ``WorkerRuntime/prepare(modules:workerPrepare:warn:)``.
        public var jobs = 1
        /// Receives the messages that modules log with `self.log`, and the warnings of the library, on
        /// the thread of the run or of a worker; nil: they are in the events, and in
        /// ``Runtime/Options/warn``, only.
        public var log: (@Sendable (LogMessage) -> Void)?

        /// The default options: everything runs and nothing is stored.
        public init() {}
    }

    /// A message for the log of the program.
    public struct LogMessage: Sendable {
        /// The severity of the message.
        public var level: RunEvent.LogLevel
        /// The node whose module has logged the message; nil for a warning of the library.
        public var node: String?
        /// The message, without a line break at its end.
        public var text: String
    }
}

extension WorkflowRun.Options {
    /// The options of the state, whose warnings go to the log, too.
    var runtimeWithLog: Runtime.Options {
        guard let log else { return runtime }
        var options = runtime
        options.warn = { [warn = runtime.warn] text in
            warn(text)
            log(WorkflowRun.LogMessage(level: .warn, node: nil, text: text))
        }
        return options
    }

    /// Passes the message of an event to the log.
    func log(_ event: RunEvent) {
        guard let log, case .logged(let node, let level, let message) = event else { return }
        log(WorkflowRun.LogMessage(level: level, node: node, text: message))
    }

    var interpreter: Interpreter.Options {
        var options = Interpreter.Options()
        options.keepGoing = keepGoing
        options.usesCache = usesCache
        options.timeout = timeout
        options.retries = retries
        options.jobs = jobs
        return options
    }
}
