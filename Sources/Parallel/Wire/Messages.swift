// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTShipping
internal import VTSystem

// The contents of messages, as bytes.

extension ByteWriter {
    mutating func add(_ shipment: Shipment?) {
        add(UInt64(shipment.map { $0.count + 1 } ?? 0))
        shipment?.withBytes { add(raw: $0) }
    }

    mutating func add(_ failure: TaskFailure) {
        add(failure.cause.rawValue)
        add(failure.message)
        add(UInt64(failure.traceback.count))
        for frame in failure.traceback { add(frame) }
        add(failure.value)
        add(failure.omitted)
    }

    private mutating func add(_ frame: LuaFrame) {
        add(frame.kind.rawValue)
        add(Int64(frame.line ?? -1))
        add(Int64(frame.lineDefined))
        for text in [frame.source, frame.shortSource, frame.name ?? "", frame.nameKind] {
            add(text)
        }
    }

    mutating func add(_ options: CallOptions) {
        add(options.seconds ?? -1)
        add(Int64(options.retries))
        add(options.onError == .collect ? UInt8(1) : 0)
        add(Int64(options.cores))
        add(options.modules?.path ?? "")
        add(options.modules?.client ?? "")
    }

    mutating func add(_ options: WorkerOptions) {
        add(Int64(options.count))
        add(Int64(options.memoryLimit ?? -1))
        add(Int64(options.maxTasks ?? -1))
        add(options.startTimeout.inSeconds)
        add(options.libraries)
        add(options.searchPath.path)
        add(options.searchPath.cpath)
        add(options.searchPath.directories)
        add(options.output == nil ? UInt8(0) : 1)
        add(options.initializer)
        add(options.modules)
        add(options.isOfModule ? UInt8(1) : 0)
        add(options.allowed.rawValue)
        add(options.hasLoader ? UInt8(1) : 0)
        let secrets = Secrets.all
        add(UInt32(secrets.count))
        for secret in secrets {
            add(secret.name)
            add(String(decoding: secret.bytes, as: UTF8.self))
        }
    }
}

extension ByteReader {
    mutating func readShipment() throws -> Shipment? {
        let count = Int(exactly: try read(UInt64.self)) ?? -1
        guard count >= 0, count - 1 <= left else { throw Damaged() }
        return count == 0 ? nil : Shipment(copying: try readBytes(count - 1))
    }

    mutating func readFailure() throws -> TaskFailure {
        guard let cause = TaskFailure.Cause(rawValue: try readText()) else { throw Damaged() }
        let message = try readText()
        var traceback: [LuaFrame] = []
        for _ in 0..<(try readCount()) { traceback.append(try readFrame()) }
        return TaskFailure(
            cause: cause, message: message, traceback: traceback, value: try readShipment(),
            omitted: try readText())
    }

    private mutating func readFrame() throws -> LuaFrame {
        guard let kind = LuaFrame.Kind(rawValue: try read()) else { throw Damaged() }
        let line = Int(try read(Int64.self))
        let lineDefined = Int(try read(Int64.self))
        let source = try readText()
        let shortSource = try readText()
        let name = try readText()
        return LuaFrame(
            kind: kind, source: source, shortSource: shortSource, name: name.isEmpty ? nil : name,
            nameKind: try readText(), line: line < 0 ? nil : line, lineDefined: lineDefined)
    }

    mutating func readCallOptions() throws -> CallOptions {
        var options = CallOptions()
        let timeout = try read(Double.self)
        options.seconds = timeout < 0 ? nil : timeout
        options.retries = Int(try read(Int64.self))
        options.onError = try read(UInt8.self) == 1 ? .collect : .stop
        options.cores = Int(try read(Int64.self))
        let path = try readText()
        let client = try readText()
        if !client.isEmpty { options.modules = ModuleSource(path: path, client: client) }
        return options
    }

    mutating func readWorkerOptions() throws -> WorkerOptions {
        var options = WorkerOptions(count: Int(try read(Int64.self)))
        let memory = Int(try read(Int64.self))
        options.memoryLimit = memory < 0 ? nil : memory
        let most = Int(try read(Int64.self))
        options.maxTasks = most < 0 ? nil : most
        options.startTimeout = .seconds(try read(Double.self))
        options.libraries = try readList()
        options.searchPath.path = try readText()
        options.searchPath.cpath = try readText()
        options.searchPath.directories = try readList()
        options.sendsOutput = try read(UInt8.self) == 1
        options.initializer = try readShipment()
        options.modules = try readModules()
        options.isOfModule = try read(UInt8.self) == 1
        options.allowed = LuaLibraries(rawValue: try read(UInt32.self))
        options.hasLoader = try read(UInt8.self) == 1
        // The process hides them from now on.
        for _ in 0..<(try read(UInt32.self)) {
            let name = try readText()
            Secrets.add(Array(try readText().utf8), name: name)
        }
        return options
    }
}
