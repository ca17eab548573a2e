// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import VTRuntime
import VTSystem
import VTWorkflow

/// The values of one parameter of a sweep, as texts that `-p` would take.
struct SweepValues {
    var name: String
    var texts: [String]

    /// The largest number of combinations.
    static let most = 1_000_000

    /// Reads `name=values`: values between commas, a range such as `1..5` or `0..1 step 0.25`, or
    /// `@file` with one value a line.
    ///
    /// - Throws: ``Parameters/Mistake``.
    init(parsing assignment: String, for graph: Graph, _ lua: borrowing Lua) throws {
        guard let equals = assignment.firstIndex(of: "="), equals > assignment.startIndex else {
            throw Parameters.Mistake(message: "-p \(assignment): write -p name=values")
        }
        name = String(assignment[..<equals])
        texts = []
        do {
            try graph.requireParameters([name])
        } catch let error as WorkflowError {
            throw Parameters.Mistake(message: error.message)
        }
        guard let port = graph.parameters.first(where: { $0.name == name }) else { return }
        if port.isSecret {
            throw Parameters.Mistake(
                message:
                    "parameter `\(name)` is secret, and a sweep cannot vary it; give all combinations "
                    + "one value with --params FILE"
                    + (port.environmentVariable.map { " or the environment variable \($0)" } ?? ""))
        }
        let text = String(assignment[assignment.index(after: equals)...])
        if text.hasPrefix("@") {
            texts = try Self.lines(of: String(text.dropFirst()), name)
        } else {
            for part in Self.parts(of: text) {
                texts += try Self.range(part, port) ?? [Self.unquoted(part, port)]
            }
        }
        if texts.isEmpty {
            throw Parameters.Mistake(message: "-p \(assignment): there are no values")
        }
        for text in texts {
            do {
                try port.check(try port.value(parsing: text, lua), lua)
            } catch let error as WorkflowError {
                throw Parameters.Mistake(message: error.message)
            }
        }
    }

    private static func lines(of path: String, _ name: String) throws -> [String] {
        guard let text = File.text(path) else {
            throw Parameters.Mistake(message: "parameter `\(name)`: cannot read '\(path)'")
        }
        return text.split(whereSeparator: \.isNewline).map(String.init).filter {
            !$0.allSatisfy(\.isWhitespace)
        }
    }

    /// Splits at commas outside quotes and brackets.
    static func parts(of text: String) -> [String] {
        var parts: [String] = []
        var part = ""
        var depth = 0
        var quote: Character?
        var isEscaped = false
        for letter in text {
            if isEscaped {
                isEscaped = false
            } else if let open = quote {
                if letter == "\\" { isEscaped = true } else if letter == open { quote = nil }
            } else {
                switch letter {
                case "\"", "'": quote = letter
                case "[", "{", "(": depth += 1
                case "]", "}", ")": depth -= 1
                case "," where depth <= 0:
                    parts.append(part)
                    part = ""
                    continue
                default: break
                }
            }
            part.append(letter)
        }
        parts.append(part)
        return parts
    }

    /// The text of a string without the quotes around it.
    private static func unquoted(_ text: String, _ port: Port) -> String {
        switch port.type {
        case .string, .file, .directory, .any, .module: break
        default: return text.trimmingSpaces
        }
        let inner = text.trimmingSpaces
        guard inner.count >= 2, let first = inner.first, first == "\"" || first == "'",
            inner.last == first
        else { return text }
        return String(inner.dropFirst().dropLast())
    }

    /// The numbers of a range; nil for a text that is not a range, and for a parameter that takes no
    /// numbers.
    private static func range(_ text: String, _ port: Port) throws -> [String]? {
        let isInteger: Bool
        switch port.type {
        case .integer: isInteger = true
        case .number, .any: isInteger = false
        default: return nil
        }
        let text = text.trimmingSpaces
        guard let dots = text.firstRange(of: "..") else { return nil }
        let words = text[dots.upperBound...].split(separator: " ")
        guard let first = Double(text[..<dots.lowerBound].filter { $0 != " " }),
            let last = words.first.flatMap({ Double($0) }),
            words.count == 1 || words.count == 3 && words[1] == "step"
        else { return nil }
        let step = words.count == 3 ? Double(words[2]) : 1
        func fail(_ message: String) -> Parameters.Mistake {
            Parameters.Mistake(message: "parameter `\(port.name)`: \(text): \(message)")
        }
        guard let step, step != 0, step.isFinite, first.isFinite, last.isFinite else {
            throw fail("the step must be a number other than 0")
        }
        let count = ((last - first) / step + 1e-9).rounded(.down) + 1
        guard count >= 1 else {
            throw fail(
                "the range is empty"
                    + (words.count == 1 ? "; write \(text) step -1 to count down" : ""))
        }
        guard count <= Double(most) else { throw fail("it has more than \(most) values") }
        let areWhole = first == first.rounded() && step == step.rounded()
        if isInteger, !areWhole { throw fail("the numbers must be integers") }
        return (0..<Int(count)).map { index in
            let value = first + Double(index) * step
            if areWhole, abs(value) < 1e15 { return "\(Int(value))" }
            // 0.1 steps give 0.3, not 0.30000000000000004.
            let rounded = (value * 1e12).rounded() / 1e12
            return "\(rounded)"
        }
    }
}

extension String {
    fileprivate var trimmingSpaces: String {
        let start = drop { $0 == " " }
        guard let last = start.lastIndex(where: { $0 != " " }) else { return "" }
        return String(start[...last])
    }
}

/// One combination of the values of a sweep.
struct SweepCombination {
    /// The number, from 1.
    var number: Int
    /// The parameters with the texts of their values, in the order of the command line.
    var values: [(name: String, text: String)]

    /// The combination as it is shown, such as `radius=3 path=a.csv`. Long values are shortened.
    var label: String {
        values.map { name, text in
            let isShort = text.utf8.count <= Self.longest
            let shown = isShort ? text : String(text.prefix(Self.longest - 1)) + "…"
            return "\(name)=\(shown.escapedForTerminal)"
        }.joined(separator: " ")
    }

    /// The number of characters of a value that are shown.
    private static let longest = 80

    /// Returns all combinations, those of the last parameter fastest; with `zips`, the values are
    /// paired.
    ///
    /// - Throws: ``Parameters/Mistake`` for lists of unequal length.
    static func all(of parameters: [SweepValues], zips: Bool) throws -> [SweepCombination] {
        guard let first = parameters.first else { return [] }
        if zips {
            for other in parameters where other.texts.count != first.texts.count {
                throw Parameters.Mistake(
                    message:
                        "--zip pairs lists of equal length: `\(first.name)` has \(first.texts.count), "
                        + "`\(other.name)` has \(other.texts.count)")
            }
            return first.texts.indices.map { index in
                SweepCombination(
                    number: index + 1, values: parameters.map { ($0.name, $0.texts[index]) })
            }
        }
        var count = 1
        for parameter in parameters {
            let (product, overflows) = count.multipliedReportingOverflow(by: parameter.texts.count)
            guard !overflows, product <= SweepValues.most else {
                throw Parameters.Mistake(
                    message: "there are more than \(SweepValues.most) combinations")
            }
            count = product
        }
        return (0..<count).map { index in
            var rest = index
            var values: [(name: String, text: String)] = []
            for parameter in parameters.reversed() {
                values.append((parameter.name, parameter.texts[rest % parameter.texts.count]))
                rest /= parameter.texts.count
            }
            return SweepCombination(number: index + 1, values: values.reversed())
        }
    }
}
