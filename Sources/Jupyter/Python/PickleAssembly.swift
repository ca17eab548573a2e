// SPDX-License-Identifier: BSD-3-Clause

/// Builds the values of a pickle after all its instructions have run.
///
/// A value that is referred to from several places is built once, but its weight counts once for
/// each reference: a traversal of the values visits it as often.
struct PickleAssembly: ~Copyable {
    private struct Assembled {
        var value: PythonValue
        var weight: Int
        /// The depth of nesting.
        var levels: Int
    }

    private enum Progress {
        case untouched
        case begun
        case done(Assembled)
    }

    private let nodes: [PickleNode]
    private let mostWeight: Int
    /// The weight of values that are larger than their form in the pickle.
    private var made = 0
    private var progress: [Progress]

    init(nodes: [PickleNode], budget: Int) {
        self.nodes = nodes
        mostWeight = budget
        progress = Array(repeating: .untouched, count: nodes.count)
    }

    mutating func value(
        of slot: PickleSlot
    ) throws(PickleError) -> (value: PythonValue, weight: Int) {
        let assembled = try assembled(slot, 0)
        return (assembled.value, assembled.weight)
    }

    private mutating func assembled(
        _ slot: PickleSlot, _ depth: Int
    ) throws(PickleError) -> Assembled {
        switch slot {
        case .value(let value):
            return Assembled(value: value, weight: Self.weight(of: value), levels: 0)
        case .node(let index):
            let offset = nodes[index].offset
            switch progress[index] {
            case .done(let assembled): return assembled
            case .begun:
                throw PickleError(
                    code: .cycle, offset: offset, message: "a value that contains itself")
            case .untouched: break
            }
            progress[index] = .begun
            guard depth < PythonValue.mostLevels else { throw Self.tooDeep(offset) }
            let assembled = try assemble(nodes[index], depth + 1)
            progress[index] = .done(assembled)
            return assembled
        }
    }

    private static func weight(of leaf: PythonValue) -> Int {
        switch leaf {
        case .bytes(let bytes): PythonValue.weight + bytes.count
        case .string(let text), .bigInt(let text): PythonValue.weight + text.utf8.count
        default: PythonValue.weight
        }
    }

    private static func tooDeep(_ offset: Int) -> PickleError {
        PickleError(code: .limit, offset: offset, message: "values are nested too deeply")
    }

    private mutating func assemble(
        _ node: PickleNode, _ depth: Int
    ) throws(PickleError) -> Assembled {
        var weight = PickleNode.weight
        var levels = 0
        func values(_ slots: [PickleSlot]) throws(PickleError) -> [PythonValue] {
            var values: [PythonValue] = []
            values.reserveCapacity(slots.count)
            for slot in slots {
                let item = try assembled(slot, depth)
                values.append(item.value)
                levels = max(levels, item.levels + 1)
                weight += item.weight
                if weight > mostWeight {
                    throw PickleError(
                        code: .limit, offset: node.offset, message: "too many values")
                }
            }
            if levels > PythonValue.mostLevels { throw Self.tooDeep(node.offset) }
            return values
        }
        let items = try values(node.items)
        let value: PythonValue
        switch node.kind {
        case .list: value = .list(items)
        case .tuple: value = .tuple(items)
        case .set: value = .set(items)
        case .dict: value = .dict(Self.entries(items))
        case .call:
            let call = PickleCall(
                callable: items[0], arguments: items[1],
                keywords: items.count > 2 ? items[2] : nil,
                state: try node.state.map { (slot) throws(PickleError) in try values([slot])[0] },
                added: try values(node.added))
            let before = made
            value = try call.value(offset: node.offset, weight: &made, most: mostWeight)
            weight += made - before
            // An object has one level more than its arguments, which are a tuple.
            levels += 1
        }
        return Assembled(value: value, weight: weight, levels: levels)
    }

    static func entries(_ items: [PythonValue]) -> [PythonEntry] {
        stride(from: 0, to: items.count - 1, by: 2).map {
            PythonEntry(items[$0], items[$0 + 1])
        }
    }
}
