// SPDX-License-Identifier: BSD-3-Clause

/// The columns of a table or a query. A raw value is the column's name in the database, or the
/// expression that a query has for it.
protocol TableColumn: RawRepresentable<String>, CaseIterable, Hashable, Sendable {}

/// A row of a table, with its columns in the order of the table.
protocol TableRow {
    associatedtype Column: TableColumn

    /// The name of the table.
    static var table: String { get }
    /// The value that the row has in a column.
    func value(of column: Column) -> Database.Value
}

extension TableRow {
    /// Makes a statement that inserts a row.
    ///
    /// - Parameter verb: `INSERT`, with `OR REPLACE` or `OR IGNORE` for a row whose primary key exists.
    static func insertStatement(_ verb: String) -> String {
        let names = Column.allCases.map(\.rawValue).joined(separator: ", ")
        let places = Column.allCases.map { _ in "?" }.joined(separator: ", ")
        return "\(verb) INTO \(table) (\(names)) VALUES (\(places))"
    }

    /// The values of all columns, in the order of ``insertStatement(_:)``.
    var values: [Database.Value] { Column.allCases.map { value(of: $0) } }
}

/// A query whose columns are read by name.
struct Selection<Column: TableColumn>: Sendable {
    let sql: String
    private let columns: [Column]

    /// - Parameters:
    ///   - columns: the columns to read.
    ///   - expressions: expressions that replace columns in the query.
    ///   - clauses: the rest of the query, from `FROM` on.
    init(_ columns: [Column], as expressions: [Column: String] = [:], _ clauses: String) {
        self.columns = columns
        let list = columns.map { expressions[$0] ?? $0.rawValue }.joined(separator: ", ")
        sql = "SELECT \(list) \(clauses)"
    }

    private init(sql: String, columns: [Column]) {
        self.sql = sql
        self.columns = columns
    }

    /// The query with more clauses at its end.
    func with(_ clauses: String) -> Selection {
        Selection(sql: sql + " " + clauses, columns: columns)
    }

    /// The position of a column in the query.
    func position(of column: Column) -> Int32 {
        guard let position = columns.firstIndex(of: column) else {
            preconditionFailure("the query does not read the column \(column.rawValue)")
        }
        return Int32(position)
    }
}

/// A row that a query found; valid while the query is read.
struct SelectedRow<Column: TableColumn> {
    let selection: Selection<Column>
    let row: Database.Row

    func isNull(_ column: Column) -> Bool { row.isNull(selection.position(of: column)) }
    func isText(_ column: Column) -> Bool { row.isText(selection.position(of: column)) }
    func integer(_ column: Column) -> Int { row.integer(selection.position(of: column)) }
    func text(_ column: Column) -> String { row.text(selection.position(of: column)) }
    func bytes(_ column: Column) -> [UInt8] { row.bytes(selection.position(of: column)) }

    func optionalText(_ column: Column) -> String? { isNull(column) ? nil : text(column) }
    func optionalBytes(_ column: Column) -> [UInt8]? { isNull(column) ? nil : bytes(column) }

    /// A time or a duration in seconds. A file may hold any number; one that cannot be a time is
    /// read as 0.
    func seconds(_ column: Column) -> Double {
        let seconds = row.number(selection.position(of: column))
        return abs(seconds) < 1e12 ? seconds : 0
    }

    /// A number of things: never negative, and so small that sums of a few do not overflow.
    func count(_ column: Column) -> Int { min(max(0, integer(column)), 1 << 56) }
}

extension Database {
    /// Inserts a row by a statement of ``TableRow/insertStatement(_:)``.
    func insert(_ row: some TableRow, _ insertion: String) throws {
        try run(insertion, row.values) { _ in }
    }

    /// Runs a query and calls `each` with every row that it finds.
    func run<Column>(
        _ selection: Selection<Column>, _ values: Value...,
        each: (SelectedRow<Column>) throws -> Void
    ) throws {
        try run(selection, values, each: each)
    }

    func run<Column>(
        _ selection: Selection<Column>, _ values: [Value],
        each: (SelectedRow<Column>) throws -> Void
    ) throws {
        try run(selection.sql, values) { try each(SelectedRow(selection: selection, row: $0)) }
    }

    /// Runs a query as ``read(_:_:each:)`` does.
    func read<Column>(
        _ selection: Selection<Column>, _ values: Value...,
        each: (SelectedRow<Column>) throws -> Void
    ) throws {
        try read(selection.sql, values) { try each(SelectedRow(selection: selection, row: $0)) }
    }
}
