// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTLuaBridge
internal import VTShipping
internal import VTSystem

/// One call of a view: a function, its tasks, and their results.
///
/// The calling thread adds batches and reads results; workers count the tasks that have ended.
///
/// Unchecked: only the calling thread uses `batches` and `published`; the rest is constant, atomic
/// or behind a lock.
final class Call: @unchecked Sendable {
    /// The way in which a task's argument is passed to the function.
    enum Form: UInt8, Sendable {
        /// One argument; the first result.
        case item
        /// An array of arguments; the first result.
        case spread
        /// An array of arguments; all results, as an array.
        case apply
    }

    let number: Int
    /// `[classes, function, extra arguments...]`
    let head: Shipment
    let form: Form
    let options: CallOptions
    let completion: CompletionEvent
    /// The line of the call, for errors.
    let sender: LuaFrame?
    /// The number of tasks, where it is known.
    let total: Int?
    let began = Clock.now
    /// The largest number of tasks that a worker takes at a time, where the caller sets none.
    ///
    /// The results of tasks that were quick are published together. Those of an iteration are wanted
    /// one by one, and few should wait for a task among them that is slow.
    var largestShare = Int.max

    /// Notified when tasks are not wanted any more.
    private let interrupter: any TaskInterrupter
    private let settled = Monitor<[Int: TaskFailure]>([:])
    private let counters = UnsafeMutablePointer<Int64>.allocate(capacity: 6)

    /// The receiver of the tasks' accesses; nil where the caller does not want them. It is set before the first task is
    /// handed to a worker.
    private var accesses: AccessBuffer?

    /// Sets the receiver of what the call's tasks access.
    func receiveAccesses(_ buffer: AccessBuffer) { accesses = buffer }

    /// Adds what a task has accessed.
    func addAccesses(_ bytes: [UInt8]) { if !bytes.isEmpty { accesses?.add(bytes) } }

    /// Returns what the call's tasks have accessed, in a process that runs them for another one.
    func takeAccesses() -> [UInt8] { accesses?.take().flatMap(\.self) ?? [] }

    // MARK: The caller's

    private(set) var batches: Deque<TaskBatch> = []
    private(set) var published = 0

    /// - Parameter number: the number that the call has in the process that it comes from; nil for
    ///   a new call.
    init(
        number: Int? = nil, head: Shipment, form: Form, options: CallOptions, total: Int? = nil,
        sender: LuaFrame? = nil, completion: CompletionEvent = CompletionEvent(),
        interrupter: any TaskInterrupter
    ) {
        self.number = number ?? Self.nextNumber()
        self.head = head
        self.form = form
        self.options = options
        self.total = total
        self.sender = sender
        self.completion = completion
        self.interrupter = interrupter
        counters.initialize(repeating: 0, count: 6)
        vtp_store(stop, Int64.max)
        vtp_store(wakeAt, Int64.max)
    }

    deinit { counters.deallocate() }

    private static let numbers = Monitor(0)
    private static func nextNumber() -> Int {
        numbers.withLock { number in
            number += 1
            return number
        }
    }

    // MARK: Counters

    private var finishedCount: UnsafeMutablePointer<Int64> { counters }
    private var wakeAt: UnsafeMutablePointer<Int64> { counters + 1 }
    /// Tasks from this number on are not wanted.
    var stop: UnsafeMutablePointer<Int64> { counters + 2 }
    private var busyTime: UnsafeMutablePointer<Int64> { counters + 3 }
    private var doneCount: UnsafeMutablePointer<Int64> { counters + 4 }
    private var lastEnd: UnsafeMutablePointer<Int64> { counters + 5 }

    /// The number of tasks that are done, failed or cancelled.
    var finished: Int { Int(vtp_load(finishedCount)) }
    var isFinished: Bool { finished >= published }
    /// The time at which the last task so far ended.
    var ended: Int64 { vtp_load(lastEnd) }
    var isStopped: Bool { vtp_load(stop) != Int64.max }
    /// The sum of the nanoseconds that tasks took.
    var busy: Int64 { vtp_load(busyTime) }
    /// The mean of the nanoseconds that a task takes; nil before the first is done.
    var meanTime: Int64? {
        let done = vtp_load(doneCount)
        return done > 0 ? vtp_load(busyTime) / done : nil
    }

    /// Adds a batch. The caller hands it to the workers.
    func add(_ batch: TaskBatch) {
        batches.append(batch)
        published += batch.count
    }

    /// Forgets batches whose results were taken and are not needed again.
    func forgetBatches(before number: Int) {
        while let batch = batches.first, batch.first + batch.count <= number { forgetFirstBatch() }
    }

    func forgetFirstBatch() {
        observer?.record(CollectionOfOne(batches[0]))
        batches.removeFirst()
    }

    /// Drops the batches, which hold the call: the caller needs no more of it.
    func release() {
        observer?.record(batches)
        observer = nil
        batches = []
        isReleased = true
    }

    private(set) var isReleased = false
    /// True if the caller has terminated the pool before all tasks had ended.
    var isTerminated = false
    /// Keeps a record of the call, if anything does.
    var observer: (any CallObserver)?
    /// True if none of its tasks runs and its results are not needed.
    var isOver: Bool { isReleased && isFinished }

    /// Counts published tasks.
    ///
    /// - Parameters:
    ///   - finished: the number of tasks that ended.
    ///   - busy: the nanoseconds that they took.
    ///   - done: the number of them that are done.
    func count(finished: Int, busy: Int64, done: Int) {
        if done > 0 {
            _ = vtp_add(busyTime, busy)
            _ = vtp_add(doneCount, Int64(done))
        }
        vtp_store(lastEnd, Clock.now)
        let all = vtp_add(finishedCount, Int64(finished))
        if all >= vtp_load(wakeAt) { completion.signal() }
    }

    /// Signals the completion event when `count` tasks have ended.
    func wake(at count: Int) { vtp_store(wakeAt, Int64(count)) }
    func stopWaking() { vtp_store(wakeAt, Int64.max) }

    // MARK: Ending early

    /// Makes the tasks from `number` on unwanted: those that run are interrupted, the others never
    /// start.
    func stop(from number: Int) {
        if vtp_lower(stop, Int64(number)) { interrupter.interrupt(self) }
    }

    /// Ends a task whose worker does not return. Its record must not be read.
    func settle(number: Int, _ failure: TaskFailure) {
        settled.withLock { $0[number] = failure }
        if failure.cause != .cancelled { failed(number) }
        count(finished: 1, busy: 0, done: 0)
    }

    /// The failures of tasks whose workers did not return.
    var settlements: [Int: TaskFailure] { settled.withLock { $0 } }

    /// The failure of a task whose worker did not return; nil for every other task.
    func settlement(of number: Int) -> TaskFailure? { settled.withLock { $0[number] } }

    /// Notes that a task has failed for good.
    func failed(_ number: Int) {
        if options.onError == .stop { stop(from: number + 1) }
    }
}

/// Interrupts the workers of a view.
protocol TaskInterrupter: AnyObject, Sendable {
    /// Interrupts running tasks of the call that are not wanted any more.
    func interrupt(_ call: Call)
}

/// A record of a call that is kept while it lasts. It belongs to the caller's thread.
protocol CallObserver {
    /// Records the tasks of batches that the call lets go of, as they are now.
    func record(_ batches: some Collection<TaskBatch>)
    /// Reports how many tasks have ended, and how many there are where that is known.
    func report(finished: Int, of total: Int?)
}
