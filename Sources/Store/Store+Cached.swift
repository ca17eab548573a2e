// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem
internal import VTWorkflow

// Writing the cached nodes of a run. Runs whose cached nodes are the same share one row of `packs`,
// and a run adds only the times.

extension Store {
    /// Returns the run that computed the result of a node.
    func origin(of node: NodeRecord) throws -> String? {
        guard let key = node.key?.key else { return nil }
        if let lastFound, lastFound.key == key { return lastFound.run }
        return try origin(of: key)
    }

    /// Writes the cached nodes that wait, inside a transaction.
    func writeCached() throws {
        if log.cached.isEmpty { return }
        var nodes = log.cached
        log.cached = []
        var digest = self.digest(of: nodes)
        if try !hasPack(digest) {
            var pack = Pack()
            let found = try origins(of: nodes)
            var kept: [CachedNode] = []
            for (node, position) in zip(nodes, found) {
                guard let origin = node.origin, let position else {
                    try writeWhole(node)
                    continue
                }
                kept.append(node)
                pack.nodes.append(
                    Pack.Node(
                        position: node.record.position, name: node.record.record.node,
                        origin: (origin, position), files: node.record.files))
            }
            if kept.isEmpty { return }
            if kept.count < nodes.count { digest = self.digest(of: kept) }
            nodes = kept
            let bytes = pack.bytes
            try database.insert(
                PackRow(digest: digest, size: bytes.count, nodes: compress(bytes) ?? bytes),
                PackRow.insertion)
        }
        var times = PackedTimes()
        for node in nodes {
            times.add(
                started: node.record.started - log.started, seconds: node.record.record.seconds)
        }
        log.cachedParts += 1
        try database.insert(
            CachedRow(
                run: nodes[0].run, part: log.cachedParts, pack: digest, size: times.bytes.count,
                times: compress(times.bytes) ?? times.bytes), CachedRow.insertion)
    }

    private func hasPack(_ digest: [UInt8]) throws -> Bool {
        var found = false
        try database.run("SELECT 1 FROM packs WHERE digest = ?", .bytes(digest)) { _ in
            found = true
        }
        return found
    }

    /// Returns the digest of everything about cached nodes that does not change from run to run.
    private func digest(of nodes: [CachedNode]) -> [UInt8] {
        var writer = CBORWriter()
        writer.array(nodes.count)
        for node in nodes {
            writer.array(5)
            writer.add(node.record.position)
            writer.add(node.record.record.node)
            writer.add(node.record.key?.key?.bytes)
            writer.add(node.origin)
            writer.add(node.record.files)
        }
        return digest(writer.bytes).bytes
    }

    /// Returns for each node the index, in the plan of its origin, of the node that computed the
    /// result; nil where that node is not on record.
    private func origins(of nodes: [CachedNode]) throws -> [Int?] {
        var known: [String: [[UInt8]: Int]] = [:]
        return try nodes.map { node in
            guard let origin = node.origin, let key = node.record.key?.key?.bytes else {
                return nil
            }
            // Most nodes have the same place in both plans.
            if try self.key(at: node.record.position, of: origin) == key {
                return node.record.position
            }
            if known[origin] == nil {
                var keys: [[UInt8]: Int] = [:]
                try database.run(NodeRow.keysOfRun, .text(origin)) {
                    keys[$0.bytes(.key)] = $0.integer(.position)
                }
                known[origin] = keys
            }
            return known[origin]?[key]
        }
    }

    private func key(at position: Int, of run: String) throws -> [UInt8]? {
        var found: [UInt8]?
        try database.run(NodeRow.keyAtPosition, .text(run), .integer(position)) {
            found = $0.optionalBytes(.key)
        }
        return found
    }

    /// Writes a row of its own for a cached node: its process was killed before it recorded the node
    /// that had computed the result. Later runs refer to this row.
    private func writeWhole(_ node: CachedNode) throws {
        try write(node.record, of: node.run)
        guard let key = node.record.key?.key else { return }
        try database.run(
            "UPDATE results SET run = ? WHERE key = ? AND observed = ?", .text(node.run),
            .bytes(key.key), .bytes(key.observed))
    }
}

// MARK: - Reading

extension Store {
    /// Calls `body` with each cached node of a run that is in a pack, with its times in seconds.
    func forEachCached(
        of run: String,
        _ body: (Pack.Node, _ times: (started: Double, seconds: Double)) throws -> Void
    ) throws {
        var parts: [(nodes: [UInt8], size: Int, times: [UInt8], timesSize: Int)] = []
        try database.run(CachedRow.selection, .text(run)) { row in
            parts.append(
                (row.bytes(.nodes), row.integer(.size), row.bytes(.times), row.integer(.timesSize)))
        }
        for part in parts {
            guard let bytes = expand(part.nodes, part.size), let pack = Pack(bytes) else {
                continue
            }
            let times = PackedTimes.read(
                expand(part.times, part.timesSize) ?? [], count: pack.nodes.count)
            for (node, times) in zip(pack.nodes, times) { try body(node, times) }
        }
    }

    /// Returns the bytes of a column that is compressed where that saves space; nil where they are
    /// damaged.
    private func expand(_ bytes: [UInt8], _ size: Int) -> [UInt8]? {
        bytes.count == size ? bytes : decompress(bytes, size: size)
    }

    /// Returns the cached nodes of a run that are in packs.
    func cachedNodes(of run: String) throws -> [StoredNode] {
        var started = 0.0
        try database.run(RunRow.start, .text(run)) { started = $0.seconds(.started) }
        var found: [StoredNode] = []
        try forEachCached(of: run) { node, times in
            var stored: StoredNode?
            try database.run(
                Self.nodeAtPosition, .text(node.origin.run), .integer(node.origin.position)
            ) { stored = StoredNode($0) }
            var whole = stored ?? StoredNode(lost: node.name)
            whole.position = node.position
            whole.node = node.name
            whole.status = .cached
            whole.started = started + times.started
            whole.seconds = times.seconds
            (whole.processor, whole.peak, whole.attempts) = (0, 0, 0)
            (whole.error, whole.because) = (nil, nil)
            whole.files = node.files
            whole.origin = node.origin.run
            found.append(whole)
        }
        return found
    }

    private static let nodeAtPosition = NodeRow.selection.with("WHERE run = ? AND position = ?")
}

extension StoredNode {
    /// A cached node of which a damaged store has only the name.
    fileprivate init(lost name: String) {
        self.init(
            position: 0, node: name, module: "", version: "", status: .cached,
            key: KeyRecord(key: nil, parts: [], obstacle: nil), started: 0, seconds: 0,
            processor: 0, peak: 0, attempts: 0, printed: "", annotations: [], inputs: [],
            outputs: [], error: nil, because: nil, files: [], libraries: [])
    }
}
