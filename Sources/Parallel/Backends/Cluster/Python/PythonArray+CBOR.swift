// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTShipping

// NumPy arrays as arrays of Lua: the shape and a typed array (docs/shipping.md).

extension PythonArray {
    /// The most axes of an array of Lua.
    private static let mostAxes = 16

    /// Appends the array as an array of Lua; one without axes as a number.
    ///
    /// - Throws: ``PythonError`` with code `value` if Lua has no such elements.
    func appendCBOR(to out: inout [UInt8]) throws(PythonError) {
        if shape.isEmpty, try appendNumber(to: &out) { return }
        guard let (tag, mark) = tags else {
            throw PythonError(.value, "a numpy array of '\(dtype)' has no counterpart in Lua")
        }
        guard shape.count <= Self.mostAxes else {
            throw PythonError(
                .value,
                "a numpy array of \(shape.count) dimensions has no counterpart in Lua; at most "
                    + "\(Self.mostAxes) are possible")
        }
        if let mark { PythonValue.appendHead(.tag, mark, to: &out) }
        PythonValue.appendHead(.tag, ShippingTag.array, to: &out)
        PythonValue.appendHead(.array, 2, to: &out)
        let isComplex = mark == ShippingTag.complex
        PythonValue.appendHead(.array, UInt64(shape.count + (isComplex ? 1 : 0)), to: &out)
        for length in shape { PythonValue.appendHead(.unsigned, UInt64(length), to: &out) }
        if isComplex { PythonValue.appendHead(.unsigned, 2, to: &out) }
        PythonValue.appendHead(.tag, tag, to: &out)
        let elements = littleEndian
        PythonValue.appendHead(.bytes, UInt64(elements.count), to: &out)
        out += elements
    }

    /// Appends the only element if it is not a complex number.
    private func appendNumber(to out: inout [UInt8]) throws(PythonError) -> Bool {
        let value = data.withUnsafeBytes { data in
            data.baseAddress.flatMap { element.value(at: $0) }
        }
        guard let value else { return false }
        try value.appendCBOR(to: &out)
        return true
    }

    /// The tags of the elements, and the mark before the array; nil for elements that Lua does not have.
    private var tags: (tag: UInt64, mark: UInt64?)? {
        switch (element.kind, element.size) {
        case (.bool, _): (64, ShippingTag.booleans)
        case (.int, let size): ([1: 72, 2: 77, 4: 78, 8: 79][size] ?? 79, nil)
        case (.unsigned, let size): ([1: 64, 2: 69, 4: 70, 8: 71][size] ?? 71, nil)
        case (.float, 2), (.float, 4): (85, nil)
        case (.float, 8): (86, nil)
        case (.complex, 8): (85, ShippingTag.complex)
        case (.complex, 16): (86, ShippingTag.complex)
        default: nil
        }
    }

    /// The elements with their low bytes first; 16-bit floats as 32-bit ones, and booleans as 0 or 1.
    private var littleEndian: [UInt8] {
        if element.kind == .bool { return data.map { $0 == 0 ? 0 : 1 } }
        let size = element.kind == .complex ? element.size / 2 : element.size
        var bytes = data
        if element.isBigEndian, size > 1 {
            for start in stride(from: 0, to: bytes.count, by: size) {
                bytes[start..<(start + size)].reverse()
            }
        }
        guard element.kind == .float, size == 2 else { return bytes }
        var floats: [UInt8] = []
        floats.reserveCapacity(2 * bytes.count)
        for start in stride(from: 0, to: bytes.count, by: 2) {
            let half = Element.half(UInt16(bytes[start]) | UInt16(bytes[start + 1]) << 8)
            withUnsafeBytes(of: Float(half).bitPattern.littleEndian) { floats += $0 }
        }
        return floats
    }

    /// Numpy's name of the type of an array of Lua; nil for unknown tags.
    static func dtype(tag: UInt64, mark: UInt64?) -> String? {
        guard let name = ShippingTag.elementType(tag, mark) else { return nil }
        return [
            "bool": "|b1", "int8": "|i1", "int16": "<i2", "int32": "<i4", "int64": "<i8",
            "uint8": "|u1", "uint16": "<u2", "uint32": "<u4", "uint64": "<u8", "float32": "<f4",
            "float64": "<f8", "complex64": "<c8", "complex128": "<c16",
        ][name]
    }
}
