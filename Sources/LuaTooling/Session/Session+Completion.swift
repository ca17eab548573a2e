// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge
internal import VTRuntime
internal import VTSystem
internal import VTWorkflow

/// The possible completions at a place in some code.
public struct Completion: Sendable {
    /// The kind of a completed name.
    public enum Kind: String, Sendable {
        /// A keyword of Lua.
        case keyword
        /// A local variable of the session or of the code.
        case local
        /// A global variable.
        case global
        /// A field of a table or a property of an object.
        case field
        /// A function of a table or an object.
        case method
        /// The name of a module, for `require`.
        case module
        /// The path of a file.
        case file
        /// A port of a node.
        case port
        /// A parameter of a workflow.
        case parameter
    }

    /// A possible completion.
    public struct Match: Sendable, Equatable {
        /// The text that replaces the range.
        public var text: String
        /// The kind of the name.
        public var kind: Kind

        /// Makes a match of its text and its kind.
        public init(text: String, kind: Kind) {
            self.text = text
            self.kind = kind
        }
    }

    /// The range that the matches replace, in the UTF-8 of the code.
    public var range: Range<Int>
    /// The matches, sorted and without duplicates.
    public var matches: [Match]

    /// Makes a completion. The matches must be sorted and without duplicates.
    public init(range: Range<Int>, matches: [Match]) {
        self.range = range
        self.matches = matches
    }

    /// The longest common prefix of all matches.
    public var commonPrefix: String {
        // The matches are sorted, so that the first and the last share the prefix.
        guard let first = matches.first, let last = matches.last else { return "" }
        return String(zip(first.text, last.text).prefix { $0 == $1 }.map(\.0))
    }
}

extension Session {
    /// Returns the completions at the cursor: keywords, variables, fields, methods, ports of nodes,
    /// modules in `require`, and files in other strings. No code runs, not even that of `__index`.
    ///
    /// - Parameters:
    ///   - code: the code, which may be incomplete.
    ///   - cursor: the offset in the UTF-8 of the code. Code after it is ignored.
    ///   - lua: the state of the session.
    public func complete(_ code: String, at cursor: Int, _ lua: borrowing Lua) -> Completion {
        let bytes = Array(code.utf8.prefix(max(0, cursor)))
        let tokens = LuaToken.tokens(of: bytes)
        let place = Place(bytes: bytes, tokens: tokens)
        let top = lua.top
        defer { try? lua.setTop(top) }
        if let last = tokens.last, !last.isFinished {
            return last.kind == .string
                ? inString(place, last, lua)
                : Completion(range: bytes.count..<bytes.count, matches: [])
        }
        // A comment extends to the end of its line.
        if tokens.last?.kind == .comment, tokens.last?.range.upperBound == bytes.count {
            return Completion(range: bytes.count..<bytes.count, matches: [])
        }
        let (start, path, sign) = place.word
        let prefix = String(decoding: bytes[start...], as: UTF8.self)
        var matches: [Completion.Match]
        if let sign {
            matches = (try? members(of: path, sign, lua)) ?? []
            matches = matches.filter { $0.text.hasPrefix(prefix) }
        } else if place.isKeyOfNodeOptions {
            matches = NodeOptions.keys.filter { $0.hasPrefix(prefix) }
                .map { .init(text: $0, kind: .field) }
        } else {
            matches = names(prefix, place, lua)
        }
        return Completion(range: start..<bytes.count, matches: sorted(matches))
    }

    private func sorted(_ matches: [Completion.Match]) -> [Completion.Match] {
        var seen: Set<String> = []
        return matches.filter { seen.insert($0.text).inserted }.sorted { $0.text < $1.text }
    }

    // MARK: Names

    private func members(
        of path: Place.Path, _ sign: UInt8, _ lua: borrowing Lua
    ) throws(LuaError) -> [Completion.Match] {
        switch path {
        case .none: return []
        case .string: try lua.push("")
        case .names(let names): guard try push(path: names, lua) else { return [] }
        }
        let members = try members(all: sign == UInt8(ascii: "["), lua)
        guard sign == UInt8(ascii: ":") else { return members }
        return members.filter { $0.kind == .method }
    }

    /// Returns keywords, variables of the session, globals, and names in the code.
    private func names(
        _ prefix: String, _ place: Place, _ lua: borrowing Lua
    ) -> [Completion.Match] {
        var matches: [Completion.Match] = []
        for name in variables.keys where name.hasPrefix(prefix) {
            matches.append(.init(text: name, kind: .local))
        }
        for name in place.names where name.hasPrefix(prefix) && name != prefix {
            matches.append(.init(text: name, kind: .local))
        }
        for word in LuaToken.keywords where word.hasPrefix(prefix) {
            matches.append(.init(text: word, kind: .keyword))
        }
        matches += (try? globals(prefix, lua)) ?? []
        return matches
    }

    private func globals(
        _ prefix: String, _ lua: borrowing Lua
    ) throws(LuaError) -> [Completion.Match] {
        var matches: [Completion.Match] = []
        let start = Array(prefix.utf8)
        try lua.pushGlobals()
        for _ in 0..<Self.mostSteps {
            guard lua.type(at: -1) == .table else { break }
            try lua.pushNil()
            while try lua.next(of: -2) {
                lua.pop()
                let begins = lua.withBytes(at: -1) { bytes in
                    bytes.count >= start.count && bytes.prefix(start.count).elementsEqual(start)
                }
                if begins == true, let name = lua.string(at: -1), name.isLuaName {
                    matches.append(.init(text: name, kind: .global))
                }
            }
            guard try replaceByIndexTable(lua) else { break }
        }
        return matches
    }

