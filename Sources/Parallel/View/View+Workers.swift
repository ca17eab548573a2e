// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTSystem
package import VTLuaBridge
internal import VTShipping

// Calls on every worker: they set and read globals, and run code. Each is a task of a small
// function of Lua, sent as any other.

extension View {
    private func push(_ snippet: Snippet, _ lua: borrowing Lua) throws {
        if snippets[snippet] == nil {
            try lua.load(snippet.rawValue, name: "=v:\(snippet)")
            snippets[snippet] = try lua.takeReference()
        }
        if let function = snippets[snippet] { try lua.push(function) }
    }

    /// Runs the function on top on every worker, and leaves the list of first results in its place.
    ///
    /// - Parameters:
    ///   - isSetup: true if workers that start later must repeat the call.
    ///   - names: the globals that are set, if the call has no other effect.
    ///   - push: pushes the arguments for a worker, and returns their number.
    private func onEveryWorker(
        listener: Listener, isSetup: Bool, names: Set<String>? = nil, _ lua: borrowing Lua,
        _ push: (Int) throws -> Int
    ) throws {
        guard backend.isFixed else {
            throw lua.error(
                "the workers of a load-balanced view are not fixed: engines join and leave; use a "
                    + "direct view, such as client:all()")
        }
        let function = lua.top
        let call = try begin(.apply, function: function, CallOptions(), total: count, lua)
        defer { call.release() }
        do {
            var setup: Shipment?
            for worker in 1...count {
                let arguments = try push(worker)
                try addCall(
                    call, arguments: (function + 1)..<(function + 1 + arguments), to: worker, lua)
                lua.pop(arguments)
                setup = call.batches.last?.payload
            }
            var collector = Collector(call, self, listener)
            _ = try collector.wait(finished: count, lua)
            try lua.pushTable(elements: count)
            for (index, batch) in call.batches.enumerated() {
                var results = 0
                if let error = try collector.push(batch, 0, all: true, count: &results, lua) {
                    throw error
                }
                if results == 0 { try lua.pushNil() } else { lua.pop(results - 1) }
                try lua.setRawElement(index + 1, of: function + 1)
            }
            if isSetup, let setup {
                backend.addSetup(SetupStep(head: call.head, payload: setup, names: names))
            }
        } catch {
            try abandon(call, lua)
            throw error
        }
        lua.remove(at: function)
    }

    /// `v:push { name = value }`: sets globals of every worker.
    package func push(table: Int, _ lua: borrowing Lua) throws {
        let table = lua.absolute(table)
        var names: Set<String> = []
        try lua.forEachPair(of: table) {
            guard lua.type(at: -2) == .string, let name = lua.string(at: -2) else {
                throw lua.error("v:push: names of globals expected, got a \(lua.typeName(at: -2))")
            }
            names.insert(name)
        }
        try push(.push, lua)
        try onEveryWorker(listener: Listener(), isSetup: true, names: names, lua) { _ in
            try lua.pushValue(at: table)
            return 1
        }
        lua.pop()
    }

    /// `v[name] = nil`: removes a global of every worker.
    package func clear(name: Int, _ lua: borrowing Lua) throws {
        let name = lua.absolute(name)
        try push(.clear, lua)
        try onEveryWorker(
            listener: Listener(), isSetup: true, names: lua.text(at: name).map { [$0] }, lua
        ) { _ in
            try lua.pushValue(at: name)
            return 1
        }
        lua.pop()
    }

    /// `v:pull(name, ...)`: for each name, leaves a list of the workers' values.
    package func pull(names: Range<Int>, _ lua: borrowing Lua) throws -> LuaReturn {
        try push(.pull, lua)
        try onEveryWorker(listener: Listener(), isSetup: false, lua) { _ in
            for name in names { try lua.pushValue(at: name) }
            return names.count
        }
        let rows = lua.top
        for position in 0..<names.count {
            try lua.pushTable(elements: count)
            for worker in 1...count {
                try lua.pushRawElement(worker, of: rows)
                try lua.pushRawElement(position + 1, of: -1)
                lua.remove(at: -2)
                try lua.setRawElement(worker, of: rows + 1 + position)
            }
        }
        return .values(names.count)
    }

