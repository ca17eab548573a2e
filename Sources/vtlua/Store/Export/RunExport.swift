// SPDX-License-Identifier: BSD-3-Clause

import VTParallel
import VTStore
import VTRuntime
import VTSystem
import VTWorkflow

/// The complete record of a run in the form that exports need.
struct RunExport {
    var run: StoredRun
    var nodes: [StoredNode]
    /// The parallel calls by the position of their node.
    var calls: [Int: [CallRecord]]
    /// Connections between recorded nodes.
    var connections: [RunDescription.Connection]
    /// The nodes and outputs that have a value.
    private let values: Set<[String]>
    /// The connections of each node's inputs.
    private let inputs: [String: [RunDescription.Connection]]
    /// For a cached node: the run that computed its result, if the result is still stored.
    var origins: [String: String] = [:]
    /// The numbers of elements by the position of their node.
    var elements: [Int: ElementCounts] = [:]

    init(
        run: StoredRun, nodes: [StoredNode], calls: [Int: [CallRecord]],
        origins: [String: String] = [:], elements: [Int: ElementCounts] = [:]
    ) {
        self.run = run
        self.nodes = nodes
        self.calls = calls
        let names = Set(nodes.map(\.node))
        values = Set(
            nodes.lazy.flatMap { node in
                node.outputs.lazy.filter { !$0.isNil }.map { [node.node, $0.name] }
            })
        inputs = Dictionary(grouping: run.connections, by: \.node)
        connections = run.connections.filter {
            names.contains($0.source) && names.contains($0.node)
        }
        self.origins = origins
        self.elements = elements
    }

    /// The end of the run as seconds since 1970, as far as it is known; nil while it is running.
    var ended: Double? { run.seconds.map { run.started + $0 } }

    /// The outputs of other nodes that a node used.
    func taken(by node: StoredNode) -> [RunDescription.Connection] {
        (inputs[node.node] ?? []).filter { values.contains([$0.source, $0.output]) }
    }

    /// The inputs of a node that are constants of the workflow's script.
    func constants(of node: StoredNode) -> [ValueRecord] {
        let connected = Set((inputs[node.node] ?? []).map(\.input))
        return node.inputs.filter { !connected.contains($0.name) }
    }
}

extension StoredNode {
    /// True if the node was computed, or a result of it was found.
    var wasExecuted: Bool { status != .skipped && status != .notNeeded }

    var ended: Double { started + seconds }

    /// True if its outputs are valid.
    var isDone: Bool { status.hasResult }
}

extension CallRecord {
    /// The end of the last task as seconds since 1970; nil if no end is recorded.
    var ended: Double? { tasks.lazy.compactMap(\.ended).max().map { began + $0.inSeconds } }

    /// A summary such as `100 tasks on 2 workers of threads: 98 done, 2 failed`.
    var summary: String {
        let counts = [
            (done, "done"), (failed, "failed"), (cancelled, "cancelled"),
            (unfinished, "unfinished"),
        ]
        let outcomes = counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        return "\(count) tasks on \(workers.count) workers of \(backend)"
            + (outcomes.isEmpty ? "" : ": " + outcomes.joined(separator: ", "))
    }
}

// MARK: - Formats

extension String {
    /// The text percent-encoded for a URI, except letters, digits and `-._~/`.
    var escapedForURI: String {
        let digits = Array("0123456789ABCDEF".unicodeScalars)
        var text = UnicodeScalarView()
        for byte in utf8 {
            let scalar = Unicode.Scalar(byte)
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "-", ".", "_", "~", "/": text.append(scalar)
            default:
                text.append("%")
                text.append(digits[Int(byte >> 4)])
                text.append(digits[Int(byte & 15)])
            }
        }
        return String(text)
    }

    /// An absolute path, without `.`, `..` and `//`.
    func path(from directory: String) -> String {
        var parts: [Substring] = []
        let whole = hasPrefix("/") ? self : directory + "/" + self
        for part in whole.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }
}

extension JSON {
    /// The JSON text on several lines, indented by two spaces for each level.
    func lines(_ indent: String = "") -> String {
        let deeper = indent + "  "
        switch self {
        case .array(let elements) where !elements.isEmpty:
            let lines = elements.map { deeper + $0.lines(deeper) }
            return "[\n" + lines.joined(separator: ",\n") + "\n\(indent)]"
        case .object(let fields) where !fields.isEmpty:
            let lines = fields.map { key, value in
                deeper + JSON.string(key).text + ": " + value.lines(deeper)
            }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
        default: return text
        }
    }
}
