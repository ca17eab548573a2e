// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTSystem

/// The workers of a pool and their states.
final class WorkerTable: TaskInterrupter {
    struct Entry {
        var number: Int
        var runningTask = RunningTask()
        var state = WorkerState.starting
        var tasks = 0
        var pid = Int(getpid()) { didSet { since = Clock.now } }
        var since = Clock.now
        var thread: String?
        /// True if it has ended, and no other replaces it.
        var isGone = false
    }

    struct State {
        var entries: [Entry]
        var replaced = 0
        var setup: [SetupStep] = []
        var isClosed = false
        var isTerminated = false
    }

    let state: Monitor<State>
    let count: Int

    init(count: Int) {
        self.count = count
        state = Monitor(State(entries: (1...count).map { Entry(number: $0) }))
    }

    var isTerminated: Bool { state.withLock { $0.isTerminated } }
    var setup: [SetupStep] { state.withLock { $0.setup } }
    var replaced: Int { state.withLock { $0.replaced } }
    var isGone: Bool { state.withLock { $0.entries.allSatisfy(\.isGone) } }

    /// Changes a worker's entry, unless another has replaced it.
    func update(_ number: Int, _ runningTask: RunningTask, _ body: (inout Entry) -> Void) {
        state.withLock { state in
            guard state.entries[number - 1].runningTask === runningTask else { return }
            body(&state.entries[number - 1])
        }
    }

    /// True if the worker with this running task has not been replaced.
    func isMember(_ number: Int, _ runningTask: RunningTask) -> Bool {
        state.withLock { $0.entries[number - 1].runningTask === runningTask }
    }

    /// Replaces a worker by a new one.
    func replace(_ number: Int) -> RunningTask {
        state.withLock { state in
            let runningTask = RunningTask()
            state.entries[number - 1] = Entry(number: number, runningTask: runningTask)
            state.replaced += 1
            return runningTask
        }
    }

    func countReplaced() { state.withLock { $0.replaced += 1 } }

    func addSetup(_ step: SetupStep) {
        state.withLock { $0.setup.add(step) }
    }

    func interrupt(_ call: Call) {
        for entry in state.withLock({ $0.entries }) { entry.runningTask.interrupt(call) }
    }

    func statuses() -> [WorkerStatus] {
        state.withLock { $0.entries }.map { entry in
            WorkerStatus(
                number: entry.number, state: entry.isGone ? .gone : entry.state,
                tasks: entry.tasks, pid: entry.pid, thread: entry.thread, host: Self.host,
                since: entry.since)
        }
    }

    /// Waits until all workers have ended; false when the deadline comes first.
    func waitUntilGone(_ deadline: Int64) -> Bool {
        state.wait(until: deadline) { $0.entries.allSatisfy(\.isGone) ? true : nil } ?? false
    }

    func gone(_ number: Int, _ runningTask: RunningTask) {
        update(number, runningTask) { $0.isGone = true }
        state.notifyAll()
    }

    private static let host = hostName()
}
