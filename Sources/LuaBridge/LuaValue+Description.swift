// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem

extension LuaValue: CustomStringConvertible, CustomDebugStringConvertible {
    /// The value as Lua writes it: a string as its text, a table as a constructor with its pairs. A
    /// typed array is described by its type and shape: `<array float64 3 x 4>`.
    public var description: String {
        switch self {
        case .string(let value): value.text
        default: debugDescription
        }
    }

    /// The value as it is written in Lua code: `{1, 2, name = "a"}`.
    public var debugDescription: String {
        switch self {
        case .nil: "nil"
        case .boolean(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): value.isNaN ? "nan" : "\(value)"
        case .string(let value): value.debugDescription
        case .table(let pairs): Self.constructor(pairs)
        case .object(let object): "<\(object.value.luaSummary)>"
        case .opaque(_, let description): "<\(description)>"
        }
    }

    private static func constructor(_ pairs: [Pair]) -> String {
        var next = 1
        let parts = pairs.map { pair in
            if pair.key == .integer(next) {
                next += 1
                return pair.value.debugDescription
            }
            let key =
                if let name = pair.key.string, name.isLuaName {
                    name
                } else {
                    "[\(pair.key.debugDescription)]"
                }
            return "\(key) = \(pair.value.debugDescription)"
        }
        return "{\(parts.joined(separator: ", "))}"
    }

    /// The value as a key in messages: `'name'`, `3`.
    var fieldName: String {
        if case .string(let name) = self { "'\(name.text)'" } else { debugDescription }
    }
}

extension LuaBytes: CustomStringConvertible, CustomDebugStringConvertible {
    /// The string as UTF-8, with invalid bytes replaced by U+FFFD.
    public var description: String { text }

    /// The string in quotes, with escapes as in Lua code.
    public var debugDescription: String {
        if let text = String(validating: bytes, as: UTF8.self) {
            return "\"\(text.escapedForQuotes)\""
        }
        return "\"\(bytes.escapedForLua)\""
    }
}

extension String {
    /// True if the text can be a field's name in Lua code.
    fileprivate var isLuaName: Bool {
        guard let first = utf8.first, !(48...57).contains(first), !Self.reserved.contains(self)
        else { return false }
        return utf8.allSatisfy {
            switch $0 {
            case 48...57, 65...90, 95, 97...122: true
            default: false
            }
        }
    }

    private static let reserved: Set<String> = [
        "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if",
        "in", "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
    ]
}
