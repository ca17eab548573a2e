// SPDX-License-Identifier: BSD-3-Clause

internal import VTRuntime

/// The structure of code that a prompt needs: its tokens, and their depth in blocks and brackets.
struct LuaOutline {
    let bytes: [UInt8]
    /// The tokens of the code, without comments.
    let tokens: [LuaToken]

    init(_ code: String) {
        bytes = Array(code.utf8)
        tokens = LuaToken.tokens(of: bytes).filter { $0.kind != .comment }
    }

    func text(_ index: Int) -> String {
        guard tokens.indices.contains(index) else { return "" }
        return String(decoding: bytes[tokens[index].range], as: UTF8.self)
    }

    func isSymbol(_ index: Int, _ text: StaticString) -> Bool {
        is_(index, .symbol, text)
    }

    func isKeyword(_ index: Int, _ text: StaticString) -> Bool {
        is_(index, .keyword, text)
    }

    private func is_(_ index: Int, _ kind: LuaToken.Kind, _ text: StaticString) -> Bool {
        guard tokens.indices.contains(index), tokens[index].kind == kind,
            tokens[index].range.count == text.utf8CodeUnitCount
        else { return false }
        return bytes[tokens[index].range].elementsEqual(
            UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Returns the change of depth at a token: 1 opens a block or bracket, -1 closes one.
    func step(_ index: Int) -> Int {
        let token = tokens[index]
        switch token.kind {
        case .keyword:
            switch text(index) {
            case "function", "do", "if", "repeat": return 1
            case "end", "until": return -1
            default: return 0
            }
        case .symbol where token.range.count == 1:
            switch bytes[token.range.lowerBound] {
            case UInt8(ascii: "("), UInt8(ascii: "{"), UInt8(ascii: "["): return 1
            case UInt8(ascii: ")"), UInt8(ascii: "}"), UInt8(ascii: "]"): return -1
            default: return 0
            }
        default: return 0
        }
    }

    /// The depth at the end of the code.
    var depth: Int {
        var depth = 0
        for index in tokens.indices { depth = max(0, depth + step(index)) }
        return depth
    }

    /// Returns the index after the token that closes the group opened at `index`.
    func behindGroup(_ index: Int) -> Int {
        var depth = 0
        var index = index
        while index < tokens.count {
            depth += step(index)
            index += 1
            if depth <= 0 { break }
        }
        return index
    }
}

// MARK: - Expressions

extension LuaOutline {
    /// Returns the index after the list of expressions that begins at `index`.
    func behindExpressions(_ index: Int) -> Int {
        var index = behindExpression(index)
        while isSymbol(index, ",") { index = behindExpression(index + 1) }
        return index
    }

    private func behindExpression(_ start: Int) -> Int {
        var index = start
        while index < tokens.count {
            while isUnary(index) { index += 1 }
            index = behindOperand(index)
            guard isBinary(index) else { break }
            index += 1
        }
        return index
    }

    private func behindOperand(_ index: Int) -> Int {
        guard tokens.indices.contains(index) else { return tokens.count }
        if isKeyword(index, "function") || isSymbol(index, "{") { return behindGroup(index) }
        if tokens[index].kind == .name {
            return behindSuffixes(index + 1)
        }
        if isSymbol(index, "(") { return behindSuffixes(behindGroup(index)) }
        return index + 1  // a literal
    }

    private func behindSuffixes(_ start: Int) -> Int {
        var index = start
        while index < tokens.count {
            if isSymbol(index, ".") || isSymbol(index, ":") {
                index += 2
            } else if isSymbol(index, "(") || isSymbol(index, "[") || isSymbol(index, "{") {
                index = behindGroup(index)
            } else if tokens[index].kind == .string {
                index += 1
            } else {
                break
            }
        }
        return index
    }

    private func isUnary(_ index: Int) -> Bool {
        isKeyword(index, "not") || isSymbol(index, "-") || isSymbol(index, "#")
            || isSymbol(index, "~")
    }

    private func isBinary(_ index: Int) -> Bool {
        guard tokens.indices.contains(index) else { return false }
        return switch tokens[index].kind {
        case .keyword: isKeyword(index, "and") || isKeyword(index, "or")
        case .symbol:
            [
                "+", "-", "*", "/", "//", "%", "^", "..", "==", "~=", "<", "<=", ">", ">=", "&",
                "|", "~", "<<", ">>",
            ].contains(text(index))
        default: false
        }
    }
}

// MARK: - Statements

extension LuaOutline {
    /// A `local` statement outside of any block.
    struct Local {
        struct Variable {
            var name: String
            /// The index of the token between `<` and `>`.
            var attribute: Int?
        }
        var variables: [Variable]
        /// The offset after its last byte.
        var end: Int
    }

    /// The `local` statements outside of any block; the code must be complete.
    var locals: [Local] {
        var found: [Local] = []
        var depth = 0
        var index = 0
        while index < tokens.count {
            if depth == 0, isKeyword(index, "local") {
                let (local, behind) = local(at: index)
                found.append(local)
                index = behind
            } else {
                depth += step(index)
                index += 1
            }
        }
        return found
    }

    private func local(at start: Int) -> (Local, behind: Int) {
        var index = start + 1
        var variables: [Local.Variable] = []
        if isKeyword(index, "function") {
            variables = [.init(name: text(index + 1))]
            index = behindGroup(index)
        } else {
            while tokens.indices.contains(index) {
                var variable = Local.Variable(name: text(index))
                index += 1
                if isSymbol(index, "<") {
                    variable.attribute = index + 1
                    index += 3
                }
                variables.append(variable)
                guard isSymbol(index, ",") else { break }
                index += 1
            }
            if isSymbol(index, "=") { index = behindExpressions(index + 1) }
        }
        let end = index > 0 && index <= tokens.count ? tokens[index - 1].range.upperBound : 0
        return (Local(variables: variables, end: end), index)
    }

    /// The indices at which the last statement may begin, from the end backwards. It must be outside
    /// of any block, first on its line or after a semicolon, and must not continue the code before
    /// it, as `(` would.
    var lastStatements: [Int] {
        var places: [Int] = []
        var depth = 0
        for index in tokens.indices {
            if depth == 0, beginsValue(index), index > 0 {
                let before = tokens[index - 1].range.upperBound
                let between = bytes[before..<tokens[index].range.lowerBound]
                if between.contains(UInt8(ascii: "\n")) || isSymbol(index - 1, ";") {
                    places.append(tokens[index].range.lowerBound)
                }
            }
            depth += step(index)
        }
        return places.suffix(8).reversed()
    }

    private func beginsValue(_ index: Int) -> Bool {
        switch tokens[index].kind {
        case .name, .number: true
        case .keyword: ["not", "nil", "true", "false"].contains(text(index))
        case .symbol: isSymbol(index, "#")
        default: false
        }
    }
}
