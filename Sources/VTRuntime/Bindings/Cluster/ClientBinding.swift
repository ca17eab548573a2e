// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
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
            return .boolean(
                try lua.raising {
                    try client.client.waitForEngines(
                        count, timeout: timeout, completion: client.completion, lua)
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
            try client.shutdown(hub: hub, lua)
            return 0
        }
        type.rawMethod("clear") { lua, client in
            try client.clear(lua)
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
        if lua.type(at: 2) == .table {
            let table = Declaration(
                index: 2, keys: ["scheduler", "timeout", "targets"],
                subject: "client:load_balanced_view")
            do {
                try table.checkKeys(lua)
                if let seconds = try table.seconds("timeout", lua) { options.patience = seconds }
                options.usesController = try table.usesController(
                    "client:load_balanced_view", lua)
                let positions = try table.optional("targets", [Int].self, lua)
                options.targets = try positions.map {
                    try engines(at: $0, "client:load_balanced_view", lua)
                }
            } catch let error as WorkflowError {
                throw lua.error(error.message)
            }
        }
        try lua.push(
            try View.balanced(handle, options, completion: completion, log: log, lua),
            as: View.luaClass)
    }

    // MARK: The Hub

    /// Pushes a table `{ queue =, completed =, tasks = }` for each engine id, and the field
    /// `unassigned`.
    private func pushQueueStatus(_ lua: borrowing Lua) throws -> LuaReturn {
        let reply = try lua.raising {
            try client.ask(
                "queue_request", on: .registration, ["targets": nil, "verbose": false]
            ).wait(completion: completion, lua)
        }
        try lua.pushTable()
        for member in reply.content.members ?? [] {
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

    /// Pushes the results of a request that another program sent through the controller's
    /// scheduler; or nil and "pending" or "unknown".
    private func getResult(
        _ id: String, _ timeout: Double, _ lua: borrowing Lua
    ) throws -> LuaReturn {
        let end = Clock.seconds + timeout
        while true {
            let reply = try client.ask(
                "result_request", on: .registration,
                ["msg_ids": [.string(id)], "status_only": false]
            ).wait(completion: completion, lua)
            let content = reply.content
            if let record = content.members?.first(where: { $0.key == id })?.value {
                let view = View.cluster(handle, options, completion: completion, log: log)
                let result = try AsyncResult.fetched(
                    FetchedTasks(record["result_content"], reply.buffers), view, lua)
                try lua.push(result, as: AsyncResult.luaClass)
                return 1
            }
            let isPending = content["pending"].array?.contains(.string(id)) ?? false
            if !isPending || Clock.seconds >= end {
                if content["ename"].string == "NotImplementedError" || !isPending,
                    content["evalue"].string?.contains("NoDB") ?? false
                {
                    throw ConnectionError(
                        "the controller keeps no results; start it with: vtlua cluster start --db")
                }
                try lua.pushNil()
                try lua.push(isPending ? "pending" : "unknown")
                return 2
            }
            try completion.wait(seconds: 0.2, lua)
        }
    }

    /// Pushes the reports of the Lua engines.
    private func pushStatus(_ lua: borrowing Lua) throws -> LuaReturn {
        let engines = client.luaEngines
        let questions = engines.map { engine in
            client.ask("vtlua_status_request", on: .control, to: engine.uuid, timeout: 2)
        }
        try lua.pushTable(elements: engines.count)
        for (index, question) in questions.enumerated() {
            let content: JSON
            do {
                content = try question.wait(completion: completion, lua).content
            } catch is ConnectionError {
                content = ["state": "silent"]
            }
            try lua.push(json: content)
            try lua.push(engines[index].id)
            try lua.setRawField("engine", of: -2)
            try lua.setRawElement(index + 1, of: -2)
        }
        return 1
    }

    /// Removes the globals that were set on the engines.
    private func clear(_ lua: borrowing Lua) throws {
        let questions = client.engines.map { engine in
            client.ask("clear_request", on: .control, to: engine.uuid, timeout: nil)
        }
        for question in questions {
            _ = try lua.raising { try question.wait(completion: completion, lua) }
        }
    }

    /// Ends all engines, and the controller if `hub` is true.
    private func shutdown(hub: Bool, _ lua: borrowing Lua) throws {
        let questions = client.engines.map { engine in
            client.ask(
                "shutdown_request", on: .control, to: engine.uuid, ["restart": false], timeout: 5)
        }
        for question in questions {
            do { _ = try question.wait(completion: completion, lua) } catch is ConnectionError {}
        }
        guard hub else { return }
        _ = try lua.raising {
            try client.ask("shutdown_request", on: .registration).wait(completion: completion, lua)
        }
    }
}

extension Lua {
    /// Turns errors of a connection into Lua errors with the caller's line.
    func raising<R>(_ body: () throws -> R) throws -> R {
        do {
            return try body()
        } catch let error as ConnectionError {
            throw self.error(error.description)
        } catch let error as PythonError {
            throw self.error("\(error)")
        }
    }
}
