// SPDX-License-Identifier: BSD-3-Clause

internal import VTWorkflow

extension NodeRow {
    /// The row of a node of a run.
    ///
    /// - Parameters:
    ///   - parts: the parts of its key, as ``Fields``.
    ///   - libraries: the digest of the row of `libraries`.
    init(_ node: NodeRecord, of run: String, parts: [UInt8]?, libraries: [UInt8]?) {
        let record = node.record
        self.init(
            run: run, position: node.position, node: record.node, module: record.module,
            version: record.version, status: StoredNode.Status(record.status),
            key: node.key?.key?.bytes, obstacle: node.key?.obstacle, parts: parts,
            started: node.started, seconds: record.seconds, processor: node.processor,
            peak: node.peak, attempts: record.attempts, printed: record.printed,
            annotations: CBORWriter.values(node.annotations),
            outputs: CBORWriter.values(node.outputs), error: record.failure?.recorded,
            because: record.skippedBecauseOf, inputs: CBORWriter.values(node.inputs),
            files: CBORWriter.files(node.files), libraries: libraries)
    }
}

extension StoredNode {
    /// The node in a row of ``NodeRow/selection``.
    init(_ row: SelectedRow<NodeRow.Column>) {
        let key = KeyRecord(row)
        var inputs = row.values(.inputs)
        // Rows of earlier versions have only the inputs that are not parts of the key.
        for part in key.parts where part.kind == .input && !part.shown.isEmpty {
            if inputs.contains(where: { $0.name == part.name }) { continue }
            inputs.append(ValueRecord(name: part.name, brief: part.shown))
        }
        self.init(
            position: row.integer(.position), node: row.text(.node), module: row.text(.module),
            version: row.text(.version), status: Status(rawValue: row.text(.status)), key: key,
            started: row.seconds(.started), seconds: row.seconds(.seconds),
            processor: row.seconds(.processor), peak: row.count(.peak),
            attempts: row.count(.attempts), printed: row.text(.printed),
            annotations: row.values(.annotations), inputs: inputs, outputs: row.values(.outputs),
            error: row.optionalText(.error), because: row.optionalText(.because),
            files: row.files(.files),
            libraries: row.optionalBytes(.libraries).map { CBORReader.libraries($0) } ?? [])
        // Earlier versions had no state of its own for a module that was stopped.
        if status == .failed, error == nil, because != nil { status = .stopped }
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
