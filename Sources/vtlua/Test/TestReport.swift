// SPDX-License-Identifier: BSD-3-Clause

import VTRuntime
import VTSystem

/// Prints the results of specs to standard output.
protocol TestReport: AnyObject {
    /// Adds the result of a file. Called in the order of the files.
    func add(_ result: SpecResult) throws
    func finish(_ results: [SpecResult], after seconds: Double) throws
}

/// Text: one line per file, the details of failures, and a summary.
final class TextReport: TestReport {
    private let hasMany: Bool
    private let out = ResultStream.standardOutput
    private let hasColour = Terminal.hasColour(on: STDOUT_FILENO)

    init(ofMany: Bool) { hasMany = ofMany }

    func add(_ result: SpecResult) throws {
        let mark = result.hasFailed ? coloured("FAIL", 31) : coloured("ok  ", 32)
        var text = "\(mark) \(result.path)  \(counts([result]))  \(result.seconds.brief)\n"
        for test in result.tests {
            switch test.status {
            case .passed: break
            case .pending: text += "  pending  \(test.name): \(test.message)\n"
            case .failed: text += failure(test)
            }
        }
        try out.write(text)
    }

    func finish(_ results: [SpecResult], after seconds: Double) throws {
        guard hasMany else { return }
        let hasFailed = results.contains(where: \.hasFailed)
        let files = results.count == 1 ? "1 file" : "\(results.count) files"
        try out.write(
            "\(coloured(counts(results), hasFailed ? 31 : 32)) in \(files)  \(seconds.brief)\n")
    }

    private func counts(_ results: [SpecResult]) -> String {
        let parts = [TestResult.Status.passed, .failed, .pending].compactMap { status in
            let count = results.reduce(0) { $0 + $1.count(status) }
            return count > 0 ? "\(count) \(status.rawValue)" : nil
        }
        return parts.isEmpty ? "no test" : parts.joined(separator: ", ")
    }

    private func failure(_ test: TestResult) -> String {
        var lines = ["  " + coloured(test.name, 31)]
        let place = test.file.map { file in file + (test.line.map { ":\($0)" } ?? "") + ": " } ?? ""
        let message = test.message.sourceLines
        if message.count == 1 {
            lines.append("    \(place)\(test.message)")
        } else {
            if !place.isEmpty { lines.append("    \(place.dropLast())") }
            lines += message.map { "      \($0)" }
        }
        if let file = test.file, let line = test.line {
            lines += ErrorLayout.excerpt(SourceLocation(file: file, line: line)).map { "  \($0)" }
        }
        if !test.callers.isEmpty { lines.append("    called  \(test.callers)") }
        if !test.printed.isEmpty {
            lines.append("    printed")
            var printed = test.printed.sourceLines
            if printed.last == "" { printed.removeLast() }
            lines += printed.map { "      | \($0)" }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func coloured(_ text: String, _ colour: Int) -> String {
        hasColour ? "\u{1b}[\(colour)m\(text)\u{1b}[0m" : text
    }
}

/// The Test Anything Protocol (TAP).
final class TAPReport: TestReport {
    private let out = ResultStream.standardOutput
    private var count = 0

    init() {}

    func add(_ result: SpecResult) throws {
        var text = count == 0 ? "TAP version 13\n" : ""
        for test in result.tests {
            count += 1
            let name = "\(result.path): \(test.name)".escapedForTerminal.escapedForTAP
            switch test.status {
            case .passed: text += "ok \(count) - \(name)\n"
            case .pending:
                text += "ok \(count) - \(name) # SKIP \(test.message.escapedForTerminal)\n"
            case .failed: text += "not ok \(count) - \(name)\n" + diagnostics(of: test)
            }
        }
        try out.write(text)
    }

    private func diagnostics(of test: TestResult) -> String {
        let place =
            test.file.map { file in file + (test.line.map { ":\($0)" } ?? "") + ":\n" } ?? ""
        let printed = test.printed.isEmpty ? "" : "\nprinted:\n\(test.printed)"
        return (place + test.message + printed).sourceLines.filter { !$0.isEmpty }
            .map { "# \($0)\n" }.joined()
    }

    func finish(_ results: [SpecResult], after seconds: Double) throws {
        try out.write("1..\(count)\n")
    }
}

/// One JSON object at the end.
final class JSONTestReport: TestReport {
    init() {}

    func add(_ result: SpecResult) {}

    func finish(_ results: [SpecResult], after seconds: Double) throws {
        func count(_ status: TestResult.Status) -> JSON {
            .integer(results.reduce(0) { $0 + $1.count(status) })
        }
        let failed = results.contains(where: \.hasFailed)
        try ResultStream.standardOutput.write(
            JSON.document([
                ("status", .string(failed ? "failed" : "passed")), ("passed", count(.passed)),
                ("failed", count(.failed)), ("pending", count(.pending)),
                ("seconds", .seconds(seconds)),
                (
                    "files",
                    .array(
                        results.map { result in
                            .object([
                                ("file", .string(result.path)),
                                ("seconds", .seconds(result.seconds)),
                                ("tests", .array(result.tests.map(object))),
                            ])
                        })
                ),
            ]))
    }

    private func object(_ test: TestResult) -> JSON {
        var fields: [(key: String, value: JSON)] = [
            ("name", .string(test.name)), ("status", .string(test.status.rawValue)),
            ("seconds", .seconds(test.seconds)), ("file", test.file.map(JSON.string) ?? .null),
            ("line", test.line.map(JSON.integer) ?? .null),
        ]
        if !test.message.isEmpty { fields.append(("message", .string(test.message))) }
        if !test.printed.isEmpty { fields.append(("printed", .string(test.printed))) }
        return .object(fields)
    }
}

extension String {
    /// With `#` escaped, which begins a directive in TAP.
    fileprivate var escapedForTAP: String {
        reduce(into: "") { $0 += $1 == "#" ? "\\#" : String($1) }
    }
}

extension Double {
    /// A duration in seconds, such as `0.03 s` or `12 s`.
    fileprivate var brief: String {
        if self >= 10 { return "\(Int(rounded())) s" }
        let hundredths = Int((self * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest) s"
    }
}
