// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTLuaBridge
internal import VTShipping
internal import VTSystem

/// Runs tasks in one Lua state, for a worker of any kind.
///
/// While the call stays the same, its function and extra arguments stay on the stack.
final class TaskRunner {
    let worker: Int
    let runningTask: RunningTask
    let capture: PrintCapture
    let encoder: ShippingEncoder
    let decoder: ShippingDecoder
    /// The kinds of values that results may hold.
    let rules: ShippingRules
    /// The call whose function and extra arguments are on the stack, and what they are.
    private var prepared: (call: Int, values: [LuaReference])?
    /// The values that arguments of that call refer to.
    private var roots: CallRoots?
    private var refusal: (call: Int, failure: TaskFailure)?
    private var modules = ModulePlaces()
    private let accesses: (any AccessRecorder)?
    /// True if tasks count in the budget of a run. The process has one, which a sandbox must not hold.
    private let usesSlots: Bool

    /// - Parameters:
    ///   - rules: the kinds of values that results may hold.
    ///   - page: the memory that the worker shares with its parent, in a process; there `os.exit`
    ///     ends only the worker.
    init(
        worker: Int, runningTask: RunningTask, rules: ShippingRules,
        page: UnsafeMutablePointer<vtp_page>? = nil, _ lua: borrowing Lua
    ) throws {
        self.worker = worker
        self.runningTask = runningTask
        self.rules = rules
        encoder = ShippingEncoder(rules)
        decoder = ShippingDecoder(trustsCode: true)
        capture = try PrintCapture(lua, page: page)
        lua.ownPrograms()
        accesses = lua.accessRecorder
        usesSlots = lua.libraries == .all
        if page == nil {
            try refuseExit(lua)
            try refuseLocale(lua)
        }
    }

    /// The bytes of arguments received since the last collection of garbage.
    private var received = 0
    private static let much = 4 << 20

    /// Collects the garbage of large arguments. The worker calls it when it has no task.
    func rest(_ lua: borrowing Lua) {
        guard received >= Self.much else { return }
        received = 0
        try? lua.collectGarbage()
    }

    /// Copies strings that are shared with others, and ends the programs that tasks have left in the
    /// background. It must be called before the state is closed.
    ///
    /// - Parameter endsPrograms: true to end also those of `io.popen` that are open, instead of
    ///   waiting for them.
    func close(endsPrograms: Bool = false, _ lua: borrowing Lua) {
        encoder.copyOutSharedStrings()
        lua.endPrograms(onlyBackground: !endsPrograms)
    }

    // MARK: Chunks

    /// Runs the tasks of a chunk.
    ///
    /// - Parameter report: called with each range of tasks that were published.
    /// - Returns: false when it did not start, because the evaluation around it was stopped.
    func perform(
        _ chunk: Chunk, _ lua: borrowing Lua, report: (Range<Int>) -> Void = { _ in }
    ) -> Bool {
        var chunk = chunk
        let call = chunk.call
        // With a limit on what computes at once.
        let hasSlot =
            usesSlots
            && Slots.enter(call.options.cores) {
                !call.isUnwanted(chunk.first) && !runningTask.isSpent && !runningTask.isAbandoned
            }
        defer { if hasSlot { Slots.leave() } }
        guard runningTask.enter(chunk) else { return false }
        defer { runningTask.leave() }
        received += chunk.batch.payload.weight
        // The only task of a call: its arguments may be long, and are not needed again.
        defer { if call.form == .apply { forget(lua) } }
        var next = chunk.range.lowerBound
        while next < chunk.range.upperBound {
            if let failure = prepare(call, lua) {
                if let accesses { call.addAccesses(accesses.take()) }
                chunk.range = next..<chunk.range.upperBound
                failAll(chunk, failure, report)
                break
            }
            if call.isUnwanted(chunk.batch.first + next) {
                skip(chunk, from: next, report)
                break
            }
            let before = next
            next = runSome(chunk, from: next, lua, report)
            // The attempt may have changed its arguments.
            if next == before, call.form == .apply { forget(lua) }
        }
        return true
    }

