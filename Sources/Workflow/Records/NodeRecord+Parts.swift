// SPDX-License-Identifier: BSD-3-Clause

package import VTParallel

// Records from what a store keeps of them.

extension NodeRecord {
    /// Creates a record of a node with nothing but its outcome and its key.
    package init(position: Int, record: ModuleRecord, key: KeyRecord?, started: Double) {
        self.position = position
        self.record = record
        self.key = key
        self.started = started
    }
}

extension ModuleRecord {
    /// Creates a record from the fields that a store keeps.
    ///
    /// - Parameters:
    ///   - error: ``ModuleFailure/recorded``; nil for a node that did not fail.
    ///   - because: ``skippedBecauseOf``.
    package init(
        node: String, module: String, version: String, status: Status, seconds: Double,
        attempts: Int, printed: String, error: String?, because: String?, calls: [CallRecord]
    ) {
        self.init(
            node: node, module: module, version: version, status: status, seconds: seconds,
            attempts: attempts, printed: printed, annotations: [])
        self.calls = calls
        skippedBecauseOf = because
        failure = error.map {
            ModuleFailure(
                node: node, module: module, version: version, run: "", stage: .compute,
                message: $0, callers: [], traceback: [], inputs: [], done: 0, total: 0,
                attempts: attempts)
        }
    }
}