    /// `v:execute(code)`: runs a chunk on every worker, and leaves the list of its first results.
    package func execute(
        code: Int, name: String, listener: Listener, _ lua: borrowing Lua
    ) throws -> LuaReturn {
        let code = lua.absolute(code)
        try push(.execute, lua)
        try onEveryWorker(listener: listener, isSetup: true, lua) { _ in
            try lua.pushValue(at: code)
            try lua.push(name)
            return 2
        }
        return 1
    }

    /// `v:scatter(name, list)`: sets a global of each worker to a part of the list. Parts are
    /// contiguous, and the first are longer by one where the list does not divide evenly. The parts of an
    /// array, along its first axis, are arrays.
    package func scatter(name: String, list: Int, _ lua: borrowing Lua) throws {
        let list = lua.absolute(list)
        let length = lua.sequenceLength(at: list)
        let isArray = lua.type(at: list) == .userdata
        try push(.push, lua)
        var next = 1
        try onEveryWorker(listener: Listener(), isSetup: false, lua) { worker in
            let part = length / count + (worker <= length % count ? 1 : 0)
            try lua.pushTable(fields: 1)
            if isArray {
                try lua.pushPart(from: next, count: part, ofArray: list)
            } else {
                try lua.pushTable(elements: part)
                for position in 0..<part {
                    try lua.pushRawElement(next + position, of: list)
                    try lua.setRawElement(position + 1, of: -2)
                }
            }
            try lua.setRawField(name, of: -2)
            next += part
            return 1
        }
        lua.pop()
    }

    /// `v:gather(name)`: leaves the concatenation of the workers' lists, or of their arrays along the first
    /// axis.
    package func gather(name: Int, _ lua: borrowing Lua) throws -> LuaReturn {
        let name = lua.absolute(name)
        _ = try pull(names: name..<(name + 1), lua)
        let parts = lua.top
        if try areArrays(parts, lua) {
            try lua.pushLoaded("array")
            try lua.pushField("concat", of: -1)
            lua.remove(at: -2)
            lua.insert(at: parts)
            try lua.call(arguments: 1, results: 1)
            return 1
        }
        try lua.pushTable()
        var length = 0
        for worker in 1...count {
            try lua.pushRawElement(worker, of: parts)
            guard lua.type(at: -1) == .table else {
                let kind = lua.isNil(at: -1) ? "nil" : "a \(lua.typeName(at: -1))"
                throw lua.error(
                    "v:gather: '\(lua.text(at: name) ?? "?")' is \(kind) on "
                        + "worker \(worker); expected a list")
            }
            let count = lua.rawLength(at: -1)
            for position in 0..<count {
                try lua.pushRawElement(position + 1, of: -1)
                try lua.setRawElement(length + position + 1, of: parts + 1)
            }
            length += count
            lua.pop()
        }
        return 1
    }

    /// True if the list at `parts` has an array with elements for each worker.
    private func areArrays(_ parts: Int, _ lua: borrowing Lua) throws -> Bool {
        for worker in 1...count {
            try lua.pushRawElement(worker, of: parts)
            defer { lua.pop() }
            guard lua.type(at: -1) == .userdata, lua.isSequence(at: -1) else { return false }
        }
        return true
    }

    /// The workers and their states.
    package func status() -> [WorkerStatus] { backend.status() }
    /// The number of tasks that no worker has taken.
    package var waiting: Int { backend.waiting }
    /// The number of workers that were replaced.
    package var replaced: Int { backend.replaced }
    /// True if a worker can take tasks.
    package var isOpen: Bool { !backend.isGone }

    /// Encodes the function at `function` and its arguments for every worker's start.
    package static func initializer(
        function: Int, arguments: Range<Int>, references: Bool, _ lua: borrowing Lua
    ) throws -> WorkerInitializer {
        let encoder = ShippingEncoder(
            references ? [.functions, .references] : [.functions, .sharedMemory])
        // Values that go by reference outlive the encoder, which copies them then.
        defer { encoder.copyOutSharedStrings() }
        do {
            return WorkerInitializer(
                shipment: try encoder.shipCall(function: function, arguments: arguments, lua))
        } catch let refusal as ShippingRefusal {
            throw lua.refused(refusal, sending: "the initializer")
        }
    }
}

/// An encoded function that each worker calls at its start.
package struct WorkerInitializer: Sendable {
    let shipment: Shipment
}

extension WorkerOptions {
    /// Makes each worker call a function at its start.
    package mutating func setInitializer(_ initializer: WorkerInitializer) {
        self.initializer = initializer.shipment
    }
}
