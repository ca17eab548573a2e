// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTParallel
internal import VTShipping
internal import VTSystem

// The methods of a client for engines of Python.

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

    /// The engines of Python with the ids in an option, or all.
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

    /// Pushes a list: the output of each engine, and the value of the code's last expression.
    private func executePython(
        _ code: String, _ targets: [ClusterClient.Engine], _ lua: borrowing Lua
    ) throws -> LuaReturn {
        if !isListening {
            isListening = true
            client.listen()
            // Messages that are published before the publisher knows the subscriber are lost.
            try completion.wait(seconds: 0.3, lua)
        }
        let outputs = try client.executePython(code, on: targets, completion, lua)
        try lua.pushTable(elements: outputs.count)
        for (index, output) in outputs.enumerated() {
            try lua.pushTable(fields: 4)
            try lua.setFields([
                "engine": output.engine.id, "result": output.result, "stdout": output.stdout,
                "stderr": output.stderr,
            ])
            try lua.setRawElement(index + 1, of: -2)
        }
        return 1
    }

    /// Pushes the result of a callable of Python for the arguments in the list at 3.
    private func callPython(
        _ expression: String, _ targets: [ClusterClient.Engine], _ lua: borrowing Lua
    ) throws -> LuaReturn {
        guard let engine = targets.first else { return 0 }
        let encoder = ShippingEncoder()
        let hasArguments = lua.type(at: 3) == .table
        if hasArguments {
            let count = lua.rawLength(at: 3)
            for position in 0..<count { try lua.pushRawElement(position + 1, of: 3) }
            do {
                try encoder.encode(lua, elementsFrom: lua.top - count + 1, count: count)
            } catch let refusal as ShippingRefusal {
                let number = refusal.offenders.first?.element ?? 1
                throw lua.error(refusal.message(sending: "argument \(number)"))
            }
            lua.pop(count)
        } else if !lua.isNil(at: 3) {
            throw lua.expected("table", 3)
        }
        let bytes = try encoder.withBytes { arguments in
            try client.callPython(
                expression, arguments: hasArguments ? arguments : nil, on: engine, completion, lua)
        }
        try bytes.withUnsafeBytes { bytes in
            var position = 0
            try ShippingDecoder(trustsCode: false, requiresModules: false)
                .decode(bytes, at: &position, lua)
        }
        return 1
    }
}
