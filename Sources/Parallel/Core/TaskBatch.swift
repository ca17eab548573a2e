// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTShipping
internal import VTSystem

/// Tasks of a call that were encoded together: their arguments one after another in one shipment,
/// and a record for each.
///
/// Workers take a few at a time, by a counter, without a lock. A task's record belongs to the
/// worker that took it until it is published; then any thread may read it.
///
/// Unchecked: a record has one owner at a time, as described above; the rest is constant, atomic or
/// behind a lock.
final class TaskBatch: @unchecked Sendable {
    let call: Call
    /// The number of the first task, from 0.
    let first: Int
    let count: Int
    let payload: Shipment
    let queued = Clock.now
    /// The number of the only worker that may run it. Set before it is added to a queue.
    var worker: Int?
    /// The ids of the messages in which tasks were sent.
    private let messages = Monitor<[(range: Range<Int>, id: String)]>([])
    private let tasks: UnsafeMutablePointer<vtp_task>
    private let taken = UnsafeMutablePointer<Int64>.allocate(capacity: 1)

    /// - Parameter offsets: the position in the payload at which each task's argument begins.
    init(call: Call, first: Int, offsets: [UInt32], payload: Shipment) {
        self.call = call
        self.first = first
        self.payload = payload
        count = offsets.count
        tasks = .allocate(capacity: count)
        taken.initialize(to: 0)
        for (index, offset) in offsets.enumerated() {
            var task = vtp_task()
            task.payload = offset
            (tasks + index).initialize(to: task)
        }
    }

    /// - Parameter tasks: the records, which the batch takes over.
    init(
        call: Call, first: Int, tasks: UnsafeMutablePointer<vtp_task>, count: Int,
        payload: Shipment
    ) {
        self.call = call
        self.first = first
        self.payload = payload
        self.count = count
        self.tasks = tasks
        taken.initialize(to: 0)
    }

    deinit {
        for index in 0..<count {
            if let result = tasks[index].result {
                Unmanaged<TaskResult>.fromOpaque(result).release()
            }
        }
        tasks.deallocate()
        taken.deallocate()
    }

    /// The record of a task of this batch.
    subscript(index: Int) -> UnsafeMutablePointer<vtp_task> { tasks + index }

    func state(_ index: Int) -> vtp_state { vtp_state(rawValue: vtp_task_state(tasks + index)) }

    /// The part of a result that does not fit into the task's record. Valid once it was published.
    func result(_ index: Int) -> TaskResult? {
        tasks[index].result.map { Unmanaged<TaskResult>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Lends the bytes of a result that is kept in the record.
    func withSmallResult<R>(
        _ index: Int, _ body: (UnsafeRawBufferPointer) throws -> R
    ) rethrows -> R {
        let task = self[index]
        return try body(
            UnsafeRawBufferPointer(start: vtp_task_small(task), count: Int(task.pointee.length)))
    }

    /// Sets it before the task is published; only for the thread that runs the task.
    func setResult(_ index: Int, _ result: TaskResult?) {
        if let before = tasks[index].result {
            Unmanaged<TaskResult>.fromOpaque(before).release()
        }
        tasks[index].result = result.map { Unmanaged.passRetained($0).toOpaque() }
    }

    /// Adds output of a task that has not been published.
    func addPrinted(_ bytes: [UInt8], to index: Int) {
        guard !bytes.isEmpty else { return }
        let result = result(index) ?? TaskResult()
        result.printed += bytes
        setResult(index, result)
    }

    func note(message: String, in range: Range<Int>) {
        messages.withLock { $0.append((range, message)) }
    }

    /// The id of the message in which a task was sent; nil where it was sent in none.
    func message(of index: Int) -> String? {
        messages.withLock { messages in messages.last { $0.range.contains(index) }?.id }
    }

    /// The number of tasks that no worker has taken.
    var left: Int { max(0, count - Int(vtp_load(taken))) }

    /// Takes at most `most` tasks; nil when there are none left.
    func take(_ most: Int) -> Chunk? {
        let end = Int(vtp_add(taken, Int64(most)))
        let start = end - most
        guard start < count else { return nil }
        return Chunk(batch: self, range: start..<min(end, count))
    }
}

/// Tasks of a batch that one worker has taken.
struct Chunk {
    let batch: TaskBatch
    var range: Range<Int>

    var call: Call { batch.call }
    /// The number of its first task in the call.
    var first: Int { batch.first + range.lowerBound }
}

/// The parts of a result that do not fit into a task's record: long results, failures, output.
///
/// Unchecked: it is filled before the task is published, and only read afterwards.
final class TaskResult: @unchecked Sendable {
    var shipment: Shipment?
    var position = 0
    var failure: TaskFailure?
    var printed: [UInt8] = []
}

// MARK: - Ends

extension TaskBatch {
    /// Ends a task that failed for good.
    func finish(_ index: Int, _ failure: TaskFailure) {
        let task = self[index]
        vtp_task_end(task, Clock.now)
        let result = result(index) ?? TaskResult()
        result.failure = failure
        setResult(index, result)
        let isCancelled = failure.cause == .cancelled
        if !isCancelled { call.failed(first + index) }
        vtp_task_publish(task, isCancelled ? VTP_CANCELLED : VTP_FAILED)
        call.count(finished: 1, busy: 0, done: 0)
    }

    /// Cancels tasks that are not wanted any more.
    func cancel(_ range: Range<Int>) {
        vtp_publish(self[0], UInt32(range.lowerBound), UInt32(range.upperBound), VTP_CANCELLED)
        call.count(finished: range.count, busy: 0, done: 0)
    }
}

/// Counts the tasks of a call that are done, where many are reported at once: the counters that
/// other threads read are written once.
struct CallCounters {
    let call: Call
    private var busy: Int64 = 0
    private var done = 0
    private var ended = Int64.min

    init(_ call: Call) { self.call = call }

    /// Counts a task of the same worker. Quick tasks share one reading of the clock.
    mutating func done(from start: Int64, to end: Int64) {
        busy += max(0, end - max(start, ended))
        done += 1
        ended = end
    }

    mutating func count() {
        if done > 0 { call.count(finished: done, busy: busy, done: done) }
        (busy, done) = (0, 0)
    }
}

extension Call {
    /// True if the task with this number need not run any more.
    func isUnwanted(_ number: Int) -> Bool { Int64(number) >= vtp_load(stop) }

    func mayRetry(attempts: UInt16) -> Bool { Int(attempts) <= options.retries }
}
