// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem

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
        if let element = ElementName(name), known.contains(element.node) {
            let count = element.place.count
            return "there is no `\(name)`: `\(element.node)` has no elements with "
                + "\(count == 1 ? "one index" : "\(count) indices"); write `\(element.node)` for the node"
        }
        return "there is no node `\(name)`" + hint(for: name, among: known)
    }
}
