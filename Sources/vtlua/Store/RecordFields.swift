// SPDX-License-Identifier: BSD-3-Clause

import VTStore
import VTRunReport
import VTRuntime
import VTSystem
import VTWorkflow

// Recorded runs and nodes as JSON.

extension String {
    /// The parts of `RUN/NODE`. The name of a node can contain slashes.
    var runAndNode: (run: String, node: String?) {
        guard let slash = firstIndex(of: "/") else { return (self, nil) }
        return (String(self[..<slash]), String(self[index(after: slash)...]))
    }
}

extension StoredRun {
    var fields: [(key: String, value: JSON)] {
        [
            ("run", .string(run)), ("workflow", .string(workflow)),
            ("status", .string(status.rawValue)),
            ("started", .number(started)), ("seconds", seconds.map(JSON.seconds) ?? .null),
            ("flow", .string(flow)), ("flow_digest", .string(digest)), ("host", .string(host)),
            ("pid", .integer(pid)), ("system", .string(system)), ("version", .string(version)),
            ("machine", .object(machine.map { ($0.name, .string($0.value)) })),
            ("parameters", .object(of: parameters)),
            ("sweep", sweep.isEmpty ? .null : .string(sweep)),
        ]
    }
}

extension StoredNode {
    var fields: [(key: String, value: JSON)] {
        return [
            ("name", .string(node)), ("module", .string("\(module) \(version)")),
            ("status", .string(status.rawValue)),
            ("key", key.key.map { .string($0.hexadecimal) } ?? .null),
            ("obstacle", key.obstacle.map(JSON.string) ?? .null), ("started", .number(started)),
            ("seconds", .seconds(seconds)), ("processor", .seconds(processor)),
            ("peak", .integer(peak)), ("attempts", .integer(attempts)),
            ("inputs", .object(of: inputs)), ("outputs", .object(of: outputs)),
            ("annotations", .object(of: annotations)), ("printed", .string(printed)),
            ("error", error.map(JSON.string) ?? .null),
            ("because", because.map(JSON.string) ?? .null),
            ("computed_in", origin.map(JSON.string) ?? .null),
            ("files", .array(files.map { .object($0.fields) })),
            ("libraries", .array(libraries.map { .object($0.fields) })),
        ]
    }
}

extension FileRecord {
    fileprivate var fields: [JSON.Member] {
        [
            ("port", .string(port)), ("direction", .string(isOutput ? "output" : "input")),
            ("path", .string(path)), ("bytes", .integer(size)),
            ("digest", digest.map(JSON.string) ?? .null),
        ]
    }
}

extension LibraryRecord {
    fileprivate var fields: [JSON.Member] {
        [
            ("name", .string(name)), ("version", version.map(JSON.string) ?? .null),
            ("file", .string(file)), ("digest", digest.map(JSON.string) ?? .null),
        ]
    }
}

extension StoredRun {
    /// The outputs of the workflow, each with its node, port and value.
    func outputFields(_ nodes: [StoredNode]) -> JSON {
        let byName = Dictionary(nodes.map { ($0.node, $0) }) { first, _ in first }
        return .object(
            outputs.map { output in
                let value = byName[output.node]?.outputs.first { $0.name == output.port }
                return (
                    output.name,
                    .object([
                        ("node", .string(output.node)), ("port", .string(output.port)),
                        ("type", value.map { .string($0.type) } ?? .null),
                        ("value", value.map { JSON($0) } ?? .null),
                    ])
                )
            })
    }
}
