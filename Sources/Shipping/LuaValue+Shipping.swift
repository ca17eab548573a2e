// SPDX-License-Identifier: BSD-3-Clause

internal import CVTShipping
public import VTLuaBridge

extension LuaValue {
    /// Reads one CBOR item without a Lua state; nil where the bytes are no item that this library
    /// writes.
    ///
    /// A value that was encoded by name is `opaque`, with its name as the description. Of an
    /// object, the table of its fields is read. For items of a few kilobytes: each reference to a
    /// shared value becomes a copy.
    public init?(shipped bytes: [UInt8]) {
        var reader = ItemReader(bytes: bytes)
        guard let value = reader.value(100), reader.position == bytes.count else { return nil }
        self = value
    }
}

/// Reads an item of CBOR from bytes that may be damaged.
private struct ItemReader {
    let bytes: [UInt8]
    var position = 0
    private var shared: [LuaValue?] = []
    /// The number of values that may still be made: references could multiply a few bytes.
    private var left = 100_000

    init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func head() -> (major: UInt8, info: UInt8, number: UInt64)? {
        guard position < bytes.count else { return nil }
        let (major, info) = (bytes[position] >> 5, bytes[position] & 31)
        position += 1
        if info < 24 { return (major, info, UInt64(info)) }
        guard info < 28 else { return nil }
        let length = 1 << Int(info - 24)
        guard bytes.count - position >= length else { return nil }
        var number: UInt64 = 0
        for byte in bytes[position..<(position + length)] { number = number << 8 | UInt64(byte) }
        position += length
        return (major, info, number)
    }

    private mutating func take(_ count: UInt64) -> ArraySlice<UInt8>? {
        guard count <= UInt64(bytes.count - position) else { return nil }
        defer { position += Int(count) }
        return bytes[position..<(position + Int(count))]
    }

    mutating func value(_ levels: Int) -> LuaValue? {
        guard levels > 0, left > 0, let (major, info, number) = head() else { return nil }
        left -= 1
        switch major {
        case 0: return Int(exactly: number).map(LuaValue.integer)
        case 1: return Int(exactly: number).map { .integer(~$0) }
        case 2, 3: return take(number).map { .string(LuaBytes($0)) }
        case 4: return list(number, levels)
        case 5: return map(number, levels)
        case 6: return tagged(number, levels)
        default: return simple(info, number)
        }
    }

    private func simple(_ info: UInt8, _ number: UInt64) -> LuaValue? {
        switch info {
        case 20, 21: .boolean(info == 21)
        case 22: .nil
        case 26: .number(Double(Float(bitPattern: UInt32(number))))
        case 27: .number(Double(bitPattern: number))
        default: nil
        }
    }

    private mutating func list(_ count: UInt64, _ levels: Int) -> LuaValue? {
        guard count <= UInt64(bytes.count - position) else { return nil }
        var pairs: [LuaValue.Pair] = []
        for number in 0..<Int(count) {
            guard let value = value(levels - 1) else { return nil }
            if value != .nil { pairs.append(.init(key: .integer(number + 1), value: value)) }
        }
        return .table(pairs)
    }

    private mutating func map(_ count: UInt64, _ levels: Int) -> LuaValue? {
        guard count <= UInt64(bytes.count - position) else { return nil }
        var pairs: [LuaValue.Pair] = []
        for _ in 0..<Int(count) {
            guard let key = value(levels - 1), let value = value(levels - 1) else { return nil }
            pairs.append(.init(key: key, value: value))
        }
        // As a copy of a table of a Lua state is: numbers first.
        return .table(pairs.filter { $0.key.isNumber } + pairs.filter { !$0.key.isNumber })
    }

