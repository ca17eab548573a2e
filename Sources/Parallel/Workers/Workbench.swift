// SPDX-License-Identifier: BSD-3-Clause

internal import CParallel
internal import LuaBridge
internal import Shipping

/// Runs tasks in one Lua state, for a worker of any kind.
///
/// While the job stays the same, its function and extra arguments stay on the stack.
final class Workbench {
    let worker: Int
    let gate: Gate
    let capture: PrintCapture
    private let encoder: ShippingEncoder
    private let decoder: ShippingDecoder
    /// The job whose function and extra arguments are on the stack, and what they are.
    private var prepared: (job: Int, values: [LuaReference])?
    private var refusal: (job: Int, failure: TaskFailure)?

    /// - Parameters:
    ///   - rules: what results may hold.
    ///   - isProcess: whether `os.exit` ends nobody but the worker.
    init(
        worker: Int, gate: Gate, rules: ShippingRules, isProcess: Bool = false,
        _ lua: borrowing Lua
    ) throws {
        self.worker = worker
        self.gate = gate
        encoder = ShippingEncoder(rules)
        decoder = ShippingDecoder(trustsCode: true)
        capture = try PrintCapture(lua)
        if !isProcess { try refuseExit(lua) }
    }

    /// Before the state is closed.
    func close() { encoder.retire() }

    // MARK: Chunks

    /// Runs the tasks of a chunk. False when it did not begin, because the evaluation around it
    /// has been stopped.
    ///
    /// - Parameter report: is told of each range of tasks that were published.
    func perform(
        _ chunk: Chunk, _ lua: borrowing Lua, report: (Range<Int>) -> Void = { _ in }
    ) -> Bool {
        let job = chunk.job
        guard gate.enter(chunk) else { return false }
        defer { gate.leave() }
        if let failure = prepare(job, lua) {
            failAll(chunk, failure, report)
            return true
        }
        var next = chunk.range.lowerBound
        while next < chunk.range.upperBound {
            if Int64(chunk.lot.first + next) >= vtp_load(job.stop) {
                skip(chunk, from: next, report)
                break
            }
            next = runSome(chunk, from: next, lua, report)
        }
        return true
    }

    /// Runs tasks from `next` on, and gives the first that was not run.
    private func runSome(
        _ chunk: Chunk, from next: Int, _ lua: borrowing Lua, _ report: (Range<Int>) -> Void
    ) -> Int {
        let job = chunk.job
        guard let timeout = job.options.timeout else {
            return runSome(chunk, next..<chunk.range.upperBound, lua, report)
        }
        // Each task with a clock of its own.
        do {
            return try lua.limited(timeout: .seconds(timeout)) { lua in
                runSome(chunk, next..<(next + 1), lua, report)
            }
        } catch {
            finish(
                chunk.lot, next, TaskFailure(cause: .error, message: "\(error)"), report)
            return next + 1
        }
    }

    private func runSome(
        _ chunk: Chunk, _ range: Range<Int>, _ lua: borrowing Lua, _ report: (Range<Int>) -> Void
    ) -> Int {
        guard let prepared else { return range.upperBound }
        let lot = chunk.lot
        let job = lot.job
        var run = vtp_run()
        encoder.beginRun()
        run.encoder = encoder.encoder
        run.decoder = decoder.decoder
        run.tasks = lot[0]
        run.next = UInt32(range.lowerBound)
        run.end = UInt32(range.upperBound)
        run.first = Int64(lot.first)
        run.stop = UnsafePointer(job.stop)
        run.current = gate.current
        run.attention = UnsafePointer(capture.attention)
        run.worker = Int32(worker)
        run.call =
            switch job.call {
            case .item: VTP_CALL_ONE
            case .spread: VTP_CALL_SPREAD
            case .apply: VTP_CALL_ALL
            }
        let reason = lot.payload.withBytes { payload in
            run.payload = payload.bindMemory(to: UInt8.self).baseAddress
            run.length = payload.count
            return decoder.withReferences(of: lot.payload) { references in
                run.references = references
                return vtp_run_tasks(lua.L, &run, Int32(prepared.values.count - 1))
            }
        }
        if gate.isAbandoned { return range.upperBound }
        let stopped = Int(run.next)
        keepLongResults(lot, range.lowerBound..<stopped)
        if capture.isHolding, stopped > range.lowerBound { keepPrinted(lot, stopped - 1) }
        publish(lot, range.lowerBound..<stopped, report)
        switch reason {
        case VTP_RUN_FAILED:
            let failure = takeFailure(run, job, lua)
            return failed(lot, stopped, failure, report)
        case VTP_RUN_REFUSED:
            return failed(lot, stopped, refusedResult(run.status, lua), report)
        default:
            return stopped
        }
    }

    // MARK: What came of them

