// SPDX-License-Identifier: BSD-3-Clause

extension CallRecord {
    /// The record as bytes, for ``init(bytes:)`` in another process.
    package var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.add(backend.rawValue)
        for text in [label, place] {
            writer.add(text == nil ? UInt8(0) : 1)
            writer.add(text ?? "")
        }
        writer.add(began)
        for number in [done, failed, cancelled, unfinished, workers.count] {
            writer.add(Int64(number))
        }
        for worker in workers {
            writer.add(Int64(worker.number))
            writer.add(Int64(worker.pid))
            writer.add(worker.host)
            writer.add(Int64(worker.engine ?? -1))
            writer.add(worker.startedAt)
        }
        packed.withUnsafeBytes { writer.add(raw: $0) }
        return writer.bytes
    }

    /// Reads the bytes of a record; nil if they are malformed.
    package init?(bytes: [UInt8]) {
        guard
            let record = try? bytes.withUnsafeBytes({ bytes throws -> CallRecord? in
                var reader = ByteReader(bytes)
                return try CallRecord(&reader)
            })
        else { return nil }
        self = record
    }

    private init?(_ reader: inout ByteReader) throws {
        guard let backend = BackendKind(rawValue: try reader.readText()) else { return nil }
        func text(_ reader: inout ByteReader) throws -> String? {
            let isPresent = try reader.read(UInt8.self) == 1
            let text = try reader.readText()
            return isPresent ? text : nil
        }
        let label = try text(&reader)
        let place = try text(&reader)
        self.init(backend: backend, label: label, place: place, began: try reader.read())
        func number(_ reader: inout ByteReader) throws -> Int { Int(try reader.read(Int64.self)) }
        done = try number(&reader)
        failed = try number(&reader)
        cancelled = try number(&reader)
        unfinished = try number(&reader)
        let count = try number(&reader)
        guard count >= 0 else { return nil }
        for _ in 0..<count {
            let own = try number(&reader)
            let pid = try number(&reader)
            let host = try reader.readText()
            let engine = try number(&reader)
            workers.append(
                Worker(
                    number: own, pid: pid, host: host, engine: engine < 0 ? nil : engine,
                    since: try reader.read()))
        }
        packed = Array(try reader.readBytes(reader.left))
    }
}