    private mutating func tagged(_ tag: UInt64, _ levels: Int) -> LuaValue? {
        switch tag {
        case ShippingTag.shared:
            let number = shared.count
            shared.append(nil)
            guard let value = value(levels - 1) else { return nil }
            shared[number] = value
            return value
        case ShippingTag.reference:
            guard let (major, _, number) = head(), major == 0, number < UInt64(shared.count) else {
                return nil
            }
            // A table inside itself.
            guard let found = shared[Int(number)] else {
                return .opaque(type: "table", description: "...")
            }
            left -= found.count
            return left > 0 ? found : nil
        case ShippingTag.list: return typedList()
        case ShippingTag.array: return array(nil)
        case ShippingTag.booleans, ShippingTag.complex:
            guard let (major, _, inner) = head(), major == 6, inner == ShippingTag.array else {
                return nil
            }
            return array(tag)
        case ShippingTag.named:
            guard let name = name() else { return nil }
            return .opaque(type: "userdata", description: name)
        case UInt64(VTS_TAG_OBJECT):
            guard let (major, _, count) = head(), major == 4, count == 2,
                let (tag, _, kind) = head(), tag == 6
            else { return nil }
            var className: String?
            if kind == ShippingTag.named {
                className = name()
                guard className != nil else { return nil }
            } else {
                guard kind == UInt64(VTS_TAG_CLASS), let (major, _, length) = head(),
                    major == 2 || major == 3, take(length) != nil
                else { return nil }
            }
            let content = value(levels - 1)
            // JSON's null and empty array, which have no other form.
            if content == .table([]), className == "json.Null" || className == "json.Array" {
                return .opaque(type: "table", description: className?.lowercased() ?? "")
            }
            return content
        default: return nil
        }
    }

    /// Reads `[module]` or `[module, field]`.
    private mutating func name() -> String? {
        guard let (major, _, count) = head(), major == 4, count == 1 || count == 2 else {
            return nil
        }
        var parts: [String] = []
        for _ in 0..<count {
            guard let (major, _, length) = head(), major == 2 || major == 3,
                let text = take(length)
            else { return nil }
            parts.append(String(decoding: text, as: UTF8.self))
        }
        return parts.joined(separator: ".")
    }

    /// Reads the shape and the elements of an array, which becomes its description.
    private mutating func array(_ mark: UInt64?) -> LuaValue? {
        guard let (major, _, count) = head(), major == 4, count == 2,
            let (inner, _, axes) = head(), inner == 4, axes <= 17
        else { return nil }
        var shape: [Int] = []
        for _ in 0..<axes {
            guard let (major, _, length) = head(), major == 0, let length = Int(exactly: length)
            else { return nil }
            shape.append(length)
        }
        guard let (tag, _, kind) = head(), tag == 6, let (bytes, _, length) = head(), bytes == 2,
            take(length) != nil
        else { return nil }
        if mark == ShippingTag.complex, shape.popLast() != 2 { return nil }
        guard let type = ShippingTag.elementType(kind, mark) else { return nil }
        let text = "array \(ArrayDescription(type: type, shape: shape))"
        return .opaque(type: text, description: text)
    }

    private mutating func typedList() -> LuaValue? {
        guard let (tag, _, kind) = head(), tag == 6,
            kind == ShippingTag.int64 || kind == ShippingTag.float64,
            let (major, _, length) = head(), major == 2, length % 8 == 0,
            let content = take(length)
        else { return nil }
        var pairs: [LuaValue.Pair] = []
        var start = content.startIndex
        while start < content.endIndex {
            var bits: UInt64 = 0
            for byte in content[start..<(start + 8)].reversed() { bits = bits << 8 | UInt64(byte) }
            let value: LuaValue =
                kind == ShippingTag.int64
                ? .integer(Int(bitPattern: UInt(bits))) : .number(Double(bitPattern: bits))
            pairs.append(.init(key: .integer(pairs.count + 1), value: value))
            start += 8
        }
        return .table(pairs)
    }
}

extension LuaValue {
    fileprivate var isNumber: Bool {
        switch self {
        case .integer, .number: true
        default: false
        }
    }

    /// The number of values in the value, with itself.
    fileprivate var count: Int {
        guard case .table(let pairs) = self else { return 1 }
        return pairs.reduce(1) { $0 + $1.value.count + 1 }
    }
}
