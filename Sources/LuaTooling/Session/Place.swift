// SPDX-License-Identifier: BSD-3-Clause

internal import VTRuntime

/// The cursor position at the end of some code, and the context before it.
struct Place {
    let bytes: [UInt8]
    let tokens: [LuaToken]

    /// The expression before a dot or a colon.
    enum Path: Equatable {
        case names([String])
        /// A literal string.
        case string
        /// An expression that would have to be evaluated.
        case none
    }

    /// The use of a string that is being typed.
    enum StringUse: Equatable {
        case module
        /// A key in brackets after this expression.
        case key(Path)
        /// A port of this node, as in `flow:connect(port, node, "input")`.
        case argument(behind: Path)
        case other
    }

    private func text(_ index: Int) -> String {
        guard tokens.indices.contains(index) else { return "" }
        return String(decoding: bytes[tokens[index].range], as: UTF8.self)
    }

    /// The start of the word that is being typed, and the path and sign (`.` or `:`) before it, if
    /// any.
    var word: (start: Int, path: Path, sign: UInt8?) {
        var index = tokens.count - 1
        var start = bytes.count
        if let last = tokens.last, last.range.upperBound == bytes.count,
            last.kind == .name || last.kind == .keyword
        {
            start = last.range.lowerBound
            index -= 1
        }
        guard tokens.indices.contains(index), text(index) == "." || text(index) == ":" else {
            return (start, .none, nil)
        }
        return (start, path(endingAt: index - 1), text(index).utf8.first)
    }

    /// Returns the path whose last token has this index.
    func path(endingAt end: Int) -> Path {
        guard tokens.indices.contains(end) else { return .none }
        if tokens[end].kind == .string { return .string }
        if text(end) == ")", tokens.indices.contains(end - 2), tokens[end - 1].kind == .string,
            text(end - 2) == "("
        {
            return .string
        }
        var names: [String] = []
        var index = end
        while tokens.indices.contains(index), tokens[index].kind == .name {
            names.insert(text(index), at: 0)
            index -= 1
            guard text(index) == "." || text(index) == ":" else { return .names(names) }
            index -= 1
        }
        return .none
    }

    /// Returns the use of the string that is the last token.
    func use(ofString token: LuaToken) -> StringUse {
        let index = tokens.count - 1
        var before = index - 1
        if text(before) == "[" { return .key(path(endingAt: before - 1)) }
        if text(before) == "(" { before -= 1 }
        if text(before) == "require" { return .module }
        // flow:add("name", "module"
        if text(index - 1) == ",", index >= 5, text(index - 3) == "(", text(index - 4) == "add",
            text(index - 5) == ":"
        {
            return .module
        }
        if text(index - 1) == ",", case .names(let names) = path(endingAt: index - 2) {
            return .argument(behind: .names(names))
        }
        return .other
    }

    /// True at a key of the fourth argument of `flow:add`, the options of a node.
    var isKeyOfNodeOptions: Bool {
        var index = tokens.count - 1
        if let last = tokens.last, last.range.upperBound == bytes.count, last.kind == .name {
            index -= 1
        }
        guard ["{", ",", ";"].contains(text(index)) else { return false }
        // The brace that opens the table.
        var depth = 0
        while index >= 0, depth > 0 || text(index) != "{" {
            if ["}", ")", "]"].contains(text(index)) { depth += 1 }
            if ["{", "(", "["].contains(text(index)) { depth -= 1 }
            if depth < 0 { return false }
            index -= 1
        }
        guard index > 0, text(index - 1) == "," else { return false }
        var commas = 0
        index -= 1
        depth = 0
        while index >= 0, depth > 0 || text(index) != "(" {
            switch text(index) {
            case "}", ")", "]": depth += 1
            case "{", "(", "[": depth -= 1
            case "," where depth == 0: commas += 1
            default: break
            }
            if depth < 0 { return false }
            index -= 1
        }
        return commas == 3 && index >= 2 && text(index - 1) == "add" && text(index - 2) == ":"
    }

    /// The names in the code that are not fields, and may be variables.
    var names: Set<String> {
        var names: Set<String> = []
        for (index, token) in tokens.enumerated() where token.kind == .name {
            if token.range.upperBound == bytes.count { continue }
            let before = text(index - 1)
            if before != ".", before != ":", before != "goto" { names.insert(text(index)) }
        }
        return names
    }
}
