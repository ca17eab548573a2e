// SPDX-License-Identifier: BSD-3-Clause

import VTSystem

/// A key or event of a terminal.
enum Key: Equatable {
    case text(String)
    case paste(String)
    case enter, newLine, tab, backspace, delete, escape
    case left, right, up, down, home, end, wordLeft, wordRight
    /// Ctrl and a letter: Ctrl-A is `control("a")`.
    case control(Character)
    case alt(Character)
    case resized, endOfInput
    /// A key without a function.
    case other
}

extension Console {
    /// Waits for a key.
    func key() -> Key {
        switch byte() {
        case .resized: .resized
        case .end, .nothing: .endOfInput
        case .byte(let byte): key(beginning: byte)
        }
    }

    private func key(beginning first: UInt8) -> Key {
        switch first {
        case 0x0D: return .enter
        case 0x0A: return .enter
        case 0x09: return .tab
        case 0x7F, 0x08: return .backspace
        case 0x1B: return escaped()
        case 0x1F: return .control("_")
        case 0x01...0x1A: return .control(Character(Unicode.Scalar(first + 0x60)))
        case 0x20...0x7E: return .text(String(UnicodeScalar(first)))
        case 0xC2...0xF4: return letter(beginning: first)
        case 0x80...0xFF: return .text(String(source: [first]))
        default: return .other
        }
    }

    /// Decodes a non-ASCII character in UTF-8.
    private func letter(beginning first: UInt8) -> Key {
        var bytes = [first]
        let count = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
        while bytes.count < count {
            guard case .byte(let next) = byte(timeout: 100) else { break }
            bytes.append(next)
            // An ASCII byte or another beginning: the bytes are not UTF-8.
            if next & 0xC0 != 0x80 { break }
        }
        return .text(String(source: bytes))
    }

    /// Decodes the bytes after Escape; if none follow within 50 ms, it is the Escape key.
    private func escaped() -> Key {
        guard case .byte(let next) = byte(timeout: 50) else { return .escape }
        switch next {
        case UInt8(ascii: "["): return sequence()
        case UInt8(ascii: "O"):
            guard case .byte(let final) = byte(timeout: 50) else { return .alt("O") }
            return Self.arrow(final, modified: false)
        case 0x0D, 0x0A: return .newLine
        case 0x7F, 0x08: return .alt("\u{7F}")
        case 0x1B: return .escape
        case 0x20...0x7E: return .alt(Character(Unicode.Scalar(next)))
        default: return .other
        }
    }

    /// Decodes a control sequence: numbers and a letter.
    private func sequence() -> Key {
        var parameters = ""
        while true {
            guard case .byte(let byte) = byte(timeout: 50) else { return .other }
            switch byte {
            case 0x30...0x3F: parameters.append(Character(Unicode.Scalar(byte)))
            case 0x20...0x2F: continue
            case UInt8(ascii: "~"):
                return numbered(parameters.split(separator: ";").first.map(String.init) ?? "")
            case 0x40...0x7E:
                return Self.arrow(byte, modified: parameters.contains(";"))
            default: return .other
            }
            if parameters.count > 32 { return .other }
        }
    }

    private func numbered(_ number: String) -> Key {
        switch number {
        case "1", "7": .home
        case "4", "8": .end
        case "3": .delete
        case "200":
            .paste(Self.pasted(bytes(until: Array("\u{1B}[201~".utf8))))
        default: .other
        }
    }

    private static func arrow(_ letter: UInt8, modified: Bool) -> Key {
        switch letter {
        case UInt8(ascii: "A"): .up
        case UInt8(ascii: "B"): .down
        case UInt8(ascii: "C"): modified ? .wordRight : .right
        case UInt8(ascii: "D"): modified ? .wordLeft : .left
        case UInt8(ascii: "H"): .home
        case UInt8(ascii: "F"): .end
        default: .other
        }
    }

    /// Pasted text with line ends normalized: terminals send a carriage return.
    private static func pasted(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        for (index, byte) in bytes.enumerated() {
            if byte == 0x0D {
                text.append(0x0A)
            } else if byte == 0x0A {
                if index == 0 || bytes[index - 1] != 0x0D { text.append(byte) }
            } else if byte >= 0x20 || byte == 0x09 {
                text.append(byte)
            }
        }
        return String(source: text)
    }
}
