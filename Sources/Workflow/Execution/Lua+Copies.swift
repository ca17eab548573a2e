// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTShipping

extension ShippingEncoder {
    /// Returns the value on top as bytes; nil if it cannot be encoded. The encoder is empty then.
    func bytesOfTop(_ lua: borrowing Lua) throws -> [UInt8]? {
        truncate(to: 0)
        defer { truncate(to: 0) }
        do {
            try encode(lua, at: -1)
        } catch is ShippingRefusal {
            return nil
        }
        return withBytes { Array($0) }
    }
}

extension Lua {
    /// Replaces the table on top by a merge of it and the table `other`, in `other`. The table on top
    /// takes precedence.
    func mergeTop(into other: LuaReference) throws {
        try push(other)
        let table = top
        try forEachPair(of: table - 1) {
            try pushValue(at: -2)
            try pushValue(at: -2)
            try setRawIndexed(of: table)
        }
        remove(at: -2)
    }
}
