// SPDX-License-Identifier: BSD-3-Clause

/// Writes values as pickles of protocol 3, which every Python 3 can read.
package struct PickleWriter {
    private var out: [UInt8] = [PickleOpcode.proto.rawValue, 3]
    /// The buffers that accompany the pickle, in the order in which the reader needs them.
    private var beside: [[UInt8]] = []

    /// Returns one pickle that contains the whole value.
    package static func bytes(of value: PythonValue) throws(PythonError) -> [UInt8] {
        var writer = PickleWriter()
        try writer.write(value, PythonValue.mostLevels)
        writer.put(.stop)
        return writer.out
    }

    /// Returns the pickle of an ipyparallel Reference, as its `can` makes it.
    package static func reference(to expression: String) -> [UInt8] {
        var writer = PickleWriter()
        writer.writeReference(expression)
        writer.put(.stop)
        return writer.out
    }

    /// Returns a pickle, and beside it the data of large arrays and strings, in the form that
    /// ipyparallel's `deserialize_object` expects.
    package static func buffers(of value: PythonValue) throws(PythonError) -> [[UInt8]] {
        var writer = PickleWriter()
        try writer.writeOutermost(value)
        writer.put(.stop)
        return [writer.out] + writer.beside
    }

    // MARK: Values

    private mutating func write(_ value: PythonValue, _ levels: Int) throws(PythonError) {
        guard levels > 0 else { throw PythonError(.value, "values are nested too deeply") }
        switch value {
        case .none: put(.none)
        case .bool(let truth): put(truth ? .newtrue : .newfalse)
        case .int(let number): write(number)
        case .bigInt(let digits):
            guard let digits = Decimal.canonical(digits) else {
                throw PythonError(.value, "'\(digits)' is not an integer")
            }
            put(.long, Array("\(digits)L\n".utf8))
        case .float(let number): put(.binfloat, number.bitPattern.bigEndian)
        case .string(let text): write(text)
        case .bytes(let bytes): write(bytes)
        case .list(let items):
            try writeList(items, levels)
        case .tuple(let items):
            put(.mark)
            for item in items { try write(item, levels - 1) }
            put(.tuple)
        case .set(let items):
            writeName("builtins", "set")
            try writeList(items, levels)
            put(.tuple1)
            put(.reduce)
        case .dict(let entries):
            put(.emptyDict)
            try writeEntries(entries, levels)
        case .array(let array): try write(array, levels)
        case .reference(let expression): writeReference(expression)
        case .object: throw PythonError(.value, "\(value.kind) cannot be sent")
        }
    }

    private mutating func writeList(_ items: [PythonValue], _ levels: Int) throws(PythonError) {
        put(.emptyList)
        if items.isEmpty { return }
        put(.mark)
        for item in items { try write(item, levels - 1) }
        put(.appends)
    }

    private mutating func writeEntries(
        _ entries: [PythonEntry], _ levels: Int
    ) throws(PythonError) {
        if entries.isEmpty { return }
        put(.mark)
        for entry in entries {
            try write(entry.key, levels - 1)
            try write(entry.value, levels - 1)
        }
        put(.setitems)
    }

    /// Writes `numpy.ndarray(shape, dtype, buffer)`, a constructor of every version of numpy. With
    /// a bytearray as the buffer the array is writable.
    private mutating func write(_ array: PythonArray, _ levels: Int) throws(PythonError) {
        writeName("numpy", "ndarray")
        try write(.tuple(array.shape.map { .int($0) }), levels - 1)
        write(array.dtype)
        writeName("builtins", "bytearray")
        write(array.data)
        put(.tuple1)
        put(.reduce)
        put(.tuple3)
        put(.reduce)
    }

    private mutating func write(_ number: Int) {
        switch number {
        case 0...0xFF: put(.binint1, UInt8(number))
        case 0...0xFFFF: put(.binint2, UInt16(number).littleEndian)
        case Int(Int32.min)...Int(Int32.max): put(.binint, Int32(number).littleEndian)
        default:
            put(.long1, UInt8(8))
            append(number.littleEndian)
        }
    }

    private mutating func write(_ text: String) {
        var text = text
        text.withUTF8 { write($0, .binunicode, .binunicode8) }
    }

    private mutating func write(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { write($0, .binbytes, .binbytes8) }
    }

    /// Writes bytes. More than 4 GiB cannot be written, because only protocol 4 has an instruction
    /// for them.
    private mutating func write(
        _ bytes: UnsafeBufferPointer<UInt8>, _ opcode: PickleOpcode, _ large: PickleOpcode
    ) {
        if let count = UInt32(exactly: bytes.count) {
            put(opcode, count.littleEndian)
        } else {
            put(large, UInt64(bytes.count).littleEndian)
        }
        out.append(contentsOf: bytes)
    }

    private mutating func writeName(_ module: StaticString, _ name: StaticString) {
        put(.global, Array("\(module)\n\(name)\n".utf8))
    }

    // MARK: Instructions

    private mutating func put(_ opcode: PickleOpcode, _ operand: [UInt8] = []) {
        out.append(opcode.rawValue)
        out.append(contentsOf: operand)
    }

    private mutating func put(_ opcode: PickleOpcode, _ operand: some FixedWidthInteger) {
        put(opcode)
        append(operand)
    }

    private mutating func append(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number) { out.append(contentsOf: $0) }
    }
}

