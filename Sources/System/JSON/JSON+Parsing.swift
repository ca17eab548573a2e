// SPDX-License-Identifier: BSD-3-Clause

extension JSON {
    /// The error of text that is not JSON, with its place.
    package struct Malformed: Error, Equatable {
        package var offset: Int
    }

    /// Deeper than any message needs.
    private static let mostLevels = 64

    /// - Throws: ``Malformed``; also for what is nested too deeply, and text that is not UTF-8.
    package init(parsing bytes: UnsafeRawBufferPointer) throws(Malformed) {
        var parser = Parser(bytes: bytes)
        self = try parser.value(Self.mostLevels)
        parser.skipSpace()
        guard parser.position == bytes.count else { throw parser.malformed }
    }

    package init(parsing bytes: [UInt8]) throws(Malformed) {
        var result: Result<JSON, Malformed> = .success(.null)
        bytes.withUnsafeBytes { bytes in
            do throws(Malformed) {
                result = .success(try JSON(parsing: bytes))
            } catch { result = .failure(error) }
        }
        self = try result.get()
    }
}

private struct Parser {
    let bytes: UnsafeRawBufferPointer
    var position = 0

    var malformed: JSON.Malformed { JSON.Malformed(offset: position) }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }

    private mutating func skip(_ letter: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: letter) else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ letter: Unicode.Scalar) throws(JSON.Malformed) {
        guard skip(letter) else { throw malformed }
    }

    private mutating func expect(word: StaticString) throws(JSON.Malformed) {
        let length = word.utf8CodeUnitCount
        guard bytes.count - position >= length, let base = bytes.baseAddress,
            memcmp(base + position, word.utf8Start, length) == 0
        else { throw malformed }
        position += length
    }

    mutating func value(_ levels: Int) throws(JSON.Malformed) -> JSON {
        skipSpace()
        guard levels > 0, let first = next else { throw malformed }
        switch first {
        case UInt8(ascii: "{"): return try object(levels)
        case UInt8(ascii: "["): return try array(levels)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"):
            try expect(word: "true")
            return .boolean(true)
        case UInt8(ascii: "f"):
            try expect(word: "false")
            return .boolean(false)
        case UInt8(ascii: "n"):
            try expect(word: "null")
            return .null
        default: return try number()
        }
    }

    private mutating func object(_ levels: Int) throws(JSON.Malformed) -> JSON {
        position += 1
        var members: [JSON.Member] = []
        if skip("}") { return .object(members) }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw malformed }
            let name = try string()
            try expect(":")
            members.append((name, try value(levels - 1)))
        } while skip(",")
        try expect("}")
        return .object(members)
    }

    private mutating func array(_ levels: Int) throws(JSON.Malformed) -> JSON {
        position += 1
        var list: [JSON] = []
        if skip("]") { return .array(list) }
        repeat { list.append(try value(levels - 1)) } while skip(",")
        try expect("]")
        return .array(list)
    }

    private mutating func number() throws(JSON.Malformed) -> JSON {
        let start = position
        var isInteger = true
        if next == UInt8(ascii: "-") { position += 1 }
        let digits = position
        while let byte = next {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): break
            case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"),
                UInt8(ascii: "-"):
                isInteger = false
            default: return try number(start, digits, isInteger)
            }
            position += 1
        }
        return try number(start, digits, isInteger)
    }

    private func number(
        _ start: Int, _ digits: Int, _ isInteger: Bool
    ) throws(JSON.Malformed) -> JSON {
        guard digits < position, (0x30...0x39).contains(bytes[digits]) else { throw malformed }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, let number = Int(text) { return .integer(number) }
        guard position - start < 400, let number = Double(text) else { throw malformed }
        return .number(number)
    }

    private mutating func string() throws(JSON.Malformed) -> String {
        position += 1
        let start = position
        while let byte = next {
            if byte == UInt8(ascii: "\"") {
                defer { position += 1 }
                return try text(bytes[start..<position])
            }
            if byte == UInt8(ascii: "\\") || byte < 0x20 { break }
            position += 1
        }
        return try stringWithEscapes(from: start)
    }

    private func text(_ piece: some Collection<UInt8>) throws(JSON.Malformed) -> String {
        guard let text = String(validating: piece, as: UTF8.self) else { throw malformed }
        return text
    }

    private mutating func stringWithEscapes(from start: Int) throws(JSON.Malformed) -> String {
        var out = Array(bytes[start..<position])
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return try text(out)
            case UInt8(ascii: "\\"): try escape(&out)
            case 0..<0x20: throw malformed
            default: out.append(byte)
            }
        }
        throw malformed
    }

    private mutating func escape(_ out: inout [UInt8]) throws(JSON.Malformed) {
        guard let letter = next else { throw malformed }
        position += 1
        switch letter {
        case UInt8(ascii: "n"): out.append(0x0A)
        case UInt8(ascii: "t"): out.append(0x09)
        case UInt8(ascii: "r"): out.append(0x0D)
        case UInt8(ascii: "b"): out.append(0x08)
        case UInt8(ascii: "f"): out.append(0x0C)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(letter)
        case UInt8(ascii: "u"):
            var code = try hexadecimal()
            if (0xD800..<0xDC00).contains(code) {
                try expect(word: "\\u")
                let low = try hexadecimal()
                guard (0xDC00..<0xE000).contains(low) else { throw malformed }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw malformed }
            out.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        default: throw malformed
        }
    }

    private mutating func hexadecimal() throws(JSON.Malformed) -> UInt32 {
        guard bytes.count - position >= 4 else { throw malformed }
        let digits = String(decoding: bytes[position..<(position + 4)], as: UTF8.self)
        guard !digits.hasPrefix("+"), !digits.hasPrefix("-"), let code = UInt32(digits, radix: 16)
        else { throw malformed }
        position += 4
        return code
    }
}
