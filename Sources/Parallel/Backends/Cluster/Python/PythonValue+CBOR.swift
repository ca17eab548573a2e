// SPDX-License-Identifier: BSD-3-Clause

package import VTJupyter
internal import VTShipping

/// The beginning of a tuple in CBOR: that of an object whose class is the field `Tuple` of the module
/// vt.engine. The list follows.
enum TupleMark {
    static let (module, field) = ("vt.engine", "Tuple")

    static let bytes: [UInt8] = {
        var bytes: [UInt8] = []
        PythonValue.appendHead(.tag, ShippingTag.object, to: &bytes)
        PythonValue.appendHead(.array, 2, to: &bytes)
        PythonValue.appendHead(.tag, ShippingTag.named, to: &bytes)
        PythonValue.appendHead(.array, 2, to: &bytes)
        for name in [module, field] {
            PythonValue.appendHead(.bytes, UInt64(name.utf8.count), to: &bytes)
            bytes.append(contentsOf: name.utf8)
        }
        return bytes
    }()
}

/// CBOR's major types.
enum CBORType: UInt8 {
    case unsigned, negative, bytes, text, array, map, tag, simple
}

extension PythonValue {
    /// The shortest list of numbers that becomes a typed array.
    private static let typedList = 16

    /// Appends the value as the CBOR of a Lua value (docs/shipping.md).
    ///
    /// - Parameter marksTuples: true if a tuple must be a tuple again when it comes back: it becomes an
    ///   object of the class `Tuple` of the module vt.engine.
    /// - Throws: ``PythonError`` with code `value` if Lua has no counterpart.
    package func appendCBOR(to out: inout [UInt8], marksTuples: Bool = false) throws(PythonError) {
        try appendCBOR(to: &out, marksTuples, Self.mostLevels)
    }

    private func appendCBOR(
        to out: inout [UInt8], _ marksTuples: Bool, _ levels: Int
    ) throws(PythonError) {
        guard levels > 0 else { throw PythonError(.value, "values are nested too deeply") }
        switch self {
        case .none: out.append(0xF6)
        case .bool(let truth): out.append(truth ? 0xF5 : 0xF4)
        case .int(let number): Self.append(number, to: &out)
        case .bigInt(let digits): throw Self.tooLarge(digits)
        case .float(let number): Self.append(number, to: &out)
        case .string(let text):
            Self.appendHead(.bytes, UInt64(text.utf8.count), to: &out)
            out.append(contentsOf: text.utf8)
        case .bytes(let bytes):
            Self.appendHead(.bytes, UInt64(bytes.count), to: &out)
            out.append(contentsOf: bytes)
        case .list(let items), .tuple(let items), .set(let items):
            if marksTuples, case .tuple = self { out.append(contentsOf: TupleMark.bytes) }
            if Self.appendTyped(items, to: &out) { return }
            Self.appendHead(.array, UInt64(items.count), to: &out)
            for item in items { try item.appendCBOR(to: &out, marksTuples, levels - 1) }
        case .dict(let entries):
            Self.appendHead(.map, UInt64(entries.count), to: &out)
            for entry in entries {
                guard entry.key.canBeKey else {
                    throw PythonError(.value, "\(entry.key.kind) cannot be a key in Lua")
                }
                try entry.key.appendCBOR(to: &out, marksTuples, levels - 1)
                try entry.value.appendCBOR(to: &out, marksTuples, levels - 1)
            }
        case .array(let array): try array.appendCBOR(to: &out)
        case .object(let object) where object.hasPlainList:
            throw PythonError(.value, "\(kind) has no counterpart in Lua; send its tolist()")
        case .reference, .object:
            throw PythonError(.value, "\(kind) has no counterpart in Lua")
        }
    }

    /// The error of an integer that Lua's integers cannot hold.
    private static func tooLarge(_ digits: String) -> PythonError {
        let number =
            digits.utf8.count <= 40 ? "the int \(digits)" : "an int of \(digits.utf8.count) digits"
        return PythonError(
            .value,
            "\(number) does not fit into the 64 bits of Lua's integers; send a float or "
                + "a string")
    }

    private var canBeKey: Bool {
        switch self {
        case .string, .bytes, .int, .bigInt, .bool: true
        case .float(let number): !number.isNaN
        default: false
        }
    }

    /// Appends a list as a typed array. Returns false if it is not a list of many floats or of many
    /// integers.
    private static func appendTyped(_ items: [PythonValue], to out: inout [UInt8]) -> Bool {
        guard items.count >= typedList else { return false }
        let start = out.count
        switch items[0] {
        case .int: appendTypedHead(ShippingTag.int64, items.count, to: &out)
        case .float: appendTypedHead(ShippingTag.float64, items.count, to: &out)
        default: return false
        }
        for item in items {
            switch (items[0], item) {
            case (.int, .int(let number)): append(UInt64(bitPattern: Int64(number)), to: &out)
            case (.float, .float(let number)): append(number.bitPattern, to: &out)
            default:
                out.removeSubrange(start...)
                return false
            }
        }
        return true
    }

    static func appendTypedHead(_ tag: UInt64, _ count: Int, to out: inout [UInt8]) {
        appendHead(.tag, ShippingTag.list, to: &out)
        appendHead(.tag, tag, to: &out)
        appendHead(.bytes, UInt64(count) * 8, to: &out)
    }

    static func appendHead(_ type: CBORType, _ number: UInt64, to out: inout [UInt8]) {
        let major = type.rawValue << 5
        func put(_ info: UInt8, _ number: some FixedWidthInteger) {
            out.append(major | info)
            withUnsafeBytes(of: number.bigEndian) { out.append(contentsOf: $0) }
        }
        switch number {
        case 0..<24: out.append(major | UInt8(number))
        case 24...0xFF: put(24, UInt8(number))
        case 0x100...0xFFFF: put(25, UInt16(number))
        case 0x1_0000...0xFFFF_FFFF: put(26, UInt32(number))
        default: put(27, number)
        }
    }

    static func append(_ number: Int, to out: inout [UInt8]) {
        if number >= 0 {
            appendHead(.unsigned, UInt64(number), to: &out)
        } else {
            appendHead(.negative, UInt64(~number), to: &out)
        }
    }

    static func append(_ number: Double, to out: inout [UInt8]) {
        out.append(0xFB)
        withUnsafeBytes(of: number.bitPattern.bigEndian) { out.append(contentsOf: $0) }
    }

    /// Appends one element of a typed array.
    static func append(_ bits: UInt64, to out: inout [UInt8]) {
        withUnsafeBytes(of: bits.littleEndian) { out.append(contentsOf: $0) }
    }
}
