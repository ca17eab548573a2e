// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge
internal import VTRuntime
internal import VTSystem
internal import VTWorkflow

extension Session {
    /// Returns the documentation of the name at the cursor: the parameters, comment and location of
    /// a function, the ports of a module, or the type and value.
    ///
    /// - Parameters:
    ///   - code: the code, which may be incomplete.
    ///   - cursor: the offset in the UTF-8 of the code, in or directly after a name, or between the
    ///     brackets of a call.
    ///   - detail: 1 to include the source.
    ///   - lua: the state of the session.
    /// - Returns: nil if there is no name, or it has no value.
    public func inspect(
        _ code: String, at cursor: Int, detail: Int = 0, _ lua: borrowing Lua
    ) -> String? {
        guard let path = Self.path(in: code, at: cursor) else { return nil }
        let top = lua.top
        defer { try? lua.setTop(top) }
        guard (try? push(path: path, lua)) == true else {
            return Self.library(path) ?? Manual.text(of: path.joined(separator: "."))
        }
        return describe(path.joined(separator: "."), detail, lua)
    }

    /// Returns the documentation of a library that was not required yet, or of its function.
    private static func library(_ path: [String]) -> String? {
        guard let library = path.first, StandardLibrary.code(of: library) != nil,
            let text = Manual.text(of: path.joined(separator: "."))
                ?? ModuleDoc(ofLibrary: path)?.text
        else { return nil }
        return "local \(library) = require \"\(library)\"\n\(text)"
    }

    /// Returns the path of names at the cursor.
    private static func path(in code: String, at cursor: Int) -> [String]? {
        let bytes = Array(code.utf8)
        var end = min(max(0, cursor), bytes.count)
        while end < bytes.count, bytes[end].isNamePart { end += 1 }
        let tokens = LuaToken.tokens(of: bytes[..<end]).filter { $0.kind != .comment }
        let place = Place(bytes: Array(bytes[..<end]), tokens: tokens)
        if tokens.last?.kind == .name,
            case .names(let names) = place.path(endingAt: tokens.count - 1)
        {
            return names
        }
        // Otherwise the function whose arguments are being typed.
        var depth = 0
        for index in tokens.indices.reversed() where tokens[index].kind == .symbol {
            switch bytes[tokens[index].range.lowerBound] {
            case UInt8(ascii: ")"): depth += 1
            case UInt8(ascii: "("):
                if depth == 0 {
                    guard case .names(let names) = place.path(endingAt: index - 1) else { continue }
                    return names
                }
                depth -= 1
            default: break
            }
        }
        return nil
    }

    // MARK: Texts

    /// Describes the value on top.
    private func describe(_ name: String, _ detail: Int, _ lua: borrowing Lua) -> String {
        if lua.type(at: -1) == .function { return function(name, detail, lua) }
        if let definition = try? workspace?.definition(at: -1, lua) {
            return module(name, definition, detail)
        }
        if let node = lua.object(FlowNode.luaClass, at: -1) {
            let definition = node.flow.graph.nodes[node.index].definition
            return "\(name)  node `\(node.name)`\n" + module(definition.name, definition, 0)
        }
        if let flow = lua.object(Flow.luaClass, at: -1) {
            return module(name, flow.graph.asModule(), 0)
        }
        let value = PrettyText().text(at: -1, lua)
        let kind =
            lua.isInteger(at: -1)
            ? "integer" : lua.type(at: -1) == .number ? "float" : lua.typeName(at: -1)
        var text = "\(name)  \(kind)"
        if let manual = Manual.text(of: name) { text = manual }
        if lua.type(at: -1) == .userdata, let members = try? members(lua), !members.isEmpty {
            let names = members.map { $0.kind == .method ? ":\($0.text)" : ".\($0.text)" }.sorted()
            return "\(text)\n\(value)\n" + Self.wrapped(names)
        }
        return "\(text)\n\(value)"
    }

    /// Wraps words into lines of indented text.
    private static func wrapped(_ words: [String]) -> String {
        var lines = [" "]
        for word in words {
            if lines[lines.count - 1].count + word.count > 78 { lines.append(" ") }
            lines[lines.count - 1] += " " + word
        }
        return lines.joined(separator: "\n")
    }

