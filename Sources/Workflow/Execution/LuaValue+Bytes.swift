// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

extension LuaValue {
    /// Appends the value as bytes, also one that cannot be copied to another state.
    func append(to bytes: inout [UInt8]) {
        switch self {
        case .nil: bytes.append(0)
        case .boolean(let truth): bytes.append(truth ? 2 : 1)
        case .integer(let number):
            bytes.append(3)
            bytes.append(number: UInt64(bitPattern: Int64(number)))
        case .number(let number):
            bytes.append(4)
            bytes.append(number: number.bitPattern)
        case .string(let string):
            bytes.append(5)
            bytes.append(text: string.bytes)
        case .table(let pairs):
            bytes.append(6)
            bytes.append(number: UInt64(pairs.count))
            for pair in pairs {
                pair.key.append(to: &bytes)
                pair.value.append(to: &bytes)
            }
        case .object(let object):
            bytes.append(7)
            bytes.append(text: typeName.utf8)
            bytes.append(text: object.value.luaSummary.utf8)
        case .opaque(let type, let description):
            bytes.append(7)
            bytes.append(text: type.utf8)
            bytes.append(text: description.utf8)
        }
    }
}

extension [UInt8] {
    mutating func append(number: UInt64) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }

    /// Appends the length of a text, and the text.
    mutating func append(text: some Collection<UInt8>) {
        append(number: UInt64(text.count))
        append(contentsOf: text)
    }
}

extension [UInt8] {
    /// Appends the functions of a traceback.
    mutating func append(frames: [LuaFrame]) {
        append(number: UInt64(frames.count))
        for frame in frames {
            append(frame.kind.rawValue)
            append(number: UInt64(bitPattern: Int64(frame.line ?? -1)))
            append(number: UInt64(bitPattern: Int64(frame.lineDefined)))
            for text in [frame.source, frame.shortSource, frame.name ?? "", frame.nameKind] {
                append(text: text.utf8)
            }
        }
    }
}

/// Reads what the functions above have appended. What is missing at the end is zero.
struct NoteReader {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    mutating func byte() -> UInt8 {
        guard position < bytes.endIndex else { return 0 }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func number() -> UInt64 {
        var number: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 8) { number |= UInt64(byte()) << shift }
        return number
    }

    mutating func text() -> ArraySlice<UInt8> {
        let count = Int(clamping: number())
        let end = position + min(count, bytes.endIndex - position)
        defer { position = end }
        return bytes[position..<end]
    }

    mutating func string() -> String { String(decoding: text(), as: UTF8.self) }

    mutating func rest() -> ArraySlice<UInt8> {
        defer { position = bytes.endIndex }
        return bytes[position...]
    }

    mutating func frames() -> [LuaFrame] {
        var frames: [LuaFrame] = []
        var left = number()
        while left > 0, position < bytes.endIndex {
            left -= 1
            let kind = LuaFrame.Kind(rawValue: byte()) ?? .lua
            let line = Int(Int64(bitPattern: number()))
            let lineDefined = Int(Int64(bitPattern: number()))
            let texts = (0..<4).map { _ in string() }
            frames.append(
                LuaFrame(
                    kind: kind, source: texts[0], shortSource: texts[1],
                    name: texts[2].isEmpty ? nil : texts[2], nameKind: texts[3],
                    line: line < 0 ? nil : line, lineDefined: lineDefined))
        }
        return frames
    }

    mutating func value(depth: Int = 32) -> LuaValue {
        switch byte() {
        case 1: return .boolean(false)
        case 2: return .boolean(true)
        case 3: return .integer(Int(Int64(bitPattern: number())))
        case 4: return .number(Double(bitPattern: number()))
        case 5: return .string(LuaBytes(text()))
        case 6:
            var pairs: [LuaValue.Pair] = []
            var left = Int(clamping: number())
            while left > 0, depth > 0, position < bytes.endIndex {
                let key = value(depth: depth - 1)
                pairs.append(.init(key: key, value: value(depth: depth - 1)))
                left -= 1
            }
            return .table(pairs)
        case 7: return .opaque(type: string(), description: string())
        default: return .nil
        }
    }
}
