// SPDX-License-Identifier: BSD-3-Clause

internal import CVTStore
internal import Glibc
internal import VTParallel
public import VTWorkflow

extension Store {
    public func isKnown(run: String) throws -> Bool {
        var found = false
        try database.run("SELECT 1 FROM runs WHERE run = ?", .text(run)) { _ in found = true }
        return found
    }

    /// Nothing is written before a module computes: a run that finds all its results is on record
    /// by one write, at its end.
    public func begin(_ run: RunDescription) throws { beginning = (run, wallClock()) }

    func writeBeginning() throws {
        guard let (run, started) = beginning else { return }
        beginning = nil
        let system = Self.system
        let about = [
            Self.text(of: system.sysname), Self.text(of: system.release),
            Self.text(of: system.machine),
        ]
        .joined(separator: " ")
        var connections = Fields()
        for connection in run.connections {
            connections.add(
                connection.source, connection.output, connection.node, connection.input)
        }
        try database.run(
            """
            INSERT INTO runs
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, 'running', ?, ?, ?, ?, ?, ?, ?)
            """,
            .text(run.run), .text(run.workflow), .text(setting.flow),
            .text(digest(Array(setting.source.utf8)).hexadecimal), .text(setting.source),
            .utf8(Fields(run.parameters).text),
            .integer(run.modules), .number(started), .text(Self.host),
            .integer(Int(getpid())),
            .text(about),
            .text(setting.version), .utf8(Fields(Self.machine).text),
            .text(try keep(text: connections.text)),
            .text(Self.directory))
    }

    /// What was computed is on record when the next module begins; rows of results that were
    /// found again go together.
    public func add(_ node: NodeRecord, of run: String) throws {
        waiting.append((run, node))
        if node.record.status != .cached || waiting.count >= 1000 {
            try database.transaction { try writeWaiting() }
        }
    }

    public func end(run: String, status: RunStatus, seconds: Double) throws {
        try database.transaction {
            try writeWaiting()
            try database.run(
                "UPDATE runs SET status = ?, seconds = ? WHERE run = ?", .text(status.rawValue),
                .number(seconds), .text(run))
        }
        // Results are on the disk for good when a run is over; a mere record is not waited for.
        // And whoever comes next reads the whole log.
        if hasKept || logSize > Self.largestLog { try database.emptyLog() }
        hasKept = false
    }

    /// In a transaction.
    private func writeWaiting() throws {
        try writeBeginning()
        let rows = waiting
        waiting = []
        for (run, node) in rows { try write(node, of: run) }
    }

    private var logSize: Int {
        var about = stat()
        return stat(directory + "/store.sqlite-wal", &about) == 0 ? about.st_size : 0
    }

    /// Twenty runs that compute nothing.
    private static let largestLog = 400 << 10

