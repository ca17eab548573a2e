// SPDX-License-Identifier: BSD-3-Clause

/// A line of a script.
public struct SourceLocation: Sendable, Equatable, CustomStringConvertible {
    /// The path of the script.
    public var file: String
    /// The line number, from 1.
    public var line: Int

    /// Creates a location from its fields.
    public init(file: String, line: Int) {
        self.file = file
        self.line = line
    }

    /// Creates a location from a chunk name of Lua: `@` and a path.
    package init(chunk: String, line: Int) {
        let file = chunk.hasPrefix("@") || chunk.hasPrefix("=") ? String(chunk.dropFirst()) : "?"
        self.init(file: file, line: line)
    }

    /// The path and the line number, such as `flow.lua:8`.
    public var description: String { "\(file):\(line)" }
}

/// An error in the description of a module or a workflow.
public struct WorkflowError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The error message, without the location.
    public var message: String
    /// The line of the script that is wrong.
    public var location: SourceLocation?

    /// Creates an error from its fields.
    public init(_ message: String, at location: SourceLocation? = nil) {
        self.message = message
        self.location = location
    }

    /// The location and the message.
    public var description: String {
        location.map { "\($0): \(message)" } ?? message
    }
}

/// The errors that the check of a workflow found before anything ran.
public struct InvalidWorkflow: Error, Sendable, Equatable, CustomStringConvertible {
    /// The errors, at least one.
    public var problems: [WorkflowError]

    /// Creates an error from its fields.
    public init(problems: [WorkflowError]) { self.problems = problems }

    /// The errors, one a line.
    public var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}

/// A target that names no node of the workflow.
public struct UnknownNode: Error, Sendable, CustomStringConvertible {
    /// The name that was given.
    public var name: String
    /// The names of the nodes.
    public var known: [String]

    /// Creates an error from its fields.
    public init(name: String, known: [String]) {
        self.name = name
        self.known = known
    }

    /// The message, with a suggestion.
    public var description: String {
        "there is no node `\(name)`" + hint(for: name, among: known)
    }
}

// MARK: - Suggestions

/// `; did you mean `image`?`, or else what there is: `; there are image, mask`.
public func hint(for name: String, among candidates: [String]) -> String {
    let near = suggestion(for: name, among: candidates)
    if !near.isEmpty { return near }
    if candidates.isEmpty { return "; there are none" }
    let more = candidates.count > 12 ? ", ..." : ""
    let verb = candidates.count == 1 ? "there is" : "there are"
    return "; \(verb) " + candidates.prefix(12).joined(separator: ", ") + more
}

/// `; did you mean `image`?` or nothing.
public func suggestion(for name: String, among candidates: some Sequence<String>) -> String {
    closest(to: name, among: candidates).map { "; did you mean `\($0)`?" } ?? ""
}

/// The candidate that differs in the fewest letters, if it is few for a name that long. Small and
/// capital letters count as the same.
public func closest(to name: String, among candidates: some Sequence<String>) -> String? {
    let bound = max(1, name.utf8.count / 3)
    let letters = Array(name.lowercased().utf8)
    return
        candidates.map { (distance(letters, Array($0.lowercased().utf8)), $0) }
        // Names of one letter have nothing in common.
        .filter { $0.0 <= bound && $0.0 < letters.count }
        .min { $0 < $1 }?.1
}

/// Letters to insert, drop, replace or swap with a neighbour.
private func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
    var rows = [Array(0...b.count)]
    for i in 1...a.count {
        var row = [i]
        for j in 1...b.count {
            let cost = a[i - 1] == b[j - 1] ? 0 : 1
            var best = min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + cost)
            if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                best = min(best, rows[i - 2][j - 2] + 1)
            }
            row.append(best)
        }
        rows.append(row)
    }
    return rows[a.count][b.count]
}
