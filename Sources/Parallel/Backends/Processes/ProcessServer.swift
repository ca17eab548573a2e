// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import DequeModule
internal import Glibc
internal import VTShipping
internal import VTSystem

/// Serves one child after another: gives it tasks, takes its results, and sees to it that its end
/// costs no more than the task that it was in.
///
/// Unchecked: `child` is behind a lock; the rest is the serving thread's.
final class ProcessServer: @unchecked Sendable {
    let number: Int
    let runningTask: RunningTask
    let queue: TaskQueue
    let workerTable: WorkerTable
    let options: WorkerOptions
    let program: String
    let child = Monitor<Child?>(nil)

    // MARK: The serving thread's

    /// What the child was given and has not answered.
    var inFlight: Deque<InFlightChunk> = []
    private var batch: TaskBatch?
    /// The call whose function the child has.
    var known = 0
    var done = 0
    /// Since when a task that is not wanted any more keeps the child busy.
    var unresponsiveSince: Int64?
    var seen: (call: Int64, task: Int64, at: Int64) = (0, -1, 0)
    /// Why the child was killed, if this thread did it.
    var verdict: TaskFailure?

    /// Is told what tasks print, as they print it.
    var listener: (([UInt8]) -> Void)?

    struct InFlightChunk {
        var chunk: Chunk
        /// The next task to be answered.
        var next: Int
    }

    init(
        number: Int, runningTask: RunningTask, queue: TaskQueue, workerTable: WorkerTable,
        options: WorkerOptions,
        program: String
    ) {
        self.number = number
        self.runningTask = runningTask
        self.queue = queue
        self.workerTable = workerTable
        self.options = options
        self.program = program
    }

    // MARK: From other threads

    /// Makes the child stop what it runs, if that is not wanted any more.
    func interrupt(_ call: Call) {
        child.withLock { child in
            guard let child else { return }
            let running = vtp_load(&child.page.pointee.call)
            guard running == Int64(call.number) || running == 0 else { return }
            vtp_store(&child.page.pointee.cancel_from, vtp_load(call.stop))
            vtp_store(&child.page.pointee.cancel_call, Int64(call.number))
            // A child that begins with the call just now looks here after it said so.
            if vtp_load(&child.page.pointee.call) == Int64(call.number) { child.signal(SIGUSR2) }
        }
    }

    func killChild() { child.withLock { $0?.kill() } }

    // MARK: Serving

    func main() {
        var failedStarts = 0
        serving: while !workerTable.isTerminated {
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
            case .worn: workerTable.countReplaced()
            case .died:
                workerTable.countReplaced()
                // Nobody needs another one when all is done.
                if workerTable.state.withLock({ $0.isClosed }), queue.waiting == 0 { break serving }
            }
        }
        if workerTable.isTerminated { drain() }
        batch = nil
        queue.forgetTaken()
        child.withLock { $0 = nil }
        workerTable.gone(number, runningTask)
    }

    private func refuse(_ failure: TaskFailure) {
        var failure = failure
        failure.cause = .closed
        WorkerLoop(
            number: number, runningTask: runningTask, workerTable: workerTable, queue: queue,
            options: options
        )
        .refuse(failure)
    }

    /// After the end: nothing stays unanswered.
    private func drain() {
        while let chunk = queue.takeNow(number, from: &batch) { chunk.batch.cancel(chunk.range) }
    }

    private enum End { case over, worn, died }

    private func serve(_ child: Child) -> End {
        defer { self.child.withLock { $0 = nil } }
        do {
            while true {
                workerTable.update(number, runningTask) {
                    $0.state = "idle"
                    $0.tasks = done
                }
                let next = queue.take(number, from: &batch) {
                    child.link.rest()
                    return !workerTable.isTerminated
                }
                guard let chunk = next else {
                    child.link.shutDown()
                    _ = child.wait(until: Clock.now + 2 * Clock.second)
                    return workerTable.isTerminated ? .died : .over
                }
                workerTable.update(number, runningTask) { $0.state = "busy" }
                try run(chunk, on: child)
                if let most = options.maxTasks, done >= most {
                    done = 0
                    child.link.shutDown()
                    _ = child.wait(until: Clock.now + 2 * Clock.second)
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
        unresponsiveSince = nil
        while !inFlight.isEmpty {
            // A child that is quick has the next chunks before it is done with these.
            while inFlight.count < depth, mayTakeMore,
                let more = queue.takeNow(number, from: &batch)
            {
                try give(more, to: child)
            }
            switch try child.link.receive(until: Clock.now + Self.slice) {
            case .frame(let frame): try take(frame, of: child)
            case .nothing: lookAfter(child)
            }
        }
    }

    /// Gives the child what there is to do and takes what it has done, without waiting.
    func step(_ child: Child) throws(Link.Broken) {
        while true {
            if inFlight.isEmpty { unresponsiveSince = nil }
            while inFlight.isEmpty || inFlight.count < depth,
                let more = queue.takeNow(number, from: &batch)
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
            throw Link.Broken(reason: "it sent a malformed message")
        }
    }

    static let slice = Clock.second / 20

    private var mayTakeMore: Bool {
        if workerTable.isTerminated { return false }
        guard let most = options.maxTasks else { return true }
        return done + inFlight.reduce(0) { $0 + $1.chunk.range.count } < most
    }

    /// How many chunks may be on their way: about a tenth of a millisecond's work.
    private var depth: Int {
        // Of tasks that nobody knows yet it gets no more than one chunk: others may be free sooner.
        guard let last = inFlight.last, let mean = last.chunk.call.meanTime else { return 1 }
        let chunkTime = max(1, mean) * Int64(last.chunk.range.count)
        return Int(min(64, 1 + 100_000 / max(1, chunkTime)))
    }

    private func give(_ chunk: Chunk, to child: Child) throws(Link.Broken) {
        let call = chunk.call
        if call.isUnwanted(chunk.first) {
            chunk.batch.cancel(chunk.range)
            return
        }
        // From here on its end is this thread's to answer for.
        inFlight.append(InFlightChunk(chunk: chunk, next: chunk.range.lowerBound))
        if known != call.number {
            var header = FrameHeader(.call)
            header.call = Int64(call.number)
            header.form = UInt32(call.form.rawValue)
            var body = ByteWriter()
            body.add(call.options)
            try child.link.send(header, body.bytes, call.head, 0..<call.head.count)
            known = call.number
        }
        var header = FrameHeader(.tasks)
        header.call = Int64(call.number)
        header.first = Int64(chunk.first)
        header.count = UInt32(chunk.range.count)
        try child.link.send(header, chunk.entries, chunk.batch.payload, chunk.payloadRange)
        // It may have been stopped meanwhile, and the child did not know of it then.
        if call.isStopped { interrupt(call) }
    }
}
