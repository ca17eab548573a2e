// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import Testing

@Suite struct CodableTests {
    @Test func thereAndBack() throws {
        try withLua { lua in
            try lua.push(encoding: Crate.example)
            #expect(lua.top == 1)
            #expect(try lua.read(decoding: Crate.self, at: 1) == .example)
            #expect(lua.top == 1)
            try lua.setGlobal("crate")
            let seen = try lua.evaluate(
                """
                return table.concat({crate.kind, crate.shape.circle.radius, #crate.items,
                  crate.items[1].tags[2], #crate.grid, #crate.grid[2], crate.grid[1][2],
                  crate.byName.c.name, crate.note, tostring(crate.absent),
                  math.type(crate.count)}, ' ')
                """, as: String.self)
            #expect(seen == "large 1.5 2 y 3 0 2 c fragile nil integer")
        }
    }

    @Test func classes() throws {
        try withLua { lua in
            try lua.push(encoding: Derived(base: 1, own: "two"))
            #expect(
                LuaValue(lua: lua, at: -1)
                    == .table([
                        .init(key: .string(LuaBytes("base")), value: .integer(1)),
                        .init(key: .string(LuaBytes("own")), value: .string(LuaBytes("two"))),
                    ]))
            let again = try lua.read(decoding: Derived.self, at: -1)
            #expect(again.base == 1 && again.own == "two")
        }
    }

    @Test func nestedContainers() throws {
        try withLua { lua in
            try lua.push(encoding: ByHand())
            try lua.setGlobal("h")
            let seen = try lua.evaluate(
                """
                return table.concat({h.list[1], h.list[2][1], h.list[3].number, h.list[4].base,
                  tostring(h.fields.number), h.parent.base, h.number}, ' ')
                """, as: String.self)
            #expect(seen == "1 two 3.5 4 true 5 6")
            #expect(lua.top == 0)
        }
    }

    @Test func unsigned() throws {
        try withLua { lua in
            try lua.push(encoding: [UInt64(7), UInt64(Int.max)])
            #expect(try lua.read(decoding: [UInt64].self, at: -1) == [7, UInt64(Int.max)])
            let large = wrote(lua, ["a": [UInt64.max]])
            #expect(
                large
                    == "a.[1]: 18446744073709551615 does not fit in a Lua integer")
            let holed = wrote(lua, [Int?.some(1), nil])
            #expect(holed == "[2]: a Lua list cannot hold nil")
            #expect(lua.top == 1)
        }
    }

    @Test func decodingErrors() throws {
        try withLua { lua in
            try lua.execute("function with(k, v) crate[k] = v return crate end")
            try expect(
                lua, "kind", "'huge'",
                "kind: Cannot initialize Kind from invalid String value huge")
            try expect(lua, "count", "-1", "count: -1 does not fit in UInt32")
            try expect(lua, "count", "nil", "count: no field 'count'")
            try expect(
                lua, "items", "{{name = 'a', tags = {1}}}",
                "items.[1].tags.[1]: string expected, got number")
            try expect(lua, "items", "7", "items: table expected, got number")
            try expect(lua, "grid", "{{1}, {2, 'x'}}", "grid.[2].[2]: number expected, got string")
            try expect(lua, "byName", "{a = {tags = {}}}", "byName.a.name: no field 'name'")
            try expect(lua, "note", "{}", "note: string expected, got table")
        }
    }

    /// A table inside itself is an error, not a stack overflow of the thread.
    @Test func endless() throws {
        struct Node: Decodable { var next: [Node] }
        try withLua { lua in
            try lua.load("local t = {} t.next = {t} return t")
            try lua.call(results: 1)
            let message = read(lua, Node.self)
            #expect(
                message?.hasSuffix(": nested deeper than 200 levels") == true, "\(message ?? "")")
        }
    }

    private func path(_ keys: [any CodingKey]) -> String {
        keys.map(\.stringValue).joined(separator: ".")
    }

    private func expect(
        _ lua: borrowing Lua, _ key: String, _ value: String, _ expected: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try lua.push(encoding: Crate.example)
        try lua.setGlobal("crate")
        try lua.load("return with('\(key)', \(value))")
        try lua.call(results: 1)
        let told = read(lua, Crate.self)
        lua.pop()
        #expect(told == expected, sourceLocation: sourceLocation)
    }

    private func read<T: Decodable>(_ lua: borrowing Lua, _ type: T.Type) -> String? {
        do {
            _ = try lua.read(decoding: type, at: -1)
            return nil
        } catch DecodingError.keyNotFound(let key, let context) {
            return "\(path(context.codingPath + [key])): \(context.debugDescription)"
        } catch DecodingError.typeMismatch(_, let context),
            DecodingError.valueNotFound(_, let context), DecodingError.dataCorrupted(let context)
        {
            return "\(path(context.codingPath)): \(context.debugDescription)"
        } catch {
            return "\(error)"
        }
    }

    private func wrote(_ lua: borrowing Lua, _ value: some Encodable) -> String? {
        do {
            try lua.push(encoding: value)
            return nil
        } catch EncodingError.invalidValue(_, let context) {
            return "\(path(context.codingPath)): \(context.debugDescription)"
        } catch {
            return "\(error)"
        }
    }

    struct Numbered: LuaCodable, Equatable {
        var byNumber: [Int: [Int: String]]
        var byName: [String: Int]
    }

    /// The keys of dictionaries keep their types; texts from JSON serve as integers.
    @Test func integerKeys() throws {
        let value = Numbered(byNumber: [5: [6: "x"], -1: [:]], byName: ["3": 1])
        try withLua { lua in
            try lua.setGlobal("n", to: value)
            let seen = try lua.evaluate(
                "return n.byNumber[5][6], n.byName['3'], n.byName[3], n.byNumber['5']",
                as: LuaVariadic<LuaValue>.self)
            #expect(seen.elements == ["x", 1, nil, nil])
            #expect(try lua.global("n", as: Numbered.self) == value)
            let texts = try lua.evaluate(
                "return { byNumber = { ['5'] = { 'x' } }, byName = { 7 } }", as: Numbered.self)
            #expect(texts == Numbered(byNumber: [5: [1: "x"]], byName: ["1": 7]))
        }
        let copy = try LuaValue(encoding: value)
        #expect(copy["byNumber"][5][6] == "x" && copy["byName"]["3"] == 1)
        #expect(try copy.decode(Numbered.self) == value)
    }
}
