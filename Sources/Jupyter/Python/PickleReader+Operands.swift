// SPDX-License-Identifier: BSD-3-Clause

extension PickleReader {
    var left: Int { bytes.count - position }

    mutating func byte() throws(PickleError) -> UInt8 {
        guard position < bytes.count else { throw fail("the pickle ends too early") }
        defer { position += 1 }
        return bytes[position]
    }

    /// Reads a little-endian number.
    mutating func integer<T: FixedWidthInteger>(_ type: T.Type) throws(PickleError) -> T {
        let size = T.bitWidth / 8
        guard left >= size else { throw fail("the pickle ends too early") }
        defer { position += size }
        return T(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: type))
    }

    mutating func piece(_ length: some BinaryInteger) throws(PickleError)
        -> UnsafeRawBufferPointer
    {
        guard length >= 0, length <= left else { throw fail("the pickle ends too early") }
        let end = position + Int(length)
        defer { position = end }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<end])
    }

    /// Returns the bytes up to the end of the line.
    mutating func rawLine() throws(PickleError) -> UnsafeRawBufferPointer {
        guard let end = bytes[position...].firstIndex(of: 0x0A) else {
            throw fail("the pickle ends too early")
        }
        let line = try piece(end - position)
        position += 1
        return line
    }

    mutating func line() throws(PickleError) -> String { try string(try rawLine()) }

    mutating func decimal() throws(PickleError) -> Int {
        guard let number = Int(try line()) else { throw fail("a number is malformed") }
        return number
    }

    // MARK: Numbers

    mutating func number(_ opcode: PickleOpcode) throws(PickleError) -> PythonValue {
        switch opcode {
        case .binint: return .int(Int(try integer(Int32.self)))
        case .binint1: return .int(Int(try byte()))
        case .binint2: return .int(Int(try integer(UInt16.self)))
        case .long1: return try long(try piece(try byte()))
        case .long4: return try long(try piece(try integer(Int32.self)))
        case .binfloat:
            return .float(Double(bitPattern: UInt64(bigEndian: try integer(UInt64.self))))
        case .float:
            guard let number = Double(try line()) else { throw fail("a number is malformed") }
            return .float(number)
        case .int:
            let text = try line()
            if text == "00" || text == "01" { return .bool(text == "01") }
            return try integer(text)
        default:
            let text = try line()
            return try integer(text.hasSuffix("L") ? String(text.dropLast()) : text)
        }
    }

    private func integer(_ text: String) throws(PickleError) -> PythonValue {
        if let number = Int(text) { return .int(number) }
        guard text.utf8.count <= Decimal.mostDigits else { throw fail(Decimal.tooLong, .limit) }
        guard let text = Decimal.canonical(text) else { throw fail("a number is malformed") }
        return .bigInt(text)
    }

    /// Reads a little-endian number in two's complement.
    private func long(_ piece: UnsafeRawBufferPointer) throws(PickleError) -> PythonValue {
        guard piece.count > 8 else {
            var number = piece.last.map { $0 >= 0x80 ? -1 : 0 } ?? 0
            for byte in piece.reversed() { number = number << 8 | Int(byte) }
            return .int(number)
        }
        guard piece.count <= Decimal.mostBytes else { throw fail(Decimal.tooLong, .limit) }
        let text = Decimal.digits(ofTwosComplement: piece)
        return Int(text).map { .int($0) } ?? .bigInt(text)
    }

    // MARK: Text and bytes

    mutating func text(_ opcode: PickleOpcode) throws(PickleError) -> String {
        switch opcode {
        case .shortBinunicode: return try string(try piece(try byte()))
        case .binunicode: return try string(try piece(try integer(UInt32.self)))
        case .binunicode8: return try string(try piece(try integer(UInt64.self)))
        default: return try unescaped(try rawLine())
        }
    }

    private mutating func string(_ piece: UnsafeRawBufferPointer) throws(PickleError) -> String {
        try spend(piece.count)
        guard let text = String(validating: piece, as: UTF8.self) else {
            throw fail("a text that is not UTF-8")
        }
        return text
    }

    /// Decodes the text of protocol 0: Latin-1 with `\u0123` and `\U00012345` for other characters.
    private mutating func unescaped(_ line: UnsafeRawBufferPointer) throws(PickleError) -> String {
        try spend(2 * line.count)
        var text = String.UnicodeScalarView()
        var index = 0
        while index < line.count {
            let byte = line[index]
            index += 1
            let next = index < line.count ? line[index] : 0
            let length = next == UInt8(ascii: "u") ? 4 : next == UInt8(ascii: "U") ? 8 : 0
            guard byte == UInt8(ascii: "\\"), length > 0 else {
                text.append(Unicode.Scalar(byte))
                continue
            }
            var code: UInt32 = 0
            for place in (index + 1)..<(index + 1 + length) {
                guard place < line.count,
                    let digit = Character(Unicode.Scalar(line[place])).hexDigitValue
                else { throw fail("a text with a malformed escape") }
                code = code << 4 | UInt32(digit)
            }
            guard let scalar = Unicode.Scalar(code) else {
                throw fail("a text that is not Unicode")
            }
            text.append(scalar)
            index += 1 + length
        }
        return String(text)
    }

    mutating func readBytes(_ opcode: PickleOpcode) throws(PickleError) {
        let bytes: UnsafeRawBufferPointer
        switch opcode {
        case .shortBinbytes: bytes = try piece(try byte())
        case .binbytes: bytes = try piece(try integer(UInt32.self))
        case .nextBuffer:
            guard nextBuffer < buffers.count else { throw fail("a buffer is missing") }
            bytes = buffers[nextBuffer]
            nextBuffer += 1
        case .readonlyBuffer:
            let slot = try pop()
            return try push(slot)
        default: bytes = try piece(try integer(UInt64.self))
        }
        try spend(bytes.count)
        try push(.bytes(Array(bytes)))
    }
}
