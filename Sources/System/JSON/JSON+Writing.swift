// SPDX-License-Identifier: BSD-3-Clause

extension JSON {
    /// The value in UTF-8 without spaces, for messages and files that programs read.
    package var bytes: [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(256)
        write(to: &out, spaced: false)
        return out
    }

    /// The value as text without spaces, for other programs.
    package var compactText: String { String(decoding: bytes, as: UTF8.self) }

    /// The value as text on one line with a space after `:` and `,`, for the output of commands.
    package var text: String {
        var out: [UInt8] = []
        write(to: &out, spaced: true)
        return String(decoding: out, as: UTF8.self)
    }

    private func write(to out: inout [UInt8], spaced: Bool) {
        switch self {
        case .null: out.append(contentsOf: "null".utf8)
        case .boolean(let truth): out.append(contentsOf: (truth ? "true" : "false").utf8)
        case .integer(let number): out.append(contentsOf: String(number).utf8)
        // JSON has no NaN and no infinities.
        case .number(let number):
            out.append(contentsOf: (number.isFinite ? "\(number)" : "null").utf8)
        case .string(let text): Self.write(text, to: &out)
        case .array(let list):
            out.append(UInt8(ascii: "["))
            for (index, value) in list.enumerated() {
                if index > 0 { Self.separate(",", &out, spaced) }
                value.write(to: &out, spaced: spaced)
            }
            out.append(UInt8(ascii: "]"))
        case .object(let members):
            out.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { Self.separate(",", &out, spaced) }
                Self.write(member.key, to: &out)
                Self.separate(":", &out, spaced)
                member.value.write(to: &out, spaced: spaced)
            }
            out.append(UInt8(ascii: "}"))
        }
    }

    private static func separate(_ sign: Unicode.Scalar, _ out: inout [UInt8], _ spaced: Bool) {
        out.append(UInt8(ascii: sign))
        if spaced { out.append(UInt8(ascii: " ")) }
    }

    private static func write(_ text: String, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): out += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"): out.append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\r"): out.append(contentsOf: "\\r".utf8)
            case UInt8(ascii: "\t"): out.append(contentsOf: "\\t".utf8)
            case 0..<0x20:
                out.append(contentsOf: "\\u00".utf8)
                Hex.append(byte, to: &out)
            default: out.append(byte)
            }
        }
        out.append(UInt8(ascii: "\""))
    }
}
