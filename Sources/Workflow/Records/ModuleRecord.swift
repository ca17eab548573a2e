// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge
public import VTParallel

/// The outcome of a node in a run.
public struct ModuleRecord: Sendable {
    /// The outcome of the node.
    public enum Status: String, Sendable {
        /// The module computed the outputs.
        case computed
        /// The outputs are a cached result.
        case cached
        /// The module failed.
        case failed
        /// The module did not run, because an earlier one failed.
        case skipped
        /// The module did not run, because no output that was asked for depends on it.
        case notNeeded = "not-needed"
        /// The module waits for something outside the run, such as an answer of the user.
        case suspended
        /// The run was stopped while the module computed.
        case stopped
    }

    /// The name of the node.
    public var node: String
    /// The name of its module.
    public var module: String
    /// The version that the module declares.
    public var version: String
    /// The outcome of the node.
    public var status: Status
    /// The duration of the node, in seconds.
    package var seconds: Double
    /// The number of times that the module was started.
    public var attempts: Int
    /// The text that the module printed, at most 1 MiB.
    public var printed: String
    /// The annotations that the module made, in the order of their last change.
    public var annotations: [(key: String, value: LuaValue)]
    /// True if the store has the result.
    public var isKept = false
    /// The reason why the result is not kept; nil if it is, and for a module that is never cached.
    public var obstacle: String?
    /// The things that the result depends on and keys do not cover, such as the current time.
    public var notices: [String] = []
    /// The parallel calls of the module, with their tasks.
    public var calls: [CallRecord] = []
    /// The processor time of the worker on which the module computed, in seconds; 0 if it computed on the
    /// interpreter.
    package var processor = 0.0
    /// The failure of a node that failed.
    public var failure: ModuleFailure?
    /// True if `control.default` gives another value in place of the outputs of a node that failed.
    public var isReplaced = false
    /// The number of items that were read of a node's streams; nil for a node whose streams no other has
    /// read.
    public var items: Int?
    /// The numbers of elements of a node that has elements.
    public var elements: ElementCounts?
    /// The failed or suspended node on account of which this node was skipped; for a stopped node the
    /// reason, and for a suspended one its handle as text.
    public var skippedBecauseOf: String?
    /// True for a node that was skipped because another one is suspended.
    public var isWaiting = false

    /// The duration of the node.
    public var duration: Duration { .seconds(seconds) }
    /// The processor time of the worker on which the module computed; zero if it computed on the
    /// interpreter.
    public var processorTime: Duration { .seconds(processor) }
}
