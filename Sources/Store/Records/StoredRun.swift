// SPDX-License-Identifier: BSD-3-Clause

public import VTWorkflow

/// A run on record.
public struct StoredRun: Sendable {
    /// The run's identifier: four to eight digits and capital letters.
    public var run: String
    /// The name of the workflow.
    public var workflow: String
    /// The path of the script.
    public var flow: String
    /// The text of the script when the run started.
    public var source: String
    /// The digest of ``source``, in hexadecimal digits.
    public var digest: String
    /// The workflow's parameters.
    public var parameters: [ValueRecord]
    /// The number of nodes in the plan.
    public var modules: Int
    /// The time when the run started, in seconds since 1970.
    public var started: Double
    /// The duration of the run, in seconds; nil while it is running, and when it was killed.
    public var seconds: Double?
    /// The state of the run.
    public var status: Status
    /// The name of the machine.
    public var host: String
    /// The identifier of the process.
    public var pid: Int
    /// The operating system: its name, release and architecture.
    public var system: String
    /// The version of vtlua.
    public var version: String
    /// Processors, memory and versions of libraries, each with a short text for its value.
    public var machine: [(name: String, value: String)]
    /// The connections between the nodes of the plan.
    public var connections: [RunDescription.Connection]
    /// The outputs of the workflow. Their values are those of the nodes' outputs. Empty in records of
    /// versions that did not write them.
    public var outputs: [RunDescription.Output]
    /// The working directory of the process. Paths of files on record are relative to it.
    public var directory: String
    /// The identifier of the sweep that the run is part of; empty for other runs.
    public var sweep = ""

    /// The state of a run on record.
    public enum Status: Sendable, Hashable {
        /// The run has not ended.
        case running
        /// The run ended, and no module failed.
        case done
        /// The run ended, and a module failed.
        case failed
        /// The run ended, and the work of a module goes on.
        case suspended
        /// The user or a time limit stopped the run.
        case cancelled
        /// The record says that the run is running, but its process is gone.
        case killed
        /// A state that this version does not know, as the record has it: a newer version may
        /// have written it.
        case unknown(String)
    }
}

extension StoredRun.Status: RawRepresentable {
    /// Reads the text in a record.
    public init(rawValue: String) {
        self =
            switch rawValue {
            case "running": .running
            case "done": .done
            case "failed": .failed
            case "suspended": .suspended
            case "cancelled": .cancelled
            case "killed": .killed
            default: .unknown(rawValue)
            }
    }

    /// The text in a record, and in what the command prints.
    public var rawValue: String {
        switch self {
        case .running: "running"
        case .done: "done"
        case .failed: "failed"
        case .suspended: "suspended"
        case .cancelled: "cancelled"
        case .killed: "killed"
        case .unknown(let text): text
        }
    }

    /// The state of a run that has ended.
    init(_ status: RunStatus) {
        self =
            switch status {
            case .done: .done
            case .failed: .failed
            case .suspended: .suspended
            case .cancelled: .cancelled
            }
    }
}