    private func write(_ node: NodeRecord, of run: String) throws {
        let record = node.record
        var files = Fields()
        for file in node.files {
            files.add(
                file.port, file.isOutput ? "output" : "input", file.path, "\(file.size)",
                file.digest ?? "")
        }
        try database.run(
            """
            INSERT OR REPLACE INTO nodes
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .text(run), .integer(node.position), .text(record.node), .text(record.module),
            .text(record.version), .text(record.status.rawValue),
            node.key?.key.map { .bytes($0.bytes) } ?? .null,
            node.key?.obstacle.map { .text($0) } ?? .null,
            try node.key.map { .text(try keep(parts: $0.parts)) } ?? .null,
            .number(node.started), .number(record.seconds), .number(node.processor),
            .integer(node.peak), .integer(record.attempts), .text(record.printed),
            .utf8(Fields(record.annotations.map { ($0.key, $0.value.brief) }).text),
            .utf8(Fields(node.outputs).text),
            record.failure.map { .text($0.recorded) } ?? .null,
            record.skippedBecauseOf.map { .text($0) } ?? .null,
            .utf8(Fields(node.inputs).text),
            .utf8(files.text))
        for (index, call) in record.calls.enumerated() {
            try write(call, number: index + 1, of: node.position, run)
        }
    }

    private func write(
        _ call: CallRecord, number: Int, of position: Int, _ run: String
    ) throws {
        var workers = Fields()
        for worker in call.workers {
            workers.add(
                "\(worker.number)", "\(worker.pid)", worker.host,
                worker.engine.map { "\($0)" } ?? "", "\(worker.since)")
        }
        try database.run(
            "INSERT OR REPLACE INTO calls VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            .text(run), .integer(position), .integer(number), .text(call.backend),
            call.label.map { .text($0) } ?? .null, call.place.map { .text($0) } ?? .null,
            .number(call.began), .utf8(workers.text), .integer(call.done),
            .integer(call.failed), .integer(call.cancelled), .integer(call.unfinished),
            .integer(call.packed.count), .bytes(compress(call.packed) ?? call.packed))
    }

    /// Parts of a key; nodes of one module share the text.
    private func keep(parts: [KeyRecord.Part]) throws -> String {
        // They begin with the same ones: the module's, and its code's.
        var common = 0
        for (part, before) in zip(parts, lastParts.parts) {
            if part != before { break }
            common += 1
        }
        var text = Fields(lastParts.text, upTo: common == 0 ? 0 : lastParts.ends[common - 1])
        lastParts.ends.removeSubrange(common...)
        for part in parts[common...] {
            text.add(part.kind.rawValue, part.name, part.digest, part.shown)
            lastParts.ends.append(text.text.count)
        }
        lastParts.parts = parts
        lastParts.text = text.text
        return try keep(text: text.text)
    }

    /// A text that many rows share: gives its name.
    private func keep(text: [UInt8]) throws -> String {
        let name = digest(text).short
        if knownParts.insert(name).inserted {
            try database.run("INSERT OR IGNORE INTO parts VALUES (?, ?)", .text(name), .utf8(text))
        }
        return name
    }

    /// The one that the process is in.
    private static var directory: String {
        guard let path = getcwd(nil, 0) else { return "" }
        defer { free(path) }
        return String(cString: path)
    }

    private static var machine: [(name: String, value: String)] {
        let pages = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
        return [
            ("processors", "\(sysconf(Int32(_SC_NPROCESSORS_ONLN)))"),
            ("memory", "\(pages >> 20) MiB"),
            ("sqlite", String(cString: vtd_sqlite_version())),
        ]
    }

    private static var system: utsname {
        var system = utsname()
        uname(&system)
        return system
    }

    static var host: String { text(of: system.nodename) }

    private static func text(of name: some Any) -> String {
        withUnsafeBytes(of: name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}

extension ModuleFailure {
    /// Place, message and callers, for a person.
    fileprivate var recorded: String {
        var text = (location.map { "\($0): " } ?? "") + message
        for frame in traceback { text += "\n  \(frame)" }
        return text
    }
}

/// Lists of texts as one text: between fields and between rows are characters that are for that.
struct Fields {
    private(set) var text: [UInt8] = []
    private static let row: UInt8 = 0x1e
    private static let field: UInt8 = 0x1f

    init() {}

    /// Rows of a name and a value.
    init(_ pairs: [(name: String, value: String)]) {
        for (name, value) in pairs { add(name, value) }
    }

    /// The first so many bytes of another, which end with a row.
    init(_ text: [UInt8], upTo end: Int) { self.text = Array(text[..<end]) }

    /// Adds a row.
    mutating func add(_ fields: String...) {
        if !text.isEmpty { text.append(Self.row) }
        for (index, field) in fields.enumerated() {
            if index > 0 { text.append(Self.field) }
            append(field)
        }
    }

    mutating func add(_ first: String, _ second: String) {
        if !text.isEmpty { text.append(Self.row) }
        append(first)
        text.append(Self.field)
        append(second)
    }

    private mutating func append(_ field: String) {
        var field = field
        field.withUTF8 { bytes in
            if bytes.contains(where: { $0 == Self.row || $0 == Self.field }) {
                text += bytes.lazy.filter { $0 != Self.row && $0 != Self.field }
            } else {
                text += bytes
            }
        }
    }

    static func rows(_ text: String) -> [[String]] {
        text.isEmpty
            ? []
            : text.split(separator: "\u{1e}", omittingEmptySubsequences: false).map {
                $0.split(separator: "\u{1f}", omittingEmptySubsequences: false).map(String.init)
            }
    }

    static func pairs(_ text: String) -> [(name: String, value: String)] {
        rows(text).compactMap { $0.count == 2 ? ($0[0], $0[1]) : nil }
    }
}
