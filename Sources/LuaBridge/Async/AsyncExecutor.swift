// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLuaGuard
internal import VTSystem

/// The executor of the async functions that a Lua state calls.
///
/// While the thread of the state waits for one of them, that thread runs their parts: a call needs no
/// other thread, and no thread of Swift's cooperative pool is blocked even if the state runs on one.
/// At other times the parts run in the pool.
final class AsyncExecutor: TaskExecutor {
    private struct State {
        /// True while a thread takes the jobs.
        var isServed = false
        var jobs: [UnownedJob] = []
        /// True if the thread that waits has something to look at.
        var hasNews = false
    }
    private let state = Monitor(State())

    /// The interval at which a waiting thread looks for a stop, in nanoseconds.
    private static let slice: Int64 = 20_000_000

    func enqueue(_ job: UnownedJob) {
        let isTaken = state.withLock { state in
            if state.isServed { state.jobs.append(job) }
            return state.isServed
        }
        if isTaken { state.notifyAll() } else { globalConcurrentExecutor.enqueue(job) }
    }

    func enqueue(_ job: consuming ExecutorJob) { enqueue(UnownedJob(job)) }

    /// Wakes the thread that waits, because a call has ended or has something to report.
    func notify() {
        state.withLock { $0.hasNews = true }
        state.notifyAll()
    }

    /// Runs `body`, in which this thread takes the jobs.
    func serving<R>(_ body: () throws -> R) rethrows -> R {
        let isOuter = state.withLock { state in
            defer { state.isServed = true }
            return !state.isServed
        }
        guard isOuter else { return try body() }
        defer {
            let left = state.withLock { state in
                state.isServed = false
                defer { state.jobs = [] }
                return state.jobs
            }
            for job in left { globalConcurrentExecutor.enqueue(job) }
        }
        return try body()
    }

    /// Runs the jobs that are there; in ``serving(_:)``.
    func runJobs() {
        while let job = state.withLock({ $0.jobs.isEmpty ? nil : $0.jobs.removeFirst() }) {
            job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }

    /// Waits until `isDone` returns true, or until the evaluation on this thread must end. Runs jobs
    /// meanwhile, in ``serving(_:)``.
    ///
    /// - Parameter meanwhile: called whenever this thread was woken.
    func wait(until isDone: () -> Bool, meanwhile: () -> Void = {}) {
        while !isDone(), vtl_stopped() == VTL_RUNNING {
            let job: UnownedJob? =
                state.wait(until: Clock.now + Self.slice) { state in
                    if !state.jobs.isEmpty { return .some(state.jobs.removeFirst()) }
                    let isWoken = state.hasNews || isDone()
                    state.hasNews = false
                    return isWoken ? .some(nil) : nil
                } ?? nil
            job?.runSynchronously(on: asUnownedTaskExecutor())
            meanwhile()
        }
    }
}
