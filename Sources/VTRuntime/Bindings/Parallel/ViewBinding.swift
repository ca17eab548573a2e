// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
package import VTParallel
internal import VTShipping
internal import VTWorkflow

// The methods of a view in Lua.

extension View {
    package static let luaClass = LuaClass<View>("parallel.view") { type in
        type.rawMethod("apply") { lua, view in try view.apply(lua) }
        type.rawMethod("apply_async") { lua, view in try view.applyAsync(lua) }
        type.rawMethod("map") { lua, view in try view.map(lua, method: "map") }
        type.rawMethod("map_async") { lua, view in try view.mapAsync(lua, method: "map_async") }
        type.rawMethod("starmap") { lua, view in
            try view.map(lua, method: "starmap", spread: true)
        }
        type.rawMethod("starmap_async") { lua, view in
            try view.mapAsync(lua, method: "starmap_async", spread: true)
        }
        type.rawMethod("imap") { lua, view in try view.iterate(lua, isOrdered: true) }
        type.rawMethod("imap_unordered") { lua, view in try view.iterate(lua, isOrdered: false) }
        type.rawMethod("push") { lua, view in
            guard lua.type(at: 2) == .table else { throw lua.expected("table", 2) }
            try view.push(table: 2, lua)
            return 0
        }
        type.rawMethod("pull") { lua, view in
            for index in 2..<max(3, lua.top + 1) { _ = try lua.argument(index, as: String.self) }
            return try view.pull(names: 2..<(lua.top + 1), lua)
        }
        type.rawMethod("scatter") { lua, view in
            let name = try lua.argument(2, as: String.self)
            guard lua.isSequence(at: 3) else { throw lua.expectedSequence("table", 3) }
            if lua.type(at: 3) == .table { try lua.checkList(3) }
            try view.scatter(name: name, list: 3, lua)
            return 0
        }
        type.rawMethod("gather") { lua, view in
            _ = try lua.argument(2, as: String.self)
            return try view.gather(name: 2, lua)
        }
        type.rawMethod("execute") { lua, view in
            let code = try lua.argument(2, as: String.self)
            // The name of the chunk in errors: the line of the call.
            let place = lua.location().map { "=execute at \($0.source.dropFirst()):\($0.line)" }
            return try view.execute(
                code: 2, name: place ?? code, listener: try Listener(printingBy: lua), lua)
        }
        type.rawMethod("each_worker") { lua, view in try view.eachWorker(lua) }
        type.rawMethod("status") { lua, view in try view.pushStatus(lua) }
        type.rawMethod("close") { lua, view in
            try view.close(lua)
            return 0
        }
        type.rawMethod("terminate") { lua, view in
            try view.terminate()
            return 0
        }
        type.property("kind") { $0.kind.rawValue }
        type.rawOperator(.length) { _, view in .integer(view.count) }
        type.rawOperator(.string) { lua, view in
            try lua.push("parallel.\(view.kind) (\(view.count))")
            return 1
        }
        type.rawOperator(.close) { lua, view in
            // After an error the queued tasks are not needed.
            if lua.isNil(at: 2) { try view.close(lua) } else { try view.terminate() }
            return 0
        }
        type.index { lua, view in
            guard lua.type(at: 2) == .string else { return 0 }
            return try view.pull(names: 2..<3, lua)
        }
        type.newIndex { lua, view in
            guard lua.type(at: 2) == .string else { throw lua.expected("string", 2) }
            try lua.setTop(3)
            if lua.isNil(at: 3) {
                try view.clear(name: 2, lua)
                return 0
            }
            try lua.pushTable(fields: 1)
            lua.insert(at: 2)
            try lua.setRawIndexed(of: 2)
            try view.push(table: 2, lua)
            return 0
        }
    }

    // MARK: Calls

    private func function(_ method: String, _ lua: borrowing Lua) throws {
        guard lua.type(at: 2) == .function else { throw lua.expected("function", 2) }
    }

