// SPDX-License-Identifier: BSD-3-Clause

internal import CParallel
internal import Glibc
package import LuaBridge
internal import Shipping

/// Makes the Lua state of a worker that runs in this process.
package typealias WorkerStateMaker = @Sendable (WorkerOptions) throws -> LuaState

/// A thread and a Lua state for each worker.
final class ThreadBackend: Backend {
    let kind = "threads"
    let count: Int
    var rules: ShippingRules { [.functions, .references] }

    private let queue: TaskQueue
    private let roster: Roster
    private let options: WorkerOptions
    private let makeState: WorkerStateMaker

    /// Starts the threads; they make their states by themselves.
    init(_ options: WorkerOptions, makeState: @escaping WorkerStateMaker) throws {
        count = options.count
        self.options = options
        self.makeState = makeState
        queue = TaskQueue(workers: count)
        roster = Roster(count: count)
        for member in roster.state.withLock({ $0.members }) {
            do {
                try start(member.number, member.gate)
            } catch {
                terminate()
                throw error
            }
        }
    }

    /// Enough for Lua's 200 levels of C calls; only what is used takes memory.
    private static let stackSize = 4 << 20

    private func start(_ number: Int, _ gate: Gate) throws {
        let thread = WorkerThread(
            number: number, gate: gate, queue: queue, roster: roster, options: options,
            makeState: makeState)
        do {
            try startThread(WorkerThread.name(number), stackSize: Self.stackSize) { thread.main() }
        } catch {
            roster.gone(number, gate)
            throw error
        }
    }

    // MARK: Backend

    func add(_ lot: Lot, to worker: Int?) { queue.add(lot, to: worker) }
    func addSetup(_ step: SetupStep) { roster.addSetup(step) }
    func interrupt(_ job: Job) { roster.interrupt(job) }
    func status() -> [WorkerStatus] { roster.statuses() }
    var waiting: Int { queue.waiting }
    var replaced: Int { roster.replaced }
    var isGone: Bool { roster.isGone }

    func close() {
        roster.state.withLock { $0.isClosed = true }
        queue.close()
    }

    func terminate() {
        let members = roster.state.withLock { state in
            state.isClosed = true
            state.isTerminated = true
            return state.members
        }
        queue.close()
        for member in members { member.gate.interrupt() }
    }

    func lookAfterWorkers() {
        for member in roster.state.withLock({ $0.members }) where !member.isGone {
            guard let remains = member.gate.abandon(overdueBy: Self.grace) else { continue }
            let isTerminated = roster.isTerminated
            if isTerminated {
                roster.gone(member.number, member.gate)
            } else {
                // The thread leaves when its call of C returns; its place is taken at once.
                let gate = roster.replace(member.number)
                if (try? start(member.number, gate)) == nil {
                    roster.gone(member.number, gate)
                }
            }
            remains.settle(worker: member.number, queue: isTerminated ? nil : queue)
        }
    }
}

/// The thread of a worker.
private final class WorkerThread: Sendable {
    private let loop: WorkerLoop
    private let makeState: WorkerStateMaker

    init(
        number: Int, gate: Gate, queue: TaskQueue, roster: Roster, options: WorkerOptions,
        makeState: @escaping WorkerStateMaker
    ) {
        loop = WorkerLoop(
            number: number, gate: gate, roster: roster, queue: queue, options: options)
        self.makeState = makeState
    }

    static func name(_ number: Int) -> String { "vtlua-\(number)" }

    func main() {
        loop.roster.update(loop.number, loop.gate) { $0.thread = Self.name(loop.number) }
        while work() { loop.roster.countReplaced() }
        loop.queue.forgetTaken()
        loop.roster.gone(loop.number, loop.gate)
    }

    /// Works until the state is worn out (true) or there is nothing more to do.
    private func work() -> Bool {
        do {
            let state = try makeState(loop.options)
            return try state.run { lua in
                let bench = try Workbench(
                    worker: loop.number, gate: loop.gate, rules: [.functions, .references], lua)
                defer { bench.close() }
                try bench.start(loop.options, loop.roster.setup, lua)
                return loop.run(bench, lua) == .worn
            }
        } catch {
            if !loop.roster.isTerminated { loop.refuse(TaskFailure(start: error)) }
            return false
        }
    }
}

extension TaskFailure {
    /// Why a worker does not start.
    init(start error: any Error) {
        if let failure = error as? TaskFailure {
            self = failure
        } else {
            self.init(cause: .closed, message: "the worker does not start: \(error)")
        }
    }
}

extension Gate.Remains {
    /// Ends the task that does not end, and gives back what was not begun.
    func settle(worker: Int, queue: TaskQueue?) {
        let job = chunk.job
        let lot = chunk.lot
        let index = current - lot.first
        for earlier in chunk.range.lowerBound..<index where lot.state(earlier) == VTP_WAITING {
            // Done, but not published: only the worker knew.
            let isWhole = lot[earlier].pointee.length != UInt8(VTP_ELSEWHERE)
            if isWhole {
                vtp_task_publish(lot[earlier], VTP_DONE)
                job.count(finished: 1, busy: 0, done: 1)
            } else if let queue {
                queue.giveBack(Chunk(lot: lot, range: earlier..<(earlier + 1)))
            } else {
                lot.cancel(earlier..<(earlier + 1))
            }
        }
        let rest = (index + 1)..<chunk.range.upperBound
        if !rest.isEmpty {
            if let queue {
                queue.giveBack(Chunk(lot: lot, range: rest))
            } else {
                lot.cancel(rest)
            }
        }
        let isUnwanted = job.isUnwanted(current) || queue == nil
        let failure =
            isUnwanted
            ? TaskFailure.cancelled
            : TaskFailure(
                cause: .timeout,
                message: "timed out after \(brief(job.options.timeout ?? 0)) s, in a call of a "
                    + "function in C that cannot be stopped; the worker was given up")
        job.settle(number: current, failure)
    }
}

/// The operating system refuses something.
struct SystemError: Error, CustomStringConvertible {
    let description: String
    init(_ what: String, _ status: Int32) {
        description = "\(what): \(String(cString: strerror(status)))"
    }
}
