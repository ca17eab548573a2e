// SPDX-License-Identifier: BSD-3-Clause

/// Keeps results and records of runs beyond this process.
///
/// What a store cannot do it tells by an error; the interpreter then goes on without it.
public protocol ResultStore: ContentHasher {
    func find(_ key: Digest) throws -> StoredResult?
    /// A module begins to compute: nothing will be asked for a while.
    func pause() throws
    func keep(_ result: StoredResult, under key: Digest, run: String) throws
    /// Lets go a result that turned out to be damaged, and says so.
    func forget(_ key: Digest) throws

    func isKnown(run: String) throws -> Bool
    /// A run begins. It may be on record from the first pause on only, or when it ends.
    func begin(_ run: RunDescription) throws
    func add(_ node: NodeRecord, of run: String) throws
    func end(run: String, status: RunStatus, seconds: Double) throws

    /// What nodes of a workflow took when they were last computed, in seconds.
    func durations(ofNodesIn workflow: String) throws -> [String: Double]

    /// The key that a node had when it last gave a result, in a run before another one.
    func lastKey(of node: String, workflow: String, before run: String?) throws -> KeyRecord?
}

extension ResultStore {
    public func pause() throws {}
}

/// The outputs of a module, as bytes.
public struct StoredResult: Sendable {
    /// A table of outputs, as CBOR.
    public var outputs: [UInt8]
    public var printed: String
    /// A table, as CBOR.
    public var annotations: [UInt8]
    /// What the files among the outputs were like; nil if there are none.
    public var files: Digest?
    /// What computing took.
    public var seconds: Double

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
