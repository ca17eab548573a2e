// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

// Arrays as values of lists. To Lua code, an array of one axis is a list of its elements, and an array
// of several axes a list of its rows.

extension PortType {
    /// Returns true if values of the type `array` can be lists whose elements have this type.
    var canBeOfArray: Bool {
        switch self {
        case .any, .boolean, .integer, .number, .array: true
        case .list(let element): element.canBeOfArray
        default: false
        }
    }

    /// Returns the reason why the array at `index` is not of this type, a list; nil if it is.
    func arrayMismatch(_ lua: borrowing Lua, at index: Int) throws -> String? {
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        try lua.pushField("dtype", of: index)
        try lua.pushField("shape", of: index)
        let dtype = lua.string(at: -2) ?? ""
        var shape: [String] = []
        for axis in 0..<lua.rawLength(at: -1) {
            try lua.pushRawElement(axis + 1, of: -1)
            shape.append(try lua.display(at: -1))
            lua.pop()
        }
        if isElement(axes: shape.count, dtype) { return nil }
        let lengths = shape.joined(separator: ", ")
        return "\(self) expected, got an array of \(dtype), shape (\(lengths))"
    }

    /// Returns true if each part of an array, with `axes` axes left, is of this type.
    private func isElement(axes: Int, _ dtype: String) -> Bool {
        switch self {
        case .any: true
        case .array: axes > 0
        case .list(let element): axes > 0 && element.isElement(axes: axes - 1, dtype)
        case .number: axes == 0 && (dtype.hasPrefix("float") || dtype.contains("int"))
        // An element of `uint64` above 2^63 - 1 is read as a float.
        case .integer: axes == 0 && dtype.contains("int") && dtype != "uint64"
        case .boolean: axes == 0 && dtype == "bool"
        default: false
        }
    }
}
