// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
package import VTLuaBridge
package import VTSystem

// Requests to the Hub and to engines, other than tasks. Each waits for its replies, and throws
// `ConnectionError` when there is none.

extension ClusterClient {
    /// The load of each engine, by id: `{ queue =, completed =, tasks = }`; and `unassigned`.
    package func queueStatus(_ completion: CompletionEvent, _ lua: borrowing Lua) throws -> JSON {
        try ask("queue_request", on: .registration, ["targets": nil, "verbose": false])
            .wait(completion: completion, lua).content
    }

    /// The status that each engine of Lua reports; nil for one that does not answer within 2 s.
    package func statuses(
        _ completion: CompletionEvent, _ lua: borrowing Lua
    ) throws -> [(engine: Engine, status: JSON?)] {
        let engines = luaEngines
        let questions = engines.map { engine in
            ask("vtlua_status_request", on: .control, to: engine.uuid, timeout: 2)
        }
        return try zip(engines, questions).map { engine, question in
            do {
                return (engine, try question.wait(completion: completion, lua).content)
            } catch is ConnectionError {
                return (engine, nil)
            }
        }
    }

    /// Removes the globals that were set on the engines.
    package func clear(_ completion: CompletionEvent, _ lua: borrowing Lua) throws {
        let questions = engines.map { engine in
            ask("clear_request", on: .control, to: engine.uuid, timeout: nil)
        }
        for question in questions {
            do {
                _ = try question.wait(completion: completion, lua)
            } catch let error as ConnectionError {
                // An engine that has left meanwhile has no globals.
                if loss != nil { throw error }
            }
        }
    }

    /// Ends all engines, and the controller if `hub` is true.
    package func shutDown(
        hub: Bool, _ completion: CompletionEvent, _ lua: borrowing Lua
    ) throws {
        let questions = engines.map { engine in
            ask("shutdown_request", on: .control, to: engine.uuid, ["restart": false], timeout: 5)
        }
        for question in questions {
            do { _ = try question.wait(completion: completion, lua) } catch is ConnectionError {}
        }
        guard hub else { return }
        _ = try ask("shutdown_request", on: .registration).wait(completion: completion, lua)
    }

    /// The state of a request that was sent through the controller's scheduler.
    package enum Fetched {
        case done(FetchedTasks)
        case pending
        case unknown
    }

    /// Asks the Hub for the results of a request, by the id of its message.
    package func fetch(
        _ id: String, isLast: Bool, _ completion: CompletionEvent, _ lua: borrowing Lua
    ) throws -> Fetched {
        let reply = try ask(
            "result_request", on: .registration,
            ["msg_ids": [.string(id)], "status_only": false]
        ).wait(completion: completion, lua)
        let content = reply.content
        if let record = content.members?.first(where: { $0.key == id })?.value {
            return .done(FetchedTasks(record["result_content"], reply.buffers))
        }
        let isPending = content["pending"].array?.contains(.string(id)) ?? false
        if isPending, !isLast { return .pending }
        if content["ename"].string == "NotImplementedError" || !isPending,
            content["evalue"].string?.contains("NoDB") ?? false
        {
            throw ConnectionError(
                "the controller keeps no results; start it with: vtlua cluster start --db")
        }
        return isPending ? .pending : .unknown
    }
}