// MARK: - What ipyparallel looks at

extension PickleWriter {
    /// The largest data in bytes that is written into the pickle itself.
    private static let mostInside = 1024

    /// Writes a container whose items may be canned. ipyparallel looks one level deep, into short
    /// containers only.
    private mutating func writeOutermost(_ value: PythonValue) throws(PythonError) {
        switch value {
        case .list(let items) where items.count < Canned.mostItems:
            put(.emptyList)
            put(.mark)
            for item in items { try writeOrPutBeside(item) }
            put(.appends)
        case .tuple(let items) where items.count < Canned.mostItems:
            put(.mark)
            for item in items { try writeOrPutBeside(item) }
            put(.tuple)
        case .dict(let entries) where !Self.canBeSorted(entries):
            // ipyparallel sorts the keys of a plain dict.
            writeName("collections", "OrderedDict")
            put(.emptyTuple)
            put(.reduce)
            try writeEntries(entries, PythonValue.mostLevels)
        default: try writeOrPutBeside(value)
        }
    }

    private mutating func writeOrPutBeside(_ value: PythonValue) throws(PythonError) {
        switch value {
        case .array(let array) where array.data.count > Self.mostInside:
            let shape = PythonValue.tuple(array.shape.map { .int($0) })
            try writeCanned(
                "CannedArray",
                [
                    PythonEntry(.string("shape"), shape),
                    PythonEntry(.string("dtype"), .string(array.dtype)),
                    PythonEntry(.string("pickled"), .bool(false)),
                    PythonEntry(.string("buffers"), .list([.none])),
                ])
            beside.append(array.data)
        case .bytes(let bytes) where bytes.count > Self.mostInside:
            try writeCanned("CannedBytes", [PythonEntry(.string("buffers"), .list([.none]))])
            beside.append(bytes)
        default: try write(value, PythonValue.mostLevels)
        }
    }

    private mutating func writeReference(_ expression: String) {
        beginCanned("Reference")
        put(.emptyDict)
        put(.mark)
        write("name")
        write(expression)
        write("buffers")
        put(.emptyList)
        put(.setitems)
        put(.build)
    }

    private mutating func writeCanned(
        _ name: StaticString, _ state: [PythonEntry]
    ) throws(PythonError) {
        beginCanned(name)
        try write(.dict(state), PythonValue.mostLevels)
        put(.build)
    }

    private mutating func beginCanned(_ name: StaticString) {
        writeName("ipyparallel.serialize.canning", name)
        put(.emptyTuple)
        put(.newobj)
    }

    private static func canBeSorted(_ entries: [PythonEntry]) -> Bool {
        let kinds = Set(
            entries.map { entry in
                switch entry.key {
                case .bool, .int, .bigInt, .float: 0
                case .string: 1
                case .bytes: 2
                default: 3
                }
            })
        return entries.count <= 1 || (kinds.count == 1 && !kinds.contains(3))
    }
}
