// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge
internal import VTRuntime
internal import VTSystem

extension Session {
    /// The result of checking whether code can be run as it is.
    public enum Completeness: Sendable, Equatable {
        /// The code can be run.
        case complete
        /// More lines must follow. The next line is indented by this number of spaces.
        case incomplete(indent: Int)
        /// The code has a syntax error that further lines cannot fix, with this message.
        case invalid(String)
    }

    /// The number of spaces by which a block is indented.
    public static let indentWidth = 2

    /// Checks whether code is complete, as a prompt does before running it. Nothing is run.
    public func completeness(of code: String, _ lua: borrowing Lua) -> Completeness {
        guard let asValue = Self.refusal(of: "return " + code, lua) else { return .complete }
        var start = ""
        do {
            try lua.load(source: code, name: "=?")
            lua.pop()
            return .complete
        } catch {
            if Self.returningLast(code, lua) != nil { return .complete }
            if !error.isAboutTheEnd {
                // `x +` is not the beginning of a statement, but that of an expression.
                guard asValue.isAboutTheEnd else { return .invalid(error.message) }
                start = "return "
            }
        }
        // A quoted string cannot continue on the next line.
        if let refusal = Self.refusal(of: start + code + "\n", lua), !refusal.isAboutTheEnd {
            return .invalid(refusal.message)
        }
        return .incomplete(indent: indent(after: code))
    }

    /// Returns the error with which Lua rejects the code; nil if it compiles.
    private static func refusal(of code: String, _ lua: borrowing Lua) -> LuaError? {
        do {
            try lua.load(source: code, name: "=?")
            lua.pop()
            return nil
        } catch {
            return error
        }
    }

    /// Returns the indentation of the line after the code.
    public func indent(after code: String) -> Int {
        let outline = LuaOutline(code)
        // The user lays out text in strings and comments.
        if let last = LuaToken.tokens(of: outline.bytes).last, !last.isFinished { return 0 }
        return outline.openLines * Self.indentWidth
    }

    /// Returns the indentation of the last line if it begins with a closing word or bracket, which
    /// is that of the line that opened the block; else nil.
    public func indentOfLastLine(of code: String) -> Int? {
        let start = code.sourceLines.last?.startIndex ?? code.startIndex
        let line = code[start...].drop { $0 == " " || $0 == "\t" }
        let closes = ["end", "until", "else", "elseif", "}", ")", "]"].contains { line == $0 }
        guard closes else { return nil }
        return max(0, indent(after: String(code[..<start])) - Self.indentWidth)
    }
}

extension LuaError {
    /// True if the code ended too early.
    fileprivate var isAboutTheEnd: Bool { code == .syntax && message.hasSuffix("<eof>") }
}

extension LuaOutline {
    /// The number of lines that open more groups than they close. `f(function()` counts once.
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
