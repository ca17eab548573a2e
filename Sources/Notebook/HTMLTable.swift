// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTLuaTooling
internal import VTReport
internal import VTRuntime
internal import VTSystem

/// Lua tables that have rows and columns, as HTML: a list of records, columns of equal length, or
/// the result of a run.
struct HTMLTable {
    private var head: [String]
    private var rows: [[HTML]] = []
    /// The number of rows that are not shown.
    private var more = 0
    /// The number of columns that are not shown.
    private var moreColumns = 0

    private static let mostRows = 50
    private static let mostColumns = 30

    /// Returns the HTML of the value at `index`; nil if it is not such a table.
    static func text(at index: Int, _ lua: borrowing Lua) -> String? {
        let top = lua.top
        defer { try? lua.setTop(top) }
        guard (try? lua.reserve(12)) != nil else { return nil }
        // A table with display functions is not a record.
        if (try? lua.pushMetatable(of: index)) == true { return nil }
        do {
            if let table = try records(index, lua) ?? columns(index, lua) { return table.html.text }
            return try run(index, lua)
        } catch {
            return nil
        }
    }

    // MARK: Kinds

    /// A list of records: `{ { name = "a", size = 1 }, ... }`.
    private static func records(_ index: Int, _ lua: borrowing Lua) throws -> HTMLTable? {
        let count = lua.rawLength(at: index)
        guard count > 0, try isList(index, count, lua) else { return nil }
        var found: Set<String> = []
        for row in 1...min(count, mostRows) {
            try lua.pushRawElement(row, of: index)
            defer { lua.pop() }
            guard lua.type(at: -1) == .table, let keys = try names(lua.top, lua), !keys.isEmpty
            else { return nil }
            found.formUnion(keys)
        }
        var table = HTMLTable(head: found.sorted())
        table.bound(rows: count)
        for row in 1...min(count, mostRows) {
            try lua.pushRawElement(row, of: index)
            var cells: [HTML] = []
            for name in table.head {
                try lua.pushRawField(name, of: -1)
                cells.append(cell(lua))
                lua.pop()
            }
            table.rows.append(cells)
            lua.pop()
        }
        return table
    }

    /// Columns of equal length, lists or arrays: `{ x = { 1, 2 }, y = { 3, 4 } }`.
    private static func columns(_ index: Int, _ lua: borrowing Lua) throws -> HTMLTable? {
        guard let names = try names(index, lua), names.count > 1 else { return nil }
        var length: Int?
        for name in names {
            try lua.pushRawField(name, of: index)
            defer { lua.pop() }
            guard let count = try columnLength(lua), count > 0, count == length ?? count else {
                return nil
            }
            length = count
            try lua.pushElement(1, of: -1)
            defer { lua.pop() }
            if lua.type(at: -1) == .table || lua.type(at: -1) == .userdata { return nil }
        }
        guard let length else { return nil }
        var table = HTMLTable(head: names.sorted())
        table.bound(rows: length)
        for row in 1...min(length, mostRows) {
            var cells: [HTML] = []
            for name in table.head {
                try lua.pushRawField(name, of: index)
                try lua.pushElement(row, of: -1)
                cells.append(cell(lua))
                lua.pop(2)
            }
            table.rows.append(cells)
        }
        return table
    }

    /// Returns the length of the value on top, a list or an array; nil for other values.
    private static func columnLength(_ lua: borrowing Lua) throws -> Int? {
        if lua.type(at: -1) == .userdata, lua.typeName(at: -1) == "array" {
            return try lua.length(at: -1)
        }
        guard lua.type(at: -1) == .table else { return nil }
        let count = lua.rawLength(at: -1)
        guard count > 0 else { return nil }
        return try isList(lua.top, count, lua) ? count : nil
    }