    private func apply(_ lua: borrowing Lua) throws -> LuaReturn {
        try function("apply", lua)
        return try apply(
            function: 2, arguments: 3..<(lua.top + 1), options: CallOptions(),
            listener: try Listener(printingBy: lua), lua)
    }

    private func applyAsync(_ lua: borrowing Lua) throws -> LuaReturn {
        try function("apply_async", lua)
        let result = try applyAsync(
            function: 2, arguments: 3..<(lua.top + 1), options: CallOptions(), lua)
        try lua.push(result, as: AsyncResult.luaClass)
        return 1
    }

    /// - Parameters:
    ///   - first: the stack index of the function.
    ///   - others: options that the caller reads by itself.
    func map(
        _ lua: borrowing Lua, method: String, at first: Int = 2, spread: Bool = false,
        others: [String] = []
    ) throws -> LuaReturn {
        let call = try MapArguments(method, at: first, others: others, drawing: drawProgress, lua)
        return try map(
            function: first, list: first + 1, extras: call.extras, spread: spread,
            options: call.options, listener: call.listener, lua)
    }

    private func mapAsync(
        _ lua: borrowing Lua, method: String, spread: Bool = false
    ) throws -> LuaReturn {
        let call = try MapArguments(method, at: 2, drawing: drawProgress, lua)
        let result = try mapAsync(
            function: 2, list: 3, extras: call.extras, spread: spread, options: call.options,
            listener: call.listener, lua)
        try lua.push(result, as: AsyncResult.luaClass)
        return 1
    }

    private func iterate(_ lua: borrowing Lua, isOrdered: Bool) throws -> LuaReturn {
        let method = isOrdered ? "imap" : "imap_unordered"
        let call = try MapArguments(
            method, at: 2, takesIterator: true, drawing: drawProgress, lua)
        let iteration = try iterate(
            function: 2, items: 3, state: nil, extras: call.extras, isOrdered: isOrdered,
            options: call.options, listener: call.listener, lua)
        try lua.push(iteration, as: Iteration.luaClass)
        // For `for`: the iterator, two values that it does not use, and the value that is closed
        // when the loop ends early.
        try lua.pushNil()
        try lua.pushNil()
        try lua.pushValue(at: -3)
        return 4
    }

    // MARK: Workers

    private func eachWorker(_ lua: borrowing Lua) throws -> LuaReturn {
        let workers = status()
        var next = 0
        try lua.pushConfined { lua in
            guard next < workers.count else { return 0 }
            next += 1
            try lua.push(next)
            try workers[next - 1].push(lua)
            return 2
        }
        return 1
    }

    private func pushStatus(_ lua: borrowing Lua) throws -> LuaReturn {
        let workers = status()
        try lua.pushTable(fields: 8)
        try lua.setFields([
            "kind": kind.rawValue, "open": isOpen, "workers": workers.count, "waiting": waiting,
            "replaced": replaced, "busy": workers.count { $0.state == .busy },
            "idle": workers.count { $0.state == .idle },
            "tasks": workers.reduce(0) { $0 + $1.tasks },
        ])
        for (index, worker) in workers.enumerated() {
            try worker.push(lua)
            try lua.setRawElement(index + 1, of: -2)
        }
        return 1
    }
}

extension WorkerStatus {
    fileprivate func push(_ lua: borrowing Lua) throws {
        try lua.pushTable(fields: 7)
        try lua.setFields([
            "engine": engine, "worker": number, "state": state.rawValue, "tasks": tasks, "pid": pid,
            "thread": thread,
            "host": host,
        ])
    }
}

extension Iteration {
    static let luaClass = LuaClass<Iteration>("parallel.iteration") { type in
        type.rawOperator(.call) { lua, iteration in
            guard try iteration.next(lua) else { return 0 }
            return 2
        }
        type.rawOperator(.close) { lua, iteration in
            try iteration.end(lua)
            return 0
        }
        type.rawMethod("close") { lua, iteration in
            try iteration.end(lua)
            return 0
        }
    }
}
