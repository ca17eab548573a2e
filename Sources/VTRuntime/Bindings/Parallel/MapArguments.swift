// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTParallel
internal import VTShipping
internal import VTWorkflow

/// The arguments of `map` and similar calls: a function, a list, options.
struct MapArguments {
    var options = CallOptions()
    var listener: Listener
    /// The stack indices of the elements of the option `args`.
    var extras: Range<Int>
    /// Draws a line of progress in the place of the one before; nil where there is no terminal.
    private let drawing: ((String) -> Void)?

    private static let chunkSize = CallOption.integer("chunksize", in: 1...(1 << 30))
    private static let timeout = CallOption.seconds("timeout")
    private static let retries = CallOption.integer("retries", in: 0...65_000).or(0)
    private static let label = CallOption.value("label", String.self)
    private static let onError = CallOption.choice("on_error", CallOptions.OnError.self).or(.stop)

    private static let names =
        [chunkSize.name, timeout.name, retries.name, label.name, onError.name]
        + ["args", "progress", "after", "follow"]

    /// - Parameters:
    ///   - method: the name of the call, for messages.
    ///   - first: the stack index of the function; the list and the options follow.
    ///   - others: options that the caller reads by itself.
    init(
        _ method: String, at first: Int, takesIterator: Bool = false, others: [String] = [],
        drawing: ((String) -> Void)?, _ lua: borrowing Lua
    ) throws {
        self.drawing = drawing
        listener = try Listener(printingBy: lua)
        guard lua.type(at: first) == .function else { throw lua.expected("function", first) }
        try lua.replaceArrayByList(
            at: first + 1, levels: method.hasPrefix("starmap") ? 2 : 1)
        let isList = lua.type(at: first + 1) == .table
        guard isList || takesIterator && lua.type(at: first + 1) == .function else {
            throw lua.expectedSequence(takesIterator ? "table or iterator" : "table", first + 1)
        }
        if isList { try lua.checkList(first + 1) }
        let table = try OptionTable(
            at: first + 2, of: method, names: Self.names + others, lua)
        options.chunkSize = try table.read(Self.chunkSize, lua)
        options.seconds = try table.read(Self.timeout, lua)
        options.retries = try table.read(Self.retries, lua)
        options.label = try table.read(Self.label, lua)
        options.onError = try table.read(Self.onError, lua)
        extras = 0..<0
        options.wait(after: try Self.results("after", table, lua))
        options.follow(try Self.results("follow", table, lua))
        try readProgress(method, table, lua)
        if let elements = try table.pushElements(of: "args", "arguments", lua) { extras = elements }
    }

    /// The results of asynchronous calls in an option that is a list of them.
    private static func results(
        _ name: String, _ table: OptionTable, _ lua: borrowing Lua
    ) throws -> [AsyncResult] {
        let top = lua.top
        defer { lua.pop(lua.top - top) }
        guard let elements = try table.pushElements(of: name, "results", lua) else { return [] }
        return try elements.map { index in
            guard let result = lua.object(AsyncResult.luaClass, at: index) else {
                throw table.mistake(
                    name,
                    "must be a list of results of asynchronous calls; element "
                        + "\(index - elements.lowerBound + 1) is a \(lua.typeName(at: index))", lua)
            }
            return result
        }
    }

    // MARK: Progress

    private mutating func readProgress(
        _ method: String, _ table: OptionTable, _ lua: borrowing Lua
    ) throws {
        let label = options.label
        let drawing = drawing
        listener.progress = try table.with("progress", lua) { type in
            switch type {
            case .nil: return nil
            case .boolean:
                guard lua.truth(at: -1), let drawing else { return nil }
                return { _, done, total in
                    let of = total.map { " of \($0)" } ?? ""
                    let end = done == total ? "\n" : ""
                    drawing("\r\(label ?? method) \(done)\(of)\(end)")
                }
            case .function, .table:
                return Self.reporter(try lua.reference(at: -1), type == .function, label)
            default:
                throw table.mistake(
                    "progress",
                    "must be true, `self` or a function, got a \(lua.typeName(at: -1))", lua)
            }
        }
    }

    /// Calls `progress(done, total)`, or `self:progress(fraction, note)`.
    private static func reporter(
        _ receiver: LuaReference, _ isFunction: Bool, _ label: String?
    ) -> (borrowing Lua, Int, Int?) throws -> Void {
        { lua, done, total in
            try lua.push(receiver)
            if isFunction {
                try lua.push(done)
                if let total { try lua.push(total) } else { try lua.pushNil() }
                return try lua.call(arguments: 2)
            }
            try lua.pushField("progress", of: -1)
            lua.insert(at: -2)
            try lua.push(total.map { Double(done) / Double(max(1, $0)) } ?? 0)
            let of = total.map { " of \($0)" } ?? ""
            try lua.push("\(label.map { "\($0), " } ?? "")\(done)\(of)")
            try lua.call(arguments: 3)
        }
    }
}

extension Listener {
    /// A listener that passes the output of tasks to the caller's own `io.write`.
    init(printingBy lua: borrowing Lua) throws {
        self.init()
        printed = { lua, bytes in
            try lua.pushLoaded("io")
            try lua.pushField("write", of: -1)
            try lua.push(bytes: bytes)
            try lua.call(arguments: 1)
            lua.pop()
        }
    }
}
