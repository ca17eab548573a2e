// SPDX-License-Identifier: BSD-3-Clause

internal import VTStore
internal import VTSystem
internal import VTWorkflow

/// A store whose work is done by a thread of its own. In a sandbox only that thread may use the store's
/// directory.
final class ThreadedStore: ResultStore {
    private let store: Store
    private let thread: ServiceThread

    init(_ store: Store, _ thread: ServiceThread) {
        self.store = store
        self.thread = thread
    }

    private func on<R>(_ body: @escaping (Store) throws -> R) throws -> R {
        try thread.run { [store] in try body(store) }
    }

    func digest(_ bytes: [UInt8]) -> Digest { store.digest(bytes) }
    func digest(of bytes: UnsafeRawBufferPointer) -> Digest { store.digest(of: bytes) }
    func digest(ofFile path: [UInt8]) throws -> Digest {
        try on { try $0.digest(ofFile: path) }
    }
    func digest(under name: Digest) throws -> Digest? {
        try on { try $0.digest(under: name) }
    }
    func keep(_ digest: Digest, under name: Digest) throws {
        try on { try $0.keep(digest, under: name) }
    }
    var secretKey: [UInt8] { (try? on { $0.secretKey }) ?? [] }

    func find(_ key: Digest) throws -> [StoredResult] { try on { try $0.find(key) } }
    func outputs(of result: StoredResult) throws -> [UInt8]? {
        try on { try $0.outputs(of: result) }
    }
    func elements(of array: StoredArray) throws -> ArrayElements? {
        try on { try $0.elements(of: array) }
    }
    func observations(_ digest: [UInt8]) throws -> [UInt8]? {
        try on { try $0.observations(digest) }
    }
    func pause() throws { try on { try $0.pause() } }
    func keep(_ result: StoredResult, observations: [UInt8], run: String) throws {
        try on { try $0.keep(result, observations: observations, run: run) }
    }
    func forget(_ name: Digest) throws { try on { try $0.forget(name) } }
    func report(_ warning: String) { store.report(warning) }

    func lease(_ key: Digest) throws -> Bool { try on { try $0.lease(key) } }
    func release(_ key: Digest) throws { try on { try $0.release(key) } }
    func abandon(_ key: Digest) throws { try on { try $0.abandon(key) } }
    func wasAbandoned(_ key: Digest, since time: Double) throws -> Bool {
        try on { try $0.wasAbandoned(key, since: time) }
    }
    func hasNewResults() throws -> Bool { try on { try $0.hasNewResults() } }

    func suspended(_ key: Digest) throws -> SuspendedNode? {
        try on { try $0.suspended(key) }
    }
    func suspendedNodes(of workflow: String) throws -> [SuspendedNode] {
        try on { try $0.suspendedNodes(of: workflow) }
    }
    func keep(_ node: SuspendedNode) throws { try on { try $0.keep(node) } }
    func removeSuspended(_ key: Digest) throws {
        try on { try $0.removeSuspended(key) }
    }

    func isKnown(run: String) throws -> Bool { try on { try $0.isKnown(run: run) } }
    func begin(_ run: RunDescription) throws { try on { try $0.begin(run) } }
    func add(_ node: NodeRecord, of run: String) throws {
        try on { try $0.add(node, of: run) }
    }
    func add(_ elements: ElementGroup, of run: String) throws {
        try on { try $0.add(elements, of: run) }
    }
    func end(run: String, status: RunStatus, seconds: Double) throws {
        try on { try $0.end(run: run, status: status, seconds: seconds) }
    }
    func durations(ofNodesIn workflow: String) throws -> [String: Double] {
        try on { try $0.durations(ofNodesIn: workflow) }
    }
    func lastKey(of node: String, workflow: String, before run: String?) throws -> KeyRecord? {
        try on { try $0.lastKey(of: node, workflow: workflow, before: run) }
    }
}

@available(*, unavailable)
extension ThreadedStore: Sendable {}
