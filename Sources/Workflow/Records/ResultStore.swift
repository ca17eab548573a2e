// SPDX-License-Identifier: BSD-3-Clause

/// A store of results and records of runs that outlives the process.
///
/// A method throws when the store cannot do its work; the interpreter then continues without the
/// store.
public protocol ResultStore: ContentHasher {
    /// Returns the result of a key; nil if the store does not have it.
    func find(_ key: Digest) throws -> StoredResult?
    /// Releases the locks that reading holds: a module starts to compute.
    func pause() throws
    /// Stores a result that a run has computed.
    func keep(_ result: StoredResult, under key: Digest, run: String) throws
    /// Removes a result that turned out to be damaged, and warns of it.
    func forget(_ key: Digest) throws

    /// Returns true if a run of this identifier is on record.
    func isKnown(run: String) throws -> Bool
    /// Begins the record of a run. The store may delay writing it until the first ``pause()`` or
    /// the end of the run.
    func begin(_ run: RunDescription) throws
    /// Adds a node to the record of a run.
    func add(_ node: NodeRecord, of run: String) throws
    /// Ends the record of a run that took `seconds`.
    func end(run: String, status: RunStatus, seconds: Double) throws

    /// Returns how long nodes of a workflow took when they were last computed, in seconds.
    func durations(ofNodesIn workflow: String) throws -> [String: Double]

    /// Returns the key that a node had when it last had a result, in a run before `run`; in any
    /// run if that is nil.
    func lastKey(of node: String, workflow: String, before run: String?) throws -> KeyRecord?
}

extension ResultStore {
    /// Does nothing.
    public func pause() throws {}
}

/// The outputs of a module, encoded.
public struct StoredResult: Sendable {
    /// The table of outputs, as CBOR.
    public var outputs: [UInt8]
    /// The text that the module printed.
    public var printed: String
    /// The table of annotations, as CBOR; empty for none.
    public var annotations: [UInt8]
    /// The digest of the files among the outputs; nil if there are none.
    public var files: Digest?
    /// The duration of the computation, in seconds.
    public var seconds: Double

    /// Creates a result from its fields.
    public init(
        outputs: [UInt8], printed: String, annotations: [UInt8], files: Digest?, seconds: Double
    ) {
        self.outputs = outputs
        self.printed = printed
        self.annotations = annotations
        self.files = files
        self.seconds = seconds
    }
}