    /// Results that did not fit into their records become one shipment.
    private func keepLongResults(_ lot: Lot, _ range: Range<Int>) {
        guard encoder.count > 0 else { return }
        let shipment = encoder.ship()
        for index in range where lot[index].pointee.length == UInt8(VTP_ELSEWHERE) {
            let result = TaskResult()
            result.shipment = shipment
            result.position = Int(lot[index].pointee.position)
            lot.setResult(index, result)
        }
    }

    private func keepPrinted(_ lot: Lot, _ index: Int) {
        let result = lot.result(index) ?? TaskResult()
        result.printed += capture.take()
        lot.setResult(index, result)
    }

    private func publish(_ lot: Lot, _ range: Range<Int>, _ report: (Range<Int>) -> Void) {
        guard !range.isEmpty else { return }
        let busy = lot[range.upperBound - 1].pointee.ended - lot[range.lowerBound].pointee.started
        vtp_publish(lot[0], UInt32(range.lowerBound), UInt32(range.upperBound), VTP_DONE)
        lot.job.count(finished: range.count, busy: max(0, busy), done: range.count)
        report(range)
    }

    /// A task that failed runs again if it may. Gives the task to go on with.
    private func failed(
        _ lot: Lot, _ index: Int, _ failure: TaskFailure, _ report: (Range<Int>) -> Void
    ) -> Int {
        let again =
            failure.cause != .cancelled && lot.job.mayRetry(attempts: lot[index].pointee.attempts)
        if again, !gate.isSpent { return index }
        finish(lot, index, failure, report)
        return index + 1
    }

    private func finish(
        _ lot: Lot, _ index: Int, _ failure: TaskFailure, _ report: (Range<Int>) -> Void
    ) {
        if capture.isHolding { keepPrinted(lot, index) }
        lot.finish(index, failure)
        report(index..<(index + 1))
    }

    /// Tasks that are not wanted any more, or whose evaluation was stopped.
    private func skip(_ chunk: Chunk, from next: Int, _ report: (Range<Int>) -> Void) {
        let range = next..<chunk.range.upperBound
        guard !range.isEmpty else { return }
        chunk.lot.cancel(range)
        report(range)
    }

    private func failAll(
        _ chunk: Chunk, _ failure: TaskFailure, _ report: (Range<Int>) -> Void
    ) {
        for index in chunk.range {
            if Int64(chunk.lot.first + index) >= vtp_load(chunk.job.stop) {
                return skip(chunk, from: index, report)
            }
            chunk.lot[index].pointee.attempts += 1
            chunk.lot[index].pointee.worker = Int16(worker)
            finish(chunk.lot, index, failure, report)
        }
    }
}

// MARK: - The function

extension Workbench {
    /// Puts the job's function on the stack, unless it is there; gives why that cannot be.
    private func prepare(_ job: Job, _ lua: borrowing Lua) -> TaskFailure? {
        if let prepared, prepared.job == job.number, lua.top == prepared.values.count {
            return nil
        }
        if let refusal, refusal.job == job.number { return refusal.failure }
        lua.pop(lua.top)
        do {
            if let prepared, prepared.job == job.number {
                // The state was left meanwhile, and its stack with it.
                for value in prepared.values { try lua.push(value) }
                return nil
            }
            prepared = nil
            var position = 0
            let count = try decoder.decodeElements(job.head, at: &position, lua)
            // The classes are known from now on; the table itself is of no use.
            lua.remove(at: 1)
            prepared = (job.number, try (1..<count).map { try lua.reference(at: $0) })
            return nil
        } catch {
            lua.pop(lua.top)
            var failure = gate.isSpent ? TaskFailure.cancelled : failure(of: error, lua)
            if failure.cause != .cancelled {
                failure.message = "cannot receive the function: " + failure.message
                refusal = (job.number, failure)
            }
            return failure
        }
    }

    // MARK: Failures

    /// What the error that ended a run says. It is on top, if there is room for one.
    private func takeFailure(_ run: vtp_run, _ job: Job, _ lua: borrowing Lua) -> TaskFailure {
        let value = thrownValue(lua, isThere: run.status > 0)
        var failure = failure(of: lua.takeAnyError(run.status), lua)
        switch failure.cause {
        case .timeout where !gate.isSpent:
            failure.message = "timed out after \(brief(job.options.timeout ?? 0)) s"
        case .timeout, .cancelled:
            failure = .cancelled
        default:
            failure.value = value
            if run.phase == VTP_DECODING {
                failure.message = "cannot receive the argument: " + failure.message
            }
        }
        return failure
    }

