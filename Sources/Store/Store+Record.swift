// SPDX-License-Identifier: BSD-3-Clause

internal import CVTStore
internal import Glibc
internal import VTParallel
internal import VTSystem
public import VTWorkflow

extension Store {
    /// Returns true if a run of this identifier is on record.
    public func isKnown(run: String) throws -> Bool {
        var found = false
        try database.run("SELECT 1 FROM runs WHERE run = ?", .text(run)) { _ in found = true }
        return found
    }

    /// Begins the record of a run. Nothing is written before a module computes, so that a run of
    /// cached results is recorded by one write at its end.
    public func begin(_ run: RunDescription) throws { beginning = (run, Clock.wall) }

    func writeBeginning() throws {
        guard let (run, started) = beginning else { return }
        beginning = nil
        let system = Self.system
        let about = [
            Self.text(of: system.sysname), Self.text(of: system.release),
            Self.text(of: system.machine),
        ]
        .joined(separator: " ")
        let row = RunRow(
            run: run.run, workflow: run.workflow, flow: setting.flow,
            flowDigest: digest(Array(setting.source.utf8)).hexadecimal, flowSource: setting.source,
            parameters: Fields(run.parameters).text, modules: run.modules, started: started,
            seconds: nil, status: .running, host: Self.host, pid: Int(getpid()), system: about,
            version: setting.version, machine: Fields(Self.machine).text,
            connections: try keep(text: RunRow.text(of: run.connections)),
            directory: Self.directory)
        try database.insert(row, RunRow.insertion)
    }

    /// Adds a node to the record. A computed node is written at once; cached nodes are written
    /// together.
    public func add(_ node: NodeRecord, of run: String) throws {
        waiting.append((run, node))
        if node.record.status != .cached || waiting.count >= 1000 {
            try database.transaction { try writeWaiting() }
        }
    }

    /// Ends the record of a run. Its results are on the disk when this returns.
    public func end(run: String, status: RunStatus, seconds: Double) throws {
        try database.transaction {
            try writeWaiting()
            try database.run(
                "UPDATE runs SET status = ?, seconds = ? WHERE run = ?",
                .text(StoredRun.Status(status).rawValue),
                .number(seconds), .text(run))
        }
        // Results must be on the disk when a run is over; a record alone need not be. A large log is
        // emptied, because each process that opens the store reads it.
        if hasKept || logSize > Self.largestLog { try database.emptyLog() }
        hasKept = false
    }

    /// Writes the rows that wait, inside a transaction.
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

    /// The largest size of the write-ahead log, in bytes: that of twenty runs of cached results.
    private static let largestLog = 400 << 10

    private func write(_ node: NodeRecord, of run: String) throws {
        let parts = try node.key.map { try keep(parts: $0.parts) }
        try database.insert(NodeRow(node, of: run, parts: parts), NodeRow.insertion)
        for (index, call) in node.record.calls.enumerated() {
            let row = CallRow(
                call, number: index + 1, of: node.position, in: run, compress: compress)
            try database.insert(row, CallRow.insertion)
        }
    }

    /// Writes the parts of a key. Nodes of one module share the text.
    ///
    /// - Returns: the name of the row.
    private func keep(parts: [KeyRecord.Part]) throws -> String {
        // Keys of nodes of one module start with the same parts: those of the module and its code.
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

    /// Writes a text that many rows share.
    ///
    /// - Returns: the name of the row.
    private func keep(text: [UInt8]) throws -> String {
        let name = digest(text).short
        if knownParts.insert(name).inserted {
            try database.insert(PartsRow(digest: name, parts: text), PartsRow.insertion)
        }
        return name
    }

    /// The working directory of the process.
    private static var directory: String {
        guard let path = getcwd(nil, 0) else { return "" }
        defer { free(path) }
        return String(cString: path)
    }

    /// Facts about the machine, each with its name.
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
