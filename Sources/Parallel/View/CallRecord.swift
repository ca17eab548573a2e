// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel

/// The record of a call of a view, and of each of its tasks.
public struct CallRecord: Sendable {
    /// The kind of workers that ran the tasks.
    public var backend: BackendKind
    /// The name of the call, from its options.
    public var label: String?
    /// The line of the call: `modules/blur.lua:12`.
    public var place: String?
    /// The time at which the call began, in seconds since 1970.
    public var began: Double
    /// The workers, in the order in which they started. Several may have had the same number, one
    /// after another.
    public var workers: [Worker] = []
    /// The number of tasks that are done.
    public var done = 0
    /// The number of tasks that failed.
    public var failed = 0
    /// The number of tasks that were cancelled.
    public var cancelled = 0
    /// The number of tasks that had not ended when the module had.
    public var unfinished = 0
    /// The tasks, a few bytes each; see ``tasks``.
    public var packed: [UInt8] = []

    /// A thread, process or engine that took part in the call.
    public struct Worker: Sendable, Equatable {
        /// The number of the worker, from 1.
        public var number: Int
        /// The id of its process; 0 where it is not known.
        public var pid: Int
        /// The name of its machine.
        public var host: String
        /// The id of the engine at the cluster's Hub.
        public var engine: Int?
        /// The time at which it started, in seconds since the call began; negative if before.
        package var startedAt: Double
        /// The time from the beginning of the call to the worker's start; negative if it started
        /// before.
        public var since: Duration {
            startedAt.isFinite ? .seconds(min(max(startedAt, -1e9), 1e9)) : .zero
        }

        /// A worker with these values.
        package init(number: Int, pid: Int, host: String, engine: Int?, since: Double) {
            self.number = number
            self.pid = pid
            self.host = host
            self.engine = engine
            startedAt = since
        }
    }

    /// The end of a task.
    public enum Outcome: String, Sendable {
        /// It returned a result.
        case done
        /// It raised an error, timed out, or died with its worker.
        case failed
        /// It was stopped, or never started.
        case cancelled
        /// It had not ended when the module had.
        case unfinished
    }

    /// A task. Times count from the beginning of the call.
    public struct Task: Sendable {
        /// The number of the task, from 1.
        public var index: Int
        /// The end of the task.
        public var outcome: Outcome
        /// The number of attempts.
        public var attempts: Int
        /// The time at which it was queued.
        public var queued: Duration
        /// The time at which its last attempt started; nil if none did.
        public var started: Duration?
        /// The time at which it ended; nil if it was not run.
        public var ended: Duration?
        /// The number of its worker; nil if none took it.
        public var worker: Int?
        /// The duration of the last attempt; nil if none has ended.
        public var duration: Duration? {
            if let started, let ended { ended - started } else { nil }
        }
    }

    /// A record without tasks.
    public init(backend: BackendKind, label: String?, place: String?, began: Double) {
        self.backend = backend
        self.label = label
        self.place = place
        self.began = began
    }

    /// The number of tasks.
    public var count: Int { done + failed + cancelled + unfinished }

    /// The largest number of tasks of a call that are recorded; more are only counted.
    public static let mostTasks = 1_000_000

    /// The recorded tasks, in the order in which their results were taken.
    public var tasks: [Task] {
        var tasks: [Task] = []
        tasks.reserveCapacity(min(count, Self.mostTasks))
        packed.withUnsafeBytes { bytes in
            var reader = PackedTasks(bytes)
            while reader.readBatch(into: &tasks) {}
        }
        return tasks
    }

    /// The worker that ran a task; nil where another has its number now.
    public func worker(of task: Task) -> Worker? {
        guard let number = task.worker, let started = task.started else { return nil }
        // A task that died with its worker has the time at which that was noticed.
        if task.outcome == .failed, started == task.ended { return nil }
        // The times of tasks are whole microseconds.
        return workers.last {
            $0.number == number && $0.since <= started + .microseconds(1)
        }
    }
}

// MARK: - Packing
//
// For each batch: the number of its first task, the number of tasks, and the time at which they
// were queued. For each task: its state; if it has run, its attempts, its worker, its start as the
// difference to that of the task before, and its duration. Numbers are LEB128, times microseconds.

extension CallRecord {
    mutating func add(_ batch: TaskBatch, since began: Int64, settlements: [Int: TaskFailure]) {
        let room = Self.mostTasks - count
        let kept = max(0, min(batch.count, room))
        if kept > 0 {
            append(UInt64(batch.first))
            append(UInt64(kept))
            append(UInt64(max(0, batch.queued - began) / 1000))
        }
        var last: Int64 = 0
        for index in 0..<batch.count {
            var state = batch.state(index)
            let isPublished = state.rawValue >= VTP_DONE.rawValue
            if !isPublished, let failure = settlements[batch.first + index] {
                state = failure.cause == .cancelled ? VTP_CANCELLED : VTP_FAILED
            }
            switch state {
            case VTP_DONE: done += 1
            case VTP_FAILED: failed += 1
            case VTP_CANCELLED: cancelled += 1
            default: unfinished += 1
            }
            if index >= kept { continue }
            var hasRun = false
            if isPublished {
                let task = batch[index]
                hasRun = task.pointee.worker > 0 && task.pointee.started > 0
            }
            packed.append(UInt8(state.rawValue) | (hasRun ? 0x10 : 0))
            guard hasRun else { continue }
            let task = batch[index].pointee
            append(UInt64(task.attempts))
            append(UInt64(task.worker))
            let start = (task.started - began) / 1000
            let change = start - last
            last = start
            append(UInt64(bitPattern: (change << 1) ^ (change >> 63)))
            append(UInt64(max(0, task.ended - task.started) / 1000))
        }
    }

    private mutating func append(_ number: UInt64) {
        var number = number
        while number > 0x7f {
            packed.append(UInt8(truncatingIfNeeded: number) | 0x80)
            number >>= 7
        }
        packed.append(UInt8(number))
    }
}

private struct PackedTasks {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Reads a batch; false at the end, or where the bytes are malformed.
    mutating func readBatch(into tasks: inout [CallRecord.Task]) -> Bool {
        guard let first = number(), let count = number(), let queued = number(),
            first < 1 << 40, count <= CallRecord.mostTasks
        else { return false }
        var start: Int64 = 0
        for index in 0..<Int(count) {
            guard position < bytes.count else { return false }
            let state = bytes[position]
            position += 1
            var task = CallRecord.Task(
                index: Int(first) + index + 1, outcome: Self.outcome(state & 0xf), attempts: 0,
                queued: .microseconds(Int64(clamping: queued)))
            if state & 0x10 != 0 {
                guard let attempts = number(), let worker = number(), let change = number(),
                    let duration = number()
                else { return false }
                start &+= Int64(bitPattern: change >> 1) ^ -Int64(bitPattern: change & 1)
                task.attempts = Int(truncatingIfNeeded: attempts)
                task.worker = Int(truncatingIfNeeded: worker)
                let started = Duration.microseconds(start)
                task.started = started
                task.ended = started + .microseconds(Int64(clamping: duration))
            }
            tasks.append(task)
        }
        return true
    }

    private static func outcome(_ state: UInt8) -> CallRecord.Outcome {
        switch vtp_state(rawValue: UInt32(state)) {
        case VTP_DONE: .done
        case VTP_FAILED: .failed
        case VTP_CANCELLED: .cancelled
        default: .unfinished
        }
    }

    private mutating func number() -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < bytes.count, shift < 64 {
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }
}
