// SPDX-License-Identifier: BSD-3-Clause

extension ByteWriter {
    mutating func add(_ modules: SentModules?) {
        add(UInt64(modules?.entries.count ?? 0))
        for entry in modules?.entries ?? [] {
            add(entry.kind.rawValue)
            add(entry.name)
            for number in [entry.position, entry.group, entry.index] { add(Int64(number)) }
        }
        add(UInt64(modules?.groups.count ?? 0))
        for group in modules?.groups ?? [] {
            add(UInt64(group.count))
            group.withUnsafeBytes { add(raw: $0) }
        }
    }
}

extension ByteReader {
    mutating func readModules() throws -> SentModules? {
        var entries: [SentModules.Entry] = []
        var groups: [[UInt8]] = []
        for _ in 0..<(try readCount()) {
            guard let kind = SentModules.Kind(rawValue: try read()) else { throw Damaged() }
            var entry = SentModules.Entry(kind: kind, name: try readText())
            entry.position = Int(try read(Int64.self))
            entry.group = Int(try read(Int64.self))
            entry.index = Int(try read(Int64.self))
            entries.append(entry)
        }
        for _ in 0..<(try readCount()) { groups.append(Array(try readBytes(try readCount()))) }
        guard entries.allSatisfy({ groups.indices.contains($0.group) }) else { throw Damaged() }
        return entries.isEmpty ? nil : SentModules(entries: entries, groups: groups)
    }
}

extension SentModules {
    /// The modules as bytes.
    var encoded: [UInt8] {
        var writer = ByteWriter()
        writer.add(self)
        return writer.bytes
    }

    /// The modules of these bytes.
    static func decoded(_ bytes: [UInt8]) throws -> SentModules? {
        try bytes.withUnsafeBytes {
            var reader = ByteReader($0)
            return try reader.readModules()
        }
    }
}
