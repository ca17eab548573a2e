// SPDX-License-Identifier: BSD-3-Clause

internal import CParallel
internal import Glibc
internal import Shipping

/// Serves one child after another: gives it tasks, takes its results, and sees to it that its end
/// costs no more than the task that it was in.
///
/// Unchecked: `child` is behind a lock; the rest is the serving thread's.
final class ProcessServer: @unchecked Sendable {
    let number: Int
    let gate: Gate
    let queue: TaskQueue
    let roster: Roster
    let options: WorkerOptions
    let program: String
    let child = Monitor<Child?>(nil)

    // MARK: The serving thread's

    /// What the child was given and has not answered.
    var flight: [Flight] = []
    private var lot: Lot?
    /// The job whose function the child has.
    var known = 0
    var done = 0
    /// Since when a task that is not wanted any more keeps the child busy.
    var deafSince: Int64?
    var seen: (job: Int64, task: Int64, at: Int64) = (0, -1, 0)
    /// Why the child was killed, if this thread did it.
    var verdict: TaskFailure?

    /// Is told what tasks print, as they print it.
    var listener: (([UInt8]) -> Void)?

    struct Flight {
        var chunk: Chunk
        /// The next task to be answered.
        var next: Int
    }

    init(
        number: Int, gate: Gate, queue: TaskQueue, roster: Roster, options: WorkerOptions,
        program: String
    ) {
        self.number = number
        self.gate = gate
        self.queue = queue
        self.roster = roster
        self.options = options
        self.program = program
    }

    // MARK: From other threads

    /// Makes the child stop what it runs, if that is not wanted any more.
    func interrupt(_ job: Job) {
        child.withLock { child in
            guard let child else { return }
            let running = vtp_load(&child.page.pointee.job)
            guard running == Int64(job.number) || running == 0 else { return }
            vtp_store(&child.page.pointee.cancel_from, vtp_load(job.stop))
            vtp_store(&child.page.pointee.cancel_job, Int64(job.number))
            // A child that begins with the job just now looks here after it said so.
            if vtp_load(&child.page.pointee.job) == Int64(job.number) { child.signal(SIGUSR2) }
        }
    }

    func killChild() { child.withLock { $0?.kill() } }

    // MARK: Serving

    func main() {
        var failedStarts = 0
        serving: while !roster.isTerminated {
            var child: Child
            do {
                child = try start()
                failedStarts = 0
            } catch let error as TaskFailure {
                failedStarts += 1
                // Dying at the start may be chance; an initializer that fails is not.
                if error.cause == .died, failedStarts < 3 { continue }
                refuse(error)
                break
            } catch {
                refuse(TaskFailure(start: error))
                break
            }
            switch serve(child) {
            case .over: break serving
            case .worn: roster.countReplaced()
            case .died:
                roster.countReplaced()
                // Nobody needs another one when all is done.
                if roster.state.withLock({ $0.isClosed }), queue.waiting == 0 { break serving }
            }
        }
        if roster.isTerminated { drain() }
        lot = nil
        queue.forgetTaken()
        child.withLock { $0 = nil }
        roster.gone(number, gate)
    }

    private func refuse(_ failure: TaskFailure) {
        var failure = failure
        failure.cause = .closed
        WorkerLoop(number: number, gate: gate, roster: roster, queue: queue, options: options)
            .refuse(failure)
    }

    /// After the end: nothing stays unanswered.
    private func drain() {
        while let chunk = queue.takeNow(number, from: &lot) { chunk.lot.cancel(chunk.range) }
    }

    private enum End { case over, worn, died }

    private func serve(_ child: Child) -> End {
        defer { self.child.withLock { $0 = nil } }
        do {
            while true {
                roster.update(number, gate) {
                    $0.state = "idle"
                    $0.tasks = done
                }
                let next = queue.take(number, from: &lot) {
                    child.link.rest()
                    return !roster.isTerminated
                }
                guard let chunk = next else {
                    child.link.shutDown()
                    _ = child.wait(until: vtp_now() + 2 * Clock.second)
                    return roster.isTerminated ? .died : .over
                }
                roster.update(number, gate) { $0.state = "busy" }
                try run(chunk, on: child)
                if let most = options.maxTasks, done >= most {
                    done = 0
                    child.link.shutDown()
                    _ = child.wait(until: vtp_now() + 2 * Clock.second)
                    return .worn
                }
            }
        } catch {
            settle(child, error.reason)
            return .died
        }
    }

    /// Runs a chunk, and what else comes while the child is at it.
    private func run(_ chunk: Chunk, on child: Child) throws(Link.Broken) {
        try give(chunk, to: child)
        deafSince = nil
        while !flight.isEmpty {
            // A child that is quick has the next chunks before it is done with these.
            while flight.count < depth, mayTakeMore, let more = queue.takeNow(number, from: &lot) {
                try give(more, to: child)
            }
            switch try child.link.receive(until: vtp_now() + Self.slice) {
            case .frame(let frame): try take(frame, of: child)
            case .nothing: lookAfter(child)
            }
        }
    }

    /// Gives the child what there is to do and takes what it has done, without waiting.
    func step(_ child: Child) throws(Link.Broken) {
        while true {
            if flight.isEmpty { deafSince = nil }
            while flight.isEmpty || flight.count < depth,
                let more = queue.takeNow(number, from: &lot)
            {
                try give(more, to: child)
            }
            guard let frame = try child.link.receiveNow() else { return }
            try take(frame, of: child)
        }
    }

    private func take(_ frame: Link.Frame, of child: Child) throws(Link.Broken) {
        do {
            try take(frame)
        } catch {
            child.kill()
            throw Link.Broken(reason: "it sent something that is no message")
        }
    }

    static let slice = Clock.second / 20

    private var mayTakeMore: Bool {
        if roster.isTerminated { return false }
        guard let most = options.maxTasks else { return true }
        return done + flight.reduce(0) { $0 + $1.chunk.range.count } < most
    }

    /// How many chunks may be on their way: about a tenth of a millisecond's work.
    private var depth: Int {
        // Of tasks that nobody knows yet it gets no more than one chunk: others may be free sooner.
        guard let last = flight.last, let mean = last.chunk.job.meanTime else { return 1 }
        let chunkTime = max(1, mean) * Int64(last.chunk.range.count)
        return Int(min(64, 1 + 100_000 / max(1, chunkTime)))
    }

    private func give(_ chunk: Chunk, to child: Child) throws(Link.Broken) {
        let job = chunk.job
        if job.isUnwanted(chunk.first) {
            chunk.lot.cancel(chunk.range)
            return
        }
        // From here on its end is this thread's to answer for.
        flight.append(Flight(chunk: chunk, next: chunk.range.lowerBound))
        if known != job.number {
            var header = FrameHeader(.job)
            header.job = Int64(job.number)
            header.call = UInt32(job.call.rawValue)
            var body = ByteWriter()
            body.add(job.options)
            try child.link.send(header, body.bytes, job.head, 0..<job.head.count)
            known = job.number
        }
        var header = FrameHeader(.tasks)
        header.job = Int64(job.number)
        header.first = Int64(chunk.first)
        header.count = UInt32(chunk.range.count)
        try child.link.send(header, chunk.entries, chunk.lot.payload, chunk.payloadRange)
        // It may have been stopped meanwhile, and the child did not know of it then.
        if job.isStopped { interrupt(job) }
    }
}