    // MARK: In strings

    private func inString(
        _ place: Place, _ token: LuaToken, _ lua: borrowing Lua
    ) -> Completion {
        let quote = place.bytes[token.range.lowerBound]
        let isLong = quote == UInt8(ascii: "[")
        let start =
            isLong
            ? (place.bytes[(token.range.lowerBound + 1)...].firstIndex(of: quote)
                ?? token.range.lowerBound) + 1 : token.range.lowerBound + 1
        let text = String(decoding: place.bytes[start...], as: UTF8.self)
        switch place.use(ofString: token) {
        case .module:
            let matches = modules(lua).filter { $0.hasPrefix(text) }
                .map { Completion.Match(text: $0, kind: .module) }
            return Completion(range: start..<place.bytes.count, matches: sorted(matches))
        case .key(let path):
            if let matches = try? members(of: path, UInt8(ascii: "["), lua), !matches.isEmpty {
                let matching = Self.escaped(matches, quote).filter { $0.text.hasPrefix(text) }
                return Completion(
                    range: start..<place.bytes.count, matches: sorted(matching))
            }
            return files(text, start, place)
        case .argument(behind: .names(let names)):
            let inputs = inputs(ofNode: names, lua)
            if inputs.isEmpty { return files(text, start, place) }
            let matching = inputs.filter { $0.text.hasPrefix(text) }
            return Completion(range: start..<place.bytes.count, matches: sorted(matching))
        case .argument, .other: return files(text, start, place)
        }
    }

    private func files(_ text: String, _ start: Int, _ place: Place) -> Completion {
        let name = text.lastIndex(of: "/").map { text.index(after: $0) } ?? text.startIndex
        let directory = String(text[..<name])
        let prefix = text[name...]
        var matches: [Completion.Match] = []
        for entry in Directory.entries(of: directory.isEmpty ? "." : directory)
        where entry.name.hasPrefix(prefix)
            && (!entry.name.hasPrefix(".") || prefix.hasPrefix("."))
        {
            let suffix = entry.isDirectory ? "/" : ""
            matches.append(.init(text: entry.name + suffix, kind: .file))
        }
        let quote = place.bytes[place.tokens.last?.range.lowerBound ?? start]
        return Completion(
            range: (start + directory.utf8.count)..<place.bytes.count,
            matches: sorted(Self.escaped(matches, quote)))
    }

    /// Returns the matches as they are written in a string that begins with `quote`. A long string
    /// has no escapes; matches that it cannot contain are left out.
    private static func escaped(
        _ matches: [Completion.Match], _ quote: UInt8
    ) -> [Completion.Match] {
        matches.compactMap { match in
            var match = match
            if quote == UInt8(ascii: "[") {
                let isPlain = match.text.unicodeScalars.allSatisfy {
                    $0.value >= 32 && $0.value != 127 && $0 != "]" && !$0.isByte
                }
                return isPlain ? match : nil
            }
            match.text = match.text.escapedForLuaString(quote)
            return match
        }
    }

    /// Returns the modules that `require` would find in directories.
    private func modules(_ lua: borrowing Lua) -> [String] {
        var names = Set(workspace?.knownModules() ?? StandardLibrary.publicModules)
        let top = lua.top
        defer { try? lua.setTop(top) }
        guard (try? lua.pushGlobals()) != nil, (try? lua.pushRawField("package", of: -1)) != nil,
            lua.type(at: -1) == .table
        else { return Array(names) }
        let package = lua.top
        for field in ["loaded", "preload"] {
            guard (try? lua.pushRawField(field, of: package)) != nil, lua.type(at: -1) == .table
            else { continue }
            try? lua.forEachPair(of: -1) {
                if let name = lua.string(at: -2), name != "_G" { names.insert(name) }
            }
        }
        guard (try? lua.pushRawField("path", of: package)) != nil,
            let path = lua.string(at: -1)
        else { return Array(names) }
        var budget = Self.mostEntries
        for template in path.split(separator: ";") {
            let parts = template.split(separator: "?", omittingEmptySubsequences: false)
            guard parts.count == 2, parts[1] == ".lua", parts[0].hasSuffix("/") else { continue }
            Self.collect(String(parts[0].dropLast()), prefix: "", depth: 0, &budget, into: &names)
        }
        return Array(names)
    }

    /// The number of files that are searched for modules.
    private static let mostEntries = 5000

    private static func collect(
        _ path: String, prefix: String, depth: Int, _ budget: inout Int,
        into names: inout Set<String>
    ) {
        if depth == 3 { return }
        for entry in Directory.entries(of: path.isEmpty ? "/" : path)
        where !entry.name.hasPrefix(".") {
            budget -= 1
            if budget < 0 { return }
            if entry.name.hasSuffix(".lua") {
                let name = prefix + entry.name.dropLast(4)
                names.insert(name.hasSuffix(".init") ? String(name.dropLast(5)) : name)
            } else if entry.isDirectory {
                collect(
                    "\(path)/\(entry.name)", prefix: "\(prefix)\(entry.name).", depth: depth + 1,
                    &budget, into: &names)
            }
        }
    }
}
