// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTShipping
package import VTStore
package import VTWorkflow

/// Reads elements of a recorded node as nodes of their own.
package struct ElementReader {
    private let store: Store
    private let stored: StoredOutputs
    private let recorder: ValueRecorder

    /// - Throws: `LuaError`: there is no memory for a Lua state.
    package init(_ store: Store) throws {
        self.store = store
        stored = try StoredOutputs(store)
        recorder = ValueRecorder(digest: store.digest)
    }

    /// Returns an element as a node of a run, with its inputs as far as they are on record, and with
    /// the outputs, the annotations and the printed text of its result if the store has that.
    package func node(
        of element: ElementRecord, in owner: StoredNode, of run: StoredRun
    ) throws -> StoredNode {
        var node = owner
        node.node = owner.node + element.label
        node.status = StoredNode.Status(rawValue: element.status.rawValue)
        node.key.key = element.key
        node.key.obstacle = element.key == nil ? owner.key.obstacle : nil
        (node.started, node.seconds) = (element.started, element.seconds)
        (node.processor, node.peak, node.attempts) = (0, 0, element.attempts)
        (node.printed, node.annotations, node.files, node.origin) = ("", [], [], nil)
        (node.error, node.because) = (element.error, nil)
        node.inputs = try inputs(of: element, owner, run)
        let types = Dictionary(owner.outputs.map { ($0.name, $0.type) }) { first, _ in first }
        node.outputs = []
        guard node.status.hasResult, let key = element.key,
            let result = try store.result(named: key)
        else { return node }
        node.printed = result.printed
        node.origin = element.status == .cached ? try store.origin(of: key) : nil
        node.annotations = try stored.annotations(of: result, recorder)
        let levels = element.place.count
        node.outputs =
            try stored.with(node) { lua, _ in
                try Self.names(of: owner, lua).map { name in
                    try lua.pushRawField(name, of: -1)
                    defer { lua.pop() }
                    return try recorder.record(
                        name, (types[name] ?? "").withoutLists(levels), at: -1, digests: false, lua)
                }
            } ?? []
        return node
    }

    /// Returns the names of the fields of the table on top, in the order of a node's outputs.
    private static func names(of owner: StoredNode, _ lua: borrowing Lua) throws -> [String] {
        let table = lua.top
        var names: Set<String> = []
        try lua.pushNil()
        while try lua.next(of: table) {
            lua.pop()
            if let name = lua.string(at: -1) { names.insert(name) }
        }
        let known = owner.outputs.map(\.name).filter(names.contains)
        return known + names.subtracting(known).sorted()
    }

    // MARK: Inputs

    private func inputs(
        of element: ElementRecord, _ owner: StoredNode, _ run: StoredRun
    ) throws -> [ValueRecord] {
        if owner.hasTurns { return try inputs(ofTurn: element, owner, run) }
        let varying = owner.key.varying
        guard element.inputs.count == varying.count else {
            return owner.inputs.filter { input in !varying.contains { $0.name == input.name } }
        }
        return try owner.inputs.map { input in
            guard let number = varying.firstIndex(where: { $0.name == input.name }) else {
                return input
            }
            let type = input.type.withoutLists(element.place.count)
            if varying[number].kind == .elements,
                let value = try value(at: element.place, of: input, owner, run)
            {
                var value = value
                (value.name, value.type) = (input.name, type)
                return value
            }
            return ValueRecord(
                name: input.name, type: type, brief: "value with digest \(element.inputs[number])")
        }
    }

    /// Returns the inputs of a turn: the state that the turn before it gave, the element of a fold, and
    /// what all turns share.
    private func inputs(
        ofTurn turn: ElementRecord, _ owner: StoredNode, _ run: StoredRun
    ) throws -> [ValueRecord] {
        var inputs: [ValueRecord] = []
        if let list = owner.inputs.first(where: { $0.name == "list" }),
            var value = try value(at: turn.place, of: list, owner, run)
        {
            value.name = "element"
            inputs.append(value)
        }
        inputs += owner.inputs.filter { $0.name == "inputs" }
        var state: ValueRecord?
        if turn.place == [1] {
            state = owner.inputs.first { $0.name == "state" || $0.name == "initial" }
        } else if let number = turn.place.first,
            let before = try store.element(at: [number - 1], of: owner.position, in: run.run)
        {
            var node = owner
            node.key.key = before.key
            node.status = .computed
            state = try stored.with("state", of: node) { try record(at: [], $0) } ?? nil
        }
        if var state {
            state.name = "state"
            inputs.append(state)
        }
        return inputs
    }

    /// Returns the value of an input at a place: from the record of the node, or from the stored output
    /// that the list comes from.
    private func value(
        at place: [Int], of input: ValueRecord, _ owner: StoredNode, _ run: StoredRun
    ) throws -> ValueRecord? {
        if let list = input.value {
            return try stored.with(recorded: list) { try record(at: place, $0) }
        }
        let sources = run.connections.filter {
            $0.node == owner.node && $0.input == input.name
        }
        guard sources.count == 1,
            let source = try store.nodes(of: run.run).first(where: { $0.node == sources[0].source })
        else { return nil }
        if let found = try stored.with(
            sources[0].output, of: source, { try record(at: place, $0) })
        {
            return found
        }
        // The list was made for each element by another node.
        guard let counts = try store.elementCounts(of: source.position, in: run.run),
            counts.failed == 0, counts.suspended == 0,
            let element = try store.element(at: place, of: source.position, in: run.run)
        else { return nil }
        var node = source
        node.key.key = element.key
        node.status = .computed
        return try stored.with(sources[0].output, of: node) { try record(at: [], $0) } ?? nil
    }

    /// Returns the record of the value at a place in the value on top; nil if that is not a list.
    private func record(at place: [Int], _ lua: borrowing Lua) throws -> ValueRecord? {
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        for position in place {
            guard lua.isSequence(at: -1),
                lua.type(at: -1) == .table || position <= lua.sequenceLength(at: -1)
            else { return nil }
            try lua.pushSequenceElement(position, of: -1)
        }
        if lua.isNil(at: -1) { return nil }
        return try recorder.record("", "", at: -1, digests: false, lua)
    }
}

extension String {
    /// The type of the elements of a list of this type, or of lists in lists for several levels.
    fileprivate func withoutLists(_ levels: Int) -> String {
        var type = Substring(self)
        for _ in 0..<levels {
            if type.hasPrefix("list<"), type.hasSuffix(">") {
                type = type.dropFirst(5).dropLast()
            } else if type == "list" {
                type = "any"
            }
        }
        return String(type)
    }
}
