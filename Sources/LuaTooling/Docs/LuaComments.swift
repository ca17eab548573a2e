// SPDX-License-Identifier: BSD-3-Clause

internal import VTRuntime
internal import VTSystem

/// The doc comments of a Lua file: `---` before a function, `@param`, `@return`, `@field`.
struct LuaComments {
    /// The comment at the head of the file.
    var head: [String] = []
    var functions: [Function] = []
    var fields: [Field] = []

    struct Function: Equatable {
        /// The name as callers write it: `csv.read`, `view:map`.
        var name: String
        var arguments: [String]
        var doc: [String] = []
        var parameters: [Field] = []
        var results: [String] = []

        var signature: String { "\(name)(\(arguments.joined(separator: ", ")))" }
    }

    /// A name with `?` if it is optional, a type and a description.
    struct Field: Equatable {
        var name: String
        var type: String
        var doc: String
    }

    private let library: String
    private var block: [String] = []
    private var hasHead = false
    /// The class of each local table, in definitions.
    private var classes: [String: String] = [:]
    private var currentClass: String?

    /// Reads the comments of a file.
    ///
    /// - Parameter library: the name of the library. The comment of the class of that name, if
    ///   there is one, is the head.
    init(_ text: String, of library: String) {
        self.library = library
        for line in text.sourceLines {
            read(line)
        }
        finishBlock()
        functions.removeAll { $0.name.contains("._") }
    }

    private mutating func read(_ line: Substring) {
        if line.hasPrefix("---") || !block.isEmpty && line.hasPrefix("--") {
            let text = line.drop { $0 == "-" }
            block.append(String(text.first == " " ? text.dropFirst() : text))
            return
        }
        noteClass()
        defer { finishBlock() }
        if line.hasPrefix("function ") {
            addFunction(line.dropFirst(9))
        } else if let (name, rest) = line.assignment {
            if name.contains(".") || rest != "{}" {
                addField(name, rest)
            } else {
                classes[name] = currentClass
            }
        }
    }

    private mutating func noteClass() {
        for line in block where line.hasPrefix("@class ") {
            // "@class vt.CommandOutput: vt.Port" names the class that it extends.
            currentClass = line.dropFirst(7).split { $0 == " " || $0 == ":" }
                .first { $0 != "(exact)" }.map(String.init)
        }
    }

    private mutating func finishBlock() {
        defer { block = [] }
        let text = block.filter { !$0.hasPrefix("@") }
        guard block.contains(where: { $0.hasPrefix("@class ") }) else {
            // A comment that belongs to no declaration is the head.
            if !hasHead, !text.isEmpty { (head, hasHead) = (text, true) }
            return
        }
        if currentClass == library { (head, hasHead) = (text, true) }
        for line in block where line.hasPrefix("@field ") {
            guard let owner = currentClass, let field = Field(line.dropFirst(7)),
                !field.name.hasPrefix("[")
            else { continue }
            fields.append(Field(name: "\(owner).\(field.name)", type: field.type, doc: field.doc))
        }
    }

    private mutating func addFunction(_ rest: Substring) {
        hasHead = true
        guard let open = rest.firstIndex(of: "("), let end = rest[open...].firstIndex(of: ")")
        else { return }
        let arguments = rest[rest.index(after: open)..<end].split(separator: ",").map {
            String($0.drop { $0 == " " })
        }
        var function = Function(name: calledAs(rest[..<open]), arguments: arguments)
        for line in block {
            if line.hasPrefix("@param ") {
                if let field = Field(line.dropFirst(7)) { function.parameters.append(field) }
            } else if line.hasPrefix("@return ") {
                function.results.append(String(line.dropFirst(8)))
            } else if line.hasPrefix("@") {
                continue
            } else if !function.results.isEmpty {
                function.results[function.results.count - 1] += " " + line
            } else if !function.parameters.isEmpty {
                function.parameters[function.parameters.count - 1].doc += " " + line
            } else {
                function.doc.append(line)
            }
        }
        block = []
        functions.append(function)
    }

    /// Returns the name as callers write it: `View:map` of a class `parallel.View` is called
    /// `view:map`.
    private func calledAs(_ name: Substring) -> String {
        guard let mark = name.firstIndex(where: { $0 == ":" || $0 == "." }),
            let owner = classes[String(name[..<mark])], owner.contains(".")
        else { return String(name) }
        return name[..<mark].lowercased() + name[mark...]
    }

    private mutating func addField(_ name: String, _ value: Substring) {
        guard !block.isEmpty, hasHead, name.contains(".") else { return }
        let doc = block.filter { !$0.hasPrefix("@") }.joined(separator: " ")
        fields.append(Field(name: name, type: "", doc: doc))
        block = []
    }
}

extension LuaComments.Field {
    /// Parses `name? type description`.
    fileprivate init?(_ text: Substring) {
        let words = text.split(separator: " ", maxSplits: 1)
        guard words.count == 2 else { return nil }
        let (type, rest) = words[1].typeFirst
        self.init(name: String(words[0]), type: type, doc: rest)
    }
}

extension Substring {
    /// The type at the beginning. It contains spaces only inside brackets and around `|`.
    fileprivate var typeFirst: (type: String, rest: String) {
        var depth = 0
        var end = startIndex
        var last: Character = "|"
        while end < endIndex {
            let character = self[end]
            if "({[<".contains(character) { depth += 1 }
            if ")}]>".contains(character) { depth -= 1 }
            if character == " ", depth == 0 {
                let next = self[end...].first { $0 != " " }
                if last != "|", last != ":", last != ",", next != "|" { break }
            } else {
                last = character
            }
            end = index(after: end)
        }
        return (String(self[..<end]), String(self[end...].drop { $0 == " " }))
    }

    /// A line `name = value` or `local name = value`.
    fileprivate var assignment: (name: String, value: Substring)? {
        let text = hasPrefix("local ") ? dropFirst(6) : self
        guard let mark = text.firstIndex(of: "="), mark > text.startIndex else { return nil }
        let name = text[..<mark].split(separator: " ").first ?? ""
        guard name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }) else {
            return nil
        }
        return (String(name), text[text.index(after: mark)...].drop { $0 == " " })
    }
}
