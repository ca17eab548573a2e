// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTShipping

extension ShippingEncoder {
    /// An encoder for values that are compared or copied in one state.
    static func forSnapshots() -> ShippingEncoder { ShippingEncoder([.canonical, .references]) }

    /// Returns the value on top as it is now; nil if it cannot be encoded. The memory of large arrays and strings in it is not copied: an array that is written gets
    /// another.
    ///
    /// - Throws: ``ShippingLimit`` if it takes more than `limit` bytes, without those.
    func snapshot(_ lua: borrowing Lua, limit: Int? = nil) throws -> Shipment? {
        self.limit = limit
        truncate(to: 0)
        do {
            try encode(lua, at: -1)
        } catch is ShippingRefusal {
            return nil
        }
        return ship()
    }

    /// Returns the value on top as it is now; nil also for a value that takes more than `limit` bytes.
    func snapshotIfSmall(_ lua: borrowing Lua, limit: Int?) throws -> Shipment? {
        do {
            return try snapshot(lua, limit: limit)
        } catch is ShippingLimit {
            return nil
        }
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
