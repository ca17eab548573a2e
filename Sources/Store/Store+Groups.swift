// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem
internal import VTWorkflow

// Runs whose records are written together. A sweep may have thousands of runs of less than a millisecond,
// and only one of its processes can write at a time.

extension Store {
    /// True while the records and results of short runs may wait for the next ones.
    var mayWait: Bool {
        guard writer != nil, lastSeconds < Self.shortRun else { return false }
        return ended.isEmpty || Clock.now < writeTime
    }

    /// The longest duration of runs that are written together, in seconds.
    private static let shortRun = 0.01
    /// The longest time before the record of a run is written, in nanoseconds.
    private static let longestWait = Clock.second / 100

    /// The time when the runs that have ended must be written.
    var writeTime: Int64 { ended.isEmpty ? Clock.never : endedSince + Self.longestWait }

    /// Writes the records of short runs together, 10 ms after the first of them has ended at the latest:
    /// a thread does it while a run goes on. Until ``endGrouping()``, everything that uses the store must
    /// be inside ``exclusively(_:)``.
    ///
    /// - Parameter didWrite: called inside ``exclusively(_:)``, on any thread, when runs that had ended before
    ///   were written, or could not be.
    /// - Throws: an error of the system that has no thread.
    public func groupRuns(_ didWrite: @escaping @Sendable () -> Void) throws {
        writer = try RunWriter(
            time: { [unowned self] in writeTime }, write: { [unowned self] in try writeEnded() },
            didWrite)
    }

    /// Ends what ``groupRuns(_:)`` began.
    ///
    /// - Throws: the failure of the thread, if no run has reported it.
    public func endGrouping() throws {
        guard let writer else { return }
        writer.end()
        self.writer = nil
        if let failure = writer.takeFailure() { throw failure }
    }

    /// Calls `body` while the thread of ``groupRuns(_:)`` does not use the store.
    public func exclusively<R>(_ body: () throws -> R) rethrows -> R {
        guard let writer, !isExclusive else { return try body() }
        return try writer.exclusively {
            isExclusive = true
            defer { isExclusive = false }
            return try body()
        }
    }

    /// True if runs have ended whose records are not written.
    public var hasUnwrittenRuns: Bool { !ended.isEmpty }

    /// Writes the records and results of the runs that have ended.
    public func writeEnded() throws {
        if let failure = writer?.takeFailure() { throw failure }
        if ended.isEmpty { return }
        try database.transaction { try insertPending() }
        try finishWriting()
    }

    /// Writes the results that wait, and the records of the runs that have ended, inside a transaction.
    func insertPending() throws {
        try insertResults()
        if ended.isEmpty { return }
        let (runs, present) = (ended, log)
        ended = []
        defer { log = present }
        for run in runs {
            log = run
            try insertEnd()
        }
    }

    /// Writes the rest of the record of a run that has ended, inside a transaction.
    private func insertEnd() throws {
        guard let end = log.end else { return }
        if log.beginning != nil {
            try writeWaiting(end)
        } else {
            try writeWaiting()
            try database.run(
                "UPDATE runs SET status = ?, seconds = ? WHERE run = ?",
                .text(StoredRun.Status(end.status).rawValue), .number(end.seconds), .text(end.run))
        }
        guard !log.computed.isEmpty else { return }
        try database.run(
            "UPDATE runs SET durations = ? WHERE run = ?",
            .bytes(CBORWriter.durations(log.computed)), .text(end.run))
    }

    /// Releases what waited for a transaction.
    func finishWriting() throws {
        if ended.isEmpty {
            for key in reserved.values { leases.release(key) }
            reserved = [:]
        }
        try releaseWritten()
        try checkFile()
        // Results must be on the disk when a run is over; a record alone need not be. A large log is
        // emptied, because each process that opens the store reads it.
        let most = setting.groupsWrites ? Self.largestLogOfMany : Self.largestLog
        guard logSize > most || hasKept && !setting.groupsWrites else { return }
        try database.emptyLog()
        hasKept = false
    }

    private var logSize: Int {
        var about = stat()
        return stat(directory + "/store.sqlite-wal", &about) == 0 ? about.st_size : 0
    }

    /// The largest size of the write-ahead log, in bytes: that of twenty runs of cached results.
    private static let largestLog = 400 << 10
    /// The same while many runs follow each other.
    private static let largestLogOfMany = 4 << 20

    /// Reserves an identifier for a run that begins now, until its record is written.
    ///
    /// - Returns: false if a run or a sweep has this identifier.
    public func reserve(run: String) throws -> Bool {
        guard reserved[run] == nil, try !isKnown(run: run) else { return false }
        let key = digest(Array("run \(run)".utf8))
        guard leases.take(key) else { return false }
        reserved[run] = key
        // Its record may have been written before the lease was taken.
        return try !isKnown(run: run)
    }
}
