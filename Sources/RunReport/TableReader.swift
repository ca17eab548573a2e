// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTReport
internal import VTRuntime
internal import VTShipping
internal import VTSystem
internal import VTWorkflow

/// Reads a Lua table as rows and columns. It may be a list of records or of lists, a table of
/// columns, a list of values, or a record.
enum TableReader {
    /// Returns nil if the table is none of these.
    static func value(of index: Int, _ lua: borrowing Lua) throws -> Report.Value? {
        if let frame = lua.frameDescription(at: index) {
            return .table(try rows(of: frame, lua, index))
        }
        let count = lua.rawLength(at: index)
        return count > 0
            ? try list(count, lua, index) : try columns(lua, index).map(Report.Value.table)
    }

    // MARK: Frames

    private static func rows(
        of frame: FrameDescription, _ lua: borrowing Lua, _ index: Int
    ) throws -> Report.Table {
        let names = Array(frame.names.prefix(ReportReader.mostColumns))
        try lua.reserve(6)
        var cells: [[LuaValue]] = []
        for row in 0..<min(frame.rows, ReportReader.mostRows) {
            var values: [LuaValue] = []
            for column in names.indices {
                try lua.pushFrameElement(row: row + 1, column: column + 1, of: index)
                values.append(LuaValue(lua: lua, at: -1, bounds: .init(depth: 2, pairs: 20)))
                lua.pop()
            }
            cells.append(values)
        }
        return made(names, cells, frame.rows)
    }

    // MARK: Lists

    private static func list(
        _ count: Int, _ lua: borrowing Lua, _ index: Int
    ) throws -> Report.Value {
        var rows: [LuaValue] = []
        for number in 1...min(count, ReportReader.mostRows) {
            try lua.pushRawElement(number, of: index)
            rows.append(LuaValue(lua: lua, at: -1, bounds: .init(depth: 4, pairs: 200)))
            lua.pop()
        }
        var names: [String] = []
        var seen: Set<String> = []
        var records: [[String: LuaValue]] = []
        for row in rows {
            guard case .table(let pairs) = row, !pairs.isEmpty else {
                return .list(rows.map(cell), count: count)
            }
            var record: [String: LuaValue] = [:]
            for pair in pairs {
                guard let name = columnName(pair.key) else { continue }
                if seen.insert(name).inserted { names.append(name) }
                record[name] = pair.value
            }
            records.append(record)
        }
        names = Array(names.prefix(ReportReader.mostColumns))
        let cells = records.map { record in names.map { record[$0] ?? .nil } }
        return .table(made(names, cells, count))
    }

    private static func columnName(_ key: LuaValue) -> String? {
        switch key {
        case .string(let bytes): bytes.text
        case .integer(let number): String(number)
        default: nil
        }
    }

    // MARK: Tables with names

    private static func columns(_ lua: borrowing Lua, _ index: Int) throws -> Report.Table? {
        var names: [String] = []
        var areLists = true
        var total = 0
        try lua.forEachPair(of: index) {
            guard lua.type(at: -2) == .string, let name = lua.text(at: -2) else {
                areLists = false
                return
            }
            names.append(name)
            let count = lua.type(at: -1) == .table ? lua.rawLength(at: -1) : 0
            if count == 0 { areLists = false }
            total = max(total, count)
        }
        if names.isEmpty { return nil }
        names = Array(names.sorted().prefix(ReportReader.mostColumns))
        return areLists
            ? try lists(names, total, lua, index) : try record(names, lua, index)
    }

    /// Reads a table of columns.
    private static func lists(
        _ names: [String], _ count: Int, _ lua: borrowing Lua, _ index: Int
    ) throws -> Report.Table {
        var rows: [[LuaValue]] = Array(
            repeating: [], count: min(count, ReportReader.mostRows))
        for name in names {
            try lua.pushRawField(name, of: index)
            for row in rows.indices {
                try lua.pushRawElement(row + 1, of: -1)
                rows[row].append(LuaValue(lua: lua, at: -1, bounds: .init(depth: 4, pairs: 200)))
                lua.pop()
            }
            lua.pop()
        }
        return made(names, rows, count)
    }

    /// Reads a record, as rows of a name and a value.
    private static func record(
        _ names: [String], _ lua: borrowing Lua, _ index: Int
    ) throws -> Report.Table {
        var rows: [[LuaValue]] = []
        for name in names {
            try lua.pushRawField(name, of: index)
            let value = LuaValue(lua: lua, at: -1, bounds: .init(depth: 4, pairs: 200))
            lua.pop()
            rows.append([.string(LuaBytes(name)), value])
        }
        return made(["name", "value"], rows, rows.count)
    }

    // MARK: Cells

    private static func made(
        _ names: [String], _ rows: [[LuaValue]], _ count: Int
    ) -> Report.Table {
        let numeric = names.indices.filter { column in
            rows.allSatisfy { row in
                switch row[column] {
                case .integer, .number, .nil: true
                default: false
                }
            }
        }
        return Report.Table(
            columns: names, rows: rows.map { $0.map(cell) }, count: count, numeric: Set(numeric))
    }

    private static func cell(_ value: LuaValue) -> String {
        switch value {
        case .nil: return ""
        case .string(let bytes):
            let text = bytes.text
            return text.count > 200 ? "\(text.prefix(199))\u{2026}" : text
        case .table:
            let text = JSON(value).text
            return text.count > 80 ? value.brief : text
        default: return value.brief
        }
    }
}
