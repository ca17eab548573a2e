// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTParallel
internal import VTSystem
package import VTWorkflow

/// Formats errors for a terminal: the message, the location, the inputs; at most twelve lines,
/// without frames of the runtime.
package enum ErrorLayout {
    /// The width of the text in columns.
    package static let width = 78

    /// Formats the failure of a module.
    ///
    /// - Parameter next: one line that says what to do about it.
    package static func text(_ failure: ModuleFailure, next: String? = nil) -> String {
        var lines = [
            header(
                "error: `\(failure.node)` (\(failure.module) \(failure.version)) "
                    + "failed in \(failure.stage)",
                "run \(failure.run), \(failure.done) of \(failure.total) done")
        ]
        lines += message(failure.message, at: failure.location)
        var rest: [String] = []
        if let inside = failure.inside { rest.append("  inside  \(inside)") }
        rest += inputs(failure.inputs)
        if let task = failure.task { rest.append("  in      \(task.element)") }
        if failure.attempts > 1 { rest.append("  tried   \(failure.attempts) times") }
        if let placed = failure.placed { rest.append("  placed  \(placed)") }
        if let next { rest.append("  \(next)") }
        lines += callers(failure.callers).prefix(max(0, mostLines - lines.count - rest.count))
        return (lines + rest).joined(separator: "\n") + "\n"
    }

    private static let mostLines = 12

    /// Formats the error of a script that does not return a workflow.
    package static func text(_ invalid: InvalidFlow) -> String {
        if invalid.location == nil { return "error: \(invalid.message)\n" }
        let lines =
            [header("error: the workflow is invalid", "nothing ran")]
            + message(invalid.message, at: invalid.location)
            + callers(invalid.callers)
        return lines.joined(separator: "\n") + "\n"
    }

    /// Formats the problems that the check of a workflow found.
    package static func text(_ invalid: InvalidWorkflow) -> String {
        var lines = [header("error: the workflow is invalid", "nothing ran")]
        if invalid.problems.count == 1, let problem = invalid.problems.first {
            lines += message(problem.message, at: problem.location)
        } else {
            lines += invalid.problems.prefix(10).map { "  \($0)" }
            let more = invalid.problems.count - 10
            if more > 0 { lines.append("  and \(more) more; vtlua check --json shows all") }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: Parts

    private static func header(_ left: String, _ right: String) -> String {
        let gap = max(2, width - left.count - right.count)
        return left + String(repeating: " ", count: gap) + right
    }

    private static func message(_ message: String, at location: SourceLocation?) -> [String] {
        let all = message.sourceLines
        var lines = all.prefix(3).map { "  \(shortened($0))" }
        if all.count > 3 {
            lines.append("  ... (\(all.count - 3) more \(all.count == 4 ? "line" : "lines"))")
        }
        guard let location else { return lines }
        let source = line(at: location)
        let hint = Hint.text(message, source: source)
        lines[0] = "  \(location): \(shortened(all.first ?? ""))\(hint)"
        return lines + excerpt(location)
    }

    private static func shortened(_ line: Substring) -> String {
        line.count > longest ? "\(line.prefix(longest))... (\(line.count) letters)" : String(line)
    }

    /// The largest number of characters in a line of a message.
    private static let longest = 240

    /// Returns the line and the one before it.
    package static func excerpt(_ location: SourceLocation) -> [String] {
        guard let lines = sourceLines(of: location.file, around: location.line) else { return [] }
        let numberWidth = max(2, "\(location.line)".count)
        return lines.map { number, text in
            let digits = "\(number)"
            let pad = String(repeating: " ", count: numberWidth - digits.count)
            let mark = number == location.line ? ">" : " "
            let shown = text.count > width - 12 ? text.prefix(width - 15) + "..." : text[...]
            return "   \(mark) \(pad)\(digits) |" + (shown.isEmpty ? "" : " \(shown)")
        }
    }

    private static func line(at location: SourceLocation) -> String? {
        sourceLines(of: location.file, around: location.line)?.last?.text
    }

    private static func sourceLines(
        of file: String, around line: Int
    ) -> [(number: Int, text: String)]? {
        guard line > 0, let text = source(of: file) else { return nil }
        let all = text.sourceLines
        guard line <= all.count else { return nil }
        return (max(1, line - 1)...line).map { number in
            (number, all[number - 1].replacingTabs())
        }
    }

    private static func source(of file: String) -> String? {
        if file.hasPrefix("stdlib/"), file.hasSuffix(".lua") {
            let module = file.dropFirst(7).dropLast(4).split(separator: "/").joined(separator: ".")
            return StandardLibrary.code(of: module).map { String(decoding: $0, as: UTF8.self) }
        }
        return File.text(file)
    }

    /// Returns the user's functions that led to the error, at most three.
    private static func callers(_ frames: [LuaFrame]) -> [String] {
        var lines: [String] = []
        for frame in frames where lines.count < 3 {
            let place = "\(frame.file ?? frame.shortSource):\(frame.line ?? 0)"
            let line = "  called  \(place)" + (frame.name.map { " in '\($0)'" } ?? "")
            // A recursive function is shown once.
            if line != lines.last { lines.append(line) }
        }
        return lines
    }

    private static func inputs(_ inputs: [ModuleFailure.Input]) -> [String] {
        if inputs.isEmpty { return [] }
        var line = "  inputs"
        for (position, input) in inputs.enumerated() {
            let origin = input.origin.map { " (from \($0))" } ?? ""
            let part = "\(input.name) = \(input.value)\(origin)"
            if position > 0, line.count + part.count > 110 {
                return [line + "   ..."]
            }
            line += (position == 0 ? "  " : "   ") + part
        }
        return [line]
    }
}

extension Substring {
    fileprivate func replacingTabs() -> String {
        reduce(into: "") { $0 += $1 == "\t" ? "  " : String($1) }
    }
}
