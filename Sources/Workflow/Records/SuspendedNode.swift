// SPDX-License-Identifier: BSD-3-Clause

/// A node whose work goes on after the run.
public struct SuspendedNode: Sendable {
    /// The key of the node's result.
    public var key: Digest
    /// The name of the node, of an element with its place.
    public var node: String
    /// The name of the workflow.
    public var workflow: String
    /// The run that has suspended the node.
    public var run: String
    /// The handle that the module has given, as CBOR.
    public var handle: [UInt8]
    /// A short text for the handle.
    public var shown: String
    /// The time when the node was suspended, in seconds since 1970.
    public var since: Double

    /// Creates a node from its fields.
    public init(
        key: Digest, node: String, workflow: String, run: String, handle: [UInt8], shown: String,
        since: Double
    ) {
        self.key = key
        self.node = node
        self.workflow = workflow
        self.run = run
        self.handle = handle
        self.shown = shown
        self.since = since
    }
}
