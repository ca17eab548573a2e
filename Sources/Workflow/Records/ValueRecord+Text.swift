// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge
internal import VTShipping
internal import VTSystem

extension ValueRecord {
    /// A copy of the value; nil where the record does not have it.
    public var copy: LuaValue? { value.flatMap { LuaValue(shipped: $0) } }

    /// A text for the value in one line: the whole value in the form of Lua's literals and JSON,
    /// where the record has it and the text is not longer than `limit`; otherwise the short text.
    public func text(limit: Int = 200) -> String {
        guard let copy else { return brief }
        var text = ""
        copy.write(to: &text, limit)
        return text.utf8.count <= limit ? text : brief
    }

    /// The text of the whole value, where the record has it.
    public var text: String { text(limit: .max) }
}

extension LuaValue {
    /// Appends the value; ends early where the text is longer than `limit`.
    fileprivate func write(to text: inout String, _ limit: Int) {
        switch self {
        case .string(let bytes):
            let whole = String(validating: bytes.bytes, as: UTF8.self)
            text += "\"\(whole?.escapedForQuotes ?? bytes.bytes.escapedForLua)\""
        case .table(let pairs): Self.write(pairs, to: &text, limit)
        case .opaque(_, "json.null"): text += "null"
        case .opaque(_, "json.array"): text += "[]"
        case .opaque(_, let description): text += description
        default: text += brief
        }
    }

    private static func write(_ pairs: [Pair], to text: inout String, _ limit: Int) {
        if pairs.isEmpty {
            text += "{}"
            return
        }
        let isList = pairs.enumerated().allSatisfy { $1.key == .integer($0 + 1) }
        text += isList ? "[" : "{"
        for (index, pair) in pairs.enumerated() {
            if text.utf8.count > limit { return }
            if index > 0 { text += ", " }
            if !isList {
                pair.key.write(to: &text, limit)
                text += ": "
            }
            pair.value.write(to: &text, limit)
        }
        text += isList ? "]" : "}"
    }
}
