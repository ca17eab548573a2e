// SPDX-License-Identifier: BSD-3-Clause

/// Suggestions for inputs of the modules `control.choose`, `control.loop` and so on, which other programs
/// and languages have under other names.
enum ControlHints {
    private static let inputs: [String: [String: [String]]] = [
        "control.choose": [
            "condition": ["cond", "if", "predicate", "test", "when"],
            "yes": ["on_true", "then", "true"],
            "no": ["else", "false", "on_false"],
            "value": ["key", "switch"],
            "cases": ["branches", "case"],
            "otherwise": ["default", "fallback"],
        ],
        "control.default": [
            "default": ["alternative", "else", "fallback", "or", "otherwise"],
            "value": ["input", "x"],
            "failed": ["catch", "error", "on_error"],
        ],
        "control.filter": [
            "keep": ["cond", "condition", "f", "func", "module", "predicate", "step", "test", "where"],
            "list": ["elements", "items", "values"],
        ],
        "control.fold": [
            "initial": ["acc", "init", "start", "state", "value"],
            "list": ["elements", "items", "values"],
            "step": ["body", "f", "func", "module", "reducer"],
        ],
        "control.loop": [
            "limit": ["count", "iterations", "max", "max_iterations", "max_turns", "n", "times"],
            "state": ["init", "initial", "start", "value"],
            "step": ["body", "f", "func", "module"],
        ],
        "control.order": ["first": ["before"], "second": ["after", "last", "then"]],
    ]

    /// Returns the suggestion for a name that is no input of a module; nil if there is none.
    static func input(_ name: String, of module: String) -> String? {
        if module == "control.loop", ["condition", "done", "stop", "until", "while"].contains(name) {
            return "; `step` ends the loop with its output `done`"
        }
        return inputs[module]?.first { $0.value.contains(name) }.map { "; did you mean `\($0.key)`?" }
    }

    /// Returns the suggestion for a name that is no input of a module and resembles none.
    static func other(_ name: String, of module: String) -> String? {
        guard module == "control.loop" || module == "control.fold" else { return nil }
        return "; a further input of `step` is written inputs = { \(name) = ... }"
    }
}