    /// Removes the function and the arguments of the last call.
    private func forget(_ lua: borrowing Lua) {
        prepared = nil
        lua.pop(lua.top)
    }

    /// Runs tasks from `next` on, and returns the first that was not run.
    private func runSome(
        _ chunk: Chunk, from next: Int, _ lua: borrowing Lua, _ report: (Range<Int>) -> Void
    ) -> Int {
        let call = chunk.call
        guard let timeout = call.options.timeout else {
            return runSome(chunk, next..<chunk.range.upperBound, lua, report)
        }
        // Each task has its own timeout.
        do {
            return try lua.limited(timeout: timeout) { lua in
                runSome(chunk, next..<(next + 1), lua, report)
            }
        } catch {
            finish(
                chunk.batch, next, TaskFailure(cause: .error, message: "\(error)"), report)
            return next + 1
        }
    }

    private func runSome(
        _ chunk: Chunk, _ range: Range<Int>, _ lua: borrowing Lua, _ report: (Range<Int>) -> Void
    ) -> Int {
        guard let prepared else { return range.upperBound }
        let batch = chunk.batch
        let call = batch.call
        var run = vtp_run()
        encoder.beginRun()
        run.encoder = encoder.encoder
        run.decoder = decoder.decoder
        run.tasks = batch[0]
        run.next = UInt32(range.lowerBound)
        run.end = UInt32(range.upperBound)
        run.first = Int64(batch.first)
        run.stop = UnsafePointer(call.stop)
        run.current = runningTask.current
        run.attention = UnsafePointer(capture.attention)
        run.worker = Int32(worker)
        run.call =
            switch call.form {
            case .item: VTP_CALL_ONE
            case .spread: VTP_CALL_SPREAD
            case .apply: VTP_CALL_ALL
            }
        let reason = batch.payload.withBytes { payload in
            run.payload = payload.bindMemory(to: UInt8.self).baseAddress
            run.length = payload.count
            return decoder.withReferences(of: batch.payload) { references in
                run.references = references
                return vtp_run_tasks(lua.L, &run, Int32(prepared.values.count - 1))
            }
        }
        if runningTask.isAbandoned { return range.upperBound }
        let stopped = Int(run.next)
        keepLongResults(batch, range.lowerBound..<stopped)
        if capture.isHolding, stopped > range.lowerBound { keepPrinted(batch, stopped - 1) }
        if let accesses { call.addAccesses(accesses.take()) }
        publish(batch, range.lowerBound..<stopped, report)
        switch reason {
        case VTP_RUN_FAILED:
            let failure = takeFailure(run, call, lua)
            return failed(batch, stopped, failure, report)
        case VTP_RUN_REFUSED:
            return failed(batch, stopped, refusedResult(run.status, lua), report)
        default:
            return stopped
        }
    }

    // MARK: Results

    /// Puts the results that did not fit into their records into one shipment.
    private func keepLongResults(_ batch: TaskBatch, _ range: Range<Int>) {
        guard encoder.count > 0 else { return }
        let shipment = encoder.ship()
        for index in range where batch[index].pointee.length == UInt8(VTP_ELSEWHERE) {
            let result = TaskResult()
            result.shipment = shipment
            result.position = Int(batch[index].pointee.position)
            batch.setResult(index, result)
        }
    }

    private func keepPrinted(_ batch: TaskBatch, _ index: Int) {
        batch.addPrinted(capture.take(), to: index)
    }

    private func publish(_ batch: TaskBatch, _ range: Range<Int>, _ report: (Range<Int>) -> Void) {
        guard !range.isEmpty else { return }
        let busy =
            batch[range.upperBound - 1].pointee.ended - batch[range.lowerBound].pointee.started
        vtp_publish(batch[0], UInt32(range.lowerBound), UInt32(range.upperBound), VTP_DONE)
        batch.call.count(finished: range.count, busy: max(0, busy), done: range.count)
        report(range)
    }

