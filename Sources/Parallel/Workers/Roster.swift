// SPDX-License-Identifier: BSD-3-Clause

internal import CParallel
internal import Glibc
internal import Jupyter

/// The workers of a pool: who is there, and what each is doing.
final class Roster: Sendable {
    struct Member {
        var number: Int
        var gate = Gate()
        var state = "starting"
        var tasks = 0
        var pid = Int(getpid()) { didSet { since = Clock.now } }
        var since = Clock.now
        var thread: String?
        /// Whether it has ended, and nobody takes its place.
        var isGone = false
    }

    struct State {
        var members: [Member]
        var replaced = 0
        var setup: [SetupStep] = []
        var isClosed = false
        var isTerminated = false
    }

    let state: Monitor<State>
    let count: Int

    init(count: Int) {
        self.count = count
        state = Monitor(State(members: (1...count).map { Member(number: $0) }))
    }

    var isTerminated: Bool { state.withLock { $0.isTerminated } }
    var setup: [SetupStep] { state.withLock { $0.setup } }
    var replaced: Int { state.withLock { $0.replaced } }
    var isGone: Bool { state.withLock { $0.members.allSatisfy(\.isGone) } }

    /// Changes a worker's entry, unless another has taken its place.
    func update(_ number: Int, _ gate: Gate, _ body: (inout Member) -> Void) {
        state.withLock { state in
            guard state.members[number - 1].gate === gate else { return }
            body(&state.members[number - 1])
        }
    }

    /// Whether the worker with this gate is still the one of its number.
    func isMember(_ number: Int, _ gate: Gate) -> Bool {
        state.withLock { $0.members[number - 1].gate === gate }
    }

    /// Gives a worker's place to a new one.
    func replace(_ number: Int) -> Gate {
        state.withLock { state in
            let gate = Gate()
            state.members[number - 1] = Member(number: number, gate: gate)
            state.replaced += 1
            return gate
        }
    }

    func countReplaced() { state.withLock { $0.replaced += 1 } }

    func addSetup(_ step: SetupStep) {
        state.withLock { state in
            if let names = step.names {
                // A value that is set anew need not be set before.
                state.setup.removeAll { $0.names.map { $0.isSubset(of: names) } ?? false }
            }
            state.setup.append(step)
        }
    }

    func interrupt(_ job: Job) {
        for member in state.withLock({ $0.members }) { member.gate.interrupt(job) }
    }

    func statuses() -> [WorkerStatus] {
        state.withLock { $0.members }.map { member in
            WorkerStatus(
                number: member.number, state: member.isGone ? "gone" : member.state,
                tasks: member.tasks, pid: member.pid, thread: member.thread, host: Self.host,
                since: member.since)
        }
    }

    /// Waits until all workers are gone, or `deadline`.
    func waitUntilGone(_ deadline: Int64) -> Bool {
        state.wait(until: deadline) { $0.members.allSatisfy(\.isGone) ? true : nil } ?? false
    }

    func gone(_ number: Int, _ gate: Gate) {
        update(number, gate) { $0.isGone = true }
        state.notifyAll()
    }

    private static let host = hostName()
}
