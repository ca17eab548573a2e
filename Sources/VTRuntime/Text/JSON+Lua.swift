// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
internal import VTShipping
package import VTSystem

extension JSON {
    /// The error of a Lua value that JSON cannot represent.
    package struct Refusal: Error, CustomStringConvertible {
        /// The place of the value, such as `result.rows[3]`.
        package var place: String
        package var reason: String
        package var description: String { "`\(place)` cannot be written as JSON: \(reason)" }
    }

    /// The deepest nesting of arrays and objects, as for the library `json`.
    private static let deepest = 512

    /// Converts the value at `index`: `json.null` to null, a list and what `json.array` has marked to
    /// an array, another table to an object, and a value that JSON does not have to a string that
    /// describes it.
    ///
    /// - Parameters:
    ///   - place: the name of the value in errors.
    ///   - isList: true if an empty table is an array.
    /// - Throws: ``Refusal`` for text that is not UTF-8, two keys with the same text, and tables that
    ///   are nested too deeply; `LuaError`.
    package init(
        _ lua: borrowing Lua, at index: Int, place: String, isList: Bool = false
    ) throws {
        self = try Self.convert(lua, lua.absolute(index), place, 0, isList)
    }

    private static func convert(
        _ lua: borrowing Lua, _ index: Int, _ place: String, _ depth: Int, _ isList: Bool = false
    ) throws -> JSON {
        switch lua.type(at: index) {
        case .none, .nil: return .null
        case .boolean: return .boolean(lua.truth(at: index))
        case .number:
            return lua.isInteger(at: index)
                ? .integer(lua.integer(at: index) ?? 0) : .number(lua.number(at: index) ?? 0)
        case .string:
            guard let text = lua.string(at: index) else {
                throw Refusal(
                    place: place,
                    reason: "the string is not UTF-8; encode bytes as text, in base64 for instance")
            }
            return .string(text)
        // The null of libraries that are written in C.
        case .lightUserdata where lua.pointer(at: index) == nil: return .null
        case .table: return try table(lua, index, place, depth, isList)
        // A stored null that is shown without loading the library.
        case .userdata where try mark(lua, index) == "json.null": return .null
        case .userdata where lua.arrayDescription(at: index)?.shape.isEmpty == false:
            return try array(lua, index, place, depth)
        case .userdata where lua.arrayDescription(at: index)?.type.hasPrefix("complex") == false:
            try lua.reserve(4)
            try lua.pushScalar(ofArray: index)
            defer { lua.pop() }
            return try convert(lua, lua.top, place, depth)
        case .lightUserdata, .userdata, .function, .thread:
            return JSON(LuaValue(lua: lua, at: index))
        }
    }

    /// Converts an array to nested arrays.
    private static func array(
        _ lua: borrowing Lua, _ index: Int, _ place: String, _ depth: Int
    ) throws -> JSON {
        try lua.reserve(4)
        return .array(
            try (1..<(lua.sequenceLength(at: index) + 1)).map { number in
                try lua.pushSequenceElement(number, of: index)
                defer { lua.pop() }
                return try convert(lua, lua.top, "\(place)[\(number)]", depth + 1)
            })
    }

    private static func table(
        _ lua: borrowing Lua, _ index: Int, _ place: String, _ depth: Int, _ isList: Bool
    ) throws -> JSON {
        let mark = try mark(lua, index)
        if mark == "json.null" { return .null }
        if let frame = lua.frameDescription(at: index) {
            return try records(frame, lua, index, place, depth)
        }
        guard depth < deepest else {
            throw Refusal(
                place: place.count > 60 ? place.prefix(57) + "..." : place,
                reason: "tables are nested deeper than \(deepest), or a table contains itself")
        }
        let count = lua.rawLength(at: index)
        if count > 0 ? try hasOnlyElements(count, lua, index) : try isEmpty(lua, index) {
            guard count > 0 || isList || mark == "json.array" else { return .object([]) }
            var list: [JSON] = []
            list.reserveCapacity(count)
            for position in 0..<count {
                try lua.pushRawElement(position + 1, of: index)
                defer { lua.pop() }
                list.append(
                    try convert(lua, lua.top, "\(place)[\(position + 1)]", depth + 1))
            }
            return .array(list)
        }
        var members: [Member] = []
        var keys: Set<String> = []
        try lua.forEachPair(of: index) {
            let key = try key(lua, lua.top - 1, place)
            let value = try convert(lua, lua.top, "\(place).\(key)", depth + 1)
            guard keys.insert(key).inserted else {
                throw Refusal(
                    place: place,
                    reason: "two keys are written as \"\(key.escapedForQuotes)\"; use strings only")
            }
            members.append((key, value))
        }
        return .object(
            members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) })
    }

    /// Converts a frame to an array of objects with its columns in order.
    private static func records(
        _ frame: FrameDescription, _ lua: borrowing Lua, _ index: Int, _ place: String, _ depth: Int
    ) throws -> JSON {
        try lua.reserve(6)
        var list: [JSON] = []
        list.reserveCapacity(frame.rows)
        for row in 0..<frame.rows {
            var members: [Member] = []
            for (column, name) in frame.names.enumerated() {
                try lua.pushFrameElement(row: row + 1, column: column + 1, of: index)
                defer { lua.pop() }
                let value = try convert(lua, lua.top, "\(place)[\(row + 1)].\(name)", depth + 2)
                members.append((name, value))
            }
            list.append(.object(members))
        }
        return .array(list)
    }

    private static func key(_ lua: borrowing Lua, _ index: Int, _ place: String) throws -> String {
        guard lua.type(at: index) == .string else { return LuaValue(lua: lua, at: index).brief }
        guard let text = lua.string(at: index) else {
            throw Refusal(place: place, reason: "a key is not UTF-8; encode bytes as text")
        }
        return text
    }

    /// The name of the table's metatable, which marks the null and the arrays of the library.
    private static func mark(_ lua: borrowing Lua, _ index: Int) throws -> String? {
        guard try lua.pushMetatable(of: index) else { return nil }
        defer { lua.pop() }
        try lua.pushRawField("__name", of: -1)
        defer { lua.pop() }
        let name = lua.string(at: -1)
        // A stored value is shown without loading the library: its class has the name of the field.
        return name == "json.Null" || name == "json.Array" ? name?.lowercased() : name
    }

    private static func isEmpty(_ lua: borrowing Lua, _ index: Int) throws -> Bool {
        try lua.pushNil()
        guard try lua.next(of: index) else { return true }
        lua.pop(2)
        return false
    }

    private static func hasOnlyElements(
        _ count: Int, _ lua: borrowing Lua, _ index: Int
    ) throws -> Bool {
        var pairs = 0
        var isList = true
        try lua.forEachPair(of: index) {
            pairs += 1
            let key = lua.isInteger(at: -2) ? lua.integer(at: -2) : nil
            isList = isList && key.map { (1...count).contains($0) } == true
        }
        return isList && pairs == count
    }
}
