// SPDX-License-Identifier: BSD-3-Clause

internal import VTRuntime
package import VTSystem
internal import VTWorkflow

extension ModuleDoc {
    /// The documentation as text for a terminal.
    package var text: String {
        var lines = [title + (doc.first.map { ": \($0)" } ?? "")]
        lines += doc.dropFirst()
        if let place { lines.append(place.line > 1 ? "\(place)" : place.file) }
        if !inputs.isEmpty { lines += ["", kind == .workflow ? "parameters" : "inputs"] }
        lines += Self.table(inputs)
        if !outputs.isEmpty { lines += ["", "outputs"] + Self.table(outputs) }
        let facts = self.facts
        if !facts.isEmpty { lines.append("") }
        lines += facts.map { "\($0.padded(8)) \($1)" }
        let (own, others) = fieldsByOwner
        lines += Self.table(own)
        for function in functions {
            lines += ["", function.signature]
            lines += function.doc.map { $0.isEmpty ? "" : "    \($0)" }
            let width = function.parameters.map(\.name.count).max() ?? 0
            lines += function.parameters.map {
                Self.line($0, "    ", width: width)
            }
            lines += function.results.map { "    -> \($0)" }
        }
        lines += Self.table(others)
        return lines.joined(separator: "\n") + "\n"
    }

    var title: String { version.map { "\(name) \($0)" } ?? name }

    /// The requirements and the execution options, as labels and values.
    var facts: [(String, String)] {
        var facts: [(String, String)] = []
        if !requires.isEmpty { facts.append(("requires", requires.joined(separator: ", "))) }
        switch caching {
        case .never: facts.append(("results", "are not reused"))
        case .byInputs: facts.append(("results", "are reused if its `cache` returns true"))
        case .always, nil: break
        }
        if let timeout {
            let number = timeout == timeout.rounded() ? "\(Int(timeout))" : "\(timeout)"
            facts.append(("timeout", number + " s"))
        }
        if let retries { facts.append(("retries", "\(retries)")) }
        return facts
    }

    private static func table(_ ports: [PortDoc]) -> [String] {
        let names = ports.map(\.name.count).max() ?? 0
        let types = min(40, ports.map(\.constraint.count).max() ?? 0)
        return ports.map { port in
            "  \(port.name.padded(names))  \(port.constraint.padded(types))  \(port.doc)".trimmed
        }
    }

    /// The fields of the library itself, and those of its classes.
    private var fieldsByOwner: (own: [LuaComments.Field], others: [LuaComments.Field]) {
        func isOwn(_ field: LuaComments.Field) -> Bool {
            field.name.hasPrefix(name + ".") && !field.name.dropFirst(name.count + 1).contains(".")
        }
        return (fields.filter(isOwn), fields.filter { !isOwn($0) })
    }

    private static func table(_ fields: [LuaComments.Field]) -> [String] {
        if fields.isEmpty { return [] }
        let width = min(30, fields.map(\.name.count).max() ?? 0)
        return [""] + fields.map { line($0, "", width: width) }
    }

    private static func line(
        _ field: LuaComments.Field, _ indent: String, width: Int = 0
    ) -> String {
        let type = field.type.isEmpty ? "" : "  \(field.type)"
        return "\(indent)\(field.name.padded(width))\(type)  \(field.doc)".trimmed
    }
}

// MARK: - Markdown

extension ModuleDoc {
    /// The documentation as a Markdown page.
    package var markdown: String {
        var out = "# `\(name)`" + (version.map { " \($0)" } ?? "") + "\n"
        if !doc.isEmpty { out += "\n" + doc.joined(separator: "\n").trimmedLines + "\n" }
        if let place { out += "\n`\(place.line > 1 ? "\(place)" : place.file)`\n" }
        out += Self.table(inputs, kind == .workflow ? "parameter" : "input")
        out += Self.table(outputs, "output")
        for (word, value) in facts { out += "\n- \(word) \(value)" }
        if !facts.isEmpty { out += "\n" }
        for function in functions { out += Self.section(function) }
        if !fields.isEmpty {
            out += "\n| field | type | |\n|---|---|---|\n"
            for field in fieldsByOwner.own + fieldsByOwner.others {
                out += "| `\(field.name)` | \(field.type.code.cell) | \(field.doc.cell) |\n"
            }
        }
        return out
    }

