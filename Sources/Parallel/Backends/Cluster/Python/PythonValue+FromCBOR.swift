// SPDX-License-Identifier: BSD-3-Clause

package import VTJupyter
internal import VTShipping

extension PythonValue {
    /// Reads the CBOR of a Lua value (docs/shipping.md) and advances the position to its end.
    ///
    /// - Parameter strings: the strings sent beside the bytes, which are referred to by number.
    /// - Throws: ``PythonError`` with code `value` if Python has no counterpart.
    package init(
        cbor bytes: UnsafeRawBufferPointer, at position: inout Int, strings: [[UInt8]] = []
    ) throws(PythonError) {
        var item = CBORItem(bytes: bytes, position: position, strings: strings)
        self = try item.value(Self.mostLevels).value
        position = item.position
    }

    /// A string if the bytes are UTF-8, else bytes.
    fileprivate init(bytes: UnsafeRawBufferPointer) {
        self =
            String(validating: bytes, as: UTF8.self).map { .string($0) } ?? .bytes(Array(bytes))
    }
}

/// Reads one item.
private struct CBORItem: ~Copyable {
    struct Nested {
        var value: PythonValue
        /// The depth of nesting.
        var levels: Int
    }

    private struct Shared {
        var nested: Nested
        var weight: Int
    }

    private struct Head {
        var type: CBORType
        var info: UInt8
        var number: UInt64
    }

    let bytes: UnsafeRawBufferPointer
    var position: Int
    private var weight = 0
    /// The shared values by their numbers; nil for one that is being read.
    private var shared: [Shared?] = []

    private let strings: [[UInt8]]

    init(bytes: UnsafeRawBufferPointer, position: Int, strings: [[UInt8]]) {
        self.bytes = bytes
        self.position = position
        self.strings = strings
    }

    private var left: Int { bytes.count - position }

    private func fail(_ message: String) -> PythonError {
        PythonError(.malformed, "CBOR, byte \(position): \(message)")
    }

    /// Counts the weight of a value. A value that is referred to twice counts twice.
    private mutating func spend(_ more: Int) throws(PythonError) {
        weight += more
        if weight > PythonValue.mostWeight + 4 * bytes.count { throw fail("too many values") }
    }

    private mutating func head() throws(PythonError) -> Head {
        guard left > 0 else { throw fail("it ends too early") }
        let first = bytes[position]
        guard let type = CBORType(rawValue: first >> 5) else { throw fail("no type") }
        let info = first & 31
        guard info >= 24 else {
            position += 1
            return Head(type: type, info: info, number: UInt64(info))
        }
        guard info < 28 else { throw fail("a length that is not given") }
        let size = 1 << Int(info - 24)
        guard left > size else { throw fail("it ends too early") }
        var number: UInt64 = 0
        for byte in bytes[(position + 1)...(position + size)] {
            number = number << 8 | UInt64(byte)
        }
        position += 1 + size
        return Head(type: type, info: info, number: number)
    }

    private mutating func piece(_ length: UInt64) throws(PythonError) -> UnsafeRawBufferPointer {
        guard length <= left else { throw fail("it ends too early") }
        let end = position + Int(length)
        defer { position = end }
        try spend(Int(length))
        return UnsafeRawBufferPointer(rebasing: bytes[position..<end])
    }

    mutating func value(_ levels: Int) throws(PythonError) -> Nested {
        guard levels > 0 else { throw fail("values are nested too deeply") }
        try spend(PythonValue.weight)
        let head = try head()
        switch head.type {
        case .unsigned, .negative:
            guard let number = Int(exactly: head.number) else {
                throw fail("an integer of more than 64 bits")
            }
            return Nested(value: .int(head.type == .negative ? ~number : number), levels: 0)
        case .bytes, .text:
            return Nested(value: PythonValue(bytes: try piece(head.number)), levels: 0)
        case .array: return try array(head.number, levels)
        case .map: return try map(head.number, levels)
        case .tag: return try tagged(head.number, levels)
        case .simple: return Nested(value: try simple(head), levels: 0)
        }
    }

    private func simple(_ head: Head) throws(PythonError) -> PythonValue {
        switch head.info {
        case 20: return .bool(false)
        case 21: return .bool(true)
        case 22: return .none
        case 25:
            return .float(PythonArray.Element.half(UInt16(truncatingIfNeeded: head.number)))
        case 26:
            return .float(Double(Float(bitPattern: UInt32(truncatingIfNeeded: head.number))))
        case 27: return .float(Double(bitPattern: head.number))
        default: throw fail("a simple value without a counterpart in Lua")
        }
    }

    private mutating func array(_ count: UInt64, _ levels: Int) throws(PythonError) -> Nested {
        guard count <= left else { throw fail("it ends too early") }
        var items: [PythonValue] = []
        var most = 0
        for _ in 0..<count {
            let item = try value(levels - 1)
            items.append(item.value)
            most = max(most, item.levels + 1)
        }
        return Nested(value: .list(items), levels: most)
    }

