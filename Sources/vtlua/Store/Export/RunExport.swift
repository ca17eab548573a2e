// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import VTParallel
import VTStore
import VTRuntime

/// All that is on record of a run, as the exports want it.
struct RunExport {
    var run: StoredRun
    var nodes: [StoredNode]
    /// By a node's position.
    var calls: [Int: [CallRecord]]
    /// Connections between nodes that are on record.
    var connections: [RunDescription.Connection]
    /// Nodes and outputs that have a value.
    private let values: Set<[String]>
    /// Of all connections, those of a node's inputs.
    private let inputs: [String: [RunDescription.Connection]]
    /// For a cached node: the run that computed what it gave, where the result is still kept.
    var origins: [String: String] = [:]

    init(
        run: StoredRun, nodes: [StoredNode], calls: [Int: [CallRecord]],
        origins: [String: String] = [:]
    ) {
        self.run = run
        self.nodes = nodes
        self.calls = calls
        let names = Set(nodes.map(\.node))
        values = Set(
            nodes.lazy.flatMap { node in
                node.outputs.lazy.filter { $0.value != "nil" }.map { [node.node, $0.name] }
            })
        inputs = Dictionary(grouping: run.connections, by: \.node)
        connections = run.connections.filter {
            names.contains($0.source) && names.contains($0.node)
        }
        self.origins = origins
    }

    /// When the run ended, as far as is known; nil while it is running.
    var ended: Double? { run.seconds.map { run.started + $0 } }

    /// Outputs of other nodes that a node took: those that are there.
    func taken(by node: StoredNode) -> [RunDescription.Connection] {
        (inputs[node.node] ?? []).filter { values.contains([$0.source, $0.output]) }
    }

    /// Inputs of a node that the workflow's script gave, and not another node.
    func constants(of node: StoredNode) -> [(name: String, value: String)] {
        let connected = Set((inputs[node.node] ?? []).map(\.input))
        // An input that was not given has no text.
        return node.inputs.filter { !connected.contains($0.name) && !$0.value.isEmpty }
    }
}

extension StoredNode {
    /// Whether its module was at work, or a result of it was found.
    var tookPlace: Bool { status != "skipped" }

    var ended: Double { started + seconds }

    /// What it gave can be relied on.
    var isDone: Bool { status == "computed" || status == "cached" }
}

extension CallRecord {
    /// When the last of its tasks ended; nil if none is known to have.
    var ended: Double? { tasks.lazy.compactMap(\.ended).max().map { began + $0 } }

    /// `100 tasks on 2 workers of threads: 98 done, 2 failed`
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

// MARK: - How things are written

/// `2026-11-24T16:40:03.250000Z`
func dateTime(_ seconds: Double, digits fraction: Int = 6) -> String {
    let scale = fraction == 6 ? 1_000_000 : 1000
    let whole = seconds.rounded(.down)
    // Down, or the last of a second would be the next one's first.
    let part = min(Int((seconds - whole) * Double(scale)), scale - 1)
    var time = time_t(whole)
    var parts = tm()
    gmtime_r(&time, &parts)
    func digits(_ number: some BinaryInteger, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
    return "\(digits(parts.tm_year + 1900, 4))-\(digits(parts.tm_mon + 1, 2))-"
        + "\(digits(parts.tm_mday, 2))T\(digits(parts.tm_hour, 2)):\(digits(parts.tm_min, 2)):"
        + "\(digits(parts.tm_sec, 2)).\(digits(part, fraction))Z"
}

extension String {
    /// As a part of a URI: all but letters, digits and `-._~/` as `%41`.
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
    /// In lines, each deeper one by two spaces.
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
