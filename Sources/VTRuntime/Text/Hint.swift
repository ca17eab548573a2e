// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem
internal import VTWorkflow

/// Suggestions for misspelt names of `vt`, `self` and the library, and for functions of other languages, for
/// which Lua only reports a nil value.
package enum Hint {
    private static let names = [
        "vt": [
            "breakpoint", "class", "command", "compute", "cross", "each", "mkdir", "module", "now",
            "sweep", "type", "version", "workflow", "zip",
        ],
        "parallel": [
            "channel", "cores", "direct_view", "get_client", "load_balanced_view", "map",
            "processes", "select", "serial", "shared", "threads", "wait_all", "wait_any",
        ],
        "self": [
            "annotate", "fail", "get_input", "has_input", "log", "progress", "scratch", "suspend",
            "set_output",
        ],
    ]

    /// The modules that do what other programs and languages have under other names.
    private static let modules = [
        "control.choose": [
            "branch", "case", "choose", "cond", "if", "ifelse", "select", "switch", "when",
        ],
        "control.default": ["default"],
        "control.filter": ["filter"],
        "control.fold": ["accumulate", "aggregate", "fold", "reduce", "scan"],
        "control.loop": ["dowhile", "for", "iterate", "loop", "repeat", "until", "while"],
        "control.order": ["after", "before", "depends", "order", "sequence"],
    ]

    /// Functions of Python and other languages, and of older versions of Lua, with what takes their place.
    private static let foreignFunctions = [
        "abs": "math.abs(x)", "append": "table.insert(list, x)", "ceil": "math.ceil(x)",
        "cos": "math.cos(x)", "dict": "a table, { name = value }",
        "enumerate": "for i, x in ipairs(list) do", "exit": "os.exit()", "exp": "math.exp(x)",
        "float": "tonumber(x)", "floor": "math.floor(x)", "format": "string.format(form, ...)",
        "input": "io.read()", "int": "math.floor(tonumber(x))", "isinstance": "type(x)",
        "join": "table.concat(list, separator)", "len": "#list", "list": "a table, { a, b }",
        "loadstring": "load(text)", "log": "math.log(x)", "max": "math.max(a, b)",
        "min": "math.min(a, b)", "open": "io.open(path)",
        "printf": "print(string.format(form, ...))",
        "range": "for i = 1, n do", "round": "math.floor(x + 0.5)",
        "sin": "math.sin(x)", "sorted": "table.sort(list), which sorts the list itself",
        "sqrt": "math.sqrt(x)",
        "str": "tostring(x)", "sum": "require(\"stats\").sum(list)", "unpack": "table.unpack(list)",
    ]

    /// Returns a suggestion for a module that other programs have under this name.
    package static func module(_ name: String) -> String? {
        var name = name.lowercased()
        if let dot = name.lastIndex(of: ".") {
            guard ["control", "flow", "vt"].contains(name[..<dot]) else { return nil }
            name = String(name[name.index(after: dot)...])
        }
        if ["foreach", "map"].contains(name) {
            return
                "; to compute a module for each element of a list, write vt.each(list) as its input"
        }
        return modules.first { $0.value.contains(name) }.map { "; did you mean `\($0.key)`?" }
    }

    /// Returns a suggestion for an error of Lua; an empty text where there is none.
    ///
    /// - Parameter source: the line of code, or all code that the error may come from.
    package static func text(_ message: String, source: String?) -> String {
        spelling(message, source: source) ?? loop(message, source: source) ?? library(message)
            ?? foreign(message) ?? comma(message) ?? ""
    }

    /// Returns a suggestion for a call that a missing comma makes: `flow:add("a", scale { x = 1 })`.
    private static func comma(_ message: String) -> String? {
        ["vt.module", "workflow", "node"].contains {
            message.firstRange(of: "attempt to call a \($0) value") != nil
        } ? "; it is not a function: in a list of arguments, write a comma after it" : nil
    }

    /// Returns a suggestion for a function of another language.
    private static func foreign(_ message: String) -> String? {
        guard message.firstRange(of: "attempt to call a nil value (global '") != nil,
            // A task has its own explanation.
            message.firstRange(of: "is a global of the caller") == nil,
            let name = message.split(separator: "'").dropFirst().first.map(String.init)
        else { return nil }
        return foreignFunctions[name].map { "; in Lua, write \($0)" }
    }

    /// Returns a suggestion for the use of a library that was not required.
    private static func library(_ message: String) -> String? {
        guard let start = message.firstRange(of: "attempt to index a nil value (global '"),
            let name = message[start.upperBound...].split(separator: "'").first.map(String.init),
            StandardLibrary.modules.contains(name)
        else { return nil }
        return "; write local \(name) = require \"\(name)\""
    }

    /// Returns a suggestion for a port or a parameter as a bound of a loop, for which Lua only reports
    /// that a number is expected.
    private static func loop(_ message: String, source: String?) -> String? {
        guard message.hasPrefix("bad 'for' ") else { return nil }
        if message.hasSuffix("got port)") {
            return "; a port has no value before the workflow runs"
        }
        guard message.hasSuffix("got parameter)"), let source,
            let start = source.firstRange(of: "params.")
        else { return nil }
        let name = source[start.upperBound...].prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        return "; write build = function(flow, p) ... end in vt.workflow, and in it p.\(name)"
    }

    /// Returns a suggestion for a misspelt field.
    ///
    /// - Parameters:
    ///   - message: the message, such as `attempt to call a nil value (field 'workfow')`.
    ///   - source: the code, which shows the table of the field.
    private static func spelling(_ message: String, source: String?) -> String? {
        guard let source,
            let start = message.firstRange(of: "attempt to call a nil value ("),
            let name = message[start.upperBound...].split(separator: "'").dropFirst().first
                .map(String.init)
        else { return nil }
        for (owner, known) in names where names(name, of: owner, source) {
            return nearest(name, known)
        }
        for owner in StandardLibrary.modules where names(name, of: owner, source) {
            return nearest(name, StandardLibrary.functions(of: owner))
        }
        return nil
    }

    private static func names(_ name: String, of owner: String, _ source: String) -> Bool {
        [".", ":"].contains { sign in
            guard let found = source.firstRange(of: owner + sign + name) else { return false }
            // `mystats.means` is not a name of `stats`.
            guard let before = source[..<found.lowerBound].last else { return true }
            return !(before.isLetter || before.isNumber || "_.:".contains(before))
        }
    }

    private static func nearest(_ name: String, _ known: [String]) -> String? {
        let near = suggestion(for: name, among: known)
        return near.isEmpty ? nil : near
    }
}
