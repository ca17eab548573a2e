// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTJupyter
internal import VTLuaBridge
internal import VTShipping
internal import VTSystem

// The replies to requests.

extension ClusterEngine {
    /// Answers all requests whose tasks have ended.
    func finishRequests() {
        guard requests.contains(where: \.isOver) else { return }
        let over = requests.filter(\.isOver)
        requests.removeAll { pending in over.contains { $0 === pending } }
        for pending in over { finish(pending) }
    }

    private func finish(_ pending: PendingRequest) {
        switch pending.kind {
        case .native: replyNative(pending)
        case .execute(let isSilent, let number): finishExecute(pending, isSilent, number)
        case .python: finishPython(pending)
        case .clear: break
        }
        if !pending.isNative { publishStatus("idle", pending.request) }
    }

    /// - Parameters:
    ///   - isLast: true if the engine leaves the cluster.
    ///   - sharesMemory: false to send large results as buffers in any case.
    func replyNative(
        _ pending: PendingRequest, isLast: Bool = false, sharesMemory: Bool = true
    ) {
        // Memory of this process ends with it.
        let results = ResultBuffers(
            pending.batch, sharesMemory: pending.neighbour != nil && sharesMemory && ending == nil)
        let buffers = results.buffers
        let batch = pending.batch
        let failure = (0..<batch.count).lazy.compactMap { index in
            batch.state(index) == VTP_FAILED ? batch.result(index)?.failure : nil
        }.first
        var content: JSON = [
            "status": "ok", "lang": "lua", "v": .integer(TaskHeading.version),
            "digest": .string(digest(of: buffers)), "host": .string(machine),
            "pid": .integer(worker.pid), "count": .integer(batch.count),
            "call": .integer(Int(batch.call.form.rawValue)), "leaving": .boolean(isLast),
        ]
        if !results.places.isEmpty, case .object(let members) = content {
            content = .object(members + [("memory", .array(results.places))])
        }
        if let failure, case .object(let members) = content {
            // For the scheduler and the Hub, which read only the status.
            content = .object(
                members.dropFirst() + (error(failure, "apply").members ?? []))
        }
        let metadata = metadata(
            pending.request, status: failure == nil ? "ok" : "error", began: pending.began)
        wire.reply(
            to: pending.request, "apply_reply", metadata: metadata, content: content, buffers)
        if results.segments.isEmpty {
            recent.add(pending.request, metadata: metadata, content: content, buffers)
        } else {
            recent.lend(pending, results.segments)
        }
        // It has no further tasks here, and its head may hold long arguments.
        if batch.call.form == .apply { calls.forget(batch.call) }
    }

    // MARK: Others

    /// The result of a batch of one task: the elements of its value, or its failure.
    private func outcome(_ batch: TaskBatch) -> Result<[PythonValue], TaskFailure> {
        guard batch.state(0) == VTP_DONE else {
            return .failure(batch.result(0)?.failure ?? TaskFailure.interrupted)
        }
        let shipment = batch.result(0)?.shipment
        let strings = (shipment?.sharedStringLengths ?? []).indices.map {
            shipment?.copyOfSharedString($0) ?? []
        }
        func read(_ bytes: UnsafeRawBufferPointer) -> Result<[PythonValue], TaskFailure> {
            do {
                var position = 0
                let value = try PythonValue(cbor: bytes, at: &position, strings: strings)
                return .success(value.elements ?? [value])
            } catch {
                return .failure(
                    TaskFailure(
                        cause: .error, message: "the result cannot go to Python: \(error)"))
            }
        }
        guard let shipment else { return batch.withSmallResult(0) { read($0) } }
        return shipment.withBytes { read($0) }
    }

    private func finishExecute(_ pending: PendingRequest, _ isSilent: Bool, _ number: Int) {
        let header = pending.message.header
        switch outcome(pending.batch) {
        case .success(let values):
            if !isSilent, case .string(let text)? = values.first {
                wire.publish(
                    "execute_result", topic: "execute_result", parent: header,
                    content: [
                        "data": ["text/plain": .string(text)], "metadata": [:],
                        "execution_count": .integer(number),
                    ])
            }
            wire.reply(
                to: pending.request, "execute_reply",
                metadata: metadata(pending.request, status: "ok", began: pending.began),
                content: [
                    "status": "ok", "execution_count": .integer(number), "user_expressions": [:],
                    "payload": [],
                ])
        case .failure(let failure):
            let content = error(failure, "execute")
            wire.publish("error", topic: "error", parent: header, content: content)
            wire.reply(
                to: pending.request, "execute_reply",
                metadata: metadata(pending.request, status: "error", began: pending.began),
                content: .object(
                    (content.members ?? []) + [
                        ("execution_count", .integer(number)),
                        ("user_expressions", [:]),
                    ]))
        }
    }

