// SPDX-License-Identifier: BSD-3-Clause

internal import CVTStore
internal import VTSystem
internal import VTWorkflow

/// A store of results and records of runs in a directory: one SQLite file, and a file for each large
/// result, named by its digest.
///
/// A store must be used on one thread at a time, except for ``groupRuns(_:)``. Several processes may use the same directory.
public final class Store {
    /// The path of the directory.
    public let directory: String
    let database: Database
    /// The device and the number of the database's file.
    private let file: [UInt64]
    /// ``secretKey``, after it was asked for.
    var knownSecretKey: [UInt8]?
    /// Called with a warning about a damaged result, which is removed.
    public var warn: (String) -> Void = { _ in }

    /// Opens the store in a directory, and creates the directory if it does not exist.
    ///
    /// - Throws: ``StoreError``.
    public init(directory: String) throws {
        self.directory = directory
        if let missing = vtd_load() { throw StoreError(String(cString: missing)) }
        try Self.make(directory)
        try Self.make(directory + "/blobs")
        let file = directory + "/store.sqlite"
        var about = stat()
        if stat(file, &about) == 0, about.st_mode & S_IFMT != S_IFREG {
            throw StoreError("'\(file)' is not a regular file; use another --store")
        }
        database = try Database(file)
        self.file = Self.identity(of: file)
        do {
            try prepareWhenFree()
        } catch let error as StoreError
            where Int(error.status) == VTD_NOT_A_DATABASE || Int(error.status) == VTD_CORRUPT
        {
            throw StoreError(
                "'\(directory)/store.sqlite' is damaged (\(error)); remove '\(directory)' to start "
                    + "over", error.status)
        }
    }

    private static func identity(of path: String) -> [UInt64] {
        var about = stat()
        return stat(path, &about) == 0 ? [UInt64(about.st_dev), UInt64(about.st_ino)] : []
    }

    /// Throws if the file was removed or replaced: what is written then reaches no other process.
    ///
    /// - Throws: ``StoreError``.
    func checkFile() throws {
        let path = directory + "/store.sqlite"
        guard Self.identity(of: path) != file else { return }
        throw StoreError(
            "'\(path)' was removed or replaced during the run, so that its results and its record are "
                + "lost; run again to compute them")
    }

    private static func make(_ path: String) throws {
        guard mkdir(path, 0o777) != 0, errno != EEXIST else { return }
        throw StoreError("cannot create '\(path)': \(String(cString: strerror(errno)))")
    }

    /// Prepares the database. SQLite does not wait for other processes when it changes the journal, so
    /// this method does, for at most ten seconds.
    private func prepareWhenFree() throws {
        let end = Clock.now + 10 * Clock.second
        while true {
            do {
                return try prepare()
            } catch let error as StoreError where Int(error.status) == VTD_BUSY && Clock.now < end {
                usleep(UInt32.random(in: 1000...10_000))
            }
        }
    }

    private func prepare() throws {
        // Readers do not wait for writers with a write-ahead log. It needs shared memory, which a
        // network file system does not have.
        let isCurrent = try formIsCurrent()
        if try !isCurrent && hasOtherTables() {
            throw StoreError(
                "'\(directory)/store.sqlite' is a database of another program; use another --store")
        }
        let mode = vtd_is_on_network(directory) ? "TRUNCATE" : "WAL"
        let journal = try database.value(of: "PRAGMA journal_mode = \(mode)") { $0.text(0) }
        database.hasLog = journal == "wal"
        try database.run("PRAGMA synchronous = NORMAL")
        try database.run("PRAGMA wal_autocheckpoint = 2000")
        try database.run("PRAGMA cell_size_check = ON")
        if isCurrent { return }
        try database.transaction {
            // Another process may have migrated the tables meanwhile.
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

    /// True if a file without a version has tables: it is no store.
    private func hasOtherTables() throws -> Bool {
        // Another process may be making the tables, in one transaction with the version: a version that
        // is read after the tables belongs to them.
        let tables = try database.value(of: "SELECT count(*) FROM sqlite_master") { $0.integer(0) }
        return try tables != 0 && form() == 0
    }

    private func newer(_ form: Int) -> StoreError {
        StoreError(
            "'\(directory)' was created by a newer vtlua (format \(form); this version supports up to "
                + "\(Migrations.version)); use that version, or another --store")
    }

    /// The script and the program of runs. It must be set before a run begins.
    public var setting = Setting()

    /// The script and the program of runs.
    public struct Setting: Sendable {
        /// The path of the script.
        public var flow = ""
        /// The text of the script.
        public var source = ""
        /// The version of the program.
        public var version = ""
        /// The identifier of the sweep that runs are part of; empty for other runs.
        public var sweep = ""
        /// True to write what a run leaves in few transactions, and to the disk when ``Store/sync()`` is
        /// called: for many short runs, one after another.
        public var groupsWrites = false

        /// Creates empty settings.
        public init() {}
    }

    /// The record of the run that goes on, as far as it is not written.
    var log = RunLog()
    /// The records of runs that have ended and wait for the next ones, the time when the first of them
    /// has ended, in nanoseconds, and the duration of the last one, in seconds.
    var ended: [RunLog] = []
    var endedSince: Int64 = 0
    var lastSeconds = Double.infinity
    /// The thread that writes them, where short runs are grouped, and true inside ``exclusively(_:)``.
    var writer: RunWriter?
    var isExclusive = false
    /// The identifiers of runs whose records are not written, each with its lease.
    var reserved: [String: Digest] = [:]
    /// The process that uses the store.
    private(set) lazy var processIdentity = ProcessIdentity.current
    /// The time of the last write, in nanoseconds.
    var lastWrite: Int64 = 0
    /// The key of the result that was found last, and the run that computed it.
    var lastFound: (key: Digest, run: String)?
    /// The digests of rows of `libraries` that were written.
    var knownLibraries: Set<[UInt8]> = []
    /// The names of rows of `parts` that were written.
    var knownParts: Set<String> = []
    /// The parts that were written last, as text, and the end of each part in it.
    var lastParts: (parts: [KeyRecord.Part], text: [UInt8], ends: [Int]) = ([], [], [])
    /// Results that wait for the record of their node, with their observations.
    var unwritten: [(row: ResultRow, observations: [UInt8])] = []
    /// The keys of these results.
    var unwrittenKeys: Set<[UInt8]> = []
    /// The keys whose leases are released when these results are written.
    var unreleased: [Digest] = []
    /// True if results were stored that only the write-ahead log may have.
    var hasKept = false
    /// The leases of keys that this store computes.
    private(set) lazy var leases = Leases(
        directory: directory, sharesMemory: database.hasLog)
    /// The number of transactions that other stores were shown.
    var notedCommits = 0
    /// For earlier runs, where the record of each node that had a result is: with the run that
    /// computed the result.
    var knownNodes: [String: [String: (run: String, position: Int)]] = [:]
}

@available(*, unavailable)
extension Store: Sendable {}
