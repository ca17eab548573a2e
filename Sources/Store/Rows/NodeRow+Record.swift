// SPDX-License-Identifier: BSD-3-Clause

internal import VTWorkflow

extension NodeRow {
    /// The row of a node of a run.
    ///
    /// - Parameter parts: the name of the row of `parts` that has the parts of its key.
    init(_ node: NodeRecord, of run: String, parts: String?) {
        let record = node.record
        var files = Fields()
        for file in node.files {
            files.add(
                file.port, file.isOutput ? "output" : "input", file.path, "\(file.size)",
                file.digest ?? "")
        }
        self.init(
            run: run, position: node.position, node: record.node, module: record.module,
            version: record.version, status: StoredNode.Status(record.status),
            key: node.key?.key?.bytes, obstacle: node.key?.obstacle, parts: parts,
            started: node.started, seconds: record.seconds, processor: node.processor,
            peak: node.peak, attempts: record.attempts, printed: record.printed,
            annotations: Fields(record.annotations.map { ($0.key, $0.value.brief) }).text,
            outputs: Fields(node.outputs).text, error: record.failure?.recorded,
            because: record.skippedBecauseOf, inputs: Fields(node.inputs).text, files: files.text)
    }
}

extension ModuleFailure {
    /// The place, the message and the traceback, as a record has them.
    fileprivate var recorded: String {
        var text = (location.map { "\($0): " } ?? "") + message
        for frame in traceback { text += "\n  \(frame)" }
        return text
    }
}

extension StoredNode {
    /// The node in a row of ``NodeRow/selection``.
    init(_ row: SelectedRow<NodeRow.Column>) {
        let key = KeyRecord(row)
        self.init(
            position: row.integer(.position), node: row.text(.node), module: row.text(.module),
            version: row.text(.version), status: Status(rawValue: row.text(.status)), key: key,
            started: row.seconds(.started), seconds: row.seconds(.seconds),
            processor: row.seconds(.processor), peak: row.count(.peak),
            attempts: row.count(.attempts), printed: row.text(.printed),
            annotations: Fields.pairs(row.text(.annotations)),
            inputs: key.parts.filter { $0.kind == .input }.map { ($0.name, $0.shown) }
                + Fields.pairs(row.text(.inputs)),
            outputs: Fields.pairs(row.text(.outputs)), error: row.optionalText(.error),
            because: row.optionalText(.because),
            files: Fields.rows(row.text(.files)).compactMap { fields in
                guard fields.count == 5, let size = Int(fields[3]) else { return nil }
                return FileRecord(
                    port: fields[0], isOutput: fields[1] == "output", path: fields[2],
                    size: size, digest: fields[4].isEmpty ? nil : fields[4])
            })
    }
}

extension KeyRecord {
    /// The key in a row of ``NodeRow/selection`` or ``NodeRow/keys``.
    init(_ row: SelectedRow<NodeRow.Column>) {
        self.init(
            key: row.optionalBytes(.key).map { Digest(bytes: $0) },
            parts: Fields.rows(row.text(.parts)).compactMap { fields in
                // A newer version may have written parts of other kinds: they are left out.
                guard fields.count == 4, let kind = Part.Kind(rawValue: fields[0]) else {
                    return nil
                }
                return Part(kind: kind, name: fields[1], digest: fields[2], shown: fields[3])
            },
            obstacle: row.optionalText(.obstacle))
    }
}
