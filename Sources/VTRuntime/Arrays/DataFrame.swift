// SPDX-License-Identifier: BSD-3-Clause

internal import VTArrays
public import VTLuaBridge
internal import VTShipping

/// A copy of a frame of Lua: a table with named columns.
///
/// ```swift
/// struct Sale: Decodable { var city: String, price: Double? }
/// let sales = try outcome.outputs["sales"]?.decode([Sale].self)    // its rows
/// let prices = try outcome.outputs["sales"]?["price"].decode(NDArray<Double>.self)
/// ```
///
/// Columns of numbers and booleans are arrays, which share the memory of Lua until either is changed;
/// other ones are lists, in which missing values have no place.
public struct DataFrame: Sendable, Equatable {
    /// The names of the columns in order.
    public let names: [String]
    /// The number of rows.
    public let rowCount: Int
    /// The columns in order.
    public let columns: [LuaValue]

    /// Creates a frame from its columns: arrays with one axis, or lists.
    ///
    /// - Throws: `LuaError` with code `argument` if their lengths differ, or a name occurs twice.
    public init(_ columns: KeyValuePairs<String, LuaValue>) throws(LuaError) {
        names = columns.map(\.key)
        self.columns = columns.map(\.value)
        let lengths = self.columns.map { $0.array?.count ?? -1 }
        rowCount = lengths.first ?? 0
        for (name, length) in zip(names, lengths) {
            guard length >= 0 else {
                throw LuaError(.argument, "column `\(name)` is neither an array nor a list")
            }
            guard length == rowCount else {
                throw LuaError(
                    .argument,
                    "column `\(name)` has \(length) values, but column `\(names[0])` has \(rowCount)"
                )
            }
        }
        for (index, name) in names.enumerated() where names[..<index].contains(name) {
            throw LuaError(.argument, "two columns are called `\(name)`")
        }
    }

    /// The column with a name; nil if there is none.
    public subscript(name: String) -> LuaValue? {
        names.firstIndex(of: name).map { columns[$0] }
    }

    /// Copies the frame at `index`.
    init(_ lua: borrowing Lua, at index: Int) throws {
        guard let description = lua.frameDescription(at: index) else {
            throw lua.mismatch("frame", at: index)
        }
        names = description.names
        rowCount = description.rows
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        try lua.pushRawElement(-2, of: index)
        var columns: [LuaValue] = []
        for position in 0..<names.count {
            try lua.pushRawElement(position + 1, of: base + 1)
            // A script can put a frame into one of its own lists: cells have no objects.
            let column =
                lua.type(at: -1) == .userdata
                ? LuaValue(try AnyArray.read(from: lua, at: -1))
                : LuaValue(lua: lua, at: -1, bounds: .init(depth: 100, pairs: 10_000_000))
            columns.append(column)
            lua.pop()
        }
        self.columns = columns
    }
}

extension DataFrame: LuaCopiedObject {
    /// The name of the type in Lua: `frame`.
    public static var luaTypeName: String { "frame" }

    /// The numbers of rows and columns: `frame 3 x 2`.
    public var luaSummary: String { "frame \(rowCount) x \(names.count)" }

    /// The columns by name.
    public var luaFields: [String: LuaValue]? {
        Dictionary(zip(names, columns)) { first, _ in first }
    }

    /// The rows: tables with a field for each value that is not missing.
    public var luaElements: [LuaValue]? {
        let columns = columns.map { Self.cells(of: $0, rowCount) }
        return (0..<rowCount).map { row in
            LuaValue(
                Dictionary(zip(names, columns.map { $0[row] })) { first, _ in first })
        }
    }

    /// Returns the column with a name, or the row at an index from 1; nil for other keys.
    public func luaValue(of key: LuaValue) -> LuaValue {
        if let name = key.string { return self[name] ?? .nil }
        guard let row = key.integer, row >= 1, row <= rowCount else { return .nil }
        return LuaValue(
            Dictionary(zip(names, columns.map { Self.cell($0[row]) })) { first, _ in first })
    }

    /// The values of a column, nil where they are missing.
    private static func cells(of column: LuaValue, _ count: Int) -> [LuaValue] {
        if let elements = column.object?.luaElements, elements.count == count {
            return elements.map(cell)
        }
        var cells = [LuaValue](repeating: .nil, count: count)
        for pair in column.table ?? [] {
            if let row = pair.key.integer, cells.indices.contains(row - 1) {
                cells[row - 1] = pair.value
            }
        }
        return cells
    }

    /// A value in a row: NaN is a missing one.
    private static func cell(_ value: LuaValue) -> LuaValue {
        if case .number(let number) = value, number.isNaN { .nil } else { value }
    }
}

extension DataFrame: LuaScalar {
    /// Creates a frame from a copy of one in Lua.
    public init(luaValue: LuaValue) throws(LuaError) {
        guard let frame = luaValue.object as? DataFrame else { throw luaValue.mismatch("frame") }
        self = frame
    }

    /// Returns an object of the frame.
    public func luaValue() -> LuaValue { .object(LuaValue.Object(self)) }

    /// Pushes a new frame, whose arrays share the memory.
    public func push(onto lua: borrowing Lua) throws(LuaError) {
        let base = lua.top
        do {
            try lua.load(Self.maker, name: "=vtlua")
            try lua.push(names)
            try lua.pushTable(elements: columns.count)
            for (position, column) in columns.enumerated() {
                try column.push(onto: lua)
                try lua.setRawElement(position + 1, of: -2)
            }
            try lua.push(rowCount)
            try lua.call(arguments: 3, results: 1)
        } catch {
            lua.pop(lua.top - base)
            throw error as? LuaError ?? LuaError(.conversion, "\(error)")
        }
    }

    private static let maker = """
        local names, columns, rows = ...
        local missing, list = require "json".null, {}
        for i, name in ipairs(names) do
          local column = columns[i]
          if type(column) == "table" then
            for row = 1, rows do
              if column[row] == nil then column[row] = missing end
            end
          end
          list[i] = { name, column }
        end
        return require "frame".new(list)
        """

    /// Reads a frame, whose arrays share the memory.
    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> DataFrame {
        do {
            return try DataFrame(lua, at: lua.absolute(index))
        } catch {
            throw error as? LuaError ?? LuaError(.conversion, "\(error)")
        }
    }
}

extension DataFrame: Codable {
    private enum Field: String, CodingKey { case names, rowCount, columns }

    /// Reads the fields `names`, `rowCount` and `columns`. All columns become lists.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Field.self)
        names = try fields.decode([String].self, forKey: .names)
        rowCount = try fields.decode(Int.self, forKey: .rowCount)
        columns = try fields.decode([LuaValue].self, forKey: .columns)
        let rows = columns.flatMap { ($0.table ?? []).compactMap(\.key.integer) }
        guard names.count == columns.count, rowCount >= 0, rows.allSatisfy({ $0 <= rowCount })
        else {
            throw DecodingError.dataCorruptedError(
                forKey: .rowCount, in: fields,
                debugDescription: "the columns of the frame do not have \(rowCount) rows")
        }
    }

    /// Writes the fields `names`, `rowCount` and `columns`.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Field.self)
        try fields.encode(names, forKey: .names)
        try fields.encode(rowCount, forKey: .rowCount)
        try fields.encode(columns, forKey: .columns)
    }
}
