// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
internal import VTShipping
package import VTStore
internal import VTWorkflow

/// The recorded outputs of nodes, read from the store into their own Lua state.
package final class StoredOutputs {
    private let store: Store
    /// A state without libraries: no code of a value's class is run.
    private let state: LuaState

    package init(_ store: Store) throws {
        self.store = store
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
            let result = try store.result(named: key), let outputs = result.outputs
        else { return nil }
        return try state.run { lua in
            let base = lua.top
            defer { lua.pop(lua.top - base) }
            let decoder = ShippingDecoder.describing()
            do {
                try outputs.withUnsafeBytes { bytes in
                    // A list of names, and a value for each.
                    var position = 0
                    try lua.pushTable()
                    try decoder.decode(bytes, at: &position, lua)
                    for index in 0..<lua.rawLength(at: base + 2) {
                        try lua.pushRawElement(index + 1, of: base + 2)
                        try decoder.decode(bytes, at: &position, lua)
                        try lua.setRawIndexed(of: base + 1)
                    }
                    lua.pop()
                }
            } catch is ShippingError {
                return nil
            }
            guard lua.type(at: -1) == .table else { return nil }
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
}
