// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge
internal import VTShipping
internal import VTSystem

extension LuaValue {
    /// A short text for the value, for one line of a message: `"abc"`, `3`, `list of 48`.
    public var brief: String {
        switch self {
        case .nil: "nil"
        case .boolean(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): value.luaText
        case .string(let bytes): briefString(bytes)
        case .table(let pairs): briefTable(pairs)
        case .object(let object): object.value.luaSummary
        case .opaque("table", _): "table"
        case .opaque(let type, _): type
        }
    }

    private func briefString(_ bytes: LuaBytes) -> String {
        // Before it is cut.
        let bytes = Secrets.exist ? LuaBytes(Secrets.masked(bytes.bytes)) : bytes
        let text = bytes.text
        if String(validating: bytes.bytes, as: UTF8.self) == nil {
            let isLong = bytes.bytes.count > 40
            let start = bytes.bytes.prefix(isLong ? 37 : 40).escapedForLua
            return "\"\(start)" + (isLong ? "...\" (\(bytes.bytes.count) bytes)" : "\"")
        }
        guard text.count > 40 else { return "\"\(text.escapedForQuotes)\"" }
        return "\"\(text.prefix(37).escapedForQuotes)...\" (\(bytes.bytes.count) bytes)"
    }

    private func briefTable(_ pairs: [Pair]) -> String {
        if pairs.isEmpty { return "{}" }
        let isList = pairs.enumerated().allSatisfy { offset, pair in
            pair.key == .integer(offset + 1)
        }
        if isList { return "list of \(pairs.count)" }
        return "table of \(pairs.count)"
    }
}

extension Lua {
    /// Returns a short text for the value at `index`. The elements of a table are counted, up to 1,000
    /// without a list, and not copied.
    public func brief(at index: Int) -> String {
        switch type(at: index) {
        case .table: briefTable(at: absolute(index))
        case .userdata:
            arrayDescription(at: index).map { "array \($0)" }
                ?? (typeName(at: index) == "module" ? try? display(at: index) : nil)
                ?? typeName(at: index)
        case .function, .lightUserdata, .thread: typeName(at: index)
        default: LuaValue(lua: self, at: index).brief
        }
    }

    private func briefTable(at index: Int) -> String {
        let length = rawLength(at: index)
        if length > 0 { return "list of \(length)" }
        if let frame = frameDescription(at: index) { return "frame \(frame)" }
        guard (try? reserve(2)) != nil else { return "table" }
        let base = top
        defer { pop(top - base) }
        guard (try? pushNil()) != nil else { return "table" }
        var count = 0
        while count < 1000, (try? next(of: index)) == true {
            count += 1
            pop()
        }
        return count == 0 ? "{}" : "table of \(count)"
    }
}

extension Double {
    /// The number as Lua writes a float: with `.0` where it would look like an integer.
    var luaText: String {
        if isNaN { return sign == .minus ? "-nan" : "nan" }
        if isInfinite { return self < 0 ? "-inf" : "inf" }
        if self == 0, sign == .minus { return "-0.0" }
        if self == rounded(), abs(self) < 1e15 { return "\(Int(self)).0" }
        return "\(self)"
    }
}
