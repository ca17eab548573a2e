// SPDX-License-Identifier: BSD-3-Clause

internal import VTWorkflow

// The lists in columns of `runs` and `nodes`, as CBOR: each is an array of arrays. Versions before
// the fourth form of the store wrote ``Fields`` in these columns, as texts. They are still read.

extension CBORWriter {
    /// A list of items; empty where there are none.
    private static func list<Item>(
        _ items: [Item], _ add: (Item, inout CBORWriter) -> Void
    ) -> [UInt8] {
        if items.isEmpty { return [] }
        var writer = CBORWriter()
        writer.array(items.count)
        for item in items { add(item, &writer) }
        return writer.bytes
    }

    /// The values of a column.
    static func values(_ values: [ValueRecord]) -> [UInt8] {
        list(values) { value, writer in
            writer.array(6)
            writer.add(value.name)
            writer.add(value.type)
            writer.add(value.brief)
            writer.add(value.value)
            writer.add(value.size)
            writer.add(value.digest?.bytes)
        }
    }

    static func files(_ files: [FileRecord]) -> [UInt8] {
        if files.isEmpty { return [] }
        var writer = CBORWriter()
        writer.add(files)
        return writer.bytes
    }

    mutating func add(_ files: [FileRecord]) {
        array(files.count)
        for file in files {
            array(5)
            add(file.port)
            add(file.isOutput ? 1 : 0)
            add(file.path)
            add(file.size)
            add(file.digest)
        }
    }

    static func outputs(_ outputs: [RunDescription.Output]) -> [UInt8] {
        list(outputs) { output, writer in
            writer.array(3)
            writer.add(output.name)
            writer.add(output.node)
            writer.add(output.port)
        }
    }

    static func libraries(_ libraries: [LibraryRecord]) -> [UInt8] {
        list(libraries) { library, writer in
            writer.array(4)
            writer.add(library.name)
            writer.add(library.file)
            writer.add(library.digest)
            writer.add(library.version)
        }
    }

    /// The durations of nodes, in microseconds.
    static func durations(_ nodes: [(node: String, seconds: Double)]) -> [UInt8] {
        list(nodes) { node, writer in
            writer.array(2)
            writer.add(node.node)
            writer.add(Int(exactly: (node.seconds * 1e6).rounded()) ?? 0)
        }
    }
}

extension CBORReader {
    /// Reads the values of a column; of a damaged one those that are whole.
    static func values(_ bytes: [UInt8]) -> [ValueRecord] {
        list(bytes) { reader throws(Malformed) in
            _ = try reader.array(of: 6)
            return ValueRecord(
                name: try reader.text(), type: try reader.text(), brief: try reader.text(),
                value: try reader.optionalData(), size: try reader.optionalInteger(),
                digest: try reader.optionalData().map { Digest(bytes: $0) })
        }
    }

    static func files(_ bytes: [UInt8]) -> [FileRecord] {
        list(bytes) { reader throws(Malformed) in try reader.file() }
    }

    mutating func file() throws(Malformed) -> FileRecord {
        _ = try array(of: 5)
        return FileRecord(
            port: try text(), isOutput: try integer() == 1, path: try text(),
            size: try integer(), digest: try optionalText())
    }

    static func outputs(_ bytes: [UInt8]) -> [RunDescription.Output] {
        list(bytes) { reader throws(Malformed) in
            _ = try reader.array(of: 3)
            return RunDescription.Output(
                name: try reader.text(), node: try reader.text(), port: try reader.text())
        }
    }

    static func libraries(_ bytes: [UInt8]) -> [LibraryRecord] {
        list(bytes) { reader throws(Malformed) in
            _ = try reader.array(of: 4)
            return LibraryRecord(
                name: try reader.text(), file: try reader.text(),
                digest: try reader.optionalText(), version: try reader.optionalText())
        }
    }

    /// The durations of nodes, in seconds. Of nodes of one name, the last counts.
    static func durations(_ bytes: [UInt8]) -> [String: Double] {
        let items = list(bytes) { reader throws(Malformed) in
            _ = try reader.array(of: 2)
            return (try reader.text(), Double(try reader.integer()) / 1e6)
        }
        return Dictionary(items) { $1 }
    }

    private static func list<Item>(
        _ bytes: [UInt8], _ item: (inout CBORReader) throws(Malformed) -> Item
    ) -> [Item] {
        var reader = CBORReader(bytes)
        var items: [Item] = []
        do throws(Malformed) {
            for _ in 0..<(try reader.array()) { items.append(try item(&reader)) }
        } catch {}
        return items
    }
}

extension SelectedRow {
    /// The values in a column of lists.
    func values(_ column: Column) -> [ValueRecord] {
        isText(column)
            ? Fields.pairs(text(column)).map { ValueRecord(name: $0.name, brief: $0.value) }
            : CBORReader.values(bytes(column))
    }

    /// The files in a column of lists.
    func files(_ column: Column) -> [FileRecord] {
        guard isText(column) else { return CBORReader.files(bytes(column)) }
        return Fields.rows(text(column)).compactMap { fields in
            guard fields.count == 5, let size = Int(fields[3]) else { return nil }
            return FileRecord(
                port: fields[0], isOutput: fields[1] == "output", path: fields[2], size: size,
                digest: fields[4].isEmpty ? nil : fields[4])
        }
    }
}
