// SPDX-License-Identifier: BSD-3-Clause

internal import CParallel
internal import Glibc
internal import Shipping

/// Serves one child after another: gives it tasks, takes its results, and sees to it that its end
/// costs no more than the task that it was in.
///
/// Unchecked: `child` is behind a lock; the rest is the serving thread's.
final class ProcessServer: @unchecked Sendable {
    private let number: Int
    private let gate: Gate
    private let queue: TaskQueue
    private let roster: Roster
    private let options: WorkerOptions
    private let program: String
    private let child = Monitor<Child?>(nil)

    // MARK: The serving thread's

    /// What the child was given and has not answered.
    private var flight: [Flight] = []
    private var lot: Lot?
    /// The job whose function the child has.
    private var known = 0
    private var done = 0
    /// Since when a task that is not wanted any more keeps the child busy.
    private var deafSince: Int64?
    private var seen: (job: Int64, task: Int64, at: Int64) = (0, -1, 0)
    /// Why the child was killed, if this thread did it.
    private var verdict: TaskFailure?

    private struct Flight {
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
        vtp_thread_name("vtlua-p\(number)")
        var failedStarts = 0
        serving: while !roster.isTerminated {
            var child: Child
            do {
                child = try start()
                failedStarts = 0
            } catch let error as TaskFailureError {
                failedStarts += 1
                // Dying at the start may be chance; an initializer that fails is not.
                if error.failure.cause == .died, failedStarts < 3 { continue }
                refuse(error.failure)
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
                guard let chunk = queue.take(number, from: &lot, isWanted: { !roster.isTerminated })
                else {
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
            case .frame(let frame):
                do {
                    try take(frame)
                } catch {
                    child.kill()
                    throw Link.Broken(reason: "it sent something that is no message")
                }
            case .nothing: lookAfter(child)
            }
        }
    }

    private static let slice = Clock.second / 20

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
        if Int64(chunk.first) >= vtp_load(job.stop) {
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
            var failure: Link.Broken?
            job.head.withBytes { head in
                do throws(Link.Broken) {
                    try child.link.send(header, body.bytes, payload: head)
                } catch { failure = error }
            }
            if let failure { throw failure }
            known = job.number
        }
        var header = FrameHeader(.tasks)
        header.job = Int64(job.number)
        header.first = Int64(chunk.first)
        header.count = UInt32(chunk.range.count)
        var body = ByteWriter()
        let lot = chunk.lot
        let begin = lot[chunk.range.lowerBound].pointee.payload
        for index in chunk.range {
            body.add(
                TaskEntry(
                    offset: lot[index].pointee.payload - begin,
                    attempts: UInt32(lot[index].pointee.attempts)))
        }
        var failure: Link.Broken?
        lot.payload.withBytes { payload in
            let end =
                chunk.range.upperBound < lot.count
                ? Int(lot[chunk.range.upperBound].pointee.payload) : payload.count
            do throws(Link.Broken) {
                try child.link.send(
                    header, body.bytes,
                    payload: UnsafeRawBufferPointer(rebasing: payload[Int(begin)..<end]))
            } catch { failure = error }
        }
        if let failure { throw failure }
        // It may have been stopped meanwhile, and the child did not know of it then.
        if job.isStopped { interrupt(job) }
    }

    // MARK: Results

    private func take(_ frame: Link.Frame) throws {
        guard frame.kind == .results else { throw ByteReader.Damaged() }
        var reader = ByteReader(frame.body)
        var entries: [ResultEntry] = []
        for _ in 0..<frame.header.count { entries.append(try reader.read()) }
        for entry in entries { try take(entry, &reader, frame) }
    }

    private func take(
        _ entry: ResultEntry, _ reader: inout ByteReader, _ frame: Link.Frame
    ) throws {
        guard var first = flight.first else { throw ByteReader.Damaged() }
        let lot = first.chunk.lot
        let index = first.next
        let task = lot[index]
        task.pointee.attempts = UInt16(clamping: entry.attempts)
        task.pointee.worker = Int16(number)
        task.pointee.started = entry.started
        task.pointee.ended = entry.ended
        let bytes = try reader.readBytes(Int(entry.result))
        let printed = try reader.readBytes(Int(entry.printed))
        let failure = try reader.readBytes(Int(entry.failure))
        if !printed.isEmpty || bytes.count > VTP_SMALL || entry.isInMemory != 0 {
            let result = TaskResult()
            result.printed = Array(printed)
            if entry.isInMemory != 0 {
                // Where there was no memory to be had, it came the long way.
                result.shipment =
                    try frame.memory ?? Shipment(copying: reader.readBytes(reader.left))
            } else if bytes.count > VTP_SMALL {
                result.shipment = Shipment(copying: bytes)
            }
            lot.setResult(index, result)
        }
        first.next += 1
        flight[0] = first
        if first.next == first.chunk.range.upperBound { flight.removeFirst() }
        done += 1
        switch vtp_state(rawValue: entry.state) {
        case VTP_DONE:
            if bytes.count <= VTP_SMALL {
                task.pointee.length = UInt8(bytes.count)
                withUnsafeMutableBytes(of: &task.pointee.small) { $0.copyMemory(from: bytes) }
            }
            vtp_task_publish(task, VTP_DONE)
            lot.job.count(finished: 1, busy: max(0, entry.ended - entry.started), done: 1)
        case VTP_FAILED:
            var reader = ByteReader(failure)
            lot.finish(index, try reader.readFailure())
        default: lot.cancel(index..<(index + 1))
        }
    }

