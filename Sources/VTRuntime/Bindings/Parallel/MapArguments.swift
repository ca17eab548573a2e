// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
internal import VTLuaBridge
internal import VTParallel
internal import VTWorkflow

/// The arguments of `map` and similar methods: a function, a list, options.
struct MapArguments {
    var options = CallOptions()
    var listener: Listener
    /// The stack range of `opts.args`.
    var extras: Range<Int>

    private static let keys = [
        "args", "chunksize", "timeout", "retries", "on_error", "label", "progress", "after",
        "follow",
    ]

    /// Limits that no call needs to exceed. Arithmetic with them does not overflow.
    private static let largestChunk = 1 << 30
    private static let mostRetries = 65_000

    init(
        _ method: String, at first: Int, takesIterator: Bool = false, ignoring: [String] = [],
        _ lua: borrowing Lua
    ) throws {
        listener = try Listener(printingBy: lua)
        guard lua.type(at: first) == .function else { throw lua.expected("function", first) }
        let isList = lua.type(at: first + 1) == .table
        guard isList || takesIterator && lua.type(at: first + 1) == .function else {
            throw lua.expected(takesIterator ? "table or iterator" : "table", first + 1)
        }
        let table = first + 2
        extras = 0..<0
        if lua.isNil(at: table) { return }
        guard lua.type(at: table) == .table else { throw lua.expected("table", table) }
        do {
            try read(method, table, ignoring, lua)
        } catch let error as WorkflowError {
            throw lua.error(error.message)
        }
    }

    private mutating func read(
        _ method: String, _ table: Int, _ ignoring: [String], _ lua: borrowing Lua
    ) throws {
        let given = Declaration(index: table, keys: Self.keys + ignoring, subject: method)
        try given.checkKeys(lua)
        options.chunkSize = try given.count("chunksize", lua).map { min($0, Self.largestChunk) }
        if options.chunkSize == 0 {
            throw WorkflowError("\(method): `chunksize` must be at least 1, got 0")
        }
        options.timeout = try given.seconds("timeout", lua)
        options.retries = min(try given.count("retries", lua) ?? 0, Self.mostRetries)
        options.label = try given.optional("label", String.self, lua)
        if let name = try given.optional("on_error", String.self, lua) {
            guard let value = CallOptions.OnError(rawValue: name) else {
                throw WorkflowError(
                    "\(method): `on_error` must be \"stop\" or \"collect\", got \"\(name)\"")
            }
            options.onError = value
        }
        try readDependencies(method, table, lua)
        try readProgress(method, table, lua)
        try lua.pushRawField("args", of: table)
        if lua.isNil(at: -1) { return lua.pop() }
        guard lua.type(at: -1) == .table else {
            throw WorkflowError(
                "\(method): `args` must be a list of arguments, got a \(lua.typeName(at: -1))")
        }
        let list = lua.top
        let count = lua.rawLength(at: list)
        for position in 0..<count { try lua.pushRawElement(position + 1, of: list) }
        extras = (list + 1)..<(list + 1 + count)
    }

    private mutating func readDependencies(
        _ method: String, _ table: Int, _ lua: borrowing Lua
    ) throws {
        for key in ["after", "follow"] {
            try lua.pushRawField(key, of: table)
            defer { lua.pop() }
            if lua.isNil(at: -1) { continue }
            guard lua.type(at: -1) == .table else {
                throw WorkflowError(
                    "\(method): `\(key)` must be a list of results, got a \(lua.typeName(at: -1))")
            }
            let list = lua.top
            let results = try (0..<lua.rawLength(at: list)).map { position in
                try lua.pushRawElement(position + 1, of: list)
                defer { lua.pop() }
                guard let result = lua.object(AsyncResult.luaClass, at: -1) else {
                    throw WorkflowError(
                        "\(method): `\(key)` must be a list of results of asynchronous calls; "
                            + "element \(position + 1) is a \(lua.typeName(at: -1))")
                }
                return result
            }
            if key == "after" { options.wait(after: results) } else { options.follow(results) }
        }
    }

    // MARK: Progress

    private mutating func readProgress(
        _ method: String, _ table: Int, _ lua: borrowing Lua
    ) throws {
        try lua.pushRawField("progress", of: table)
        defer { lua.pop() }
        let label = options.label
        switch lua.type(at: -1) {
        case .nil: return
        case .boolean:
            guard lua.truth(at: -1), isatty(STDERR_FILENO) != 0 else { return }
            listener.progress = { _, done, total in
                let of = total.map { " of \($0)" } ?? ""
                let end = done == total ? "\n" : ""
                report("\r\(label ?? method) \(done)\(of)\(end)")
            }
        case .function, .table:
            let receiver = try lua.reference(at: -1)
            let isFunction = lua.type(at: -1) == .function
            listener.progress = Self.teller(receiver, isFunction, label)
        default:
            throw WorkflowError(
                "\(method): `progress` must be true, `self` or a function, got a "
                    + lua.typeName(at: -1))
        }
    }

    /// Returns a function that calls `progress(done, total)`, or `self:progress(fraction, note)`.
    private static func teller(
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
    /// Writes the output of tasks by the caller's own `io.write`.
    init(printingBy lua: borrowing Lua) throws {
        self.init()
        printed = { lua, bytes in
            try lua.pushGlobal("io")
            try lua.pushField("write", of: -1)
            try lua.push(bytes: bytes)
            try lua.call(arguments: 1)
            lua.pop()
        }
    }
}
