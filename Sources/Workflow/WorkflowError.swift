// SPDX-License-Identifier: BSD-3-Clause

/// A line of a script.
public struct SourceLocation: Sendable, Equatable, CustomStringConvertible {
    public var file: String
    public var line: Int

    public init(file: String, line: Int) {
        self.file = file
        self.line = line
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

// MARK: - Suggestions

/// `; did you mean `image`?` or nothing.
public func suggestion(for name: String, among candidates: some Sequence<String>) -> String {
    closest(to: name, among: candidates).map { "; did you mean `\($0)`?" } ?? ""
}

/// The candidate that differs in the fewest letters, if it is few for a name that long.
public func closest(to name: String, among candidates: some Sequence<String>) -> String? {
    // One letter in place of another is no likeness.
    let bound = min(max(1, name.utf8.count / 3), name.utf8.count - 1)
    return
        candidates.map { (distance(Array(name.utf8), Array($0.utf8)), $0) }
        .filter { $0.0 <= bound }
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
