// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge

// Tables that are given as lists of items or arguments.

extension Lua {
    /// The number of elements of the table at `index`: its field `n` if that is a number of
    /// elements, as `table.pack` sets it; otherwise its length.
    package func packedCount(at index: Int) throws -> Int {
        try pushRawField("n", of: index)
        defer { pop() }
        let length = rawLength(at: index)
        guard type(at: -1) == .number, let count = integer(at: -1), count >= 0 else {
            return length
        }
        return count
    }

    /// Throws if the table that is argument `index` is no list.
    package func checkList(_ index: Int) throws {
        guard let fault = try listFault(at: index) else { return }
        throw argumentError(index, "list expected, got \(fault)")
    }

    /// The reason why the table at `index` is no list, as the object of "got"; nil if it is one.
    ///
    /// A list has its elements itself, from 1 on: an element that only `__index` gives is not seen,
    /// and neither are fields with other keys.
    ///
    /// - Parameter isPacked: true if the field `n` may be the number of elements.
    package func listFault(at index: Int, isPacked: Bool = false) throws -> String? {
        let list = absolute(index)
        let base = top
        defer { pop(top - base) }
        let count = rawLength(at: list)
        guard count == 0 else { return nil }
        if try pushMetatable(of: list), let fault = try proxyFault(list) { return fault }
        return try keyFault(list, isPacked: isPacked)
    }

    /// The fault of an empty table whose metatable, which is on top, gives it elements or calls it.
    private func proxyFault(_ list: Int) throws -> String? {
        // A metamethod that raises gives no element.
        let hasLength = (try? length(at: list)) ?? 0 != 0
        if (try? pushElement(1, of: list)) == nil { try pushNil() }
        if hasLength || !isNil(at: -1) {
            return "a table with no elements of its own, whose metatable gives it some; copy them: "
                + "table.move(t, 1, #t, 1, {})"
        }
        pop()
        try pushRawField("__call", of: -1)
        guard !isNil(at: -1) else { return nil }
        return "a table that can be called and has no elements; imap takes a function that calls "
            + "it: function() return object() end"
    }

    /// The fault of a table without an element 1 that has other keys.
    private func keyFault(_ list: Int, isPacked: Bool) throws -> String? {
        try pushNil()
        while try next(of: list) {
            pop()
            if type(at: -1) == .string, string(at: -1) == "n" {
                try pushRawField("n", of: list)
                defer { pop() }
                if type(at: -1) == .number, isPacked || integer(at: -1) == 0 { continue }
            }
            // With a number of elements, those that are nil may come first.
            if isPacked, type(at: -1) == .number, let key = integer(at: -1), key >= 1,
                key <= (try packedCount(at: list))
            {
                continue
            }
            let mark = type(at: -1) == .string ? "'" : ""
            try convertToString()
            let key = mark + (text(at: -1) ?? "?") + mark
            return "a table with the key \(key) and no element 1; use the elements 1 to n"
        }
        return nil
    }
}
