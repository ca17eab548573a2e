// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge
internal import VTRuntime

/// Formats values for the user: in Lua syntax where possible, with sorted keys, and of limited
/// length.
///
/// A table that contains itself is written as `<cycle: _.a>`, which is its path from the outermost
/// value `_`.
public struct PrettyText: Sendable {
    /// The largest depth of tables. Deeper ones are written as `{...}`.
    public var depth = 5
    /// The width in columns. A value that is wider is written on several lines.
    public var width = 80
    /// The largest number of entries in a table. The text has at most twice as many lines.
    public var items = 100
    /// The largest number of characters in a string.
    public var letters = 2000

    /// The defaults: a terminal of 80 columns.
    public init() {}

    /// Formats the value at `index`. It calls `__tostring` and reads `__name`, but does not use
    /// `__index`.
    public func text(at index: Int, _ lua: borrowing Lua) -> String {
        if let array = arrayText(at: lua.absolute(index), lua) { return array }
        var left = items * 4
        var path = Path()
        let node = node(lua.absolute(index), "_", depth, &left, &path, lua)
        var text = ""
        write(node, indent: 0, used: 0, to: &text)
        return text
    }

    /// Returns the text of an array, and a line such as `float64, 3 x 4`; nil for other values.
    private func arrayText(at index: Int, _ lua: borrowing Lua) -> String? {
        guard lua.type(at: index) == .userdata, lua.typeName(at: index) == "array",
            (try? lua.reserve(3)) != nil, let text = try? lua.display(at: index)
        else { return nil }
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        do {
            try lua.pushField("dtype", of: index)
            var line = try lua.display(at: -1)
            try lua.pushField("shape", of: index)
            for axis in 1...max(lua.rawLength(at: base + 2), 1) {
                try lua.pushRawElement(axis, of: base + 2)
                if lua.isNil(at: -1) { break }
                line += (axis == 1 ? ", " : " x ") + (try lua.display(at: -1))
                lua.pop()
            }
            return text + "\n" + line
        } catch {
            return text
        }
    }

    // MARK: Nodes

    /// The enclosing tables and the paths to them.
    private struct Path {
        var tables: [(address: UnsafeRawPointer, name: String)] = []
    }

    private func node(
        _ index: Int, _ name: String, _ depth: Int, _ left: inout Int, _ path: inout Path,
        _ lua: borrowing Lua
    ) -> Node {
        switch lua.type(at: index) {
        case .string: return .text(string(at: index, lua))
        case .table: return table(index, name, depth, &left, &path, lua)
        case .function: return .text(function(at: index, lua))
        default: return .text((try? lua.display(at: index)) ?? lua.typeName(at: index))
        }
    }

    private func table(
        _ index: Int, _ name: String, _ depth: Int, _ left: inout Int, _ path: inout Path,
        _ lua: borrowing Lua
    ) -> Node {
        guard let address = lua.pointer(at: index), (try? lua.reserve(6)) != nil else {
            return .text("{...}")
        }
        if let outer = path.tables.first(where: { $0.address == address }) {
            return .text("<cycle: \(outer.name)>")
        }
        if let own = ownText(of: index, lua) { return .text(own) }
        let title = title(of: index, lua)
        guard depth > 0 else { return .text(title + "{...}") }
        path.tables.append((address, name))
        defer { path.tables.removeLast() }

        var entries: [(key: String, value: Node)] = []
        let length = lua.rawLength(at: index)
        var shown = 0
        while shown < min(length, items), left > 0 {
            guard (try? lua.pushRawElement(shown + 1, of: index)) != nil else { break }
            shown += 1
            left -= 1
            let value = node(lua.top, "\(name)[\(shown)]", depth - 1, &left, &path, lua)
            entries.append((key: "", value: value))
            lua.pop()
        }
        let (keys, others) = keys(of: index, beyond: length, lua)
        var named = 0
        for key in keys.prefix(max(0, items - shown)) where left > 0 {
            guard (try? lua.push(key.reference)) != nil else { break }
            lua.pushRawIndexed(of: index)
            named += 1
            left -= 1
            let value = node(lua.top, name + key.access, depth - 1, &left, &path, lua)
            entries.append((key: "\(key.text) = ", value: value))
            lua.pop()
        }
        let hidden = length - shown + others - named
        return .table(
            title: title, entries: entries, more: hidden > 0 ? "... \(hidden) more" : nil)
    }

    // MARK: Keys

