// SPDX-License-Identifier: BSD-3-Clause

internal import CParallel
internal import Glibc
internal import Shipping

/// A child process for each worker, and in this process a thread that serves it.
final class ProcessBackend: Backend {
    let kind = "processes"
    let count: Int
    var rules: ShippingRules { [.functions, .loans] }

    private let queue: TaskQueue
    private let roster: Roster
    private let options: WorkerOptions
    private let program: String
    private let servers: Monitor<[ProcessServer]>

    /// - Parameter program: what children run; it has to call ``ChildProcess/runIfAsked`` first.
    init(_ options: WorkerOptions, program: String) throws {
        count = options.count
        self.options = options
        self.program = program
        queue = TaskQueue(workers: count)
        roster = Roster(count: count)
        servers = Monitor([])
        for member in roster.state.withLock({ $0.members }) {
            let server = ProcessServer(
                number: member.number, gate: member.gate, queue: queue, roster: roster,
                options: options, program: program)
            servers.withLock { $0.append(server) }
            do {
                try start(server, member.number)
            } catch {
                roster.gone(member.number, member.gate)
                terminate()
                throw error
            }
        }
    }

    private func start(_ server: ProcessServer, _ number: Int) throws {
        try startThread("vtlua-p\(number)", stackSize: 512 << 10) { server.main() }
    }

    // MARK: Backend

    func add(_ lot: Lot, to worker: Int?) { queue.add(lot, to: worker) }
    func addSetup(_ step: SetupStep) { roster.addSetup(step) }
    func status() -> [WorkerStatus] { roster.statuses() }
    var waiting: Int { queue.waiting }
    var replaced: Int { roster.replaced }
    var isGone: Bool { roster.isGone }
    /// The servers have their own clocks.
    func lookAfterWorkers() {}

    func interrupt(_ job: Job) {
        for server in servers.withLock({ $0 }) { server.interrupt(job) }
    }

    func close() {
        roster.state.withLock { $0.isClosed = true }
        queue.close()
    }

    func terminate() {
        roster.state.withLock { state in
            state.isClosed = true
            state.isTerminated = true
        }
        queue.close()
        for server in servers.withLock({ $0 }) { server.killChild() }
    }
}
