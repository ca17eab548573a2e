// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
package import VTParallel
internal import VTShipping
internal import VTSystem

/// Computes modules in the Lua state of a worker, for a ``RemoteModule`` of the interpreter.
package final class ModuleWorker {
    private let interpreter: Interpreter
    private let accesses: WorkerAccesses
    /// The record of the calls of the module's pools.
    private let calls: CallLog
    private let output: any TaskOutput
    private let encoder = ShippingEncoder.forSnapshots()
    private let decoder = ShippingDecoder(trustsCode: true)
    /// The metatable of modules, which has the methods of `self`.
    private let metatable: (borrowing Lua) throws -> LuaReference
    private var current: ReceivedModule?
    /// True while a module is received or computes.
    package private(set) var isAtWork = false
    /// The time that checks and computations have taken, in nanoseconds.
    private var checkingTime: Int64 = 0
    private var began = Clock.now

    package init(
        _ interpreter: Interpreter, accesses: WorkerAccesses, calls: CallLog,
        output: any TaskOutput,
        metatable: @escaping (borrowing Lua) throws -> LuaReference
    ) {
        self.interpreter = interpreter
        self.accesses = accesses
        self.calls = calls
        self.output = output
        self.metatable = metatable
    }

    /// Computes a module. The element is at 1, the bytes of a ``RemoteModule`` at 2. Leaves the table of
    /// outputs on top, as far as the module has made one.
    package func compute(_ lua: borrowing Lua) throws -> LuaReturn {
        let outer = isAtWork
        isAtWork = true
        defer { isAtWork = outer }
        let module = try received(lua)
        try module.pushInputs(item: 1, decoder, lua)
        let inputs = lua.top
        let tables = try module.copies(of: inputs, encoder, mayCheck: mayCheck, lua)
        let context = ModuleContext(
            node: module.node, definition: module.definition,
            inputs: try lua.reference(at: inputs), filesDirectory: module.filesDirectory,
            report: { [unowned self] event in note(event, module) })
        context.annotated = { [unowned self] key, value in
            var bytes: [UInt8] = []
            bytes.append(text: key.utf8)
            value.append(to: &bytes)
            guard add(.annotation, bytes, module) else {
                throw WorkflowError(
                    "self:annotate: the annotations and log messages of a module on a worker may "
                        + "take 256 KiB; return large values as outputs")
            }
        }
        let began = accesses.beginTask(lua)
        var isDone = false
        calls.open { _ in }
        let processor = ThreadUsage.processor
        defer {
            let time = ThreadUsage.processor - processor
            // A shorter time is not worth a note of each task.
            if time >= 1_000_000 {
                var bytes: [UInt8] = []
                withUnsafeBytes(of: UInt64(time).littleEndian) { bytes.append(contentsOf: $0) }
                add(.processor, bytes, module)
            }
            for record in calls.close() { add(record, module) }
            let bytes = accesses.endTask(began, lua)
            if isDone, !bytes.isEmpty { add(.accesses, bytes, module) }
        }
        do {
            try interpreter.with(context) {
                defer {
                    if let path = context.scratchDirectory {
                        add(.scratch, Array(path.utf8), module)
                    }
                }
                try module.pushCompute(lua)
                try lua.pushValue(at: inputs)
                try lua.call(arguments: 2, results: 1)
                if let set = context.outputs { try merge(set, lua) }
            }
            try check(tables, module, lua)
            isDone = true
        } catch {
            switch error {
            case let error as DeliberateFailure:
                add(.deliberateFailure, Array(error.message.utf8), module)
            case let error as TaskError: add(.taskError, error.bytes, module)
            case let error as LuaError where error.code == .timedOut:
                var bytes: [UInt8] = []
                bytes.append(frames: error.traceback)
                add(.stoppedAt, bytes, module)
            default: break
            }
            add(.attemptEnded, [], module)
            throw error
        }
        return 1
    }

    /// Replaces the value on top, which `compute` returned, by the table of all outputs. A value that is
    /// not a table stays.
    private func merge(_ set: LuaReference, _ lua: borrowing Lua) throws {
        switch lua.type(at: -1) {
        case .nil:
            lua.pop()
            try lua.push(set)
        case .table:
            try lua.mergeTop(into: set)
        default: break
        }
    }

    private var mayCheck: Bool { checkingTime * 20 <= Clock.now - began }

    private func check(
        _ tables: [ReceivedModule.Copy], _ module: ReceivedModule, _ lua: borrowing Lua
    ) throws {
        if tables.isEmpty { return }
        let began = Clock.now
        defer { checkingTime += Clock.now - began }
        for table in tables where try module.hasChanged(table, encoder, lua) {
            if table.isShared {
                add(.changedSharedInput, Array(table.name.utf8), module)
                // The others would see the change.
                current = nil
                throw WorkflowError("changes its shared input `\(table.name)` in place")
            }
            add(.changedInput, Array(table.name.utf8), module)
        }
    }

    // MARK: Notes

    private func add(_ record: CallRecord, _ module: ReceivedModule) {
        if add(.call, record.bytes, module) { return }
        // Without the tasks, where these are too many.
        var record = record
        record.packed = []
        add(.call, record.bytes, module)
    }

    @discardableResult
    private func add(_ note: TaskNote, _ content: [UInt8], _ module: ReceivedModule) -> Bool {
        output.add(note: TaskNotes.bytes(note, mark: module.mark, content))
    }

    private func note(_ event: RunEvent, _ module: ReceivedModule) {
        guard case .logged(_, let level, let message) = event else { return }
        var bytes: [UInt8] = []
        bytes.append(text: level.rawValue.utf8)
        bytes.append(text: message.utf8)
        add(.log, bytes, module)
    }

    // MARK: Receiving

    /// The module whose bytes are at 2.
    private func received(_ lua: borrowing Lua) throws -> ReceivedModule {
        if let current {
            try lua.push(current.bytes)
            defer { lua.pop() }
            if lua.rawEqual(-1, 2) { return current }
        }
        current = nil
        let began = accesses.beginTask(lua)
        let module: ReceivedModule
        do {
            let metatable = try metatable(lua)
            module = try lua.withClass("vt.module", metatable) {
                try ReceivedModule(at: 2, decoder, lua)
            }
        } catch {
            _ = accesses.endTask(began, lua)
            let mark = ReceivedModule.mark(at: 2, lua)
            for note in [TaskNote.cannotLoad, .attemptEnded] {
                _ = output.add(note: TaskNotes.bytes(note, mark: mark, []))
            }
            throw error
        }
        let bytes = accesses.endTask(began, lua)
        if !bytes.isEmpty { add(.loadingAccesses, bytes, module) }
        current = module
        return module
    }
}

@available(*, unavailable)
extension ModuleWorker: Sendable {}
