// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge

/// The outcome of a run.
public enum RunStatus: String, Sendable {
    /// No module failed.
    case done
    /// A module failed.
    case failed
    /// No module failed, and the work of one goes on: the next run resumes it.
    case suspended
    /// The user or a time limit stopped the run.
    case cancelled
}

/// The outcome of a run that has ended, with the outputs of the workflow.
public struct RunResult {
    /// The identifier of the run.
    public var run: String
    /// The name of the workflow.
    public var workflow: String
    /// The outcome of the run.
    public var status: RunStatus
    /// The duration of the run, in seconds.
    package var seconds: Double
    /// The outcomes of the nodes, in the order of the plan.
    public var modules: [ModuleRecord]
    /// The outputs of the workflow; nil where the node that makes the output has no result.
    public var outputs: [(name: String, value: LuaReference?)]
    /// The absolute paths of the files that modules have made, also those of stored results, each with the
    /// key of its result or, if that is not kept, the identifier of the run.
    package var files: [[UInt8]: [UInt8]] = [:]
    /// The files and directories that results depend on, if ``Interpreter/Options/watches`` is set.
    package var watched: Set<[UInt8]> = []

    /// The first failure of a module that `control.default` does not replace.
    public var failure: ModuleFailure? {
        modules.lazy.filter { !$0.isReplaced }.compactMap(\.failure).first
    }
}
