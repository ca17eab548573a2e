// SPDX-License-Identifier: BSD-3-Clause

/// A store of results and records of runs that outlives the process.
///
/// A method throws when the store cannot do its work; the interpreter then continues without the
/// store.
public protocol ResultStore: ContentHasher {
    /// Calls `body` while no thread of the store's own uses the store.
    func exclusively<R>(_ body: () throws -> R) rethrows -> R

    /// Returns the results under a key, the last used first. They differ in what the computations have
    /// observed. Outputs that are large are not read.
    func find(_ key: Digest) throws -> [StoredResult]
    /// Returns the outputs of a result; nil if they are missing or damaged.
    func outputs(of result: StoredResult) throws -> [UInt8]?
    /// Returns the elements of a large array among stored outputs; nil if they are missing or damaged.
    func elements(of array: StoredArray) throws -> ArrayElements?
    /// Returns a set of observations by its digest; nil if the store does not have it.
    func observations(_ digest: [UInt8]) throws -> [UInt8]?
    /// Releases the locks that reading holds, and writes what waits.
    func pause() throws
    /// The same when a module starts to compute. The store may delay writing where it expects that the
    /// run ends soon.
    func willCompute() throws
    /// Stores a result that a run has computed, with the observations that are part of its name.
    func keep(_ result: StoredResult, observations: [UInt8], run: String) throws
    /// Removes a result that turned out to be damaged, and warns of it.
    func forget(_ name: Digest) throws
    /// Passes on a warning for the user.
    func report(_ warning: String)

    /// Takes the lease of a key, without waiting: the run that has it computes the result. A store
    /// may take the same lease several times, and must release it as often.
    ///
    /// - Returns: false while another store has the lease.
    func lease(_ key: Digest) throws -> Bool
    /// Writes the results that were kept, and releases the lease of a key.
    func release(_ key: Digest) throws
    /// Releases the lease of a key whose computation has failed, or has a result that cannot be
    /// kept. Runs that wait for the lease compute it themselves then, all at once.
    func abandon(_ key: Digest) throws
    /// Returns true if a run has abandoned the lease of a key at `time`, in seconds since 1970, or
    /// later.
    func wasAbandoned(_ key: Digest, since time: Double) throws -> Bool
    /// Returns true if other stores may have kept results since the last call.
    func hasNewResults() throws -> Bool

    /// Returns the node that is suspended under a key; nil if there is none.
    func suspended(_ key: Digest) throws -> SuspendedNode?
    /// Returns the suspended nodes of a workflow that a run of it may cancel, the oldest first.
    func suspendedNodes(of workflow: String) throws -> [SuspendedNode]
    /// Keeps a suspended node, in place of one with the same key.
    func keep(_ node: SuspendedNode) throws
    /// Forgets a suspended node.
    func removeSuspended(_ key: Digest) throws

    /// Returns true if a run of this identifier is on record.
    func isKnown(run: String) throws -> Bool
    /// Reserves an identifier for a run that begins now.
    ///
    /// - Returns: false if there is such a run.
    func reserve(run: String) throws -> Bool
    /// Begins the record of a run. The store may delay writing it until the first ``pause()`` or
    /// the end of the run.
    func begin(_ run: RunDescription) throws
    /// Adds a node to the record of a run.
    func add(_ node: NodeRecord, of run: String) throws
    /// Adds elements of a node to the record of a run, and writes the results that were kept since the
    /// last write.
    func add(_ elements: ElementGroup, of run: String) throws
    /// Ends the record of a run that took `seconds`.
    func end(run: String, status: RunStatus, seconds: Double) throws

    /// Returns how long nodes of a workflow took when they were last computed, in seconds.
    func durations(ofNodesIn workflow: String) throws -> [String: Double]

    /// Returns the key that a node had when it last had a result, in a run before `run`; in any
    /// run if that is nil.
    func lastKey(of node: String, workflow: String, before run: String?) throws -> KeyRecord?
}

extension ResultStore {
    /// Calls `body`: most stores have no thread of their own.
    public func exclusively<R>(_ body: () throws -> R) rethrows -> R { try body() }
    /// Does nothing.
    public func pause() throws {}
    /// Pauses.
    public func willCompute() throws { try pause() }
    /// Returns true if there is no such run.
    public func reserve(run: String) throws -> Bool { try !isKnown(run: run) }
    /// Returns those that are in memory.
    public func elements(of array: StoredArray) throws -> ArrayElements? { array.elements }
    /// Does nothing.
    public func add(_ elements: ElementGroup, of run: String) throws {}
    /// Grants each lease.
    public func lease(_ key: Digest) throws -> Bool { true }
    /// Does nothing.
    public func release(_ key: Digest) throws {}
    /// Releases the lease.
    public func abandon(_ key: Digest) throws { try release(key) }
    /// Returns false.
    public func wasAbandoned(_ key: Digest, since time: Double) throws -> Bool { false }
    /// Returns false.
    public func hasNewResults() throws -> Bool { false }
    /// Returns nil.
    public func suspended(_ key: Digest) throws -> SuspendedNode? { nil }
    /// Returns none.
    public func suspendedNodes(of workflow: String) throws -> [SuspendedNode] { [] }
    /// Does nothing.
    public func keep(_ node: SuspendedNode) throws {}
    /// Does nothing.
    public func removeSuspended(_ key: Digest) throws {}
}

/// The outputs of a module, encoded.
public struct StoredResult: Sendable {
    /// The name: the key, and the digest of the observations if there are any.
    public var name: Digest
    /// The outputs as CBOR: a list of their names, and an item for each; nil where they are not read.
    public var outputs: [UInt8]?
    /// The large arrays that the outputs refer to, in their order.
    public var arrays: [StoredArray]
    /// The digests of the outputs, 32 bytes each.
    public var digests: [UInt8]
    /// The text that the module printed.
    public var printed: String
    /// The table of annotations, as CBOR; empty for none.
    public var annotations: [UInt8]
    /// The files that the module has made, with their digests.
    public var products: [UInt8]
    /// The directories that paths among the outputs are relative to; empty without such paths.
    public var place: [UInt8]
    /// The things that the result depends on and keys do not cover, one a line.
    public var notices: String
    /// True if values are read by the name of a module or class.
    public var hasNames: Bool
    /// The duration of the computation, in seconds.
    public var seconds: Double

    /// Creates a result from its fields.
    public init(
        name: Digest, outputs: [UInt8]?, arrays: [StoredArray] = [], digests: [UInt8],
        printed: String, annotations: [UInt8],
        products: [UInt8], place: [UInt8], notices: String, hasNames: Bool, seconds: Double
    ) {
        self.name = name
        self.outputs = outputs
        self.arrays = arrays
        self.digests = digests
        self.printed = printed
        self.annotations = annotations
        self.products = products
        self.place = place
        self.notices = notices
        self.hasNames = hasNames
        self.seconds = seconds
    }
}

extension Digest {
    /// The name of a result with a key and observations.
    init(key: Digest, observations: [UInt8]) { self.init(bytes: key.bytes + observations) }

    /// The digest of the observations in the name of a result; empty for none.
    public var observed: [UInt8] { Array(bytes.dropFirst(32)) }
    /// The key in the name of a result.
    public var key: [UInt8] { Array(bytes.prefix(32)) }
}