    private mutating func map(_ count: UInt64, _ levels: Int) throws(PythonError) -> Nested {
        guard count <= left / 2 else { throw fail("it ends too early") }
        var entries: [PythonEntry] = []
        var most = 0
        for _ in 0..<count {
            let key = try value(levels - 1).value
            switch key {
            case .string, .bytes, .int, .bool: break
            case .float(let number) where !number.isNaN: break
            default:
                throw PythonError(.value, "a Lua table with a table as a key cannot go to Python")
            }
            let item = try value(levels - 1)
            entries.append(PythonEntry(key, item.value))
            most = max(most, item.levels + 1)
        }
        return Nested(value: .dict(entries), levels: most)
    }

    // MARK: Tags

    private mutating func tagged(_ tag: UInt64, _ levels: Int) throws(PythonError) -> Nested {
        switch tag {
        case ShippingTag.shared:
            let index = shared.count
            shared.append(nil)
            let before = weight
            let nested = try value(levels - 1)
            shared[index] = Shared(nested: nested, weight: weight - before)
            return nested
        case ShippingTag.reference: return try reference(levels)
        case ShippingTag.list: return Nested(value: try typedList(), levels: 1)
        case ShippingTag.array: return Nested(value: try numpyArray(nil), levels: 1)
        case ShippingTag.booleans, ShippingTag.complex:
            let inner = try head()
            guard inner.type == .tag, inner.number == ShippingTag.array else {
                throw fail("the mark of an array before something else")
            }
            return Nested(value: try numpyArray(tag), levels: 1)
        case ShippingTag.object where followsTupleMark: return try tuple(levels)
        case ShippingTag.sharedString where !strings.isEmpty:
            let head = try head()
            guard head.type == .unsigned, head.number < strings.count else {
                throw fail("a string is missing")
            }
            let string = strings[Int(head.number)]
            try spend(string.count)
            return Nested(value: string.withUnsafeBytes { PythonValue(bytes: $0) }, levels: 1)
        default:
            if let kind = ShippingTag.refused[tag] {
                throw PythonError(.value, "\(kind) cannot go to Python: only data can")
            }
            throw fail("unknown tag \(tag)")
        }
    }

    /// True if the object whose tag was read is a tuple.
    private var followsTupleMark: Bool {
        let rest = TupleMark.bytes.dropFirst(5)
        return bytes[position...].starts(with: rest)
    }

    /// A table that has become no list since is a dict.
    private mutating func tuple(_ levels: Int) throws(PythonError) -> Nested {
        position += TupleMark.bytes.count - 5
        var nested = try value(levels)
        if case .list(let items) = nested.value { nested.value = .tuple(items) }
        return nested
    }

    private mutating func reference(_ levels: Int) throws(PythonError) -> Nested {
        let head = try head()
        guard head.type == .unsigned, head.number < shared.count else {
            throw fail("a reference to nothing")
        }
        guard let shared = shared[Int(head.number)] else {
            throw PythonError(.value, "a Lua table that contains itself cannot go to Python")
        }
        guard shared.nested.levels < levels else { throw fail("values are nested too deeply") }
        try spend(shared.weight)
        return shared.nested
    }

    /// Reads the shape and the elements of an array of Lua.
    private mutating func numpyArray(_ mark: UInt64?) throws(PythonError) -> PythonValue {
        let parts = try head()
        let axes = try head()
        guard parts.type == .array, parts.number == 2, axes.type == .array, axes.number <= 17 else {
            throw fail("an array without its shape")
        }
        var shape: [Int] = []
        for _ in 0..<axes.number {
            let length = try head()
            guard length.type == .unsigned, let length = Int(exactly: length.number) else {
                throw fail("an array with a length that is not an integer")
            }
            shape.append(length)
        }
        if mark == ShippingTag.complex, shape.popLast() != 2 {
            throw fail("complex numbers without their two parts")
        }
        let kind = try head()
        guard kind.type == .tag, let dtype = PythonArray.dtype(tag: kind.number, mark: mark) else {
            throw fail("an array of elements of an unknown type")
        }
        let array = PythonArray(dtype: dtype, shape: shape, data: try elements())
        guard let array else { throw fail("an array whose bytes do not fit its shape") }
        return .array(array)
    }

    /// Reads the bytes of an array, which may be a string that goes with the value.
    private mutating func elements() throws(PythonError) -> [UInt8] {
        let head = try head()
        if head.type == .bytes { return Array(try piece(head.number)) }
        guard head.type == .tag, head.number == ShippingTag.sharedString else {
            throw fail("an array without its bytes")
        }
        let number = try self.head()
        guard number.type == .unsigned, number.number < strings.count else {
            throw fail("a string is missing")
        }
        try spend(strings[Int(number.number)].count)
        return strings[Int(number.number)]
    }

    private mutating func typedList() throws(PythonError) -> PythonValue {
        let kind = try head()
        let head = try head()
        guard kind.type == .tag,
            kind.number == ShippingTag.int64 || kind.number == ShippingTag.float64,
            head.type == .bytes, head.number.isMultiple(of: 8)
        else { throw fail("a list of an unknown type") }
        let data = try piece(head.number)
        try spend(data.count / 8 * PythonValue.weight)
        return .list(
            (0..<(data.count / 8)).map { index in
                let bits = data.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)
                let number = UInt64(littleEndian: bits)
                return kind.number == ShippingTag.int64
                    ? .int(Int(bitPattern: UInt(number))) : .float(Double(bitPattern: number))
            })
    }
}
