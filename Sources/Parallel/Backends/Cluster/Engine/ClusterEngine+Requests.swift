// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTJupyter
internal import VTShipping
internal import VTSystem

// The requests that an engine receives.

extension ClusterEngine {
    func take(_ request: EngineWire.Request) {
        let message = request.message
        guard wire.isReceiver(of: request) else {
            // An earlier version names no receiver: the reason is the version.
            let isNative =
                message.type == "apply_request" && message.content["lang"].string == "lua"
            if isNative, message.content["v"].int != TaskHeading.version {
                return takeNative(request)
            }
            return fail(
                request, ename: Refusal.Kind.refused.rawValue,
                "the request is not signed for this engine; a client of vtlua must have the same "
                    + "version")
        }
        lastMessageAt[message.session] = Clock.now
        if request.channel == .control { return control(request) }
        guard !aborted.contains(message.id) else { return replyAborted(to: request) }
        switch message.type {
        case "apply_request":
            if message.content["lang"].string == "lua" {
                takeNative(request)
            } else {
                takePython(request)
            }
        case "execute_request": takeExecute(request)
        case "vtlua_probe_request": takeProbe(request)
        case "vtlua_result_request": repeatResult(request)
        case "kernel_info_request", "connect_request", "comm_info_request":
            wire.reply(
                to: request, replyType(message), content: kernelInfo)
        default: failUnknown(request)
        }
    }

    func failUnknown(_ request: EngineWire.Request) {
        fail(
            request, ename: "ValueError",
            "vtlua engines do not know messages of type '\(request.message.type)'")
    }

    private var kernelInfo: JSON {
        [
            "status": "ok", "protocol_version": "5.3", "implementation": "vtlua",
            "implementation_version": .string(options.version), "banner": "vtlua",
            "language_info": [
                "name": "lua", "version": "5.4", "mimetype": "text/x-lua",
                "file_extension": ".lua",
            ],
        ]
    }

    private func add(
        _ request: EngineWire.Request, _ kind: PendingRequest.Kind, _ batch: TaskBatch,
        neighbour: Int? = nil
    ) {
        let pending = PendingRequest(request, kind, batch, neighbour: neighbour)
        requests.append(pending)
        worker.queue.add(batch)
        if !pending.isNative { publishStatus("busy", request) }
    }

    func publishStatus(_ state: String, _ request: EngineWire.Request) {
        wire.publish(
            "status", topic: "status", parent: request.message.header,
            content: ["execution_state": .string(state)])
    }

    // MARK: Tasks of our own clients

    private func takeNative(_ request: EngineWire.Request) {
        do throws(Refusal) {
            let heading = try TaskHeading(request.message.content)
            let buffers = request.message.buffers
            guard !buffers.isEmpty, digest(of: buffers) == heading.digest else {
                throw Refusal("the buffers differ from those that the client has signed")
            }
            var rest = buffers.dropFirst()
            let head = try heading.head.map { place throws(Refusal) in
                try shipment(place, &rest)
            }
            if let head, head.count == 0 { throw Refusal("the request has an empty head") }
            let call = try calls.call(
                heading, client: request.message.session, head: head,
                interrupter: worker.server.control)
            watcher?.calls.note(
                call: call.number,
                CallTable.Origin(client: request.message.session, job: heading.call))
            let payload = try shipment(heading.payload, &rest)
            add(
                request, .native, try batch(heading, call, entries: buffers[0], payload),
                neighbour: heading.neighbour)
        } catch {
            let message =
                error.kind == .otherVersion
                ? "engine \(wire.id.map { "\($0)" } ?? "?") on \(machine) \(error.message)"
                : error.message
            wire.reply(
                to: request, "apply_reply", metadata: metadata(request, status: "error"),
                content: [
                    "status": "error", "ename": .string(error.kind.rawValue),
                    "evalue": .string(message), "traceback": [],
                    "engine_info": engineInfo("apply"),
                ])
        }
    }

    /// Takes the bytes at a place.
    private func shipment(
        _ place: TaskHeading.Place, _ rest: inout ArraySlice<Part>
    ) throws(Refusal) -> Shipment {
        switch place {
        case .buffers(let count):
            guard count <= rest.count, let first = rest.first else { throw .malformed }
            defer { rest = rest.dropFirst(count) }
            return Shipment(first, sharedStrings: rest.prefix(count).dropFirst())
        case .memory(let process, let descriptor, let number, let lengths):
            return try Shipment(
                process: process, descriptor: descriptor, number: number, lengths)
        }
    }

