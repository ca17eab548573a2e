// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTParallel
internal import VTSystem
internal import VTWorkflow

extension LuaClient {
    static let luaClass = LuaClass<LuaClient>("parallel.client") { type in
        type.rawMethod("all") { lua, client in
            try lua.push(try client.directView(nil, "client:all", lua), as: View.luaClass)
            return 1
        }
        type.rawMethod("direct_view") { lua, client in
            let positions = try lua.argument(2, as: [Int]?.self)
            let view = try client.directView(positions, "client:direct_view", lua)
            try lua.push(view, as: View.luaClass)
            return 1
        }
        type.rawMethod("load_balanced_view") { lua, client in
            try client.pushBalancedView(lua)
            return 1
        }
        type.rawMethod("wait_for_engines") { lua, client in
            let count = try lua.argument(2, as: Int?.self) ?? 1
            let timeout = try lua.argument(3, as: Double?.self)
            let name = try lua.argument(4, as: String?.self)
            let language = name.flatMap(EngineLanguage.init(rawValue:))
            if let name, language == nil {
                throw lua.error(
                    "client:wait_for_engines: the language must be \"lua\" or \"python\", got "
                        + "\"\(name)\"")
            }
            return .boolean(
                try lua.raising {
                    try client.client.waitForEngines(
                        count, of: language, timeout: timeout, completion: client.completion, lua)
                })
        }
        type.rawMethod("queue_status") { lua, client in try client.pushQueueStatus(lua) }
        type.rawMethod("get_result") { lua, client in
            let id = try lua.argument(2, as: String.self)
            let timeout = try lua.argument(3, as: Double?.self)
            return try lua.raising { try client.getResult(id, timeout ?? 0, lua) }
        }
        type.rawMethod("status") { lua, client in try client.pushStatus(lua) }
        type.rawMethod("shutdown") { lua, client in
            let hub = try lua.argument(2, as: Bool?.self) ?? false
            try lua.raising {
                try client.client.shutDown(hub: hub, client.completion, lua)
            }
            return 0
        }
        type.rawMethod("clear") { lua, client in
            try lua.raising { try client.client.clear(client.completion, lua) }
            return 0
        }
        type.rawMethod("close") { _, client in
            client.client.close()
            return 0
        }
        type.rawOperator(.close) { _, client in
            client.client.close()
            return 0
        }
        addPython(&type)
        type.rawProperty("ids") { lua, client in
            try lua.pushTable()
            for (index, engine) in client.client.engines.enumerated() {
                try lua.push(engine.id)
                try lua.setRawElement(index + 1, of: -2)
            }
            return 1
        }
        type.property("address") { $0.client.address }
        type.rawOperator(.length) { _, client in .integer(client.client.luaEngines.count) }
        type.rawOperator(.string) { lua, client in
            try lua.push(
                "parallel.client (\(client.client.address), \(client.client.engines.count) engines)"
            )
            return 1
        }
        type.index { lua, client in
            let positions: [Int]
            if let position = lua.integer(at: 2) {
                positions = [position]
            } else if lua.type(at: 2) == .table {
                positions = try lua.read([Int].self, at: 2)
            } else {
                return 0
            }
            try lua.push(try client.directView(positions, "client[...]", lua), as: View.luaClass)
            return 1
        }
    }

    private func pushBalancedView(_ lua: borrowing Lua) throws {
        var options = options
        let name = "client:load_balanced_view"
        let table = try OptionTable(
            at: 2, of: name, names: ["scheduler", "timeout", "targets"], lua)
        options.patience = try table.read(ClusterRequest.timeout, lua) ?? options.patience
        options.usesController = try table.read(ClusterRequest.scheduler, lua) == .controller
        options.targets = try table.read(ClusterRequest.targets, lua).map {
            try engines(at: $0, name, lua)
        }
        try lua.push(
            try View.balanced(handle, options, completion: completion, log: log, lua),
            as: View.luaClass)
    }

    // MARK: The Hub

    /// Pushes for each engine, by id: `{ queue =, completed =, tasks = }`; and `unassigned`.
    private func pushQueueStatus(_ lua: borrowing Lua) throws -> LuaReturn {
        let status = try lua.raising { try client.queueStatus(completion, lua) }
        try lua.pushTable()
        for member in status.members ?? [] {
            if let id = Int(member.key) {
                try lua.push(id)
            } else {
                try lua.push(member.key)
            }
            try lua.push(json: member.value)
            try lua.setRawIndexed(of: -3)
        }
        return 1
    }

    /// Pushes the results of tasks that another program has sent through the controller's
    /// scheduler; or nil, and "pending" or "unknown".
    private func getResult(
        _ id: String, _ timeout: Double, _ lua: borrowing Lua
    ) throws -> LuaReturn {
        let end = Clock.seconds + timeout
        while true {
            let isLast = Clock.seconds >= end
            switch try client.fetch(id, isLast: isLast, completion, lua) {
            case .done(let tasks):
                let view = View.cluster(handle, options, completion: completion, log: log)
                try lua.push(try AsyncResult.fetched(tasks, view, lua), as: AsyncResult.luaClass)
                return 1
            case .pending where !isLast: try completion.wait(seconds: 0.2, lua)
            case .pending:
                try lua.pushNil()
                try lua.push("pending")
                return 2
            case .unknown:
                try lua.pushNil()
                try lua.push("unknown")
                return 2
            }
        }
    }

    /// Pushes the status that each engine of Lua reports.
    private func pushStatus(_ lua: borrowing Lua) throws -> LuaReturn {
        let statuses = try client.statuses(completion, lua)
        try lua.pushTable(elements: statuses.count)
        for (index, entry) in statuses.enumerated() {
            try lua.push(json: entry.status ?? ["state": "silent"])
            try lua.push(entry.engine.id)
            try lua.setRawField("engine", of: -2)
            try lua.setRawElement(index + 1, of: -2)
        }
        return 1
    }
}

extension Lua {
    /// Turns an error of a connection, or of Python, into an error of Lua, with the caller's line.
    func raising<R>(_ body: () throws -> R) throws -> R {
        do {
            return try body()
        } catch let error as LuaError {
            throw error
        } catch {
            throw self.error("\(error)")
        }
    }
}
