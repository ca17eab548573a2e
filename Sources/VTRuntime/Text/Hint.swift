// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem
internal import VTWorkflow

/// Suggestions for misspelt names of `vt` and `self`, for which Lua only reports a nil value.
package enum Hint {
    private static let names = [
        "vt": [
            "breakpoint", "command", "compute", "each", "mkdir", "module", "sweep", "type",
            "version",
            "workflow",
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

    /// Returns a suggestion for the use of a library that was not required.
    package static func library(_ message: String) -> String? {
        guard let start = message.firstRange(of: "attempt to index a nil value (global '"),
            let name = message[start.upperBound...].split(separator: "'").first.map(String.init),
            StandardLibrary.modules.contains(name)
        else { return nil }
        return "; write local \(name) = require \"\(name)\""
    }

    /// Returns a suggestion for a port or a parameter as a bound of a loop, for which Lua only reports
    /// that a number is expected.
    static func loop(_ message: String, source: String?) -> String? {
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
    ///   - source: the line of code, which shows the table of the field.
    static func spelling(_ message: String, source: String?) -> String? {
        guard let source, message.hasPrefix("attempt to call a nil value ("),
            let name = message.split(separator: "'").dropFirst().first.map(String.init)
        else { return nil }
        for (owner, known) in names {
            for mark in [".", ":"] where source.firstRange(of: owner + mark + name) != nil {
                let near = suggestion(for: name, among: known)
                return near.isEmpty ? nil : near
            }
        }
        return nil
    }
}
