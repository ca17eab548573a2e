// SPDX-License-Identifier: BSD-3-Clause

internal import CVTStore
internal import VTParallel
internal import VTSystem
public import VTWorkflow

extension Store {
    /// Returns true if a run of this identifier is on record.
    public func isKnown(run: String) throws -> Bool {
        var found = false
        // Nodes can stay when the record of their run was removed: later runs refer to them.
        try database.run(
            """
            SELECT 1 FROM runs WHERE run = ?1 UNION ALL SELECT 1 FROM nodes WHERE run = ?1
                UNION ALL SELECT 1 FROM runs WHERE sweep = ?1 AND sweep != '' LIMIT 1
            """,
            .text(run)
        ) { _ in found = true }
        return found
    }

    /// Begins the record of a run. Nothing is written before a module computes, so that a run of
    /// cached results is recorded by one write at its end.
    public func begin(_ run: RunDescription) throws {
        log = RunLog()
        log.started = Clock.wall
        log.beginning = (run, setting)
        if !ended.isEmpty { return }
        // Another process may have removed the rows with the records of earlier runs.
        (knownParts, knownLibraries) = ([], [])
    }

    func writeBeginning(_ end: RunLog.End? = nil) throws {
        guard let (run, setting) = log.beginning else { return }
        log.beginning = nil
        let row = RunRow(
            run: run.run, workflow: run.workflow, flow: setting.flow,
            flowDigest: digest(Array(setting.source.utf8)).hexadecimal,
            parameters: CBORWriter.values(run.parameters), modules: run.modules,
            started: log.started,
            seconds: end?.seconds, status: end.map { StoredRun.Status($0.status) } ?? .running,
            host: Self.host, pid: Int(getpid()), system: Self.about,
            version: setting.version, machine: Fields(Self.machine).text,
            connections: try keep(text: RunRow.text(of: run.connections)),
            directory: Self.directory, outputs: CBORWriter.outputs(run.outputs),
            source: try keep(text: Array(setting.source.utf8)),
            // Only the record of a run that has not ended is compared with processes.
            process: end == nil ? processIdentity : ProcessIdentity(), sweep: setting.sweep)
        try database.insert(row, RunRow.insertion)
    }

    /// Adds a node to the record. A node that ran is written at once. Cached nodes, and nodes that did
    /// not run, are written together: before a module computes for the first time, at the end of the
    /// run, and when a node is written one second or more after the last write.
    public func add(_ node: NodeRecord, of run: String) throws {
        switch node.record.status {
        case .cached:
            log.cached.append(CachedNode(node, run: run, origin: try origin(of: node)))
        case .skipped, .notNeeded: log.waiting.append((run, node))
        case .computed, .failed, .suspended, .stopped:
            if node.record.status == .computed {
                log.computed.append((node.record.node, node.record.seconds))
            }
            // A cached node whose result turned out to be damaged is computed after all.
            log.cached.removeAll { $0.run == run && $0.record.position == node.position }
            log.nodes.append((run, node))
            if setting.groupsWrites { return }
            try database.transaction {
                try insertPending()
                if Clock.now - lastWrite >= Clock.second { try writeWaiting() }
                try writeBeginning()
                try writeNodes()
            }
        }
        if log.cached.count + log.waiting.count >= 10_000 {
            try database.transaction {
                try insertPending()
                try writeWaiting()
            }
        }
    }

    /// Ends the record of a run. Its results are on the disk when this returns, except where writes are
    /// grouped. Where runs are grouped, its record may wait for ``writeEnded()``.
    public func end(run: String, status: RunStatus, seconds: Double) throws {
        log.end = RunLog.End(run: run, status: status, seconds: seconds)
        // A run whose beginning is on record is not left there without an end.
        let isOnRecord = log.beginning == nil
        if ended.isEmpty { endedSince = Clock.now }
        ended.append(log)
        log = RunLog()
        lastSeconds = seconds
        if isOnRecord || !mayWait { try writeEnded() }
    }

    /// Waits until the results of all runs that have ended are on the disk.
    public func sync() throws {
        try writeEnded()
        guard hasKept else { return }
        try database.emptyLog()
        hasKept = false
    }

    /// Writes all that waits, and forgets which shared rows were written.
    func writeAll() throws {
        try database.transaction {
            try insertPending()
            try writeWaiting()
        }
        (knownParts, knownLibraries) = ([], [])
    }

    /// Writes the beginning of the record and the nodes that wait, inside a transaction.
    ///
    /// - Parameter end: the end of a run that is over.
    func writeWaiting(_ end: RunLog.End? = nil) throws {
        lastWrite = Clock.now
        try writeBeginning(end)
        let rows = log.waiting
        log.waiting = []
        for (run, node) in rows { try write(node, of: run) }
        try writeNodes()
        try writeCached()
    }

    /// Writes the nodes that have run, inside a transaction.
    func writeNodes() throws {
        let rows = log.nodes
        log.nodes = []
        for (run, node) in rows { try write(node, of: run) }
    }

    /// Writes the row of a node, inside a transaction.
    func write(_ node: NodeRecord, of run: String) throws {
        let parts = node.key.map { text(of: $0.parts) }
        let libraries = try keep(node.libraries)
        try database.insert(
            NodeRow(node, of: run, parts: parts, libraries: libraries), NodeRow.insertion)
        for (index, call) in node.record.calls.enumerated() {
            let row = CallRow(
                call, number: index + 1, of: node.position, in: run, compress: compress)
            try database.insert(row, CallRow.insertion)
        }
    }

    /// Writes a list of libraries, which nodes share.
    ///
    /// - Returns: the digest of the row; nil for an empty list.
    private func keep(_ libraries: [LibraryRecord]) throws -> [UInt8]? {
        if libraries.isEmpty { return nil }
        let list = CBORWriter.libraries(libraries)
        let digest = digest(list).bytes
        if knownLibraries.insert(digest).inserted {
            try database.insert(
                LibrariesRow(digest: digest, libraries: list), LibrariesRow.insertion)
        }
        return digest
    }

    /// The parts of a key, as ``Fields``.
    private func text(of parts: [KeyRecord.Part]) -> [UInt8] {
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
        return text.text
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
    private static let machine: [(name: String, value: String)] = {
        let pages = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
        return [
            ("processors", "\(sysconf(Int32(_SC_NPROCESSORS_ONLN)))"),
            ("memory", "\(pages >> 20) MiB"),
            ("sqlite", String(cString: vtd_sqlite_version())),
        ]
    }()

    private static let about: String = {
        let system = Store.names
        return [text(of: system.sysname), text(of: system.release), text(of: system.machine)]
            .joined(separator: " ")
    }()

    private static var names: utsname {
        var names = utsname()
        uname(&names)
        return names
    }

    static let host = text(of: names.nodename)

    private static func text(of name: some Any) -> String {
        withUnsafeBytes(of: name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
