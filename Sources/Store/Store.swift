// SPDX-License-Identifier: BSD-3-Clause

internal import CVTStore
internal import Glibc
internal import VTWorkflow

/// Results and records of runs in a directory: one SQLite file, and large results as files of
/// their own, named by their content.
///
/// A store belongs to the thread that uses it. Several processes may have the same one open.
public final class Store {
    public let directory: String
    let database: Database
    /// Told of what is damaged: it counts as not there.
    public var warn: (String) -> Void = { _ in }

    /// Opens the store in a directory, and makes it if need be.
    public init(directory: String) throws {
        self.directory = directory
        if let missing = vtd_load() { throw StoreError(String(cString: missing)) }
        try Self.make(directory)
        try Self.make(directory + "/blobs")
        database = try Database(directory + "/store.sqlite")
        do {
            try prepareWhenFree()
        } catch let error as StoreError
            where Int(error.status) == VTD_NOT_A_DATABASE || Int(error.status) == VTD_CORRUPT
        {
            throw StoreError(
                "'\(directory)/store.sqlite' is damaged (\(error)); remove '\(directory)' to begin "
                    + "anew", error.status)
        }
    }

    private static func make(_ path: String) throws {
        guard mkdir(path, 0o777) != 0, errno != EEXIST else { return }
        throw StoreError("cannot make '\(path)': \(String(cString: strerror(errno)))")
    }

    /// Changing the journal does not wait for others, whatever the time limit: this does.
    private func prepareWhenFree() throws {
        let end = wallClock() + 10
        while true {
            do {
                return try prepare()
            } catch let error as StoreError where Int(error.status) == VTD_BUSY && wallClock() < end
            {
                usleep(UInt32.random(in: 1000...10_000))
            }
        }
    }

    private func prepare() throws {
        // Readers are not kept waiting. A network's file system has no memory to share for that.
        let mode = vtd_is_on_network(directory) ? "TRUNCATE" : "WAL"
        let journal = try database.value(of: "PRAGMA journal_mode = \(mode)") { $0.text(0) }
        database.hasLog = journal == "wal"
        try database.run("PRAGMA synchronous = NORMAL")
        try database.run("PRAGMA wal_autocheckpoint = 400")
        if try formIsCurrent() { return }
        try database.transaction {
            // Another process may have done it meanwhile.
            if try formIsCurrent() { return }
            for statements in Migrations.all[try form()...] {
                for statement in statements { try database.run(statement) }
            }
            try database.run("PRAGMA user_version = \(Migrations.version)")
        }
    }

    /// The version of the tables in the file; 0 for an empty file.
    private func form() throws -> Int {
        max(0, try database.value(of: "PRAGMA user_version") { $0.integer(0) } ?? 0)
    }

    /// - Throws: ``StoreError`` where a newer version of the program made the file.
    private func formIsCurrent() throws -> Bool {
        let form = try form()
        guard form <= Migrations.version else { throw newer(form) }
        return form == Migrations.version
    }

    private func newer(_ form: Int) -> StoreError {
        StoreError(
            "'\(directory)' was made by a newer vtlua (form \(form), this one knows "
                + "\(Migrations.version)); use that one, or another --store")
    }

    /// What a run is about besides its plan; set before one begins.
    public var setting = Setting()

    public struct Setting: Sendable {
        /// The workflow's script.
        public var flow = ""
        public var source = ""
        /// Of the program.
        public var version = ""

        public init() {}
    }

    /// A run that is not on record yet, and when it began.
    var beginning: (run: RunDescription, started: Double)?
    // Rows of a run that wait to be written.
    var waiting: [(run: String, node: NodeRecord)] = []
    var knownParts: Set<String> = []
    /// The parts that were written last, as text, and where each of them ends in it.
    var lastParts: (parts: [KeyRecord.Part], text: [UInt8], ends: [Int]) = ([], [], [])
    /// Whether results were kept that may be in the log only.
    var hasKept = false
    /// Of earlier runs: where the nodes are that had a result.
    var knownNodes: [String: [String: Int]] = [:]
}

@available(*, unavailable)
extension Store: Sendable {}
