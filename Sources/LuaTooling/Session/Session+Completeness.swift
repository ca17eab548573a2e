// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
internal import VTRuntime

extension Session {
    /// Whether code can be run as it is.
    package enum Completeness: Sendable, Equatable {
        case complete
        /// More is to come; the next line begins with so many spaces.
        case incomplete(indent: Int)
        /// No more would help; the message says what is wrong.
        case invalid(String)
    }

    /// Spaces for a block.
    package static let indentWidth = 2

    /// Whether the code is whole, as a prompt asks before it runs anything. Nothing is run.
    package func completeness(of code: String, _ lua: borrowing Lua) -> Completeness {
        guard let asValue = Self.refusal(of: "return " + code, lua) else { return .complete }
        var start = ""
        do {
            try lua.load(code, name: "=?")
            lua.pop()
            return .complete
        } catch {
            if Self.returningLast(code, lua) != nil { return .complete }
            if !error.isAboutTheEnd {
                // `x +` is no statement that anything could follow, but a value that goes on.
                guard asValue.isAboutTheEnd else { return .invalid(error.message) }
                start = "return "
            }
        }
        // A string in quotes does not go on in the next line.
        if let refusal = Self.refusal(of: start + code + "\n", lua), !refusal.isAboutTheEnd {
            return .invalid(refusal.message)
        }
        return .incomplete(indent: indent(after: code))
    }

    /// What Lua says of code that does not compile.
    private static func refusal(of code: String, _ lua: borrowing Lua) -> LuaError? {
        do {
            try lua.load(code, name: "=?")
            lua.pop()
            return nil
        } catch {
            return error
        }
    }

    /// The spaces that a line behind the code begins with.
    package func indent(after code: String) -> Int {
        let outline = LuaOutline(code)
        // Text in a string or a comment is the person's own.
        if let last = LuaToken.tokens(of: outline.bytes).last, !last.isFinished { return 0 }
        return outline.openLines * Self.indentWidth
    }

    /// Whether the last line of the code begins with a word or bracket that closes: such a line
    /// stands as deep as the one that opened.
    package func indentOfLastLine(of code: String) -> Int? {
        let start = code.lastIndex(of: "\n").map { code.index(after: $0) } ?? code.startIndex
        let line = code[start...].drop { $0 == " " || $0 == "\t" }
        let closes = ["end", "until", "else", "elseif", "}", ")", "]"].contains { line == $0 }
        guard closes else { return nil }
        return max(0, indent(after: String(code[..<start])) - Self.indentWidth)
    }
}

extension LuaError {
    /// Whether the code ended too early.
    fileprivate var isAboutTheEnd: Bool { code == .syntax && message.hasSuffix("<eof>") }
}

extension LuaOutline {
    /// How many lines open more than they close: `f(function()` is one step, not two.
    fileprivate var openLines: Int {
        var opened: [Int] = []  // the line of each that is open
        var line = 0
        var position = 0
        for index in tokens.indices {
            let start = tokens[index].range.lowerBound
            line += bytes[position..<start].count { $0 == UInt8(ascii: "\n") }
            position = start
            switch step(index) {
            case 1: opened.append(line)
            case -1: _ = opened.popLast()
            default: break
            }
        }
        return Set(opened).count
    }
}
