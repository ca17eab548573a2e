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
        return FrameDescription(rows: rows, names: names)
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
