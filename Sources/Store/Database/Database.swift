// SPDX-License-Identifier: BSD-3-Clause

internal import CVTStore
internal import VTSystem

/// A connection to an SQLite file. It must be used on one thread at a time.
final class Database {
    private let handle: OpaquePointer
    private let path: String
    private var statements: [String: OpaquePointer] = [:]
    private var isReading = false
    /// True if the file has a write-ahead log: writers then do not wait for readers.
    var hasLog = false

    /// A parameter of a statement.
    enum Value {
        case null
        case integer(Int)
        case number(Double)
        case text(String)
        /// A text as UTF-8.
        case utf8([UInt8])
        case bytes([UInt8])

        static func optional(_ text: String?) -> Value { text.map { .text($0) } ?? .null }
        static func optional(_ number: Double?) -> Value { number.map { .number($0) } ?? .null }
        static func optional(bytes: [UInt8]?) -> Value { bytes.map { .bytes($0) } ?? .null }
    }

    /// A row of a result; valid until the next one is read.
    struct Row {
        fileprivate let statement: OpaquePointer

        func isNull(_ column: Int32) -> Bool { vtd_is_null(statement, column) }
        func isText(_ column: Int32) -> Bool { vtd_is_text(statement, column) }
        func integer(_ column: Int32) -> Int { Int(vtd_integer(statement, column)) }
        func number(_ column: Int32) -> Double { vtd_number(statement, column) }
        func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }
        func bytes(_ column: Int32) -> [UInt8] {
            var count = 0
            let start = vtd_bytes(statement, column, &count)
            return Array(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
        }
    }

    init(_ path: String) throws {
        var handle: OpaquePointer?
        let status = vtd_open(path.hasPrefix("/") ? path : "./" + path, &handle)
        guard let handle else { throw StoreError("cannot open '\(path)': out of memory") }
        (self.handle, self.path) = (handle, path)
        guard Int(status) == VTD_OK else {
            let message = String(cString: vtd_message(handle))
            vtd_close(handle)
            throw StoreError("cannot open '\(path)': \(message)", status)
        }
        _ = vtd_busy_timeout(handle, Self.patience)
        vtd_keep_log(handle)
    }

    deinit {
        for statement in statements.values { vtd_finalize(statement) }
        vtd_close(handle)
    }

    /// Runs a statement, and calls `each` with every row of its result.
    func run(
        _ sql: String, _ values: Value..., each: (Row) throws -> Void = { _ in }
    ) throws {
        try run(sql, values, each: each)
    }

    func run(_ sql: String, _ values: [Value], each: (Row) throws -> Void) throws {
        try endReading()
        try step(sql, values, each: each)
    }

    /// Runs a query, and keeps the read lock for the next one, which saves most of the system calls.
    /// Another statement or ``endReading()`` releases the lock. Until then, changes of other
    /// connections are not visible, and stay in the write-ahead log.
    func read(_ sql: String, _ values: [Value], each: (Row) throws -> Void) throws {
        if !isReading, hasLog {
            try step("BEGIN", [])
            isReading = true
        }
        try step(sql, values, each: each)
    }

    /// Releases the lock of ``read(_:_:each:)``.
    func endReading() throws {
        guard isReading else { return }
        isReading = false
        try step("COMMIT", [])
    }

    private func step(
        _ sql: String, _ values: [Value], each: (Row) throws -> Void = { _ in }
    ) throws {
        let statement = try prepared(sql)
        defer { vtd_reset(statement) }
        for (index, value) in values.enumerated() { bind(value, Int32(index + 1), statement) }
        while true {
            switch Int(vtd_step(statement) & 0xff) {
            case VTD_ROW: try each(Row(statement: statement))
            case VTD_DONE: return
            case let status: throw failure(Int32(status))
            }
        }
    }

    /// Runs `body` in a transaction, which is rolled back if `body` throws.
    func transaction<R>(_ body: () throws -> R) throws -> R {
        try run("BEGIN IMMEDIATE")
        do {
            let result = try body()
            try run("COMMIT")
            commits += 1
            return result
        } catch {
            try? run("ROLLBACK")
            throw error
        }
    }

    /// Moves the write-ahead log into the file, except for what other connections use.
    func emptyLog() throws {
        _ = vtd_busy_timeout(handle, 0)
        defer { _ = vtd_busy_timeout(handle, Self.patience) }
        try run("PRAGMA wal_checkpoint(TRUNCATE)")
    }

    /// The number of transactions that have written.
    private(set) var commits = 0

    /// The time to wait for locks of other connections, in milliseconds.
    private static let patience: Int32 = 10_000

    /// Runs a statement that has one result, such as a `PRAGMA`.
    func value<T>(of sql: String, _ read: (Row) -> T) throws -> T? {
        var value: T?
        try run(sql) { value = read($0) }
        return value
    }

    /// The number of rows that the last statement has changed.
    var changes: Int { Int(vtd_changes(handle)) }

    /// Frees prepared statements, which would keep a temporary table from being removed.
    func finalizeStatements() {
        for statement in statements.values { vtd_finalize(statement) }
        statements = [:]
    }

    private func prepared(_ sql: String) throws -> OpaquePointer {
        if let statement = statements[sql] { return statement }
        var statement: OpaquePointer?
        let status = vtd_prepare(handle, sql, &statement)
        guard let statement else { throw failure(status) }
        statements[sql] = statement
        return statement
    }

    private func bind(_ value: Value, _ index: Int32, _ statement: OpaquePointer) {
        switch value {
        case .null: return
        case .integer(let value): _ = vtd_bind_integer(statement, index, Int64(value))
        case .number(let value): _ = vtd_bind_number(statement, index, value)
        case .text(let given):
            var text = Secrets.masked(given)
            text.withUTF8 { _ = vtd_bind_text(statement, index, $0.baseAddress, $0.count) }
        case .utf8(let bytes):
            Secrets.masked(bytes).withUnsafeBytes {
                _ = vtd_bind_text(statement, index, $0.baseAddress, $0.count)
            }
        case .bytes(let bytes):
            Secrets.blanked(bytes).withUnsafeBytes {
                _ = vtd_bind_bytes(statement, index, $0.baseAddress, $0.count)
            }
        }
    }

    /// Returns the failure of a statement. SQLite's text for a failure of the disk names no file.
    private func failure(_ status: Int32) -> StoreError {
        let text = String(cString: vtd_message(handle))
        switch Int(status & 0xff) {
        case VTD_FULL:
            return StoreError(
                "cannot write '\(path)': \(text); free space there, or use another --store", status)
        case VTD_READ_ONLY, VTD_IO_ERROR, VTD_CANNOT_OPEN:
            return StoreError("cannot use '\(path)': \(text)", status)
        default: return StoreError(text, status)
        }
    }
}

/// A failure of a store, with a message for the user.
public struct StoreError: Error, CustomStringConvertible, Sendable {
    /// The error message.
    public var description: String
    /// SQLite's result code; 0 for other errors.
    var status: Int32

    init(_ description: String, _ status: Int32 = 0) {
        self.description = description
        self.status = status
    }
}
