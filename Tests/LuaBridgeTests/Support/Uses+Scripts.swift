// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge

/// A value with all shapes of Codable.
struct Crate: Codable, Equatable {
    enum Kind: String, Codable { case small, large }
    enum Shape: Codable, Equatable {
        case circle(radius: Double)
        case empty
    }
    struct Item: Codable, Equatable {
        var name: String
        var tags: [String]
    }
    var kind: Kind
    var shape: Shape
    var items: [Item]
    var grid: [[Int]]
    var byName: [String: Item]
    var note: String?
    var absent: Int?
    var count: UInt32

    static let example = Crate(
        kind: .large, shape: .circle(radius: 1.5),
        items: [Item(name: "a", tags: ["x", "y"]), Item(name: "b", tags: [])],
        grid: [[1, 2], [], [3]], byName: ["c": Item(name: "c", tags: ["z"])],
        note: "fragile", absent: nil, count: 7)
}

extension Use {
    static let codables: [Use] = [
        Use("encode") { lua, _ in
            try lua.push(encoding: Crate.example)
            lua.pop()
        },
        Use("decode", prepare: { try $0.push(encoding: Crate.example) }) { lua, _ in
            guard try lua.read(decoding: Crate.self, at: -1) == .example else { throw Boom(n: 1) }
        },
        Use("encode and decode a class") { lua, _ in
            try lua.push(encoding: Derived(base: 1, own: "two"))
            let again = try lua.read(decoding: Derived.self, at: -1)
            guard again.base == 1, again.own == "two" else { throw Boom(n: 1) }
            lua.pop()
        },
        Use("encode by hand") { lua, _ in
            try lua.push(encoding: ByHand())
            lua.pop()
        },
    ]

    private static func script(_ name: String, _ code: String) -> Use {
        Use(
            "script: \(name)",
            prepare: { lua in
                try lua.load(code, name: "=script")
                try lua.setGlobal("script")
                try lua.push(function: { lua in
                    try lua.pushGlobal("callback")
                    try lua.call(results: 1)
                    return 1
                })
                try lua.setGlobal("through")
                try lua.register(Point.luaClass)
            }
        ) { lua, _ in
            try lua.pushGlobal("script")
            try lua.call()
        }
    }

    static let scripts: [Use] = [
        script(
            "finalizers",
            """
            for i = 1, 20 do
              setmetatable({}, {__gc = function() local t = {{}, tostring(i) .. 'x'} end})
            end
            collectgarbage()
            """),
        script(
            "closes",
            """
            local function closing(n)
              return setmetatable({}, {__close = function() local t = {('x'):rep(n + 50)} end})
            end
            for i = 1, 5 do
              local a <close> = closing(i)
              local b <close> = closing(i + 1)
              local t = {a, b, {}}
            end
            """),
        script(
            "metamethods",
            """
            local M = {}
            M.__index = function(t, k) return setmetatable({k .. k}, M) end
            M.__add = function(a, b) return setmetatable({a, b}, M) end
            M.__tostring = function(t) return ('m'):rep(60) end
            M.__call = function(t, ...) return {...} end
            local a = setmetatable({}, M)
            local s = tostring((a + a).foo.bar) .. #a(1, 2, 3)
            """),
        script(
            "message handlers",
            """
            for i = 1, 3 do
              local ok, e = xpcall(function() error({i}) end, function(e)
                return {debug.traceback(tostring(e)), e}
              end)
            end
            """),
        script(
            "coroutines",
            """
            local function gen(n)
              return coroutine.wrap(function() for i = 1, n do coroutine.yield({i}) end end)
            end
            for v in gen(5) do local t = {v} end
            local co = coroutine.create(function() error({}) end)
            coroutine.resume(co)
            coroutine.close(co)
            co = coroutine.create(function()
              local c <close> = setmetatable({}, {__close = function() return {{}} end})
              coroutine.yield()
            end)
            coroutine.resume(co)
            assert(coroutine.close(co) or true)
            """),
        script(
            "strings and sorting",
            """
            local t = {}
            for i = 1, 50 do t[i] = tostring(i * 7919 % 50) end
            table.sort(t, function(a, b) return a .. '' < b .. '' end)
            local s = table.concat(t, ','):gsub('%d+', function(d) return d .. d end)
            s = s .. string.format('%s %q', s, s)
            """),
        script(
            "through Swift",
            """
            callback = function() return {('y'):rep(60)} end
            local t = {through(), through()}
            callback = function() error({}) end
            pcall(through)
            callback = function() return through end
            assert(through() == through)
            """),
        script(
            "objects",
            """
            local p = Point(1, 2)
            for i = 1, 5 do p = p + Point(i, i):scaled(2) end
            pcall(function() return p.broken end)
            pcall(function() p.z = 1 end)
            pcall(p.move, 1)
            """),
    ]
}

class Base: Codable {
    var base: Int
    init(base: Int) { self.base = base }
}

final class Derived: Base {
    var own: String

    private enum CodingKeys: CodingKey { case own }

    init(base: Int, own: String) {
        self.own = own
        super.init(base: base)
    }

    required init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        own = try fields.decode(String.self, forKey: .own)
        try super.init(from: fields.superDecoder())
    }

    override func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(own, forKey: .own)
        try super.encode(to: fields.superEncoder())
    }
}

/// Encodes nested containers of every kind.
struct ByHand: Encodable {
    private enum Keys: CodingKey { case list, fields, parent, number }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Keys.self)
        var list = fields.nestedUnkeyedContainer(forKey: .list)
        try list.encode(1)
        var inner = list.nestedUnkeyedContainer()
        try inner.encode("two")
        var element = list.nestedContainer(keyedBy: Keys.self)
        try element.encode(3.5, forKey: .number)
        try Base(base: 4).encode(to: list.superEncoder())
        var nested = fields.nestedContainer(keyedBy: Keys.self, forKey: .fields)
        try nested.encode(true, forKey: .number)
        try Base(base: 5).encode(to: fields.superEncoder(forKey: .parent))
        try 6.encode(to: fields.superEncoder(forKey: .number))
    }
}
