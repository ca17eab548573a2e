// SPDX-License-Identifier: BSD-3-Clause

internal import VTParallel

/// A row of the table `calls`: a parallel call of a node.
struct CallRow: TableRow {
    static let table = "calls"

    enum Column: String, TableColumn {
        case run, position, call, backend, label, place, began, workers, done, failed, cancelled
        case unfinished, size, tasks
    }

    var run: String
    /// The node's position.
    var position: Int
    /// The number of the call among those of the node, from 1.
    var call: Int
    var record: CallRecord
    /// ``Fields`` of number, process, host, engine and time.
    var workers: [UInt8]
    /// The tasks, compressed where that saves space. `size` is their uncompressed size.
    var tasks: [UInt8]

    static let insertion = insertStatement("INSERT OR REPLACE")

    static let selection = Selection<Column>(
        Column.allCases.filter { $0 != .run && $0 != .call },
        "FROM calls WHERE run = ? ORDER BY position, call")

    func value(of column: Column) -> Database.Value {
        switch column {
        case .run: .text(run)
        case .position: .integer(position)
        case .call: .integer(call)
        case .backend: .text(record.backend.rawValue)
        case .label: .optional(record.label)
        case .place: .optional(record.place)
        case .began: .number(record.began)
        case .workers: .utf8(workers)
        case .done: .integer(record.done)
        case .failed: .integer(record.failed)
        case .cancelled: .integer(record.cancelled)
        case .unfinished: .integer(record.unfinished)
        case .size: .integer(record.packed.count)
        case .tasks: .bytes(tasks)
        }
    }
}

extension CallRow {
    /// The row of a parallel call.
    ///
    /// - Parameter compress: returns nil where compression does not save space.
    init(
        _ record: CallRecord, number: Int, of position: Int, in run: String,
        compress: ([UInt8]) -> [UInt8]?
    ) {
        var workers = Fields()
        for worker in record.workers {
            workers.add(
                "\(worker.number)", "\(worker.pid)", worker.host,
                worker.engine.map { "\($0)" } ?? "", "\(worker.startedAt)")
        }
        self.init(
            run: run, position: position, call: number, record: record, workers: workers.text,
            tasks: compress(record.packed) ?? record.packed)
    }
}

extension CallRecord {
    /// The call in a row of ``CallRow/selection``.
    ///
    /// - Parameter decompress: returns nil for damaged bytes.
    init(_ row: SelectedRow<CallRow.Column>, decompress: ([UInt8], _ size: Int) -> [UInt8]?) {
        self.init(
            // No other text is written.
            backend: BackendKind(rawValue: row.text(.backend)) ?? .serial,
            label: row.optionalText(.label),
            place: row.optionalText(.place), began: row.seconds(.began))
        workers = Fields.rows(row.text(.workers)).compactMap { fields in
            guard fields.count == 5, let number = Int(fields[0]), let pid = Int(fields[1]),
                let since = Double(fields[4])
            else { return nil }
            return Worker(
                number: number, pid: pid, host: fields[2], engine: Int(fields[3]), since: since)
        }
        (done, failed) = (row.count(.done), row.count(.failed))
        (cancelled, unfinished) = (row.count(.cancelled), row.count(.unfinished))
        let (size, bytes) = (row.integer(.size), row.bytes(.tasks))
        packed = bytes.count == size ? bytes : decompress(bytes, size) ?? []
    }
}
