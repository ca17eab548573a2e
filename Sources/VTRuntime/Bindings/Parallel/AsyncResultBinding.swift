// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTParallel

extension AsyncResult {
    static let luaClass = LuaClass<AsyncResult>("parallel.result") { type in
        type.rawMethod("get") { lua, result in
            let timeout = try lua.argument(2, as: Double?.self)
            return try result.get(timeout, lua)
        }
        type.rawMethod("wait") { lua, result in
            let timeout = try lua.argument(2, as: Double?.self)
            return .boolean(try result.wait(timeout, lua))
        }
        type.rawMethod("ready") { lua, result in .boolean(try result.checkReady(lua)) }
        type.rawMethod("successful") { lua, result in
            guard let isSuccessful = try result.isSuccessful(lua) else {
                throw lua.error("not ready; call wait() first")
            }
            return .boolean(isSuccessful)
        }
        type.rawMethod("cancel") { _, result in
            result.cancel()
            return 0
        }
        type.rawMethod("progress") { lua, result in
            let (done, total) = result.progress
            try lua.push(done)
            try lua.push(total)
            return 2
        }
        type.method("elapsed") { result in result.elapsed }
        type.method("serial_time") { result in result.serialTime }
        type.rawMethod("metadata") { lua, result in
            try lua.pushTable()
            for row in result.rows {
                try row.push(lua)
                try lua.setRawElement(row.index, of: -2)
            }
            return 1
        }
        type.rawMethod("stdout") { lua, result in
            try result.printed.withUnsafeBytes { try lua.push(bytes: $0) }
            return 1
        }
        type.rawMethod("iter") { lua, result in try result.pushIterator(lua) }
        type.rawOperator(.length) { _, result in .integer(result.progress.total) }
        type.rawOperator(.string) { lua, result in
            let (done, total) = result.progress
            try lua.push("parallel.result (\(done) of \(total))")
            return 1
        }
    }

    /// `for i, value in r:iter() do`: the results in order, each as soon as it is ready.
    private func pushIterator(_ lua: borrowing Lua) throws -> LuaReturn {
        var number = 0
        try lua.pushConfined { [self] lua in
            guard try pushResult(number, lua) else { return 0 }
            number += 1
            try lua.push(number)
            lua.insert(at: -2)
            return 2
        }
        return 1
    }

    // MARK: Several

    /// Returns the results in the list that is argument 1.
    private static func list(_ lua: borrowing Lua) throws -> [AsyncResult] {
        guard lua.type(at: 1) == .table else { throw lua.expected("table", 1) }
        try lua.checkList(1)
        return try (0..<lua.rawLength(at: 1)).map { position in
            try lua.pushRawElement(position + 1, of: 1)
            defer { lua.pop() }
            guard let result = lua.object(luaClass, at: -1) else {
                throw lua.error(
                    "element \(position + 1) must be a result of an asynchronous call, got a "
                        + lua.typeName(at: -1))
            }
            return result
        }
    }

    /// `parallel.wait_all({ r, ... }, timeout)`: waits until all are ready; false when the timeout
    /// comes first.
    static func waitAll(_ lua: borrowing Lua) throws -> LuaReturn {
        let results = try list(lua)
        let timeout = try lua.argument(2, as: Double?.self)
        return .boolean(try waitAll(results, timeout, lua))
    }

    /// `parallel.wait_any({ r, ... }, timeout)`: the position of a result that is ready, and the
    /// result; nil when the timeout comes first.
    static func waitAny(_ completion: CompletionEvent, _ lua: borrowing Lua) throws -> LuaReturn {
        let results = try list(lua)
        let timeout = try lua.argument(2, as: Double?.self)
        guard let position = try waitAny(results, timeout, completion: completion, lua) else {
            return 0
        }
        try lua.push(position + 1)
        try lua.pushRawElement(position + 1, of: 1)
        return 2
    }
}

extension AsyncResult.Row {
    fileprivate func push(_ lua: borrowing Lua) throws {
        try lua.pushTable(fields: 11)
        try lua.setFields([
            "engine": engine, "id": message,
            "index": index, "status": status.rawValue, "worker": worker, "host": host, "pid": pid,
            "queued": queued, "started": started, "ended": ended, "attempts": attempts,
        ])
    }
}

extension Channel {
    /// Adds `channel` and `select` to the table on top.
    static func addFunctions(_ completion: CompletionEvent, _ lua: borrowing Lua) throws {
        try lua.push { lua in
            let capacity = try lua.argument(1, as: Int?.self) ?? 1024
            guard capacity >= 1 else {
                throw lua.error(
                    "parallel.channel: the capacity must be at least 1, got \(capacity)")
            }
            try Channel(capacity: capacity).push(onto: lua)
            return 1
        }
        try lua.setRawField("channel", of: -2)
        try lua.push { lua in try select(completion, lua) }
        try lua.setRawField("select", of: -2)
    }

    /// `parallel.select({ channel, ... }, timeout)`: a value and its channel; or nil, and "closed"
    /// or "timeout".
    private static func select(_ completion: CompletionEvent, _ lua: borrowing Lua) throws
        -> LuaReturn
    {
        guard lua.type(at: 1) == .table else { throw lua.expected("table", 1) }
        try lua.checkList(1)
        let channels = try (0..<lua.rawLength(at: 1)).map { position in
            try lua.pushRawElement(position + 1, of: 1)
            defer { lua.pop() }
            return try lua.read(luaClass, at: -1)
        }
        guard !channels.isEmpty else {
            throw lua.error("parallel.select: the list of channels is empty")
        }
        let timeout = try lua.argument(2, as: Double?.self)
        let (outcome, position) = try select(
            channels, timeout: timeout, completion: completion, lua)
        guard case .done = outcome else {
            try lua.pushNil()
            try lua.push("\(outcome)")
            return 2
        }
        try lua.pushRawElement(position + 1, of: 1)
        return 2
    }
}
