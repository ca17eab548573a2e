// SPDX-License-Identifier: BSD-3-Clause

/// A line of a script.
public struct SourceLocation: Sendable, Equatable, CustomStringConvertible {
    public var file: String
    public var line: Int

    public init(file: String, line: Int) {
        self.file = file
        self.line = line
    }

    /// - Parameter chunk: Lua's name of a script: the file's behind an @.
    package init(chunk: String, line: Int) {
        let file = chunk.hasPrefix("@") || chunk.hasPrefix("=") ? String(chunk.dropFirst()) : "?"
        self.init(file: file, line: line)
    }

    /// `flow.lua:8`
    public var description: String { "\(file):\(line)" }
}

/// Something wrong with a module's or a workflow's description, told to the person who wrote it.
public struct WorkflowError: Error, Sendable, Equatable, CustomStringConvertible {
    public var message: String
    public var location: SourceLocation?

    public init(_ message: String, at location: SourceLocation? = nil) {
        self.message = message
        self.location = location
    }

    public var description: String {
        location.map { "\($0): \(message)" } ?? message
    }
}

/// All that is wrong with a workflow: it was checked, and nothing ran.
public struct InvalidWorkflow: Error, Sendable, Equatable, CustomStringConvertible {
    public var problems: [WorkflowError]

    public init(problems: [WorkflowError]) { self.problems = problems }

    public var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}

/// A target that is no node of the workflow.
public struct UnknownNode: Error, Sendable, CustomStringConvertible {
    public var name: String
    /// The nodes there are.
    public var known: [String]

    public init(name: String, known: [String]) {
        self.name = name
        self.known = known
    }

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
