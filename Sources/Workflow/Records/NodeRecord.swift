// SPDX-License-Identifier: BSD-3-Clause

/// The outcome of a node in a run, with its key and the resources that it used.
public struct NodeRecord: Sendable {
    /// The node's index in the plan, from 0.
    public var position: Int
    /// The outcome of the node.
    public var record: ModuleRecord
    /// The node's key; nil when its result must not be used again.
    public var key: KeyRecord?
    /// The time when the node started, in seconds since 1970.
    public var started: Double
    /// The processor time that the process and its ended children used meanwhile, in seconds.
    public var processor = 0.0
    /// The peak memory of the process so far, in bytes.
    public var peak = 0
    /// The inputs. Empty for a cached node, as are the outputs: the record of the node that
    /// computed the result has them.
    public var inputs: [ValueRecord] = []
    /// The outputs.
    public var outputs: [ValueRecord] = []
    /// The annotations that the module made.
    public var annotations: [ValueRecord] = []
    /// The files that inputs and outputs name.
    public var files: [FileRecord] = []
    /// The libraries from outside the project that were loaded when the node ended.
    public var libraries: [LibraryRecord] = []
}
