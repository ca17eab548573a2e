// SPDX-License-Identifier: BSD-3-Clause

internal import CVTArrayLua
package import VTLuaBridge
internal import VTShipping
package import VTStore
package import VTWorkflow

/// The recorded outputs of nodes, read from the store into their own Lua state.
package final class StoredOutputs {
    private let store: Store
    /// A state without libraries: no code of a value's class is run.
    private let state: LuaState

    package init(_ store: Store) throws {
        self.store = store
        vta_register()
        state = try LuaState(libraries: false)
    }

    /// Calls `body` with a state that has the table of a node's outputs on top.
    ///
    /// - Parameter body: its second argument is true if there are files among the outputs.
    /// - Returns: nil if the node has no result or it is no longer in the store.
    package func with<R>(
        _ node: StoredNode, _ body: (borrowing Lua, _ hasFiles: Bool) throws -> R
    ) throws -> R? {
        guard node.status.hasResult, let key = node.key.key,
            let result = try store.result(named: key)
        else { return nil }
        return try state.run { lua in
            let base = lua.top
            defer { lua.pop(lua.top - base) }
            guard try push(result, lua) else { return nil }
            return try body(lua, !result.place.isEmpty)
        }
    }

    /// Calls `body` with a state that has one output on top.
    package func with<R>(
        _ output: String, of node: StoredNode, _ body: (borrowing Lua) throws -> R
    ) throws -> R? {
        try with(node) { lua, _ in
            try lua.pushRawField(output, of: -1)
            return try body(lua)
        }
    }

    /// Calls `body` with a state that has, on top, the list of an output of elements.
    ///
    /// - Parameter elements: the elements of a node, or the first of them.
    /// - Returns: nil if there is an element without a result that is in the store.
    package func with<R>(
        _ output: String, of elements: [ElementRecord], _ body: (borrowing Lua) throws -> R
    ) throws -> R? {
        try state.run { lua in
            let base = lua.top
            defer { lua.pop(lua.top - base) }
            try lua.pushTable(elements: elements.count)
            var lists = Self.mostLists
            for element in elements.sorted(by: { $0.place.lexicographicallyPrecedes($1.place) }) {
                if element.status == .failed { continue }
                guard let key = element.key, let result = try store.result(named: key),
                    try push(result, lua)
                else { return nil }
                try lua.pushRawField(output, of: -1)
                lua.remove(at: -2)
                if lua.isNil(at: -1) { return nil }
                guard try Self.append(at: element.place, of: base + 1, &lists, lua) else {
                    return nil
                }
            }
            return try body(lua)
        }
    }

    /// The largest number of lists without elements. A damaged record, or that of a sandboxed run, may
    /// state any place.
    private static let mostLists = 1_000_000

    /// Appends the value on top to the list at `root`, or to the list in it at a place.
    ///
    /// - Parameter lists: the number of lists without elements that may be made.
    /// - Returns: false for a place that no element has.
    private static func append(
        at place: [Int], of root: Int, _ lists: inout Int, _ lua: borrowing Lua
    ) throws -> Bool {
        let value = lua.top
        try lua.pushValue(at: root)
        for position in place.dropLast() {
            guard position > 0 else { return false }
            // A list without elements stands before this one.
            let missing = max(0, position - lua.rawLength(at: -1))
            guard missing <= lists else { return false }
            lists -= missing
            for _ in 0..<missing {
                try lua.pushTable()
                try lua.setRawElement(lua.rawLength(at: -2) + 1, of: -2)
            }
            try lua.pushRawElement(position, of: -1)
        }
        try lua.pushValue(at: value)
        try lua.setRawElement(lua.rawLength(at: -2) + 1, of: -2)
        lua.pop(lua.top - value + 1)
        return true
    }

    /// Pushes the table of outputs of a result; false where it cannot be read.
    private func push(_ result: StoredResult, _ lua: borrowing Lua) throws -> Bool {
        guard let outputs = result.outputs else { return false }
        let base = lua.top
        let decoder = ShippingDecoder.describing()
        do {
            // A list of names, and a value for each.
            var position = 0
            func decodeNext() throws {
                try decoder.decode(
                    outputs, at: &position, arrays: result.arrays,
                    { try store.elements(of: $0) }, lua)
            }
            try lua.pushTable()
            try decodeNext()
            for index in 0..<lua.rawLength(at: base + 2) {
                try lua.pushRawElement(index + 1, of: base + 2)
                try decodeNext()
                try lua.setRawIndexed(of: base + 1)
            }
            lua.pop()
        } catch is ShippingError {
            return false
        }
        return lua.type(at: -1) == .table
    }

    /// Calls `body` with a state that has, on top, a value that is on record.
    ///
    /// - Returns: nil where the bytes cannot be read.
    func with<R>(
        recorded bytes: [UInt8], _ body: (borrowing Lua) throws -> R?
    ) throws -> R? {
        try state.run { lua in
            let base = lua.top
            defer { lua.pop(lua.top - base) }
            do {
                try bytes.withUnsafeBytes { bytes in
                    var position = 0
                    try ShippingDecoder.describing().decode(bytes, at: &position, lua)
                }
            } catch is ShippingError {
                return nil
            }
            return try body(lua)
        }
    }

    /// Calls `body` with a state that has a value on top.
    func with<R>(_ value: LuaValue, _ body: (borrowing Lua) throws -> R) throws -> R {
        try state.run { lua in
            try value.push(onto: lua)
            defer { lua.pop() }
            return try body(lua)
        }
    }

    /// Returns the annotations of a result, with the short texts of their values.
    func annotations(of result: StoredResult, _ recorder: ValueRecorder) throws -> [ValueRecord] {
        if result.annotations.isEmpty { return [] }
        return try state.run { lua in
            let base = lua.top
            defer { lua.pop(lua.top - base) }
            do {
                try result.annotations.withUnsafeBytes { bytes in
                    var position = 0
                    try ShippingDecoder.describing().decode(bytes, at: &position, lua)
                }
            } catch is ShippingError {
                return []
            }
            guard case .table(let pairs) = LuaValue(lua: lua, at: -1) else { return [] }
            return try recorder.annotations(
                pairs.compactMap { pair in
                    guard case .string(let key) = pair.key else { return nil }
                    return (key.text, pair.value)
                }, lua)
        }
    }
}