    /// Ends a failed task, unless it may run again.
    ///
    /// - Returns: the next task to run.
    private func failed(
        _ batch: TaskBatch, _ index: Int, _ failure: TaskFailure, _ report: (Range<Int>) -> Void
    ) -> Int {
        let again =
            failure.cause != .cancelled
            && batch.call.mayRetry(attempts: batch[index].pointee.attempts)
        if again, !runningTask.isSpent { return index }
        finish(batch, index, failure, report)
        return index + 1
    }

    private func finish(
        _ batch: TaskBatch, _ index: Int, _ failure: TaskFailure, _ report: (Range<Int>) -> Void
    ) {
        if capture.isHolding { keepPrinted(batch, index) }
        batch.finish(index, failure)
        report(index..<(index + 1))
    }

    /// Cancels tasks that are not wanted any more.
    private func skip(_ chunk: Chunk, from next: Int, _ report: (Range<Int>) -> Void) {
        let range = next..<chunk.range.upperBound
        guard !range.isEmpty else { return }
        chunk.batch.cancel(range)
        report(range)
    }

    private func failAll(
        _ chunk: Chunk, _ failure: TaskFailure, _ report: (Range<Int>) -> Void
    ) {
        for index in chunk.range {
            if chunk.call.isUnwanted(chunk.batch.first + index) {
                return skip(chunk, from: index, report)
            }
            vtp_task_attempt(chunk.batch[index], Int32(worker))
            finish(chunk.batch, index, failure, report)
        }
    }
}

// MARK: - The function

extension TaskRunner {
    /// Puts the call's function on the stack, unless it is there already.
    ///
    /// - Returns: the failure of all of its tasks, where the function cannot be decoded.
    private func prepare(_ call: Call, _ lua: borrowing Lua) -> TaskFailure? {
        if let prepared, prepared.call == call.number, lua.top == prepared.values.count {
            return nil
        }
        if let refusal, refusal.call == call.number { return refusal.failure }
        lua.pop(lua.top)
        do {
            if let prepared, prepared.call == call.number {
                // The evaluation ended since, and its stack was cleared.
                for value in prepared.values { try lua.push(value) }
                return nil
            }
            prepared = nil
            accesses?.restart()
            if let source = call.options.modules { try modules.use(source, lua) }
            received += call.head.weight
            let count = try decode(head: call.head, lua)
            prepared = (call.number, try (1..<(count + 1)).map { try lua.reference(at: $0) })
            roots =
                call.form == .spread
                ? try CallRoots(function: 1, extras: 2..<(count + 1), lua) : nil
            try decoder.setRoots(roots?.table, lua)
            return nil
        } catch {
            lua.pop(lua.top)
            var failure =
                runningTask.isSpent ? TaskFailure.cancelled : failure(raising: error, lua)
            if failure.cause != .cancelled {
                failure.message = "cannot receive the function: " + failure.message
                refusal = (call.number, failure)
            }
            return failure
        }
    }

    /// Pushes the function of a call and its extra arguments, and returns their number.
    func decode(head: Shipment, _ lua: borrowing Lua) throws -> Int {
        var position = 0
        let base = lua.top
        if head.beginsWithString {
            try decoder.decode(head, at: &position, lua)
            try modules.install(at: base + 1, lua)
            lua.pop()
        }
        let count = try decoder.decodeElements(head, at: &position, lua)
        // The classes are registered now; their table is not needed.
        lua.remove(at: base + 1)
        return count - 1
    }
}

extension Shipment {
    /// True if the first item is a string, by itself or shared, and not an array.
    fileprivate var beginsWithString: Bool { withBytes { $0.first.map { $0 >> 5 != 4 } ?? false } }
}