    private func finishPython(_ pending: PendingRequest) {
        switch outcome(pending.batch) {
        case .success(let values):
            let value = values.count > 1 ? .tuple(values) : values.first ?? .none
            let buffers: [[UInt8]]
            do {
                buffers = try PythonCall.reply(value)
            } catch {
                return reply(
                    pending, TaskFailure(cause: .error, message: "the result cannot go: \(error)"))
            }
            wire.reply(
                to: pending.request, "apply_reply",
                metadata: metadata(pending.request, status: "ok", began: pending.began),
                content: ["status": "ok"], buffers.map { .bytes($0) })
        case .failure(let failure): reply(pending, failure)
        }
    }

    private func reply(_ pending: PendingRequest, _ failure: TaskFailure) {
        let content = error(failure, "apply")
        wire.publish("error", topic: "error", parent: pending.message.header, content: content)
        wire.reply(
            to: pending.request, replyType(pending.message),
            metadata: metadata(pending.request, status: "error", began: pending.began),
            content: content)
    }

    // MARK: Ends

    /// Answers a request whose worker has died.
    func giveBack(_ pending: PendingRequest, _ reason: String) {
        switch pending.kind {
        case .native, .clear: refuse(pending, reason)
        case .execute, .python:
            if pending.isOver {
                finish(pending)
            } else if pending.request.channel == .task, !pending.hasBegun {
                wire.reply(
                    to: pending.request, replyType(pending.message),
                    metadata: metadata(pending.request, status: "error", isMet: false),
                    content: ["status": "error", "ename": "UnmetDependency", "evalue": ""])
            } else {
                refuse(pending, reason)
            }
        }
    }

    /// Answers a request that has not ended when the engine leaves the cluster.
    func refuse(_ pending: PendingRequest, _ reason: String) {
        switch pending.kind {
        case .clear: break
        case .native: replyNative(pending, isLast: true)
        case .execute, .python: reply(pending, TaskFailure(cause: .died, message: reason))
        }
    }

    func replyAborted(to request: EngineWire.Request) {
        aborted.remove(request.message.id)
        wire.reply(
            to: request, replyType(request.message),
            metadata: metadata(request, status: "aborted"), content: ["status": "aborted"])
        publishStatus("idle", request)
    }

    func fail(_ request: EngineWire.Request, ename: String, _ message: String) {
        let content: JSON = [
            "status": "error", "ename": .string(ename), "evalue": .string(message),
            "traceback": [.string("\(ename): \(message)")], "engine_info": engineInfo("apply"),
            "execution_count": 0, "user_expressions": [:],
        ]
        wire.reply(
            to: request, replyType(request.message), metadata: metadata(request, status: "error"),
            content: content)
        publishStatus("idle", request)
    }

    // MARK: Parts of replies

    /// The type of the reply to a message: "apply_reply" for "apply_request".
    func replyType(_ message: Message) -> String {
        message.type.hasSuffix("_request")
            ? message.type.dropLast("request".count) + "reply" : message.type + "_reply"
    }

    func engineInfo(_ method: String) -> JSON {
        [
            "engine_uuid": .string(wire.uuid), "engine_id": JSON(wire.id),
            "method": .string(method),
        ]
    }

    private func error(_ failure: TaskFailure, _ method: String) -> JSON {
        let ename =
            switch failure.cause {
            case .error: "LuaError"
            case .timeout: "TimeoutError"
            case .cancelled: "KeyboardInterrupt"
            case .died, .closed: "EngineError"
            }
        let frames = failure.traceback.filter { $0.line != nil }.map { "\t\($0)" }
        return [
            "status": "error", "ename": .string(ename), "evalue": .string(failure.message),
            "traceback": JSON(frames.reversed() + ["\(ename): \(failure.message)"]),
            "engine_info": engineInfo(method),
        ]
    }

    func metadata(
        _ request: EngineWire.Request, status: String, isMet: Bool = true, began: String? = nil,
        uuid: String? = nil
    ) -> JSON {
        let given = request.message.metadata
        return [
            "started": .string(began ?? Timestamp.now), "dependencies_met": .boolean(isMet),
            "engine": .string(uuid ?? wire.uuid), "is_broadcast": given["is_broadcast"],
            "is_coalescing": given["is_coalescing"],
            "original_msg_id": .string(given["original_msg_id"].string ?? ""),
            "label": given["label"], "status": .string(status),
        ]
    }
}

extension TaskFailure {
    fileprivate static let interrupted = TaskFailure(cause: .cancelled, message: "interrupted")
}
