// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge

/// A table that describes something, read field by field with messages that say whose it is.
package struct Declaration {
    let index: Int
    let keys: [String]
    var subject: String

    /// - Parameters:
    ///   - index: where the table is.
    ///   - keys: the fields it may have.
    ///   - subject: whose it is, for messages.
    package init(index: Int, keys: [String], subject: String) {
        self.index = index
        self.keys = keys
        self.subject = subject
    }

    package func about(_ subject: String) -> Declaration {
        var copy = self
        copy.subject = subject
        return copy
    }

    package func checkKeys(_ lua: borrowing Lua) throws {
        guard lua.type(at: index) == .table else {
            throw WorkflowError("\(subject): a table expected, got \(lua.typeName(at: index))")
        }
        try lua.forEachPair(of: index) {
            guard let key = lua.string(at: -2) else {
                throw WorkflowError(
                    "\(subject): unexpected entry [\(try lua.display(at: -2))]; fields have names")
            }
            if !keys.contains(key) {
                throw WorkflowError(
                    "\(subject): unknown field `\(key)`" + suggestion(for: key, among: keys))
            }
        }
    }

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

    /// Thirty years stand for anything beyond, so that a clock can count to it.
    package func seconds(_ key: String, _ lua: borrowing Lua) throws -> Double? {
        guard let value = try optional(key, Double.self, lua) else { return nil }
        guard value > 0 else { throw WorkflowError("\(subject): `\(key)` must be positive") }
        return min(value, 1e9)
    }

    package func count(_ key: String, _ lua: borrowing Lua) throws -> Int? {
        guard let value = try optional(key, Int.self, lua) else { return nil }
        guard value >= 0 else { throw WorkflowError("\(subject): `\(key)` must not be negative") }
        return value
    }

    /// The ports under `key`, in the order of their names.
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
                    "\(subject): `\(key)`: a port has no name; write name = { \"type\" }")
            }
            do {
                ports.append(try Port(name: name, declaredAt: -1, lua))
            } catch let error as WorkflowError {
                throw WorkflowError("\(subject): \(kind) `\(name)`: \(error.message)")
            }
        }
        return ports.sorted { $0.name < $1.name }
    }
}
