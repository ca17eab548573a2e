// SPDX-License-Identifier: BSD-3-Clause

/// Tells the events of a run from those of runs that its modules start while they compute.
///
/// Give it every event, in order.
public struct RunNesting: Sendable {
    private var depth = 0

    public init() {}

    /// Whether an event is of a run inside another one, its beginning and its end included.
    public mutating func isInside(_ event: RunEvent) -> Bool {
        switch event {
        case .runStarted:
            depth += 1
            return depth > 1
        case .runFinished:
            depth = max(0, depth - 1)
            return depth > 0
        default: return depth > 1
        }
    }
}
