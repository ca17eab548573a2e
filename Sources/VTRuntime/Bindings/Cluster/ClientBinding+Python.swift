// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTLuaBridge
internal import VTParallel
internal import VTShipping
internal import VTSystem

// The methods of a client that use Python engines.

extension LuaClient {
    static func addPython(_ type: inout LuaMembers<LuaClient>) {
        type.rawMethod("execute_python") { lua, client in
            let code = try lua.argument(2, as: String.self)
            let targets = try client.targets(at: 3, "targets", lua)
            return try lua.raising { try client.executePython(code, targets, lua) }
        }
        type.rawMethod("call_python") { lua, client in
            let expression = try lua.argument(2, as: String.self)
            let target = try client.targets(at: 4, "target", lua).prefix(1)
            return try lua.raising { try client.callPython(expression, Array(target), lua) }
        }
    }

    /// Returns the Python engines with these ids, or all.
    private func targets(
        at index: Int, _ key: String, _ lua: borrowing Lua
    ) throws -> [ClusterClient.Engine] {
        let python = client.engines.filter { !$0.isLua }
        guard !python.isEmpty else {
            throw lua.error("the cluster has no engines of Python; start one with: ipengine")
        }
        guard lua.type(at: index) == .table else { return python }
        try lua.pushField(key, of: index)
        defer { lua.pop() }
        if lua.isNil(at: -1) { return python }
        let ids = try lua.integer(at: -1).map { [$0] } ?? lua.read([Int].self, at: -1)
        return try ids.map { id in
            guard let engine = python.first(where: { $0.id == id }) else {
                throw lua.error(
                    "there is no engine \(id) of Python; there are "
                        + python.map { "\($0.id)" }.joined(separator: ", "))
            }
            return engine
        }
    }

    /// Pushes a list with the output of each engine and the value of the code's last expression.
    private func executePython(
        _ code: String, _ targets: [ClusterClient.Engine], _ lua: borrowing Lua
    ) throws -> LuaReturn {
        if !isListening {
            isListening = true
            client.listen()
            // A publisher drops messages until it knows of a new subscriber.
            try completion.wait(seconds: 0.3, lua)
        }
        let questions = targets.map { engine in
            client.ask(
                "execute_request", on: .mux, to: engine.uuid,
                [
                    "code": .string(code), "silent": false, "store_history": false,
                    "user_expressions": [:], "allow_stdin": false,
                ], listens: true, timeout: nil)
        }
        try lua.pushTable(elements: targets.count)
        for (index, question) in questions.enumerated() {
            let reply = try question.wait(completion: completion, lua)
            try question.waitForTelling(completion: completion, lua)
            try fail(reply, targets[index], lua)
            var streams = ["stdout": "", "stderr": ""]
            var result: String?
            for message in question.heard {
                if message.type == "stream", let name = message.content["name"].string {
                    streams[name, default: ""] += message.content["text"].string ?? ""
                } else if message.type == "execute_result" {
                    result = message.content["data"]["text/plain"].string
                }
            }
            try lua.pushTable(fields: 4)
            try lua.setFields([
                "engine": targets[index].id, "result": result, "stdout": streams["stdout"],
                "stderr": streams["stderr"],
            ])
            try lua.setRawElement(index + 1, of: -2)
        }
        return 1
    }

    private func fail(
        _ reply: Message, _ engine: ClusterClient.Engine, _ lua: borrowing Lua
    ) throws {
        guard reply.content["status"].string != "ok" else { return }
        let name = reply.content["ename"].string ?? reply.content["status"].string ?? "error"
        throw lua.error(
            "\(name): \(reply.content["evalue"].string ?? "")\nengine \(engine.id), Python")
    }

    /// Pushes the result of a Python callable for the arguments in the list at 3.
    private func callPython(
        _ expression: String, _ targets: [ClusterClient.Engine], _ lua: borrowing Lua
    ) throws -> LuaReturn {
        guard let engine = targets.first else { return 0 }
        var arguments: [PythonValue] = []
        if lua.type(at: 3) == .table {
            let encoder = ShippingEncoder()
            let count = lua.rawLength(at: 3)
            for position in 0..<count { try lua.pushRawElement(position + 1, of: 3) }
            do {
                try encoder.encode(lua, elementsFrom: lua.top - count + 1, count: count)
            } catch let refusal as ShippingRefusal {
                throw lua.error("\(refusal)")
            }
            lua.pop(count)
            let value = try encoder.withBytes { bytes in
                var position = 0
                return try PythonValue(cbor: bytes, at: &position)
            }
            arguments = value.elements ?? []
        } else if !lua.isNil(at: 3) {
            throw lua.expected("table", 3)
        }
        let question = client.ask(
            "apply_request", on: .mux, to: engine.uuid, [:],
            try PythonCall.request(expression: expression, arguments: arguments, keywords: [])
                .map { .bytes($0) }, timeout: nil)
        let reply = try question.wait(completion: completion, lua)
        try fail(reply, engine, lua)
        var bytes: [UInt8] = []
        try PythonCall.result(of: reply.buffers).appendCBOR(to: &bytes)
        try bytes.withUnsafeBytes { bytes in
            var position = 0
            try ShippingDecoder(trustsCode: false).decode(bytes, at: &position, lua)
        }
        return 1
    }
}