    private struct Key {
        var reference: LuaReference
        var rank: Int
        var number = 0.0
        var name = ""
        /// The key as written in a table: `name = ` or `[1.5] = `, without the sign.
        var text: String
        /// The access to the key: `.name` or `[1.5]`.
        var access: String
    }

    /// The number of keys that are sorted. Only the number of further keys is shown.
    private static let mostKeys = 5000

    /// Returns the keys other than 1 to `length` in order, and their total number.
    private func keys(
        of table: Int, beyond length: Int, _ lua: borrowing Lua
    ) -> (keys: [Key], count: Int) {
        var keys: [Key] = []
        var count = 0
        guard (try? lua.pushNil()) != nil else { return ([], 0) }
        while (try? lua.next(of: table)) == true {
            lua.pop()
            if lua.isInteger(at: -1), let number = lua.integer(at: -1), number >= 1,
                number <= length
            {
                continue
            }
            count += 1
            if keys.count < Self.mostKeys, let key = key(at: lua.top, lua) { keys.append(key) }
        }
        keys.sort {
            ($0.rank, $0.number, $0.name) < ($1.rank, $1.number, $1.name)
        }
        return (keys, count)
    }

    private func key(at index: Int, _ lua: borrowing Lua) -> Key? {
        guard let reference = try? lua.reference(at: index) else { return nil }
        switch lua.type(at: index) {
        case .number:
            let text = "[\((try? lua.display(at: index)) ?? "?")]"
            return Key(
                reference: reference, rank: 0, number: lua.number(at: index) ?? 0, text: text,
                access: text)
        case .string:
            let name = lua.text(at: index) ?? ""
            let isName = name.utf8.count <= letters && name.isLuaName
            let text = isName ? name : "[\(string(at: index, lua))]"
            return Key(
                reference: reference, rank: 1, name: name, text: text,
                access: isName ? "." + name : text)
        default:
            let type = lua.type(at: index)
            let name =
                type == .boolean || type == .userdata
                ? (try? lua.display(at: index)) ?? type.name : type.name
            return Key(
                reference: reference, rank: type == .boolean ? 2 : 3, name: name,
                text: "[\(name)]", access: "[\(name)]")
        }
    }

    // MARK: Leaves

    /// Returns the result of a table's `__tostring`, if it has one.
    private func ownText(of index: Int, _ lua: borrowing Lua) -> String? {
        guard (try? lua.pushMetatable(of: index)) == true else { return nil }
        let has = (try? lua.pushRawField("__tostring", of: -1)) != nil && !lua.isNil(at: -1)
        try? lua.setTop(lua.top - 2)
        guard has else { return nil }
        do {
            return shortened(try lua.display(at: index))
        } catch {
            return "<\(lua.typeName(at: index)): its __tostring failed: \(error)>"
        }
    }

    /// Returns the name of a table's class, followed by a space; empty for a plain table.
    private func title(of index: Int, _ lua: borrowing Lua) -> String {
        let name = lua.typeName(at: index)
        return name == "table" ? "" : name + " "
    }

    private func function(at index: Int, _ lua: borrowing Lua) -> String {
        let parameters = try? lua.parameters(at: index)
        guard let parameters, let place = try? lua.definition(at: index) else {
            return "<function: built in>"
        }
        let list = (parameters.names + (parameters.isVariadic ? ["..."] : []))
            .joined(separator: ", ")
        return "<function(\(list)): \(Session.shortSource(place.source)):\(place.first)>"
    }

    private func string(at index: Int, _ lua: borrowing Lua) -> String {
        lua.withBytes(at: index) { bytes in
            var shown = bytes.prefix(letters)
            // Text is cut between characters, other bytes anywhere.
            let end = shown.endIndex
            if end < bytes.endIndex,
                let more = (0..<min(4, shown.count)).first(where: { bytes[end - $0] & 0xC0 != 0x80 }
                )
            {
                shown = shown.dropLast(more)
            }
            let text =
                String(validating: shown, as: UTF8.self)?.quotedForLua ?? Self.quoted(bytes: shown)
            return bytes.count > letters ? "\(text)... (\(bytes.count) bytes)" : text
        } ?? ""
    }

    /// Quotes bytes that are not UTF-8.
    private static func quoted(bytes: Slice<UnsafeRawBufferPointer>) -> String {
        var text = ""
        for byte in bytes {
            text.unicodeScalars.append(Unicode.Scalar(byte))
        }
        return text.quotedForLua(asBytes: true)
    }

    private func shortened(_ text: String) -> String {
        text.count > letters ? text.prefix(letters) + "..." : text
    }
}
