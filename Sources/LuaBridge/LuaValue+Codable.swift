// SPDX-License-Identifier: BSD-3-Clause

// With any encoder, such as those of JSON: a table with the keys 1 to n is an array, one with texts or
// other integers as keys an object. An empty table is an object.

extension LuaValue: Codable {
    /// Reads nil, a boolean, a number, a text, a list or fields.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .nil
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(LuaBytes(value))
        } else if let values = try? container.decode([LuaValue].self) {
            self.init(values)
        } else {
            self.init(try container.decode([String: LuaValue].self))
        }
    }

    /// Writes the value; a typed array as lists, and a frame as its columns by name.
    ///
    /// - Throws: `EncodingError` for a string that is not UTF-8, for a table with other keys, and
    ///   for a value that could not be copied.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        func invalid(_ message: String) -> EncodingError {
            .invalidValue(
                self, .init(codingPath: encoder.codingPath, debugDescription: message))
        }
        switch self {
        case .nil: try container.encodeNil()
        case .boolean(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string:
            guard let text = string else { throw invalid("the string is not UTF-8") }
            try container.encode(text)
        case .table(let pairs):
            if !pairs.isEmpty, let array {
                try container.encode(array)
            } else if let dictionary {
                try container.encode(dictionary)
            } else if let numbered = Self.numbered(pairs) {
                try container.encode(numbered)
            } else {
                throw invalid("a table with keys that are neither all integers nor all texts")
            }
        case .object(let object):
            if let fields = object.value.luaFields {
                try container.encode(fields)
            } else if let elements = object.value.luaElements {
                try container.encode(elements)
            } else {
                throw invalid("\(object.value.luaSummary) cannot be encoded")
            }
        case .opaque(let type, _): throw invalid("a \(type) cannot be encoded")
        }
    }

    /// The values of a table whose keys are integers; nil for other keys.
    private static func numbered(_ pairs: [Pair]) -> [Int: LuaValue]? {
        var values: [Int: LuaValue] = [:]
        for pair in pairs {
            guard case .integer(let number) = pair.key else { return nil }
            values[number] = pair.value
        }
        return values
    }
}
