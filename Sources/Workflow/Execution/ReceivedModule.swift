// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTShipping

/// A module that a worker computes, with the inputs that all of its tasks share.
final class ReceivedModule {
    /// The string from which it was made.
    let bytes: LuaReference
    let mark: [UInt8]
    let node: String
    let definition: ModuleDefinition
    /// The directory for files that the module makes without a path from the user.
    let filesDirectory: String
    /// The names of the inputs that come with each task.
    private let varying: [String]
    private var shared: [Shared] = []
    /// The names of the inputs that come from other nodes.
    private let checked: Set<String>

    private struct Shared {
        var name: String
        /// The value; for a small table its bytes, from which each task gets a table of its own.
        var value: LuaReference
        var isEncoded: Bool
        /// True for a table that several tasks use.
        var isTable = false
        /// The table in canonical form, made when it is first compared.
        var canonical: Shipment?
    }

    /// A copy of a table among the inputs, with which the table is compared after `compute`.
    struct Copy {
        var name: String
        fileprivate var value: LuaReference
        fileprivate var content: Shipment
        /// True if other tasks get the same table.
        var isShared: Bool
    }

    /// Larger tables, in bytes, are made once and not for each task.
    private static let largestCopy = 4096

    /// Decodes the string at `index`, which ``RemoteModule`` has encoded.
    init(at index: Int, _ decoder: ShippingDecoder, _ lua: borrowing Lua) throws {
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        bytes = try lua.reference(at: index)
        var position = 0
        let count: Int =
            try lua.withBytes(at: index) { bytes throws -> Int in
                let items = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(TaskNotes.markLength))
                return try decoder.decodeElements(items, at: &position, lua)
            } ?? 0
        guard count >= 3 else { throw WorkflowError("the bytes of the module are malformed") }
        let header = base + 1
        func list(_ name: String) throws -> [String] {
            try lua.pushRawField(name, of: header)
            defer { lua.pop() }
            return try lua.read([String].self, at: -1)
        }
        func text(_ name: String) throws -> String {
            try lua.pushRawField(name, of: header)
            defer { lua.pop() }
            return lua.text(at: -1) ?? ""
        }
        mark = Self.mark(at: index, lua)
        node = try text("node")
        filesDirectory = try text("files")
        varying = try list("varying")
        checked = Set(try list("checked"))
        definition = ModuleDefinition(
            name: try text("name"), version: try text("version"),
            inputs: try list("inputs").map { Port(name: $0) },
            outputs: try list("outputs").map { Port(name: $0) },
            body: .script(try lua.reference(at: base + 2)))
        let names = try list("shared")
        for (offset, name) in names.enumerated() where offset + 3 < count {
            let value = base + 4 + offset
            // Tables are encoded once more, so that each task can have its own.
            try lua.pushRawField(name, of: base + 3)
            let isEncoded = lua.truth(at: -1)
            lua.pop()
            var entry = Shared(
                name: name, value: try lua.reference(at: value), isEncoded: isEncoded)
            let length = isEncoded ? lua.withBytes(at: value) { $0.count } ?? 0 : 0
            if isEncoded, length > Self.largestCopy, !varying.isEmpty {
                try decode(value, decoder, lua)
                entry.value = try lua.takeReference()
                entry.isEncoded = false
                entry.isTable = true
            }
            shared.append(entry)
        }
    }

    /// The mark of the notes for the module whose bytes are at `index`.
    static func mark(at index: Int, _ lua: borrowing Lua) -> [UInt8] {
        lua.withBytes(at: index) { Array($0.prefix(TaskNotes.markLength)) } ?? []
    }

    private func decode(_ index: Int, _ decoder: ShippingDecoder, _ lua: borrowing Lua) throws {
        var position = 0
        try lua.withBytes(at: index) { bytes in
            try decoder.decode(bytes, at: &position, lua)
        }
    }

    /// Pushes the table of inputs of the task whose element is at `item`.
    func pushInputs(item: Int, _ decoder: ShippingDecoder, _ lua: borrowing Lua) throws {
        try lua.pushTable(fields: shared.count + varying.count)
        let table = lua.top
        for entry in shared {
            try lua.push(entry.value)
            if entry.isEncoded {
                try decode(table + 1, decoder, lua)
                lua.remove(at: table + 1)
            }
            // Each task may write to its own array.
            try lua.replaceArrayByCopy()
            try lua.setRawField(entry.name, of: table)
        }
        if varying.count == 1 {
            try lua.pushValue(at: item)
            try lua.setRawField(varying[0], of: table)
        } else {
            for (index, name) in varying.enumerated() {
                try lua.pushRawElement(index + 1, of: item)
                try lua.setRawField(name, of: table)
            }
        }
    }

    /// Pushes `compute` and its `self`.
    func pushCompute(_ lua: borrowing Lua) throws {
        guard case .script(let module) = definition.body else { return }
        try lua.push(module)
        try lua.pushField("compute", of: -1)
        lua.remove(at: -2)
        try lua.pushTable()
        try lua.push(try definition.instanceMetatable(lua))
        lua.setMetatable(of: -2)
    }

    // MARK: Changes in place

    /// Copies the tables among the inputs whose changes would be noticed elsewhere.
    ///
    /// - Parameter mayCheck: true if large tables are compared, too.
    func copies(
        of inputs: Int, _ encoder: ShippingEncoder, mayCheck: Bool, _ lua: borrowing Lua
    ) throws -> [Copy] {
        var copies: [Copy] = []
        for (position, entry) in shared.enumerated()
        where entry.isTable || entry.isEncoded && checked.contains(entry.name) {
            try lua.pushRawField(entry.name, of: inputs)
            defer { lua.pop() }
            guard lua.type(at: -1) == .table,
                let content = try entry.canonical
                    ?? encoder.snapshotIfSmall(lua, limit: mayCheck ? nil : InputTables.small)
            else { continue }
            shared[position].canonical = content
            copies.append(
                Copy(
                    name: entry.name, value: try lua.reference(at: -1), content: content,
                    isShared: entry.isTable))
        }
        return copies
    }

    func hasChanged(
        _ copy: Copy, _ encoder: ShippingEncoder, _ lua: borrowing Lua
    ) throws -> Bool {
        try lua.push(copy.value)
        defer { lua.pop() }
        return try !(encoder.snapshot(lua)?.isEqual(to: copy.content) ?? false)
    }
}
