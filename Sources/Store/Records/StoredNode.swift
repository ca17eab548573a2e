// SPDX-License-Identifier: BSD-3-Clause

public import VTWorkflow

/// A node of a run on record.
public struct StoredNode: Sendable {
    /// The node's index in the plan, from 0.
    public var position: Int
    /// The node's name in the workflow.
    public var node: String
    /// The name of the module.
    public var module: String
    /// The version of the module.
    public var version: String
    /// The outcome of the node.
    public var status: Status
    /// The key of the node's result, with what the key was made of.
    public var key: KeyRecord
    /// The time when the node started, in seconds since 1970.
    public var started: Double
    /// The duration of the node, in seconds.
    public var seconds: Double
    /// The processor time that the node used, in seconds.
    public var processor: Double
    /// The peak memory of the process when the node ended, in bytes.
    public var peak: Int
    /// The number of times that the module was started.
    public var attempts: Int
    /// The text that the module printed.
    public var printed: String
    /// The module's annotations.
    public var annotations: [ValueRecord]
    /// The inputs.
    public var inputs: [ValueRecord]
    /// The outputs.
    public var outputs: [ValueRecord]
    /// The error message and the traceback of a node that failed.
    public var error: String?
    /// The reason why the node was skipped or stopped; the name of the failed node, if there is
    /// one.
    public var because: String?
    /// The files that inputs and outputs name.
    public var files: [FileRecord]
    /// The libraries from outside the project that were loaded when the node ended.
    public var libraries: [LibraryRecord]
    /// For a cached node, the run that computed its result.
    public var origin: String?

    /// The outcome of a node on record.
    public enum Status: Sendable, Hashable {
        /// The module computed the outputs.
        case computed
        /// The outputs are a cached result.
        case cached
        /// The module failed.
        case failed
        /// The module did not run, because an earlier one failed.
        case skipped
        /// The module did not run, because no output that was asked for depends on it.
        case notNeeded
        /// The module waits for something outside the run.
        case suspended
        /// The run was stopped while the module computed.
        case stopped
        /// A state that this version does not know, as the record has it: a newer version may
        /// have written it.
        case unknown(String)

        /// True if the node has outputs.
        public var hasResult: Bool { self == .computed || self == .cached }
    }
}

extension StoredNode.Status: RawRepresentable {
    /// Reads the text in a record.
    public init(rawValue: String) {
        self =
            switch rawValue {
            case "computed": .computed
            case "cached": .cached
            case "failed": .failed
            case "skipped": .skipped
            case "not-needed": .notNeeded
            case "suspended": .suspended
            case "stopped": .stopped
            default: .unknown(rawValue)
            }
    }

    /// The text in a record, and in what the command prints.
    public var rawValue: String {
        switch self {
        case .computed: "computed"
        case .cached: "cached"
        case .failed: "failed"
        case .skipped: "skipped"
        case .notNeeded: "not-needed"
        case .suspended: "suspended"
        case .stopped: "stopped"
        case .unknown(let text): text
        }
    }

    /// The outcome of a node that has ended.
    init(_ status: ModuleRecord.Status) {
        self =
            switch status {
            case .computed: .computed
            case .cached: .cached
            case .failed: .failed
            case .skipped: .skipped
            case .notNeeded: .notNeeded
            case .suspended: .suspended
            case .stopped: .stopped
            }
    }
}

extension StoredNode {
    /// True if the elements of the node are the turns of a loop or a fold.
    package var hasTurns: Bool {
        ["control.loop", "control.fold"].contains(module) && key.varying.isEmpty
    }

    /// The word for an element of the node.
    package var noun: String { hasTurns ? "turn" : "element" }
}

extension StoredNode.Status {
    /// The outcome in text for the user.
    package var shown: String { self == .notNeeded ? "not needed" : rawValue }
}