    /// Returns the documentation of an object's method: `pool.map` is `View:map`.
    private func methodText(_ name: String, _ lua: borrowing Lua) -> String? {
        let path = name.split(separator: ".").map(String.init)
        guard path.count > 1, (try? push(path: path.dropLast(), lua)) == true else { return nil }
        defer { lua.pop() }
        guard let title = Manual.title(ofClass: lua.typeName(at: -1)), let last = path.last else {
            return nil
        }
        return Manual.text(of: "\(title):\(last)")
    }

    private func function(_ name: String, _ detail: Int, _ lua: borrowing Lua) -> String {
        guard let definition = try? lua.definition(at: -1),
            let parameters = try? lua.parameters(at: -1)
        else {
            if let text = Manual.text(of: name) ?? methodText(name, lua) { return text }
            if let text = Manual.name(at: -1, lua).flatMap(Manual.text) { return text }
            return "\(name)(...)\n  built in; no documentation"
        }
        let list = (parameters.names + (parameters.isVariadic ? ["..."] : []))
            .joined(separator: ", ")
        var lines = ["\(name)(\(list))"]
        let source = sourceLines(of: definition.source)
        if let source, definition.first > 0 {
            lines += Self.comment(above: definition.first, in: source).map { "  \($0)" }
        }
        lines.append("  \(Self.shortSource(definition.source)):\(definition.first)")
        if detail > 0 {
            if let source, definition.first > 0, definition.last <= source.count {
                lines += source[(definition.first - 1)..<definition.last]
            } else {
                lines.append("  its source is no longer available")
            }
        }
        return lines.joined(separator: "\n")
    }

    private func module(_ name: String, _ definition: ModuleDefinition, _ detail: Int) -> String {
        var lines = ["\(name)  module \(definition.title)"]
        if let doc = definition.doc { lines.append("  " + doc) }
        for (title, ports) in [("inputs", definition.inputs), ("outputs", definition.outputs)]
        where !ports.isEmpty {
            lines.append("  \(title)")
            for port in ports {
                let need = title == "outputs" || port.isRequired ? "" : ", may be left out"
                let doc = port.doc.map { "  \($0)" } ?? ""
                lines.append("    \(port.name): \(port.type)\(need)\(doc)")
            }
        }
        if let place = definition.location {
            lines.append("  \(place)")
            if detail > 0, let source = sourceLines(of: "@" + place.file) { lines += source }
        }
        return lines.joined(separator: "\n")
    }

    // MARK: Sources

    /// Returns the lines of a chunk: a piece of the session, a file, or a library module.
    private func sourceLines(of chunk: String) -> [String]? {
        let text: String
        if let piece = source(named: chunk) {
            text = piece.shownSource
        } else if chunk.hasPrefix("@stdlib/"), chunk.hasSuffix(".lua") {
            let module = chunk.dropFirst(8).dropLast(4).split(separator: "/")
                .joined(separator: ".")
            guard let code = StandardLibrary.code(of: module) else { return nil }
            text = String(decoding: code, as: UTF8.self)
        } else if chunk.hasPrefix("@") {
            guard let whole = File.text(String(chunk.dropFirst())) else { return nil }
            text = whole
        } else if chunk.hasPrefix("=") {
            return nil
        } else {
            text = chunk
        }
        return text.sourceLines.map(String.init)
    }

    /// Returns the comment directly above a line, without dashes.
    private static func comment(above line: Int, in source: [String]) -> [String] {
        var lines: [String] = []
        var index = line - 2
        while source.indices.contains(index) {
            let text = source[index].drop { $0 == " " || $0 == "\t" }
            guard text.hasPrefix("--") else { break }
            var body = text.drop { $0 == "-" }
            if body.first == " " { body = body.dropFirst() }
            lines.insert(String(body), at: 0)
            index -= 1
        }
        return lines
    }

    /// Returns the name of a chunk as messages show it.
    package static func shortSource(_ source: String) -> String {
        if source.hasPrefix("@") || source.hasPrefix("=") { return String(source.dropFirst()) }
        let line = source.sourceLines[0]
        return
            "[string \"\(line.prefix(40))\(line.count > 40 || line.count < source.count ? "..." : "")\"]"
    }
}
