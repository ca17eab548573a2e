// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// An event that happens once, on any thread.
final class Flag: Sendable {
    private let raised = Atomic(false)
    func raise() { raised.store(true, ordering: .releasing) }
    var isRaised: Bool { raised.load(ordering: .acquiring) }
}
