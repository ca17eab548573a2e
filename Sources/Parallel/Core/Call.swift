// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import DequeModule
internal import VTLuaBridge
internal import VTShipping
internal import VTSystem

/// One call of a view: a function, its tasks, and what came of them.
///
/// The thread that called adds batches and reads results; workers count what is finished.
///
/// Unchecked: `batches` and `published` are the caller's alone; the rest is constant, atomic or
/// behind a lock.
final class Call: @unchecked Sendable {
    /// What a task's argument is to the function.
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
    /// The line that called, for errors.
    let sender: LuaFrame?
    /// How many tasks there will be, where that is known.
    let total: Int?
    let began = Clock.now

    /// Whom to tell when tasks are not wanted any more.
    private let interrupter: any TaskInterrupter
    private let settled = Monitor<[Int: TaskFailure]>([:])
    private let counters = UnsafeMutablePointer<Int64>.allocate(capacity: 6)

    // MARK: The caller's

    private(set) var batches: Deque<TaskBatch> = []
    private(set) var published = 0

    /// - Parameter number: where it has one already, in the process that it comes from.
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

    /// Tasks that are done, failed or cancelled.
    var finished: Int { Int(vtp_load(finishedCount)) }
    var isFinished: Bool { finished >= published }
    /// When the last task so far has ended.
    var ended: Int64 { vtp_load(lastEnd) }
    var isStopped: Bool { vtp_load(stop) != Int64.max }
    /// Nanoseconds that tasks took, summed up.
    var busy: Int64 { vtp_load(busyTime) }
    /// Nanoseconds that a task takes, as far as is known.
    var meanTime: Int64? {
        let done = vtp_load(doneCount)
        return done > 0 ? vtp_load(busyTime) / done : nil
    }

    /// Adds a batch; the interrupter gets it from the caller.
    func add(_ batch: TaskBatch) {
        batches.append(batch)
        published += batch.count
    }

    /// Forgets batches whose results were taken, when nobody will ask for them again.
    func forgetBatches(before number: Int) {
        while let batch = batches.first, batch.first + batch.count <= number { forgetFirstBatch() }
    }

    func forgetFirstBatch() {
        observer?.record(CollectionOfOne(batches[0]))
        batches.removeFirst()
    }

    /// The caller has all that it wants: call and batches, which hold each other, may go.
    func release() {
        observer?.record(batches)
        observer = nil
        batches = []
        isReleased = true
    }

    private(set) var isReleased = false
    /// Keeps a record of the call, if anything does.
    var observer: (any CallObserver)?
    /// Whether nothing of it runs and nobody asks for its results.
    var isOver: Bool { isReleased && isFinished }

    /// Counts published tasks. `busy`: nanoseconds that they took.
    func count(finished: Int, busy: Int64, done: Int) {
        if done > 0 {
            _ = vtp_add(busyTime, busy)
            _ = vtp_add(doneCount, Int64(done))
        }
        vtp_store(lastEnd, Clock.now)
        let all = vtp_add(finishedCount, Int64(finished))
        if all >= vtp_load(wakeAt) { completion.signal() }
    }

    /// Rings the completion when so many tasks are finished.
    func wake(at count: Int) { vtp_store(wakeAt, Int64(count)) }
    func stopWaking() { vtp_store(wakeAt, Int64.max) }

    // MARK: Ending early

    /// Makes tasks from `number` on unwanted: those that run are interrupted, the others never
    /// start.
    func stop(from number: Int) {
        if vtp_lower(stop, Int64(number)) { interrupter.interrupt(self) }
    }

    /// Ends a task whose worker does not come back: its record is not to be read.
    func settle(number: Int, _ failure: TaskFailure) {
        settled.withLock { $0[number] = failure }
        if failure.cause != .cancelled { failed(number) }
        count(finished: 1, busy: 0, done: 0)
    }

    /// How tasks ended whose workers did not come back.
    var settlements: [Int: TaskFailure] { settled.withLock { $0 } }

    /// How a task ended whose worker did not come back.
    func settlement(of number: Int) -> TaskFailure? { settled.withLock { $0[number] } }

    /// A task has failed for good.
    func failed(_ number: Int) {
        if options.onError == .stop { stop(from: number + 1) }
    }
}

/// The workers of a view, as its calls see them.
protocol TaskInterrupter: AnyObject, Sendable {
    /// Interrupts running tasks of the call that are not wanted any more.
    func interrupt(_ call: Call)
}

/// What keeps a record of a call while it lasts. It belongs to the caller's thread.
protocol CallObserver {
    /// Records the tasks of batches that the call lets go of, as they are now.
    func record(_ batches: some Collection<TaskBatch>)
    /// Reports how many tasks have ended, and how many there are where that is known.
    func report(finished: Int, of total: Int?)
}
