// SPDX-License-Identifier: BSD-3-Clause

import VTParallel
import VTSystem

/// A module that computes, as live lines show it.
struct RunningModule {
    var node: String
    var began = Clock.now
    /// The progress that the module has reported, from 0 to 1.
    var fraction = 0.0
    var note: String?
    var call: CallProgress?

    init(node: String) { self.node = node }

    /// The part that is done, from 0 to 1.
    var part: Double {
        if fraction > 0 { return fraction }
        guard let call, let total = call.total, total > 0 else { return 0 }
        return Double(call.done) / Double(total)
    }

    /// The name, the time, and the progress of tasks or elements.
    var line: String {
        var line = node.inOneLine
        let seconds = (Clock.now - began) / Clock.second
        if let elements {
            line += " \(elements)"
            if seconds >= 1 { line += "  \(Format.wholeSeconds(seconds))" }
            if let remaining { line += ", about \(Format.wholeSeconds(remaining)) left" }
            return line
        }
        if seconds >= 1 { line += "  \(Format.wholeSeconds(seconds))" }
        if let call {
            line += "  " + (call.label.map { "\($0.inOneLine): " } ?? "")
            line += "\(call.done)\(call.total.map { " of \($0)" } ?? "") tasks \(call.place)"
        }
        if fraction > 0 { line += "  \(Int(fraction * 100))%" }
        // With `progress = self` the note repeats the count.
        let total = call?.total ?? -1
        if let note, !note.hasSuffix(" of \(total)") {
            line += "  \(note.inOneLine)"
        }
        return line
    }

    /// The line for a module among several.
    var shortLine: String {
        let seconds = (Clock.now - began) / Clock.second
        var line = node.inOneLine
        if let elements { return "\(line) \(elements)" }
        if seconds >= 1 { line += " \(Format.wholeSeconds(seconds))" }
        if fraction > 0 { line += " \(Int(fraction * 100))%" }
        return line
    }

    /// The number of elements that are done, such as `4,512/100,000 on 2 threads`, or of turns, such as
    /// `12 turns`; nil for a module that computes once.
    private var elements: String? {
        guard let call, call.call == 0 else { return nil }
        guard let total = call.total else { return Format.count(call.done, "turn") }
        let numbers = "\(Format.count(call.done))/\(Format.count(total))"
        return call.backend == .serial ? numbers : "\(numbers) \(call.place)"
    }

    /// The remaining time in seconds; nil for less than a second, or where it is not known.
    private var remaining: Int64? {
        let elapsed = Clock.seconds(since: began)
        guard part > 0.02, part < 1, elapsed >= 1 else { return nil }
        let left = elapsed * (1 - part) / part
        return left >= 1 ? Int64(left.rounded()) : nil
    }
}

extension CallProgress {
    fileprivate var place: String {
        let one = workers == 1
        return switch backend {
        case .serial: "in place"
        case .threads: "on \(workers) thread\(one ? "" : "s")"
        case .processes: "on \(workers) process\(one ? "" : "es")"
        case .cluster: "on \(workers) engine\(one ? "" : "s")"
        }
    }
}

extension String {
    /// The text with spaces in place of the characters that a terminal may obey.
    var inOneLine: String {
        var text = UnicodeScalarView()
        for scalar in unicodeScalars {
            text.append(scalar.isUnsafeForTerminals ? " " : scalar)
        }
        return String(text)
    }
}
