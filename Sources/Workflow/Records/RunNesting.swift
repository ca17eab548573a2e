// SPDX-License-Identifier: BSD-3-Clause

/// Distinguishes the events of a run from those of runs that its modules start while they compute.
///
/// It must receive every event, in order.
public struct RunNesting: Sendable {
    private var depth = 0

    /// Creates a value that has received no event.
    public init() {}

    /// Takes an event, and returns true if it belongs to a run inside another run. The start and
    /// the end of the inner run belong to it.
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
