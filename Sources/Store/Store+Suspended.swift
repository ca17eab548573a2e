// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem
public import VTWorkflow

// Nodes whose work goes on after their runs.

extension Store {
    private static let columns =
        "SELECT key, node, workflow, run, handle, shown, since FROM suspended"

    /// Returns the node that is suspended under a key; nil if there is none.
    public func suspended(_ key: Digest) throws -> SuspendedNode? {
        try suspended("WHERE key = ?", .bytes(key.bytes)).first
    }

    /// Returns the suspended nodes of a workflow that a run of it may cancel: not those of a sweep,
    /// whose combinations have other inputs, and not those of sandboxed runs, whose keys are longer. A
    /// run of a sweep may cancel none.
    public func suspendedNodes(of workflow: String) throws -> [SuspendedNode] {
        guard setting.sweep.isEmpty else { return [] }
        return try suspended(
            """
            WHERE workflow = ? AND length(key) = 32 AND run NOT IN (SELECT run FROM runs WHERE sweep != '')
                ORDER BY since
            """, .text(workflow))
    }

    /// Returns the nodes of a workflow that sandboxed runs have suspended, but those of sweeps.
    func sandboxedNodes(of workflow: String) throws -> [SuspendedNode] {
        guard setting.sweep.isEmpty else { return [] }
        return try suspended(
            """
            WHERE workflow = ? AND length(key) > 32 AND run NOT IN (SELECT run FROM runs WHERE sweep != '')
                ORDER BY since
            """, .text(workflow))
    }

    /// Returns all suspended nodes, the oldest first.
    public func suspendedNodes() throws -> [SuspendedNode] { try suspended("ORDER BY since") }

    private func suspended(
        _ condition: String, _ values: Database.Value...
    ) throws -> [SuspendedNode] {
        var found: [SuspendedNode] = []
        try database.run(Self.columns + " " + condition, values) { row in
            found.append(
                SuspendedNode(
                    key: Digest(bytes: row.bytes(0)), node: row.text(1), workflow: row.text(2),
                    run: row.text(3), handle: row.bytes(4), shown: row.text(5),
                    since: row.number(6)))
        }
        return found
    }

    /// Keeps a suspended node, in place of one with the same key.
    public func keep(_ node: SuspendedNode) throws {
        try database.transaction {
            try database.run(
                """
                INSERT INTO suspended (key, node, workflow, run, handle, shown, since)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT (key) DO UPDATE SET handle = excluded.handle,
                        shown = excluded.shown, run = excluded.run
                """,
                .bytes(node.key.bytes), .text(node.node), .text(node.workflow), .text(node.run),
                .bytes(node.handle), .text(node.shown), .number(node.since)
            ) { _ in }
        }
    }

    /// Forgets a suspended node.
    public func removeSuspended(_ key: Digest) throws {
        try database.transaction {
            try database.run("DELETE FROM suspended WHERE key = ?", .bytes(key.bytes)) { _ in }
        }
    }
}
