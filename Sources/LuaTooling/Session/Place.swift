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