    private func batch(
        _ heading: TaskHeading, _ call: Call, entries: Part, _ payload: Shipment
    ) throws(Refusal) -> TaskBatch {
        var reader = ByteReader(entries.bytes)
        var offsets: [UInt32] = []
        var attempts: [UInt32] = []
        do {
            for _ in 0..<heading.count {
                let entry = try reader.read(TaskEntry.self)
                offsets.append(entry.offset)
                attempts.append(entry.attempts)
            }
        } catch { throw .malformed }
        guard offsets[0] == 0, zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 }),
            Int(offsets[offsets.count - 1]) <= payload.count
        else { throw .malformed }
        let batch = TaskBatch(call: call, first: heading.first, offsets: offsets, payload: payload)
        for (index, count) in attempts.enumerated() {
            batch[index].pointee.attempts = UInt16(clamping: count)
        }
        return batch
    }

    // MARK: Code as text

    private func takeExecute(_ request: EngineWire.Request) {
        let content = request.message.content
        guard let code = content["code"].string else {
            return fail(request, ename: "ValueError", "the request has no code")
        }
        let isSilent = content["silent"].bool ?? false
        if !isSilent { executions += 1 }
        guard let batch = try? call("execute", [.string(code), .string("=execute")])
        else { return }
        if !isSilent {
            wire.publish(
                "execute_input", topic: "execute_input", parent: request.message.header,
                content: ["code": .string(code), "execution_count": .integer(executions)])
        }
        add(request, .execute(isSilent: isSilent, number: executions), batch)
    }

    /// A task that calls a function of the module vt.engine.
    ///
    /// - Throws: `PythonError` for an argument without a counterpart in Lua.
    private func call(
        _ function: String, _ arguments: [PythonValue]
    ) throws(PythonError) -> TaskBatch {
        let head = ByteWriter.call(of: function, in: "vt.engine")
        var payload: [UInt8] = []
        try PythonValue.list(arguments.map(\.withoutReferences))
            .appendCBOR(to: &payload, marksTuples: true)
        let call = Call(
            head: head.withUnsafeBytes { Shipment(copying: $0) }, form: .apply,
            options: CallOptions(), interrupter: worker.server.control)
        return TaskBatch(
            call: call, first: 0, offsets: [0],
            payload: payload.withUnsafeBytes { Shipment(copying: $0) })
    }

    // MARK: Calls from Python

    private func takePython(_ request: EngineWire.Request) {
        let call: PythonCall
        do {
            call = try PythonCall(buffers: request.message.buffers)
        } catch {
            return fail(request, ename: "TypeError", "cannot read the request: \(error)")
        }
        let batch: TaskBatch?
        do {
            batch = try self.batch(of: call)
        } catch {
            return fail(request, ename: "TypeError", "an argument cannot go to Lua: \(error)")
        }
        guard let batch else {
            if call.isForLua {
                return fail(
                    request, ename: "TypeError", "the names of globals to pull must be strings")
            }
            // Another engine may be one of Python.
            guard request.channel == .task else { return failPython(request) }
            undecided.append(request)
            return ask()
        }
        add(request, .python, batch)
    }

    /// The batch of a call that the worker can run; nil for a function of Python.
    private func batch(of call: PythonCall) throws(PythonError) -> TaskBatch? {
        let arguments = call.arguments
        switch call.function {
        case .reference(let name):
            let keywords = call.keywords.map { PythonEntry(.string($0.name), $0.value) }
            return try self.call(
                "call", [.string(name)] + arguments + (keywords.isEmpty ? [] : [.dict(keywords)]))
        case .push:
            return try self.call(
                "push", [.dict(call.keywords.map { PythonEntry(.string($0.name), $0.value) })])
        case .pull:
            guard let names = arguments.first else { return nil }
            if case .string = names { return try self.call("pull", [names]) }
            guard let all = names.elements else { return nil }
            return try self.call("pull_all", [.list(all)])
        case .execute: return try self.call("execute", Array(arguments.prefix(1)))
        case .map(.reference(let name)): return try self.call("map", [.string(name)] + arguments)
        case .broadcastMap(.reference(let name)):
            return try self.call("map_globals", [.string(name)] + arguments)
        default: return nil
        }
    }

    /// Answers the undecided calls, once the Hub has reported whether there are engines of Python.
    func decide(hasPython: Bool) {
        let waiting = undecided
        undecided = []
        for request in waiting {
            if hasPython {
                passOn(request)
            } else {
                failPython(request)
            }
        }
    }

    private func failPython(_ request: EngineWire.Request) {
        fail(
            request, ename: "TypeError",
            "this is a Lua engine, which cannot run Python functions: call a global of the "
                + "engine with ipyparallel.Reference(\"name\"), or send the task to a Python engine"
        )
    }

    /// Makes the scheduler try another engine.
    private func passOn(_ request: EngineWire.Request) {
        wire.reply(
            to: request, replyType(request.message),
            metadata: metadata(request, status: "error", isMet: false),
            content: [
                "status": "error", "ename": "UnmetDependency", "evalue": "", "traceback": [],
                "engine_info": engineInfo("apply"),
            ])
        publishStatus("idle", request)
    }

    func clear(_ request: EngineWire.Request) {
        if let batch = try? call("clear", []) { add(request, .clear, batch) }
    }
}

extension PythonCall {
    /// True if it calls a function of Lua.
    fileprivate var isForLua: Bool {
        switch function {
        case .reference, .push, .pull, .execute, .map(.reference), .broadcastMap(.reference): true
        default: false
        }
    }
}

extension ByteWriter {
    /// `[classes, function]` of a function that a module has under this name.
    fileprivate static func call(of function: String, in module: String) -> [UInt8] {
        var bytes: [UInt8] = [0x82, 0x80, 0xDA]
        withUnsafeBytes(of: UInt32(ShippingTag.named).bigEndian) { bytes.append(contentsOf: $0) }
        bytes.append(0x82)
        for text in [module, function] {
            // Names are short.
            bytes.append(0x40 + UInt8(min(23, text.utf8.count)))
            bytes.append(contentsOf: text.utf8.prefix(23))
        }
        return bytes
    }
}
