// SPDX-License-Identifier: BSD-3-Clause

internal import CVTStore

/// A file of SQLite, as one thread uses it.
final class Database {
    private let handle: OpaquePointer
    private var statements: [String: OpaquePointer] = [:]
    private var isReading = false
    /// Whether writers go on while others read.
    var hasLog = false

    /// A value that goes into a statement.
    enum Value {
        case null
        case integer(Int)
        case number(Double)
        case text(String)
        /// A text, as bytes.
        case utf8([UInt8])
        case bytes([UInt8])

        static func optional(_ text: String?) -> Value { text.map { .text($0) } ?? .null }
        static func optional(_ number: Double?) -> Value { number.map { .number($0) } ?? .null }
        static func optional(bytes: [UInt8]?) -> Value { bytes.map { .bytes($0) } ?? .null }
    }

    /// A row, while it is looked at.
    struct Row {
        fileprivate let statement: OpaquePointer

        func isNull(_ column: Int32) -> Bool { vtd_is_null(statement, column) }
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
        let status = vtd_open(path, &handle)
        guard let handle else { throw StoreError("cannot open '\(path)': no memory") }
        self.handle = handle
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

    /// Runs a statement; `each` is given its rows.
    func run(
        _ sql: String, _ values: Value..., each: (Row) throws -> Void = { _ in }
    ) throws {
        try run(sql, values, each: each)
    }

    func run(_ sql: String, _ values: [Value], each: (Row) throws -> Void) throws {
        try endReading()
        try step(sql, values, each: each)
    }

    /// Reads, and leaves the lock in place for the next one, which spares most of the system
    /// calls. Another statement ends that, or ``endReading()``; until then nobody else's changes
    /// are seen, and they wait in the log.
    func read(_ sql: String, _ values: [Value], each: (Row) throws -> Void) throws {
        if !isReading, hasLog {
            try step("BEGIN", [])
            isReading = true
        }
        try step(sql, values, each: each)
    }

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

    /// All of `body`, or nothing of it.
    func transaction<R>(_ body: () throws -> R) throws -> R {
        try run("BEGIN IMMEDIATE")
        do {
            let result = try body()
            try run("COMMIT")
            return result
        } catch {
            try? run("ROLLBACK")
            throw error
        }
    }

    /// Moves the write-ahead log into the file, as far as others are not at it.
    func emptyLog() throws {
        _ = vtd_busy_timeout(handle, 0)
        defer { _ = vtd_busy_timeout(handle, Self.patience) }
        try run("PRAGMA wal_checkpoint(TRUNCATE)")
    }

    /// Milliseconds that others may keep it.
    private static let patience: Int32 = 10_000

    /// Runs a statement that has one result, such as a `PRAGMA`.
    func value<T>(of sql: String, _ read: (Row) -> T) throws -> T? {
        var value: T?
        try run(sql) { value = read($0) }
        return value
    }

    /// How many rows the last statement has changed.
    var changes: Int { Int(vtd_changes(handle)) }

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
        case .text(var text):
            text.withUTF8 { _ = vtd_bind_text(statement, index, $0.baseAddress, $0.count) }
        case .utf8(let bytes):
            bytes.withUnsafeBytes {
                _ = vtd_bind_text(statement, index, $0.baseAddress, $0.count)
            }
        case .bytes(let bytes):
            bytes.withUnsafeBytes {
                _ = vtd_bind_bytes(statement, index, $0.baseAddress, $0.count)
            }
        }
    }

    private func failure(_ status: Int32) -> StoreError {
        StoreError(String(cString: vtd_message(handle)), status)
    }
}

/// What a store cannot do, and why.
public struct StoreError: Error, CustomStringConvertible, Sendable {
    public var description: String
    /// SQLite's number.
    var status: Int32

    init(_ description: String, _ status: Int32 = 0) {
        self.description = description
        self.status = status
    }
}
