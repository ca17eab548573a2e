// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTLuaBridge
internal import VTSystem

/// What a worker runs at this moment, and the way to stop it from another thread.
///
/// Unchecked: `current` is atomic; the rest is behind the lock.
final class RunningTask: @unchecked Sendable {
    fileprivate struct State {
        var chunk: Chunk?
        var cancellation = LuaCancellation()
        /// Whether the evaluation has been stopped, and since when.
        var spentAt: Int64?
        var isAbandoned = false
        /// Whether the worker is to do nothing more.
        var isOver = false
        /// When the task began that `since` was asked about.
        var seen: (task: Int64, at: Int64)?
    }

    private let state = Monitor(State())
    /// The number of the task that runs, while the worker is in a call.
    let current: UnsafeMutablePointer<Int64>
    private let ownsCurrent: Bool

    /// - Parameter current: where others look for the number of the task; nil: in a place of its
    ///   own.
    init(current: UnsafeMutablePointer<Int64>? = nil) {
        ownsCurrent = current == nil
        self.current = current ?? .allocate(capacity: 1)
        self.current.initialize(to: -1)
    }

    deinit { if ownsCurrent { current.deallocate() } }

    /// Nanoseconds that a worker may take to stop before it is given up.
    static let grace = Clock.second

    // MARK: The worker's side

    /// What the worker's next evaluation is to be limited by.
    func freshCancellation() -> LuaCancellation {
        state.withLock { state in
            if state.spentAt != nil { state.cancellation = LuaCancellation() }
            state.spentAt = nil
            return state.cancellation
        }
    }

    /// What the worker's start is to be limited by: the end may have come before.
    func startCancellation() -> LuaCancellation {
        state.withLock { state in
            if state.spentAt != nil, !state.isOver {
                state.cancellation = LuaCancellation()
                state.spentAt = nil
            }
            return state.cancellation
        }
    }

    /// The worker begins with a chunk; false when its evaluation has been stopped.
    func enter(_ chunk: Chunk) -> Bool {
        state.withLock { state in
            if state.spentAt != nil || state.isAbandoned { return false }
            vtp_store(current, Int64(chunk.first))
            state.chunk = chunk
            state.seen = nil
            return true
        }
    }

    func leave() {
        state.withLock { state in
            if !state.isAbandoned { vtp_store(current, -1) }
            state.chunk = nil
        }
    }

    /// Whether the evaluation has been stopped.
    var isSpent: Bool { state.withLock { $0.spentAt != nil } }
    /// Whether nobody waits for this worker any more: it must not touch the chunk again.
    var isAbandoned: Bool { state.withLock { $0.isAbandoned } }

    // MARK: From other threads

    /// Stops the running task if it is one of the call's that are not wanted any more.
    func interrupt(_ call: Call) {
        state.withLock { state in
            guard let chunk = state.chunk, chunk.call === call,
                call.isUnwanted(Int(vtp_load(current)))
            else { return }
            state.stop()
        }
    }

    /// Stops whatever runs, for good.
    func interrupt() {
        state.withLock { state in
            state.isOver = true
            state.stop()
        }
    }

    /// What a worker that does not come back was doing.
    struct AbandonedChunk {
        var chunk: Chunk
        /// The number of the task that it is in.
        var current: Int
    }

    /// Gives up a worker that has been in one task longer than it may, or was told to stop and
    /// did not: a long call of a function in C cannot be ended.
    ///
    /// - Parameter grace: nanoseconds that it may take to stop.
    func abandon(overdueBy grace: Int64) -> AbandonedChunk? {
        state.withLock { state in
            guard let chunk = state.chunk, !state.isAbandoned else { return nil }
            let now = Clock.now
            let task = vtp_load(current)
            // The worker may have begun with it while the call was stopped.
            if state.spentAt == nil, chunk.call.isUnwanted(Int(task)) { state.stop() }
            if state.seen?.task != task { state.seen = (task, now) }
            let began = state.seen?.at ?? now
            let limit = chunk.call.options.timeout.map { Int64($0 * 1e9) + grace }
            let isOverdue = limit.map { now - began > $0 } ?? false
            let isUnresponsive = state.spentAt.map { now - $0 > grace } ?? false
            guard isOverdue || isUnresponsive else { return nil }
            state.isAbandoned = true
            // When the call of C returns, nothing more is done.
            state.stop()
            return AbandonedChunk(chunk: chunk, current: Int(task))
        }
    }
}

extension RunningTask.State {
    fileprivate mutating func stop() {
        if spentAt == nil { spentAt = Clock.now }
        cancellation.cancel()
    }
}
