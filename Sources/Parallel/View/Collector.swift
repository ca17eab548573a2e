// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTParallel
package import VTLuaBridge
internal import VTShipping
internal import VTSystem

/// Functions that are called while a caller waits for results.
package struct Listener {
    /// Called with the number of tasks that have ended, and their total where it is known.
    package var progress: ((borrowing Lua, Int, Int?) throws -> Void)?
    /// Called with the output of each task.
    package var printed: ((borrowing Lua, UnsafeRawBufferPointer) throws -> Void)?

    /// A listener that ignores everything.
    package init() {}
}

/// Takes the results of a call.
struct Collector {
    let call: Call
    let view: View
    let listener: Listener
    private var reportedAt: Int64 = 0
    /// The number of tasks of a call that has ended.
    private var total: Int?

    init(_ call: Call, _ view: View, _ listener: Listener = Listener()) {
        self.call = call
        self.view = view
        self.listener = listener
    }

    // MARK: Waiting

    /// Waits until `target` tasks have ended, or `isReady` returns true; false when the deadline
    /// comes first.
    mutating func wait(
        finished target: Int, until deadline: Int64 = Clock.never, _ lua: borrowing Lua,
        orUntil isOtherwiseReady: () -> Bool = { false }
    ) throws -> Bool {
        let call = call
        defer { call.stopWaking() }
        let isReady = try view.completion.wait(
            until: deadline, lua,
            isReady: { call.finished >= target || isOtherwiseReady() },
            prepare: { call.wake(at: target) },
            meanwhile: {
                view.backend.checkWorkers()
                try reportProgress(lua)
            })
        // The end is reported if the beginning was. More tasks of an iterator may follow.
        if reportedAt > 0, call.isFinished, call.form == .apply || call.total == call.finished {
            call.observer?.report(finished: call.finished, of: call.total)
        }
        return isReady
    }

    /// Reports progress, at most ten times a second.
    mutating func reportProgress(always: Bool = false, _ lua: borrowing Lua) throws {
        guard listener.progress != nil || call.observer != nil else { return }
        let now = Clock.now
        guard always || now - reportedAt > Clock.second / 10 else { return }
        reportedAt = now
        let total = call.total ?? total
        call.observer?.report(finished: call.finished, of: total)
        try listener.progress?(lua, call.finished, total)
    }

    /// Reports that all tasks have ended.
    mutating func reportEnd(_ lua: borrowing Lua) throws {
        total = call.published
        try reportProgress(always: true, lua)
    }

    // MARK: Results

    /// Pushes the result of a published task, or the error object of one that failed.
    ///
    /// - Parameters:
    ///   - all: true to push all results of a call, instead of one value.
    ///   - count: set to the number of values.
    /// - Returns: the error, if the task failed.
    func push(
        _ batch: TaskBatch, _ index: Int, all: Bool = false, count: inout Int, _ lua: borrowing Lua
    ) throws -> TaskError? {
        count = 1
        let state = batch.state(index)
        if state == VTP_DONE || state == VTP_FAILED, let printed = batch.result(index)?.printed,
            !printed.isEmpty
        {
            try printed.withUnsafeBytes { try listener.printed?(lua, $0) }
        }
        var failure: TaskFailure?
        switch state {
        case VTP_DONE:
            do {
                try decode(batch, index, all, &count, lua)
                return nil
            } catch let error as LuaError where error.isOfCaller {
                throw error
            } catch {
                let reason = (error as? LuaError)?.message ?? "\(error)"
                failure = TaskFailure(
                    cause: .error, message: "cannot receive the result: \(reason)")
            }
        case VTP_WAITING: failure = call.settlement(of: batch.first + index)
        default: failure = batch.result(index)?.failure
        }
        if failure == nil || failure?.cause == .cancelled, call.isTerminated {
            failure = .terminated
        }
        let error = try error(failure ?? .cancelled, of: batch, index, lua)
        try lua.push(any: error)
        return error
    }

    /// Moves short results of tasks that are done into the list at `table`, from element `position`
    /// on.
    ///
    /// - Returns: the number of results.
    func takeReady(
        _ batch: TaskBatch, _ index: Int, into table: Int, at position: Int, _ lua: borrowing Lua
    ) throws -> Int {
        var taken: UInt32 = 0
        try lua.check(
            vtp_take_list(
                lua.L, Int32(table), lua_Integer(position), UInt32(batch.count - index),
                view.decoder.decoder, batch[index], &taken))
        return Int(taken)
    }