    /// The error value on top, where the message does not say all of it and it can travel.
    private func thrownValue(_ lua: borrowing Lua, isThere: Bool) -> Shipment? {
        guard isThere, encoder.count == 0 else { return nil }
        if lua.type(at: -1) == .string,
            lua.withBytes(at: -1, { String(validating: $0, as: UTF8.self) != nil }) == true
        {
            return nil
        }
        guard (try? encoder.encode(lua, at: -1)) != nil else { return nil }
        return encoder.ship()
    }

    private func refusedResult(_ status: Int32, _ lua: borrowing Lua) -> TaskFailure {
        let error = encoder.failure(status, lua)
        if let refusal = error as? ShippingRefusal {
            return TaskFailure(cause: .error, message: refusal.message(sending: "the result"))
        }
        return failure(of: error, lua)
    }

    private func failure(of error: any Error, _ lua: borrowing Lua) -> TaskFailure {
        switch error {
        case let error as LuaError:
            let cause: TaskFailure.Cause =
                switch error.code {
                case .cancelled: .cancelled
                case .timedOut: .timeout
                default: .error
                }
            return TaskFailure(
                cause: cause, message: error.message,
                traceback: error.traceback.filter { $0.line != nil }.map(\.description))
        case let error as TaskError:
            return TaskFailure(
                cause: .error, message: error.message, traceback: error.traceback)
        default: return TaskFailure(cause: .error, message: "\(error)")
        }
    }
}

/// A worker that cannot begin.
struct TaskFailureError: Error {
    let failure: TaskFailure
    init(_ failure: TaskFailure) { self.failure = failure }
}

extension Lot {
    /// Ends a task that failed for good.
    func finish(_ index: Int, _ failure: TaskFailure) {
        let task = self[index]
        if task.pointee.ended == 0 { task.pointee.ended = vtp_now() }
        if task.pointee.started == 0 { task.pointee.started = task.pointee.ended }
        let result = result(index) ?? TaskResult()
        result.failure = failure
        setResult(index, result)
        let isCancelled = failure.cause == .cancelled
        if !isCancelled { job.failed(first + index) }
        vtp_task_publish(task, isCancelled ? VTP_CANCELLED : VTP_FAILED)
        job.count(finished: 1, busy: 0, done: 0)
    }

    /// Ends tasks that are not wanted any more.
    func cancel(_ range: Range<Int>) {
        vtp_publish(self[0], UInt32(range.lowerBound), UInt32(range.upperBound), VTP_CANCELLED)
        job.count(finished: range.count, busy: 0, done: 0)
    }
}

extension Job {
    func mayRetry(attempts: UInt16) -> Bool { Int(attempts) <= options.retries }
}

/// `2`, `0.5`
func brief(_ seconds: Double) -> String {
    seconds == seconds.rounded() && abs(seconds) < 1e15 ? "\(Int(seconds))" : "\(seconds)"
}

// MARK: - A worker's start

/// `os.exit` on a thread would end the whole program, in the middle of whatever others do.
private func refuseExit(_ lua: borrowing Lua) throws {
    try lua.pushGlobal("os")
    guard lua.type(at: -1) == .table else { return lua.pop() }
    defer { lua.pop() }
    try lua.push { lua in
        throw lua.error(
            "os.exit would end the whole program; use error(message), or processes, where it "
                + "ends the worker")
    }
    try lua.setRawField("exit", of: -2)
}

extension Workbench {
    /// What is done before the first task: libraries, the initializer, what was pushed to or
    /// executed on every worker before.
    func start(
        _ options: WorkerOptions, _ setup: [SetupStep], _ lua: borrowing Lua
    ) throws(TaskFailureError) {
        var stage = "a library cannot be loaded: "
        do {
            try lua.limited(
                timeout: .seconds(options.startTimeout), cancellation: gate.startCancellation()
            ) { lua in
                for library in options.libraries {
                    try lua.pushGlobal("require")
                    try lua.push(library)
                    try lua.call(arguments: 1)
                }
                if let initializer = options.initializer {
                    stage = "the initializer failed: "
                    try call(initializer, payload: nil, lua)
                }
                stage = "what was pushed or executed before failed: "
                for step in setup { try call(step.head, payload: step.payload, lua) }
            }
        } catch {
            var failure = failure(of: error, lua)
            switch failure.cause {
            case .timeout:
                failure.message = stage + "timed out after \(brief(options.startTimeout)) s"
            case .cancelled: break
            default: failure.message = stage + failure.message
            }
            failure.cause = .closed
            lua.pop(lua.top)
            throw TaskFailureError(failure)
        }
    }

    private func call(_ head: Shipment, payload: Shipment?, _ lua: borrowing Lua) throws {
        var position = 0
        var count = try decoder.decodeElements(head, at: &position, lua)
        lua.remove(at: lua.top - count + 1)
        count -= 2
        if let payload {
            position = 0
            count += try decoder.decodeElements(payload, at: &position, lua)
        }
        try lua.call(arguments: count)
    }
}
