// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTRuntime
import VTStore
import VTSystem
import VTWorkflow

/// The node, element or output that `RUN/NODE`, `RUN/NODE[17]` or `RUN/NODE/PORT` names.
struct RecordedNode {
    /// The node. Of an element, the node that has it.
    var node: StoredNode
    /// The element of the node; nil for the node itself.
    var element: ElementRecord?
    /// The name of the output; nil for all of the node.
    var port: String?
}

extension StoreOption {
    /// Returns what a name means in a run. Names of nodes can contain slashes and brackets: the longest
    /// match is used.
    func find(_ name: String, of run: StoredRun, in store: Store) throws -> RecordedNode {
        let nodes = try store.nodes(of: run.run)
        if let found = try owner(name, nodes, run, store) { return found }
        var end = name.endIndex
        while let slash = name[..<end].lastIndex(of: "/") {
            end = slash
            guard var found = try owner(String(name[..<slash]), nodes, run, store) else { continue }
            let port = String(name[name.index(after: slash)...])
            let ports = found.node.outputs.map(\.name)
            // A failed node has no recorded outputs.
            guard ports.isEmpty || ports.contains(port) else {
                throw ValidationError(
                    "`\(found.node.node)` has no output `\(port)`" + hint(for: port, among: ports))
            }
            found.port = port
            return found
        }
        let names = nodes.map(\.node)
        throw ValidationError(
            "run \(run.run) has no node `\(name)`"
                + hint(for: ElementName(name)?.node ?? name, among: names))
    }

    /// Returns the node or the element of a name without a port; nil if there is no such node.
    private func owner(
        _ name: String, _ nodes: [StoredNode], _ run: StoredRun, _ store: Store
    ) throws -> RecordedNode? {
        if let node = nodes.first(where: { $0.node == name }) { return RecordedNode(node: node) }
        guard let element = ElementName(name),
            let node = nodes.first(where: { $0.node == element.node })
        else { return nil }
        if let found = try store.element(at: element.place, of: node.position, in: run.run) {
            return RecordedNode(node: node, element: found)
        }
        guard let counts = try store.elementCounts(of: node.position, in: run.run) else {
            throw ValidationError(
                "`\(node.node)` has no elements on record in run \(run.run); to show the node, run: "
                    + "vtlua show \(run.run)/\(node.node)")
        }
        throw ValidationError(
            "run \(run.run) has no \(node.noun) `\(name)`: "
                + "\(Format.count(counts.total, node.noun)) of `\(node.node)` "
                + (counts.total == 1 ? "is" : "are") + " on record")
    }
}

extension ElementCounts {
    /// The numbers by outcome, such as `47 cached, 1 computed`.
    var summary: String {
        let others = total - computed - cached - failed - suspended
        let parts = [
            (cached, "cached"), (computed, "computed"), (failed, "failed"),
            (suspended, "suspended"), (others, "not computed"),
        ]
        let text = parts.filter { $0.0 > 0 }.map { "\(Format.count($0.0)) \($0.1)" }
        return text.isEmpty ? "none" : text.joined(separator: ", ")
    }

    /// All numbers, such as `48 elements: 47 cached, 1 computed`.
    var line: String {
        Format.count(total, noun) + (total == 0 ? "" : ": \(summary)")
    }

    /// The counts with the right noun for a node on record.
    func of(_ node: StoredNode) -> ElementCounts {
        var counts = self
        counts.areTurns = node.hasTurns
        return counts
    }
}