    private func decode(
        _ batch: TaskBatch, _ index: Int, _ all: Bool, _ count: inout Int, _ lua: borrowing Lua
    ) throws {
        if batch[index].pointee.result != nil, let result = batch.result(index),
            let shipment = result.shipment
        {
            var position = result.position
            if all {
                count = try view.decoder.decodeElements(shipment, at: &position, lua)
            } else {
                try view.decoder.decode(shipment, at: &position, lua)
            }
            return
        }
        try batch.withSmallResult(index) { bytes in
            var position = 0
            if all {
                count = try view.decoder.decodeElements(bytes, at: &position, lua)
            } else {
                try view.decoder.decode(bytes, at: &position, lua)
            }
        }
    }

    /// The error of a task that failed or was cancelled.
    private func error(
        _ failure: TaskFailure, of batch: TaskBatch, _ index: Int, _ lua: borrowing Lua
    ) throws -> TaskError {
        let isPublished = batch.state(index) != VTP_WAITING
        var error = TaskError(
            failure, of: call, number: batch.first + index,
            worker: isPublished ? Int(batch[index].pointee.worker) : nil, kind: view.kind,
            trustsValue: view.backend.trustsResults)
        if let hint = try missingGlobal(in: failure.message, lua) { error.message += hint }
        if let name = failure.message.missingModule,
            let reason = try SentModules.absence(of: name, lua)
        {
            error.message += "\n" + reason
        }
        return error
    }

    /// The advice for a global that only the caller has.
    private func missingGlobal(in message: String, _ lua: borrowing Lua) throws -> String? {
        guard let name = message.missingGlobal else { return nil }
        try lua.pushGlobals()
        try lua.pushRawField(name, of: -1)
        defer { lua.pop(2) }
        if lua.isNil(at: -1) { return nil }
        return "\n'\(name)' is a global of the caller, and workers have their own: make it local, "
            + "require it in the task, or send it with v:push { \(name) = \(name) }"
    }

    /// True if a task has ended.
    func isSettled(_ batch: TaskBatch, _ index: Int) -> Bool {
        batch.state(index) != VTP_WAITING || call.settlement(of: batch.first + index) != nil
    }
}

extension TaskError {
    /// The error of a task that was not sent.
    init(_ failure: TaskFailure, of call: Call, number: Int, in view: View) {
        self.init(
            failure, of: call, number: number, worker: nil, kind: view.kind, trustsValue: false)
    }

    fileprivate init(
        _ failure: TaskFailure, of call: Call, number: Int?, worker: Int?, kind: BackendKind,
        trustsValue: Bool
    ) {
        message = failure.message
        traceback = failure.traceback
        index = number.map { $0 + 1 }
        total = call.total
        self.worker = worker.flatMap { $0 > 0 ? $0 : nil }
        self.kind = kind
        label = call.options.label
        sender = call.sender
        cause = failure.cause
        value = failure.value
        omitted = failure.omitted.isEmpty ? nil : failure.omitted
        self.trustsValue = trustsValue
    }
}

extension LuaError {
    /// True if the error is about the caller's state, and not about the result.
    fileprivate var isOfCaller: Bool {
        switch code {
        case .memory, .stackOverflow, .cancelled, .timedOut, .closed: true
        default: false
        }
    }
}

extension String {
    /// The name in "module 'name' not found".
    fileprivate var missingModule: String? {
        let mark = "module '"
        var rest = self[...]
        while let start = rest.firstIndex(of: "m") {
            rest = rest[start...]
            if rest.hasPrefix(mark) {
                let name = rest.dropFirst(mark.count).prefix { $0 != "'" }
                if rest.dropFirst(mark.count + name.count).hasPrefix("' not found") {
                    return String(name)
                }
            }
            rest = rest.dropFirst()
        }
        return nil
    }

    /// The name in "attempt to ... a nil value (global 'name')".
    fileprivate var missingGlobal: String? {
        let mark = "a nil value (global '"
        var rest = self[...]
        while !rest.isEmpty {
            if rest.hasPrefix(mark) {
                return String(rest.dropFirst(mark.count).prefix { $0 != "'" })
            }
            rest = rest.dropFirst()
        }
        return nil
    }
}
