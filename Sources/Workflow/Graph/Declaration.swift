// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
internal import VTSystem

/// A reader of a Lua table of options, whose messages name the subject of the table.
package struct Declaration {
    let index: Int
    let keys: [String]
    var subject: String

    /// - Parameters:
    ///   - index: the stack index of the table.
    ///   - keys: the fields that the table may have.
    ///   - subject: the module or function whose options the table has, for messages.
    package init(index: Int, keys: [String], subject: String) {
        self.index = index
        self.keys = keys
        self.subject = subject
    }

    /// Returns a reader of the same table whose messages name another subject.
    package func about(_ subject: String) -> Declaration {
        var copy = self
        copy.subject = subject
        return copy
    }

    /// Checks that the value is a table, and that it has no unknown fields.
    ///
    /// - Throws: ``WorkflowError``.
    package func checkKeys(_ lua: borrowing Lua) throws {
        guard lua.type(at: index) == .table else {
            throw WorkflowError("\(subject): a table expected, got \(lua.typeName(at: index))")
        }
        try lua.forEachPair(of: index) {
            guard let key = lua.string(at: -2) else {
                throw WorkflowError(
                    "\(subject): unexpected entry [\(try lua.display(at: -2))]; every field must have a name"
                )
            }
            if !keys.contains(key) {
                throw WorkflowError(
                    "\(subject): unknown field `\(key)`" + suggestion(for: key, among: keys))
            }
        }
    }

    /// Reads a field; nil if it is absent.
    ///
    /// - Throws: ``WorkflowError`` if the value has another type.
    package func optional<T: LuaReadable>(_ key: String, _ type: T.Type, _ lua: borrowing Lua)
        throws -> T?
    {
        try lua.pushRawField(key, of: index)
        defer { lua.pop() }
        do {
            return try lua.read(T?.self, at: -1)
        } catch {
            throw WorkflowError("\(subject): `\(key)`: \(error.plain.message)")
        }
    }

    /// Reads a field that is a positive number of seconds. At most 1e9 seconds, about thirty years,
    /// are returned, so that a clock can count them.
    package func duration(_ key: String, _ lua: borrowing Lua) throws -> Duration? {
        guard let value = try optional(key, Double.self, lua) else { return nil }
        guard value > 0 else { throw WorkflowError("\(subject): `\(key)` must be positive") }
        return .seconds(min(value, 1e9))
    }

    /// Reads a field that is an integer, 0 or more.
    package func count(_ key: String, _ lua: borrowing Lua) throws -> Int? {
        guard let value = try optional(key, Int.self, lua) else { return nil }
        guard value >= 0 else { throw WorkflowError("\(subject): `\(key)` must not be negative") }
        return value
    }

    /// Reads a field that is a function; nil if it is absent.
    ///
    /// - Parameter example: the function as code, for the message.
    package func function(
        _ key: String, _ example: String, _ lua: borrowing Lua
    ) throws -> LuaReference? {
        try lua.pushRawField(key, of: index)
        defer { lua.pop() }
        if lua.isNil(at: -1) { return nil }
        guard lua.type(at: -1) == .function else {
            throw WorkflowError(
                "\(subject): `\(key)` must be a function, got \(lua.brief(at: -1)); "
                    + "write \(key) = \(example)")
        }
        return try lua.reference(at: -1)
    }

    /// Reads the ports under `key`, in the order of their names.
    package func ports(_ key: String, kind: String, _ lua: borrowing Lua) throws -> [Port] {
        try lua.pushRawField(key, of: index)
        defer { lua.pop() }
        if lua.isNil(at: -1) { return [] }
        guard lua.type(at: -1) == .table else {
            throw WorkflowError(
                "\(subject): `\(key)`: a table of ports expected, got \(lua.typeName(at: -1))")
        }
        var ports: [Port] = []
        try lua.forEachPair(of: lua.absolute(-1)) {
            guard let name = lua.string(at: -2) else {
                throw WorkflowError(
                    "\(subject): `\(key)`: every port must have a name; write name = { \"type\" }")
            }
            do {
                let port = try Port(name: name, declaredAt: -1, lua)
                if kind != "parameter", port.isSecret || port.environmentVariable != nil {
                    throw WorkflowError(
                        "`\(port.isSecret ? "secret" : "env")` applies to parameters of workflows")
                }
                ports.append(port)
            } catch let error as WorkflowError {
                throw WorkflowError("\(subject): \(kind) `\(name)`: \(error.message)")
            }
        }
        return ports.sorted { $0.name < $1.name }
    }
}
