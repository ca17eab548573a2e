// SPDX-License-Identifier: BSD-3-Clause

import VTStore
import VTRuntime
import VTSystem

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
            ("parameters", .object(parameters.map { ($0.name, .string($0.value)) })),
        ]
    }
}

extension StoredNode {
    var fields: [(key: String, value: JSON)] {
        func object(_ pairs: [(name: String, value: String)]) -> JSON {
            .object(pairs.map { ($0.name, .string($0.value)) })
        }
        return [
            ("name", .string(node)), ("module", .string("\(module) \(version)")),
            ("status", .string(status.rawValue)),
            ("key", key.key.map { .string($0.hexadecimal) } ?? .null),
            ("obstacle", key.obstacle.map(JSON.string) ?? .null), ("started", .number(started)),
            ("seconds", .seconds(seconds)), ("processor", .seconds(processor)),
            ("peak", .integer(peak)), ("attempts", .integer(attempts)),
            ("inputs", object(inputs)), ("outputs", object(outputs)),
            ("annotations", object(annotations)), ("printed", .string(printed)),
            ("error", error.map(JSON.string) ?? .null),
            ("because", because.map(JSON.string) ?? .null),
        ]
    }
}
