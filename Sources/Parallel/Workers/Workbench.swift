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
    let encoder: ShippingEncoder
    let decoder: ShippingDecoder
    /// The job whose function and extra arguments are on the stack, and what they are.
    private var prepared: (job: Int, values: [LuaReference])?
    private var refusal: (job: Int, failure: TaskFailure)?
    private var modules = ModulePlaces()

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

    /// Bytes that tasks were given since garbage was collected, where it was much at a time.
    private var received = 0
    private static let much = 4 << 20

    /// Nothing is to be done: what tasks have left behind need not stay.
    func rest(_ lua: borrowing Lua) {
        guard received >= Self.much else { return }
        received = 0
        try? lua.collectGarbage()
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
        received += chunk.lot.payload.weight
        if let failure = prepare(job, lua) {
            failAll(chunk, failure, report)
            return true
        }
        var next = chunk.range.lowerBound
        while next < chunk.range.upperBound {
            if job.isUnwanted(chunk.lot.first + next) {
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
            if chunk.job.isUnwanted(chunk.lot.first + index) {
                return skip(chunk, from: index, report)
            }
            vtp_task_attempt(chunk.lot[index], Int32(worker))
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
            if let source = job.options.modules { try modules.use(source, lua) }
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
}
