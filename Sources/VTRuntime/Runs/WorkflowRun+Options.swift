// SPDX-License-Identifier: BSD-3-Clause

internal import VTWorkflow

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
