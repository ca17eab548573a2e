// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTRuntime

/// The text that `name?` shows for built-in functions.
///
/// For `vt`, `parallel` and the library it comes from `definitions/`, which language servers read
/// too. Functions of Lua's own libraries have one line each.
enum Manual {
    /// Returns the text for a name such as `string.format`, `vt.module` or `View:map`; nil if there
    /// is none.
    static func text(of name: String) -> String? {
        if let own = ownText(of: name) { return own }
        guard let entry = ofLua[name] else { return nil }
        return "\(entry.signature)\n  \(entry.sentence)"
    }

    /// Returns the name under which the methods of a class are documented.
    static func title(ofClass name: String) -> String? {
        switch name {
        case "parallel.view": "View"
        case "parallel.result": "Result"
        case "parallel.client": "Client"
        case "parallel.channel": "Channel"
        case "workflow": "Workflow"
        case "vt.module": "Module"
        default: nil
        }
    }

    /// Returns the name of the function at `index` if it is one of Lua's libraries.
    static func name(at index: Int, _ lua: borrowing Lua) -> String? {
        let index = lua.absolute(index)
        let top = lua.top
        defer { try? lua.setTop(top) }
        for name in ofLua.keys {
            guard (try? lua.pushGlobals()) != nil else { return nil }
            for part in name.split(separator: ".") where lua.type(at: -1) == .table {
                try? lua.pushRawField(String(part), of: -1)
            }
            if lua.rawEqual(-1, index) { return name }
            try? lua.setTop(top)
        }
        return nil
    }

    private static func ownText(of name: String) -> String? {
        let lines = Definitions.lines
        guard let found = lines.firstIndex(where: { $0.hasPrefix("function \(name)(") }) else {
            return nil
        }
        var text: [String] = []
        var index = found - 1
        while index >= 0, lines[index].hasPrefix("---") {
            text.insert("  " + lines[index].dropFirst(3), at: 0)
            index -= 1
        }
        let signature = lines[found].dropFirst("function ".count)
        return ([String(signature.hasSuffix(" end") ? signature.dropLast(4) : signature)] + text)
            .joined(separator: "\n")
    }

    private static let ofLua: [String: (signature: String, sentence: String)] = {
        var entries: [String: (signature: String, sentence: String)] = [:]
        for line in manualOfLua.split(separator: "\n") {
            let parts = line.split(separator: "|", maxSplits: 1)
            guard parts.count == 2 else { continue }
            let name = parts[0].prefix { $0 != "(" && $0 != " " }
            entries[String(name)] = (String(parts[0]), String(parts[1]))
        }
        return entries
    }()
}
