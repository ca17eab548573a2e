// SPDX-License-Identifier: BSD-3-Clause

internal import CVTJupyter

/// The signatures of requests that the engines of a cluster on this machine have received: a request that
/// names no engine is accepted by one of them only.
final class SharedSignatures {
    private let seen: OpaquePointer

    /// Opens the signatures of the engines that have this key; nil where memory cannot be shared.
    init?(_ key: Key) {
        guard !key.isEmpty else { return nil }
        // The key does not follow from the name.
        let name = String(
            decoding: key.sign([Array("vtlua engines".utf8)]).prefix(32), as: UTF8.self)
        guard let seen = vtj_seen_open("/dev/shm", name) else { return nil }
        self.seen = seen
    }

    deinit { vtj_seen_close(seen) }

    /// Adds the signature of a request; returns false if an engine must not accept it.
    ///
    /// - Parameter isDirect: true if the sender has chosen the engine. The scheduler gives a task to
    ///   another engine where one cannot run it.
    func add(_ signature: [UInt8], isDirect: Bool) -> Bool {
        // Those of tasks are kept in the reverse order of digits.
        let other = Array(signature.reversed())
        if isDirect {
            let isNew = vtj_seen_add(seen, signature, signature.count)
            return isNew && !vtj_seen_has(seen, other, other.count)
        }
        _ = vtj_seen_add(seen, other, other.count)
        return !vtj_seen_has(seen, signature, signature.count)
    }
}
