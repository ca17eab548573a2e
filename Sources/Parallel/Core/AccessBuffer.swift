// SPDX-License-Identifier: BSD-3-Clause

internal import Synchronization
internal import VTSystem

/// The accesses of tasks on their workers, such as to files, as bytes of the state that runs them.
package final class AccessBuffer: Sendable {
    private let parts = Monitor<[[UInt8]]>([])
    /// True if there may be parts: most tasks access nothing, and take no lock.
    private let hasParts = Atomic<Bool>(false)

    init() {}

    func add(_ bytes: [UInt8]) {
        parts.withLock { $0.append(bytes) }
        hasParts.store(true, ordering: .releasing)
    }

    /// Returns what was added since the last call.
    package func take() -> [[UInt8]] {
        guard hasParts.load(ordering: .acquiring) else { return [] }
        hasParts.store(false, ordering: .relaxed)
        return parts.withLock { parts in
            defer { parts = [] }
            return parts
        }
    }
}