    /// The result of `flow:run`: its outputs and the status of each module.
    private static func run(_ index: Int, _ lua: borrowing Lua) throws -> String? {
        guard let keys = try names(index, lua), Set(keys) == ["run", "status", "outputs", "nodes"]
        else { return nil }
        func text(_ name: String) throws -> String? {
            try lua.pushRawField(name, of: index)
            defer { lua.pop() }
            return lua.string(at: -1)
        }
        guard let run = try text("run"), let status = try text("status") else { return nil }
        var outputs = HTMLTable(head: ["output", "value"])
        var nodes = HTMLTable(head: ["module", "status", "seconds"])
        try lua.pushRawField("outputs", of: index)
        try lua.pushRawField("nodes", of: index)
        guard lua.type(at: -1) == .table, lua.type(at: -2) == .table,
            let outputNames = try names(lua.top - 1, lua), let nodeNames = try names(lua.top, lua)
        else { return nil }
        for name in outputNames.sorted() {
            try lua.pushRawField(name, of: -2)
            outputs.rows.append([Self.cell(name), cell(lua)])
            lua.pop()
        }
        for name in nodeNames.sorted() {
            try lua.pushRawField(name, of: -1)
            guard lua.type(at: -1) == .table else { return nil }
            try lua.pushRawField("status", of: -1)
            try lua.pushRawField("seconds", of: -2)
            let seconds = ((lua.number(at: -1) ?? 0) * 1000).rounded() / 1000
            nodes.rows.append([
                Self.cell(name), Self.cell(lua.string(at: -2) ?? ""),
                Self.cell(number: "\(seconds)"),
            ])
            lua.pop(3)
        }
        let page: HTML = """
            <p>run <code>\(run)</code>: \(status)</p>\(outputs.html)<details><summary>\
            \(nodes.rows.count) modules</summary>\(nodes.html)</details>
            """
        return page.text
    }

    // MARK: Parts

    /// Returns true if the table has no keys other than 1 to `count`.
    private static func isList(_ index: Int, _ count: Int, _ lua: borrowing Lua) throws -> Bool {
        try lua.push(count)
        guard try lua.next(of: index) else { return true }
        defer { lua.pop(2) }
        guard lua.isInteger(at: -2), let key = lua.integer(at: -2) else { return false }
        return (1...count).contains(key)
    }

    /// Returns the keys of a table; nil if one is not a string or there are too many.
    private static func names(_ index: Int, _ lua: borrowing Lua) throws -> [String]? {
        var names: [String] = []
        try lua.pushNil()
        while try lua.next(of: index) {
            lua.pop()
            guard names.count < 200, lua.type(at: -1) == .string, let name = lua.string(at: -1)
            else {
                lua.pop()
                return nil
            }
            names.append(name)
        }
        return names
    }

    /// Returns the value on top as a cell.
    private static func cell(_ lua: borrowing Lua) -> HTML {
        switch lua.type(at: -1) {
        case .nil: return "<td></td>"
        case .number: return cell(number: (try? lua.display(at: -1)) ?? "")
        case .string:
            let text = lua.withBytes(at: -1) { bytes in
                String(decoding: bytes.prefix(200), as: UTF8.self)
                    + (bytes.count > 200 ? "..." : "")
            }
            return cell(text ?? "")
        default:
            var pretty = PrettyText()
            pretty.depth = 2
            pretty.width = 10_000
            pretty.items = 10
            let text = pretty.text(at: lua.top, lua)
            return cell(text.count > 100 ? text.prefix(100) + "..." : text)
        }
    }

    private static func cell(_ text: String) -> HTML { "<td>\(text)</td>" }

    private static func cell(number: String) -> HTML {
        "<td style=\"text-align: right\">\(number)</td>"
    }

    private init(head: [String]) { self.head = head }

    /// Removes the rows and columns beyond the limits.
    private mutating func bound(rows count: Int) {
        more = max(0, count - Self.mostRows)
        moreColumns = max(0, head.count - Self.mostColumns)
        head = Array(head.prefix(Self.mostColumns))
    }

    private var html: HTML {
        var page: HTML = "<table>\n<thead><tr>"
        for name in head { page += "<th>\(name)</th>" }
        page += "</tr></thead>\n<tbody>\n"
        for row in rows {
            page += "<tr>"
            for cell in row { page += cell }
            page += "</tr>\n"
        }
        page += "</tbody>\n</table>"
        var rest: [String] = []
        if more > 0 { rest.append("\(more) more rows") }
        if moreColumns > 0 { rest.append("\(moreColumns) more columns") }
        if !rest.isEmpty { page += "\n<p>... \(rest.joined(separator: ", "))</p>" }
        return page
    }
}