    // MARK: A child that does not answer, and one that has died

    /// Every now and then while the child is busy: kills it when it is in a task for too long.
    private func lookAfter(_ child: Child) {
        guard let first = flight.first else { return }
        let chunk = first.chunk
        let now = vtp_now()
        let job = vtp_load(&child.page.pointee.job)
        let task = vtp_load(&child.page.pointee.current)
        if job != 0, job != Int64(chunk.job.number) || task > Int64(chunk.lot.first + first.next) {
            // It has results that it was to send with those of the task it is in.
            child.signal(SIGUSR2)
        }
        if seen.job != job || seen.task != task { seen = (job, task, now) }
        if let timeout = chunk.job.options.timeout, job != 0,
            now - seen.at > Int64(timeout * 1e9) + ProcessBackend.grace
        {
            verdict = TaskFailure(
                cause: .timeout,
                message: "timed out after \(brief(timeout)) s; its process did not stop and was "
                    + "killed")
            return child.kill()
        }
        guard chunk.job.isStopped,
            Int64(chunk.lot.first + (flight.first?.next ?? 0))
                >= vtp_load(chunk.job.stop)
        else {
            deafSince = nil
            return
        }
        let since = deafSince ?? now
        deafSince = since
        // It was in another job when this one was stopped, or between two tasks.
        interrupt(chunk.job)
        if now - since > ProcessBackend.grace {
            verdict = .cancelled
            child.kill()
        }
    }

    /// The child is gone: the task that it was in fails, unless it may run again; all others that
    /// it had are given back.
    private func settle(_ child: Child, _ reason: String) {
        child.kill()
        let end = child.wait(until: vtp_now() + Clock.second)
        let current = vtp_load(&child.page.pointee.current)
        let job = vtp_load(&child.page.pointee.job)
        let failure =
            verdict
            ?? TaskFailure(
                cause: roster.isTerminated ? .cancelled : .died,
                message: "the worker's process \(Child.explain(end)) (pid \(child.pid))")
        verdict = nil
        known = 0
        let lost = flight
        flight = []
        for entry in lost {
            for index in entry.next..<entry.chunk.range.upperBound {
                let lot = entry.chunk.lot
                let number = lot.first + index
                let isCulprit = Int64(lot.job.number) == job && Int64(number) == current
                guard isCulprit else {
                    giveBack(lot, index)
                    continue
                }
                lot[index].pointee.attempts += 1
                lot[index].pointee.worker = Int16(self.number)
                if failure.cause != .cancelled,
                    lot.job.mayRetry(attempts: lot[index].pointee.attempts)
                {
                    giveBack(lot, index)
                } else {
                    lot.finish(index, failure)
                }
            }
        }
    }

    private func giveBack(_ lot: Lot, _ index: Int) {
        if roster.isTerminated {
            lot.cancel(index..<(index + 1))
        } else {
            queue.giveBack(Chunk(lot: lot, range: index..<(index + 1)))
        }
    }

    // MARK: Starting

    /// Starts a child, and waits until it is ready.
    private func start() throws -> Child {
        let child = try Child(program: program, number: number, options: options)
        self.child.withLock { $0 = child }
        roster.update(number, gate) {
            $0.state = "starting"
            $0.pid = Int(child.pid)
        }
        do {
            var hello = ByteWriter()
            hello.add(options)
            try child.link.send(FrameHeader(.hello), hello.bytes)
            for step in roster.setup {
                var body = ByteWriter()
                body.add(step.head)
                body.add(step.payload)
                try child.link.send(FrameHeader(.setup), body.bytes)
            }
            try child.link.send(FrameHeader(.begin))
            try waitUntilReady(child)
        } catch let error as TaskFailureError {
            child.kill()
            _ = child.reap()
            throw error
        } catch {
            child.kill()
            let end = child.wait(until: vtp_now() + Clock.second)
            throw TaskFailureError(
                TaskFailure(
                    cause: .died,
                    message: "the worker does not start: its process \(Child.explain(end))"))
        }
        return child
    }

    private func waitUntilReady(_ child: Child) throws {
        let deadline = vtp_now() + Int64(options.startTimeout * 1e9) + ProcessBackend.grace
        while true {
            switch try child.link.receive(until: min(deadline, vtp_now() + Self.slice)) {
            case .nothing:
                if roster.isTerminated {
                    throw TaskFailureError(.cancelled)
                }
                if vtp_now() >= deadline {
                    throw TaskFailureError(
                        TaskFailure(
                            cause: .closed,
                            message: "the worker does not start: it is not ready after "
                                + "\(brief(options.startTimeout)) s"))
                }
            case .frame(let frame):
                switch frame.kind {
                case .ready: return
                case .refusal:
                    var reader = ByteReader(frame.body)
                    throw TaskFailureError(try reader.readFailure())
                default: throw Link.Broken(reason: "it sent something that is no message")
                }
            }
        }
    }
}
