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
                "UPDATE runs SET status = ?, seconds = ? WHERE run = ?",
                .text(StoredRun.Status(status).rawValue),
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
        let parts = try node.key.map { try keep(parts: $0.parts) }
        try database.insert(NodeRow(node, of: run, parts: parts), NodeRow.insertion)
        for (index, call) in node.record.calls.enumerated() {
            let row = CallRow(
                call, number: index + 1, of: node.position, in: run, compress: compress)
            try database.insert(row, CallRow.insertion)
        }
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
            try database.insert(PartsRow(digest: name, parts: text), PartsRow.insertion)
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
