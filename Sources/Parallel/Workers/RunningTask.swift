// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTLuaBridge
internal import VTSystem

/// The task that a worker runs now, and the way to stop it from another thread.
///
/// Unchecked: `current` is atomic; the rest is behind the lock.
final class RunningTask: TaskInterrupter, @unchecked Sendable {
    fileprivate struct State {
        var chunk: Chunk?
        var cancellation = LuaCancellation()
        /// The time at which the evaluation was stopped; nil: it was not.
        var spentAt: Int64?
        var isAbandoned = false
        /// True if the worker must end.
        var isOver = false
        /// The task that was running at the last check, and the time of the first check that saw
        /// it.
        var seen: (task: Int64, at: Int64)?
    }

    private let state = Monitor(State())
    /// The number of the running task; -1 between tasks.
    let current: UnsafeMutablePointer<Int64>
    private let ownsCurrent: Bool

    /// - Parameter current: memory for the number of the task, where other processes can read it;
    ///   nil: memory of its own.
    init(current: UnsafeMutablePointer<Int64>? = nil) {
        ownsCurrent = current == nil
        self.current = current ?? .allocate(capacity: 1)
        self.current.initialize(to: -1)
    }

    deinit { if ownsCurrent { current.deallocate() } }

    /// Nanoseconds that a worker may take to stop before it is given up.
    static let grace = Clock.second

    // MARK: The worker's side

    /// The cancellation for the worker's next evaluation.
    func freshCancellation() -> LuaCancellation {
        state.withLock { state in
            if state.spentAt != nil { state.cancellation = LuaCancellation() }
            state.spentAt = nil
            return state.cancellation
        }
    }

    /// The cancellation for the worker's start. It is cancelled already if the worker must end.
    func startCancellation() -> LuaCancellation {
        state.withLock { state in
            if state.spentAt != nil, !state.isOver {
                state.cancellation = LuaCancellation()
                state.spentAt = nil
            }
            return state.cancellation
        }
    }

    /// Starts a chunk; false when the worker's evaluation was stopped.
    func enter(_ chunk: Chunk) -> Bool {
        state.withLock { state in
            if state.spentAt != nil || state.isAbandoned { return false }
            vtp_store(current, Int64(chunk.first))
            state.chunk = chunk
            state.seen = nil
            return true
        }
    }

    /// Ends the chunk.
    func leave() {
        state.withLock { state in
            if !state.isAbandoned { vtp_store(current, -1) }
            state.chunk = nil
        }
    }

    /// True if the evaluation was stopped.
    var isSpent: Bool { state.withLock { $0.spentAt != nil } }
    /// True if the worker was given up: it must not touch its chunk again.
    var isAbandoned: Bool { state.withLock { $0.isAbandoned } }

    // MARK: From other threads

    /// Stops the running task if it belongs to the call and is not wanted any more.
    func interrupt(_ call: Call) {
        state.withLock { state in
            guard let chunk = state.chunk, chunk.call === call,
                call.isUnwanted(Int(vtp_load(current)))
            else { return }
            state.stop()
        }
    }

    /// Stops the running task, and ends the worker.
    func interrupt() {
        state.withLock { state in
            state.isOver = true
            state.stop()
        }
    }

    /// The chunk of a worker that did not return.
    struct AbandonedChunk {
        var chunk: Chunk
        /// The number of the task that was running.
        var current: Int
    }

    /// Gives up a worker whose task exceeds its timeout, or that was stopped and did not return: a
    /// long call of a function in C cannot be ended.
    ///
    /// - Parameter grace: the nanoseconds that the worker may take to stop.
    /// - Returns: the chunk, if the worker was given up.
    func abandon(overdueBy grace: Int64) -> AbandonedChunk? {
        state.withLock { state in
            guard let chunk = state.chunk, !state.isAbandoned else { return nil }
            let now = Clock.now
            let task = vtp_load(current)
            // The worker may have started it while the call was stopped.
            if state.spentAt == nil, chunk.call.isUnwanted(Int(task)) { state.stop() }
            if state.seen?.task != task { state.seen = (task, now) }
            let began = state.seen?.at ?? now
            let limit = chunk.call.options.seconds.map { Int64($0 * 1e9) + grace }
            let isOverdue = limit.map { now - began > $0 } ?? false
            let isUnresponsive = state.spentAt.map { now - $0 > grace } ?? false
            guard isOverdue || isUnresponsive else { return nil }
            state.isAbandoned = true
            // When the call of C returns, the worker does nothing more.
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
