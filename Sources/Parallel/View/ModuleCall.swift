// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
package import VTLuaBridge
package import VTShipping
internal import VTSystem

/// A call of a view whose tasks are sent little by little, and whose results are taken as they end.
package final class ModuleCall {
    private let call: Call
    private let view: View
    private let collector: Collector
    private var outstanding: OutstandingTasks
    private var sent = 0

    /// Begins a call of the function at `function`, which gets the values at `extras` after each
    /// element.
    ///
    /// - Throws: `LuaError` when one of them cannot be sent, or the view is closed.
    package init(
        _ view: View, function: Int, extras: Range<Int>, _ options: CallOptions,
        _ lua: borrowing Lua
    ) throws {
        call = try view.begin(
            .item, function: function, extras: extras, options, total: nil, lua)
        self.view = view
        // Results are wanted one by one. A message to an engine takes longer than many quick tasks.
        if view.kind != .cluster { call.largestShare = 32 }
        outstanding = OutstandingTasks(call, isOrdered: false)
        collector = Collector(call, view)
    }

    deinit {
        if !call.isFinished { call.stop(from: 0) }
        call.release()
    }

    /// The number of tasks that were sent and not taken.
    package var running: Int { outstanding.count }
    /// The number of tasks that were sent.
    package var count: Int { sent }
    /// True if a task has ended that was not taken.
    package var hasEnded: Bool { call.finished > outstanding.returned }

    /// Sends a task for each of `count` elements of the list at `list`, from `first` on.
    ///
    /// - Throws: ``ModuleCall/Unsendable`` for an element that cannot be sent, after those before it
    ///   were sent.
    package func send(list: Int, first: Int, count: Int, _ lua: borrowing Lua) throws {
        let list = lua.absolute(list)
        var next = first
        let end = first + count
        var size = TaskBatcher.firstSize(for: view.backend)
        while next < end {
            let most = min(size, end - next, view.backend.largestBatch)
            size *= 4
            let tasks = UnsafeMutablePointer<vtp_task>.allocate(capacity: most)
            view.encoder.beginRun()
            var status: Int32 = 0
            let made = Int(
                vtp_send_list(
                    lua.L, Int32(list), lua_Integer(next), UInt32(most), Self.mostBytes,
                    view.encoder.encoder, tasks, &status))
            let failure = status == 0 ? nil : view.encoder.failure(status, lua)
            if made == 0 {
                tasks.deallocate()
                view.encoder.truncate(to: 0)
            } else {
                let batch = TaskBatch(
                    call: call, first: sent, tasks: tasks, count: made,
                    payload: view.encoder.ship())
                sent += made
                next += made
                try view.submit(batch)
                outstanding.add(batch)
            }
            if let refusal = failure as? ShippingRefusal {
                throw Unsendable(element: next, refusal: refusal.advised)
            }
            if let failure { throw failure }
        }
    }

    /// The error of an element that cannot be sent.
    package struct Unsendable: Error {
        /// The position of the element in the list.
        package var element: Int
        /// The parts that cannot be sent.
        package var refusal: ShippingRefusal
    }

    private static let mostBytes = 256 << 10

    /// Takes a task that has ended, in no particular order, and pushes its result if it is done;
    /// nil if there is none.
    package func takeNext(_ lua: borrowing Lua) throws -> EndedTask? {
        guard let (batch, index) = outstanding.takeReady(collector.isSettled) else { return nil }
        let state = batch.state(index)
        var ended = EndedTask(number: batch.first + index)
        if state != VTP_WAITING {
            let task = batch[index].pointee
            ended.worker = task.worker > 0 ? Int(task.worker) : nil
            ended.started = task.started
            ended.ended = task.ended
            ended.attempts = Int(task.attempts)
            if task.result != nil { ended.printed = batch.result(index)?.printed ?? [] }
        }
        var count = 0
        ended.failure = try collector.push(batch, index, count: &count, lua)
        if ended.failure != nil { lua.pop() }
        return ended
    }

    /// Makes the tasks from a number on unwanted: those that run are interrupted, the others never
    /// start.
    package func stop(from number: Int) { call.stop(from: number) }

    /// Waits until one of the calls, which have the same completion event, has a task that has ended and
    /// was not taken; false when the deadline comes first.
    ///
    /// - Parameter meanwhile: called periodically.
    /// - Throws: `LuaError` when the evaluation that waits must stop.
    package static func wait(
        for calls: [ModuleCall], until deadline: Int64, _ lua: borrowing Lua,
        meanwhile: () throws -> Void = {}
    ) throws -> Bool {
        guard let first = calls.first else { return false }
        defer { for call in calls { call.call.stopWaking() } }
        return try first.view.completion.wait(
            until: deadline, lua,
            isReady: { calls.contains { $0.hasEnded } },
            prepare: { for call in calls { call.call.wake(at: call.outstanding.returned + 1) } },
            meanwhile: {
                for call in calls { call.view.backend.checkWorkers() }
                try meanwhile()
            })
    }
}

@available(*, unavailable)
extension ModuleCall: Sendable {}

/// A task of a ``ModuleCall`` that has ended.
package struct EndedTask {
    /// The number of the task in its call, from 0.
    package var number: Int
    /// The number of its worker; nil if none has run it.
    package var worker: Int?
    /// The time at which its last attempt started, in nanoseconds of the clock.
    package var started: Int64 = 0
    /// The time at which it ended.
    package var ended: Int64 = 0
    /// The number of attempts.
    package var attempts = 0
    /// Its output, with the notes of the program.
    package var printed: [UInt8] = []
    /// The failure, if it has failed or was cancelled; nil if its result was pushed.
    package var failure: TaskError?

    init(number: Int) { self.number = number }
}
