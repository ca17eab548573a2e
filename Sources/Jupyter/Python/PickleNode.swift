// SPDX-License-Identifier: BSD-3-Clause

/// An entry of a pickle's stack: a value, or a reference to a value that is not complete.
enum PickleSlot: Sendable {
    case value(PythonValue)
    case node(Int)
}

/// A value that later instructions may add to. It is built after all instructions have run.
struct PickleNode: Sendable {
    enum Kind: Sendable {
        case list, tuple, dict, set
        /// A call: the items are the function, its arguments and, optionally, the keyword
        /// arguments.
        case call
    }

    var kind: Kind
    /// The position in the pickle where the value starts.
    var offset: Int
    /// The items of a container; keys and values alternate in a dict.
    var items: [PickleSlot]
    /// The items added to the result of a call.
    var added: [PickleSlot] = []
    var state: PickleSlot?

    /// The weight of a node without its items.
    static let weight = 64
}

extension PickleReader {
    mutating func pushNode(
        _ kind: PickleNode.Kind, _ items: [PickleSlot] = []
    ) throws(PickleError) {
        try spend(PickleNode.weight)
        nodes.append(PickleNode(kind: kind, offset: start, items: items))
        try push(.node(nodes.count - 1))
    }

    mutating func collect(_ opcode: PickleOpcode) throws(PickleError) {
        switch opcode {
        case .emptyList: try pushNode(.list)
        case .emptyTuple: try pushNode(.tuple)
        case .emptyDict: try pushNode(.dict)
        case .emptySet: try pushNode(.set)
        case .list: try pushNode(.list, try popToMark())
        case .tuple: try pushNode(.tuple, try popToMark())
        case .frozenset: try pushNode(.set, try popToMark())
        case .dict: try pushNode(.dict, try pairs(try popToMark()))
        case .tuple1: try pushTuple(of: 1)
        case .tuple2: try pushTuple(of: 2)
        case .tuple3: try pushTuple(of: 3)
        case .append: try add([try pop()], to: .list)
        case .appends: try add(try popToMark(), to: .list)
        case .additems: try add(try popToMark(), to: .set)
        case .setitem:
            let value = try pop()
            try add([try pop(), value], to: .dict)
        default: try add(try pairs(try popToMark()), to: .dict)
        }
    }

    private func pairs(_ items: [PickleSlot]) throws(PickleError) -> [PickleSlot] {
        guard items.count.isMultiple(of: 2) else { throw fail("a key without a value") }
        return items
    }

    private mutating func pushTuple(of count: Int) throws(PickleError) {
        var items: [PickleSlot] = []
        for _ in 0..<count { items.append(try pop()) }
        try pushNode(.tuple, items.reversed())
    }

    /// Adds items to the container on top of the stack. Items added to an object of a class are
    /// dropped.
    private mutating func add(
        _ items: [PickleSlot], to kind: PickleNode.Kind
    ) throws(PickleError) {
        guard stack.count > marks.last ?? 0, case .node(let index) = stack.last else {
            throw fail("there is nothing to add to")
        }
        if nodes[index].kind == .call { return try addToCall(items, kind, index) }
        guard nodes[index].kind == kind else { throw fail("items of another kind are added") }
        try spend(items.count * PythonValue.weight)
        nodes[index].items.append(contentsOf: items)
    }

    /// Keeps the items that are added to a subclass of dict or list of the standard library.
    private mutating func addToCall(
        _ items: [PickleSlot], _ kind: PickleNode.Kind, _ index: Int
    ) throws(PickleError) {
        guard case .value(.object(let callable)) = nodes[index].items[0],
            let known = PickleCall.Known(callable)
        else { return }
        switch (known, kind) {
        case (.orderedDict, .dict), (.defaultdict, .dict), (.deque, .list):
            try spend(items.count * PythonValue.weight)
            nodes[index].added.append(contentsOf: items)
        default: return
        }
    }
}

// MARK: - Classes and functions

extension PickleReader {
    mutating func make(_ opcode: PickleOpcode) throws(PickleError) {
        switch opcode {
        case .global: try push(try global())
        case .stackGlobal:
            guard case .value(.string(let name)) = try pop(),
                case .value(.string(let module)) = try pop()
            else { throw fail("a name that is not text") }
            try push(global(module, name))
        case .build:
            let state = try pop()
            guard stack.count > marks.last ?? 0 else { throw fail("a value is missing") }
            // A class or function may get attributes, which are ignored.
            guard case .node(let index) = stack.last else { return }
            guard nodes[index].kind == .call, nodes[index].state == nil else {
                throw fail("a state for what has none, or has one")
            }
            nodes[index].state = state
        case .inst:
            let callable = try global()
            let arguments = try popToMark()
            try pushCall(.value(callable), arguments)
        case .obj:
            let items = try popToMark()
            guard let callable = items.first else { throw fail("a class is missing") }
            try pushCall(callable, Array(items.dropFirst()))
        case .newobjEx:
            let keywords = try pop()
            let arguments = try pop()
            try pushNode(.call, [try pop(), arguments, keywords])
        default:
            let arguments = try pop()
            try pushNode(.call, [try pop(), arguments])
        }
    }

    private mutating func pushCall(
        _ callable: PickleSlot, _ arguments: [PickleSlot]
    ) throws(PickleError) {
        try pushNode(.tuple, arguments)
        let tuple = try pop()
        try pushNode(.call, [callable, tuple])
    }

    private mutating func global() throws(PickleError) -> PythonValue {
        let module = try line()
        return global(module, try line())
    }

    /// Returns the class or function under its name in Python 3, which differs from that in Python
    /// 2 for some.
    private func global(_ module: String, _ name: String) -> PythonValue {
        switch (module, name) {
        case ("__builtin__", "xrange"): .object(PythonObject(module: "builtins", name: "range"))
        case ("__builtin__", _): .object(PythonObject(module: "builtins", name: name))
        case ("copy_reg", _): .object(PythonObject(module: "copyreg", name: name))
        default: .object(PythonObject(module: module, name: name))
        }
    }
}
