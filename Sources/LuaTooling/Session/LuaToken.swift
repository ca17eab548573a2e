// SPDX-License-Identifier: BSD-3-Clause

internal import VTRuntime

/// A token of Lua code, by its place in the code's UTF-8.
package struct LuaToken: Sendable, Equatable {
    /// The kind of a token.
    package enum Kind: Sendable, Equatable {
        case name, keyword, number, string, symbol, comment
    }

    /// The kind of the token.
    package var kind: Kind
    /// The range of the token in the code's UTF-8.
    package var range: Range<Int>
    /// False for a string or a comment whose end is missing.
    package var isFinished = true

    /// Splits any text into tokens. Characters that are not valid in Lua become symbols.
    package static func tokens(of code: some Collection<UInt8>) -> [LuaToken] {
        var lexer = Lexer(Array(code))
        var tokens: [LuaToken] = []
        while let token = lexer.next() { tokens.append(token) }
        return tokens
    }

    /// The reserved words of Lua.
    package static let keywords: Set<String> = [
        "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if",
        "in", "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
    ]
}

private struct Lexer {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private func byte(_ index: Int) -> UInt8 { index < bytes.count ? bytes[index] : 0 }

    mutating func next() -> LuaToken? {
        while position < bytes.count, bytes[position].isSpace { position += 1 }
        guard position < bytes.count else { return nil }
        let start = position
        let first = bytes[start]
        switch first {
        case UInt8(ascii: "-") where byte(start + 1) == UInt8(ascii: "-"):
            return comment(from: start)
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            return quoted(by: first, from: start)
        case UInt8(ascii: "["):
            if let level = longBracket(at: start) {
                return long(.string, from: start, body: start + level + 2, level: level)
            }
        case _ where first.isNameStart:
            while byte(position).isNamePart { position += 1 }
            let word = String(decoding: bytes[start..<position], as: UTF8.self)
            return token(LuaToken.keywords.contains(word) ? .keyword : .name, start)
        case _
        where first.isDigit || first == UInt8(ascii: ".") && byte(start + 1).isDigit:
            return number(from: start)
        default: break
        }
        position = start + symbolLength(at: start)
        return token(.symbol, start)
    }

    private func token(
        _ kind: LuaToken.Kind, _ start: Int, isFinished: Bool = true
    ) -> LuaToken {
        LuaToken(kind: kind, range: start..<position, isFinished: isFinished)
    }

    private mutating func comment(from start: Int) -> LuaToken {
        if let level = longBracket(at: start + 2) {
            return long(.comment, from: start, body: start + level + 4, level: level)
        }
        while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
        return token(.comment, start)
    }

    private mutating func quoted(by quote: UInt8, from start: Int) -> LuaToken {
        position += 1
        while position < bytes.count {
            switch bytes[position] {
            case quote:
                position += 1
                return token(.string, start)
            case UInt8(ascii: "\n"):
                return token(.string, start, isFinished: false)
            case UInt8(ascii: "\\"):
                // `\z` skips the following white space, including line ends.
                if byte(position + 1) == UInt8(ascii: "z") {
                    position += 2
                    while position < bytes.count, bytes[position].isSpace { position += 1 }
                } else {
                    position = min(position + 2, bytes.count)
                }
            default: position += 1
            }
        }
        return token(.string, start, isFinished: false)
    }

    /// Returns the number of `=` of a long bracket that opens at `index`; nil if none opens there.
    private func longBracket(at index: Int) -> Int? {
        guard byte(index) == UInt8(ascii: "[") else { return nil }
        var level = 0
        while byte(index + 1 + level) == UInt8(ascii: "=") { level += 1 }
        return byte(index + 1 + level) == UInt8(ascii: "[") ? level : nil
    }

    private mutating func long(
        _ kind: LuaToken.Kind, from start: Int, body: Int, level: Int
    ) -> LuaToken {
        position = body
        while position < bytes.count {
            if bytes[position] == UInt8(ascii: "]") {
                var end = position + 1
                while byte(end) == UInt8(ascii: "=") { end += 1 }
                if byte(end) == UInt8(ascii: "]"), end - position - 1 == level {
                    position = end + 1
                    return token(kind, start)
                }
            }
            position += 1
        }
        return token(kind, start, isFinished: false)
    }

    private mutating func number(from start: Int) -> LuaToken {
        let isHex = bytes[start] == UInt8(ascii: "0") && byte(start + 1) | 0x20 == UInt8(ascii: "x")
        let exponent = UInt8(ascii: isHex ? "p" : "e")
        while position < bytes.count {
            let this = bytes[position]
            if this | 0x20 == exponent,
                [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(byte(position + 1))
            {
                position += 2
            } else if this.isNamePart || this == UInt8(ascii: ".") {
                position += 1
            } else {
                break
            }
        }
        return token(.number, start)
    }

    private func symbolLength(at index: Int) -> Int {
        let (a, b, c) = (byte(index), byte(index + 1), byte(index + 2))
        if a == UInt8(ascii: "."), b == a { return c == a ? 3 : 2 }
        if a == b, a == UInt8(ascii: ":") || a == UInt8(ascii: "/") { return 2 }
        if a == b, a == UInt8(ascii: "<") || a == UInt8(ascii: ">") { return 2 }
        if b == UInt8(ascii: "="), [0x3C, 0x3E, 0x3D, 0x7E].contains(a) { return 2 }  // < > = ~
        // A character outside of ASCII is one symbol.
        guard a >= 0x80 else { return 1 }
        var length = 1
        while byte(index + length) & 0xC0 == 0x80 { length += 1 }
        return length
    }
}

extension UInt8 {
    package var isSpace: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
    var isDigit: Bool { (0x30...0x39).contains(self) }
    package var isNameStart: Bool {
        (0x61...0x7A).contains(self) || (0x41...0x5A).contains(self) || self == 0x5F
    }
    package var isNamePart: Bool { isNameStart || isDigit }
}
