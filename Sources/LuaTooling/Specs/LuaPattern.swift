// SPDX-License-Identifier: BSD-3-Clause

/// Checks patterns of Lua without matching: Lua notices a mistake only when a match reaches it.
package struct LuaPattern {
    private let bytes: [UInt8]
    private var position = 0
    /// For each capture, true if it is closed.
    private var captures: [Bool] = []

    /// Returns Lua's message for a malformed pattern; nil if it is valid.
    package static func mistake(in pattern: String) -> String? {
        var checker = LuaPattern(bytes: Array(pattern.utf8))
        return checker.mistake()
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// Lua's limit (`LUA_MAXCAPTURES`).
    private static let mostCaptures = 32

    private mutating func mistake() -> String? {
        if bytes.first == UInt8(ascii: "^") { position = 1 }
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "("):
                if captures.count == Self.mostCaptures { return "too many captures" }
                let isPosition = next == UInt8(ascii: ")")
                if isPosition { position += 1 }
                captures.append(isPosition)
            case UInt8(ascii: ")"):
                guard let open = captures.lastIndex(of: false) else {
                    return "invalid pattern capture"
                }
                captures[open] = true
            case UInt8(ascii: "%"): if let mistake = escape() { return mistake }
            case UInt8(ascii: "["): if let mistake = set() { return mistake }
            default: break
            }
        }
        return captures.contains(false) ? "unfinished capture" : nil
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// Checks what follows a `%`.
    private mutating func escape() -> String? {
        guard let letter = next else { return "malformed pattern (ends with '%')" }
        position += 1
        switch letter {
        case UInt8(ascii: "b"):
            if bytes.count - position < 2 {
                return "malformed pattern (missing arguments to '%b')"
            }
            position += 2
        case UInt8(ascii: "f"):
            guard next == UInt8(ascii: "[") else { return "missing '[' after '%f' in pattern" }
            position += 1
            return set()
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            let number = Int(letter) - 0x30
            guard number >= 1, number <= captures.count, captures[number - 1] else {
                return "invalid capture index %\(number)"
            }
        default: break
        }
        return nil
    }

    /// Checks what follows a `[`.
    private mutating func set() -> String? {
        let missing = "malformed pattern (missing ']')"
        if next == UInt8(ascii: "^") { position += 1 }
        repeat {  // a `]` at the start is an element
            guard let byte = next else { return missing }
            position += 1
            if byte == UInt8(ascii: "%") {
                if next == nil { return missing }
                position += 1
            }
        } while next != UInt8(ascii: "]")
        position += 1
        return nil
    }
}