    private static func table(_ ports: [PortDoc], _ what: String) -> String {
        if ports.isEmpty { return "" }
        var out = "\n| \(what) | type | |\n|---|---|---|\n"
        for port in ports {
            out +=
                "| `\(port.name)` | `\(port.type)`\(port.constraint.dropFirst(port.type.count).cell) | \(port.doc.cell) |\n"
        }
        return out
    }

    private static func section(_ function: LuaComments.Function) -> String {
        var out = "\n## `\(function.signature)`\n"
        if !function.doc.isEmpty {
            out += "\n" + function.doc.joined(separator: "\n").trimmedLines + "\n"
        }
        if !function.parameters.isEmpty || !function.results.isEmpty { out += "\n" }
        for field in function.parameters {
            out +=
                "- `\(field.name)`: \(field.type.code)\(field.doc.isEmpty ? "" : ", \(field.doc)")\n"
        }
        for result in function.results { out += "- returns \(result)\n" }
        return out
    }
}

// MARK: - JSON

extension ModuleDoc {
    /// The documentation as the object of `vtlua doc --json`.
    package var json: JSON {
        var fields: [(key: String, value: JSON)] = [
            ("kind", .string(kind.rawValue)), ("name", .string(name)),
            ("version", version.map(JSON.string) ?? .null),
            ("doc", .string(doc.joined(separator: "\n"))),
            ("file", place.map { .string($0.file) } ?? .null),
            ("line", place.map { .integer($0.line) } ?? .null),
        ]
        if kind == .library {
            fields.append(("fields", .array(self.fields.map(Self.object))))
            fields.append(("functions", .array(functions.map(Self.object))))
        } else {
            fields.append(("inputs", .array(inputs.map(Self.object))))
            fields.append(("outputs", .array(outputs.map(Self.object))))
            fields.append(("requires", .array(requires.map(JSON.string))))
            fields.append(("cache", caching.map { .string($0.rawValue) } ?? .null))
            fields.append(("timeout", timeout.map(JSON.number) ?? .null))
            fields.append(("retries", retries.map(JSON.integer) ?? .null))
        }
        return .document(fields)
    }

    private static func object(_ port: PortDoc) -> JSON {
        var fields: [(key: String, value: JSON)] = [
            ("name", .string(port.name)), ("type", .string(port.type)),
            ("doc", .string(port.doc)), ("optional", .boolean(port.isOptional)),
        ]
        if let value = port.defaultValue { fields.append(("default", JSON(value))) }
        if let bound = port.minimum { fields.append(("min", .number(bound.value))) }
        if let bound = port.maximum { fields.append(("max", .number(bound.value))) }
        if !port.choices.isEmpty {
            fields.append(("choices", .array(port.choices.map { JSON($0) })))
        }
        if port.isSecret { fields.append(("secret", .boolean(true))) }
        if let name = port.environmentVariable { fields.append(("env", .string(name))) }
        return .object(fields)
    }

    private static func object(_ field: LuaComments.Field) -> JSON {
        .object([
            ("name", .string(field.name)), ("type", .string(field.type)),
            ("doc", .string(field.doc)),
        ])
    }

    private static func object(_ function: LuaComments.Function) -> JSON {
        .object([
            ("name", .string(function.name)), ("signature", .string(function.signature)),
            ("doc", .string(function.doc.joined(separator: "\n"))),
            ("parameters", .array(function.parameters.map(object))),
            ("results", .array(function.results.map(JSON.string))),
        ])
    }
}

extension String {
    fileprivate func padded(_ width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }

    fileprivate var trimmed: String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }

    /// The text without blank lines at either end.
    fileprivate var trimmedLines: String {
        var text = self[...]
        while text.last == "\n" || text.last == " " { text.removeLast() }
        return String(text)
    }

    /// The text as Markdown code, unless it is empty.
    fileprivate var code: String { isEmpty ? "" : "`\(self)`" }
}

extension StringProtocol {
    /// The text as a cell of a Markdown table, whose cells are separated by `|`.
    fileprivate var cell: String { reduce(into: "") { $0 += $1 == "|" ? "\\|" : String($1) } }
}
