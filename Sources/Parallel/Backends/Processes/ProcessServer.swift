// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
internal import VTShipping
internal import VTSystem

/// Serves one child after another: sends it tasks and takes its results. When a child ends, only
/// the task that it was running fails.
///
/// It belongs to the thread that serves; other threads use its ``ChildControl``.
final class ProcessServer {
    let number: Int
    let runningTask: RunningTask
    let queue: TaskQueue
    let workerTable: WorkerTable
    let options: WorkerOptions
    let program: String
    let control: ChildControl

    /// The chunks that the child was sent and has not answered.
    var inFlight: Deque<InFlightChunk> = []
    private var batch: TaskBatch?
    /// The call whose function the child has.
    var known = 0
    var done = 0
    /// The time since which the child runs a task that is not wanted any more.
    var unresponsiveSince: Int64?
    var seen: (call: Int64, task: Int64, at: Int64) = (0, -1, 0)
    /// The reason why this thread killed the child.
    var verdict: TaskFailure?

    /// Called with the output of tasks, while they run.
    var listener: (([UInt8]) -> Void)?

    struct InFlightChunk {
        var chunk: Chunk
        /// The next task to be answered.
        var next: Int
        /// True if its tasks were cancelled before the child began with them.
        var isCancelled = false
    }

    init(
        number: Int, runningTask: RunningTask, queue: TaskQueue, workerTable: WorkerTable,
        options: WorkerOptions, program: String, control: ChildControl = ChildControl()
    ) {
        self.number = number
        self.runningTask = runningTask
        self.queue = queue
        self.workerTable = workerTable
        self.options = options
        self.program = program
        self.control = control
    }

    // MARK: Serving

    func main() {
        var failedStarts = 0
        serving: while !workerTable.isTerminated {
            var child: Child
            do {
                child = try start()
                failedStarts = 0
                done = 0
                known = 0
            } catch let error as TaskFailure {
                failedStarts += 1
                // A child may die at its start by chance; an initializer does not fail by chance.
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
                // No other is needed when all tasks are done.
                if workerTable.state.withLock({ $0.isClosed }), queue.waiting == 0 { break serving }
            }
        }
        if workerTable.isTerminated { drain() }
        batch = nil
        queue.forgetTaken()
        control.set(nil)
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

    /// Cancels all tasks that are left.
    private func drain() {
        while let chunk = queue.takeNow(number, from: &batch) { chunk.batch.cancel(chunk.range) }
    }

    private enum End { case over, worn, died }

    private func serve(_ child: Child) -> End {
        defer { control.set(nil) }
        do throws(Link.Broken) {
            while true {
                workerTable.update(number, runningTask) {
                    $0.state = .idle
                    $0.tasks = done
                }
                var hasEnded = false
                let next = queue.take(number, from: &batch, most: left) {
                    child.link.rest()
                    // An idle child may be killed from outside.
                    hasEnded = child.hasEnded
                    return !hasEnded && !workerTable.isTerminated
                }
                if hasEnded { throw Link.Broken(reason: "it has ended") }
                guard let chunk = next else {
                    child.link.shutDown()
                    _ = child.wait(until: Clock.now + 2 * Clock.second)
                    return workerTable.isTerminated ? .died : .over
                }
                workerTable.update(number, runningTask) { $0.state = .busy }
                try run(chunk, on: child)
                if left <= 0 {
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

    /// Runs a chunk, and those that can be taken while the child runs it.
    private func run(_ chunk: Chunk, on child: Child) throws(Link.Broken) {
        try give(chunk, to: child)
        unresponsiveSince = nil
        while !inFlight.isEmpty {
            // A quick child is sent the next chunks before it is done with these.
            while inFlight.count < depth, left > 0, !workerTable.isTerminated,
                let more = queue.takeNow(number, from: &batch, most: left)
            {
                try give(more, to: child)
            }
            switch try child.link.receive(until: Clock.now + Self.slice) {
            case .frame(let frame): try take(frame, of: child)
            case .nothing: check(child)
            }
        }
    }

    /// Sends the child tasks and takes its results, without waiting.
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

    /// The number of tasks that the child may still be sent.
    private var left: Int {
        guard let most = options.maxTasks else { return .max }
        return most - done - inFlight.reduce(0) { $0 + $1.chunk.range.upperBound - $1.next }
    }

    /// The number of chunks that the child may have: about 0.1 ms of work.
    private var depth: Int {
        // One chunk while the duration of tasks is not known: other workers may be free sooner.
        guard let last = inFlight.last, let mean = last.chunk.call.meanTime else { return 1 }
        let chunkTime = max(1, mean) * Int64(last.chunk.range.count)
        // A task of an iteration that is slow must not keep many of the others.
        let most: Int64 = last.chunk.call.largestShare == .max ? 64 : 4
        return Int(min(most, 1 + 100_000 / max(1, chunkTime)))
    }

    private func give(_ chunk: Chunk, to child: Child) throws(Link.Broken) {
        let call = chunk.call
        if call.isUnwanted(chunk.first) {
            chunk.batch.cancel(chunk.range)
            return
        }
        // From here on this thread must end the tasks if the child dies.
        inFlight.append(InFlightChunk(chunk: chunk, next: chunk.range.lowerBound))
        if known != call.number {
            var header = FrameHeader(.call)
            header.call = Int64(call.number)
            header.form = UInt32(call.form.rawValue)
            header.first = Int64(control.begin(call))
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
        // The call may have been stopped before the child knew of it.
        if call.isStopped { control.interrupt(call) }
    }
}
