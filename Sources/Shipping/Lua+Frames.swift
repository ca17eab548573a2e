// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge

/// The size of a frame, a table of the library `frame`.
public struct FrameDescription: CustomStringConvertible {
    public let rows: Int
    /// The names of the columns in order.
    public let names: [String]

    public var description: String { "\(rows) x \(names.count)" }
}

extension Lua {
    /// The places of a frame's parts in its table.
    private enum FramePart {
        static let names = -1
        static let columns = -2
        static let rows = -3
    }

    /// Describes the frame at `index`, without running code of the library; nil if the value is none. A
    /// stored frame that is read without the library has the name of the library's field.
    ///
    /// A script can change the parts of a frame: one whose columns do not have its number of rows is none.
    public func frameDescription(at index: Int) -> FrameDescription? {
        guard type(at: index) == .table else { return nil }
        let name = typeName(at: index)
        guard name == "frame" || name.hasSuffix("frame.Frame"), (try? reserve(4)) != nil
        else { return nil }
        let base = top
        let index = absolute(index)
        defer { pop(top - base) }
        guard (try? pushRawElement(FramePart.rows, of: index)) != nil, let rows = integer(at: -1),
            (try? pushRawElement(FramePart.names, of: index)) != nil, type(at: -1) == .table
        else { return nil }
        let list = top
        var names: [String] = []
        for position in 0..<rawLength(at: list) {
            guard (try? pushRawElement(position + 1, of: list)) != nil else { return nil }
            names.append(text(at: -1) ?? "")
            pop()
        }
        guard (try? pushRawElement(FramePart.columns, of: index)) != nil,
            hasColumns(names.count, rows: rows)
        else { return nil }
        return FrameDescription(rows: rows, names: names)
    }

    /// The largest number of rows of a frame without arrays: its lists may have no value at their ends.
    private static let mostRows = 100_000_000

    /// True if the table on top has columns with a number of rows.
    private borrowing func hasColumns(_ count: Int, rows: Int) -> Bool {
        guard rows >= 0, type(at: -1) == .table else { return false }
        let columns = top
        for position in 0..<count {
            guard (try? pushRawElement(position + 1, of: columns)) != nil else { return false }
            defer { pop() }
            switch type(at: -1) {
            case .table where rows <= Self.mostRows: continue
            case .userdata where isSequence(at: top) && sequenceLength(at: top) == rows: continue
            default: return false
            }
        }
        return count > 0 || rows <= Self.mostRows
    }

    /// Pushes an element of the frame at `index`, counted from 1; nil for a missing one.
    public func pushFrameElement(row: Int, column: Int, of index: Int) throws {
        let index = absolute(index)
        try pushRawElement(FramePart.columns, of: index)
        try pushRawElement(column, of: -1)
        if type(at: -1) == .table {
            try pushRawElement(row, of: -1)
        } else {
            try pushSequenceElement(row, of: top)
        }
        if let number = number(at: -1), number.isNaN {
            pop()
            try pushNil()
        }
        insert(at: -3)
        pop(2)
    }
}
