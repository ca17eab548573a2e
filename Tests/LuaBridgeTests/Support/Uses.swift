// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge

extension Use {
    static let values: [Use] = [
        Use("push scalars") { lua, _ in
            try lua.pushNil()
            try lua.push(true)
            try lua.push(1)
            try lua.push(1.5)
            lua.pop(4)
        },
        Use("push string") { lua, _ in
            try lua.push("a string that is longer than the short ones, so that it is copied")
            lua.pop()
        },
        Use("push bytes") { lua, _ in
            try LuaBytes([0, 255, 0]).push(onto: lua)
            lua.pop()
        },
        Use("push list") { lua, _ in
            try lua.push(any: [["one", "two"], [], ["three"]])
            lua.pop()
        },
        Use("push dictionary") { lua, _ in
            try lua.push(any: ["a": [1.5], "b": [2.5, 3.5]])
            lua.pop()
        },
        Use("push value") { lua, _ in
            let pair = LuaValue.Pair(key: .string(LuaBytes("k")), value: .table([]))
            try LuaValue.table([pair]).push(onto: lua)
            lua.pop()
        },
        Use("read list", prepare: { try $0.push(any: [["one"], ["two"]]) }) { lua, _ in
            guard try lua.read([[String]].self, at: -1) == [["one"], ["two"]] else {
                throw Boom(n: 1)
            }
        },
        Use("read dictionary", prepare: { try $0.push(any: ["a": 1, "b": 2]) }) { lua, _ in
            guard try lua.read([String: Int].self, at: -1) == ["a": 1, "b": 2] else {
                throw Boom(n: 1)
            }
        },
        Use("grow the stack") { lua, _ in
            try lua.reserve(10000)
        },
        Use("set top") { lua, _ in
            let top = lua.top
            try lua.setTop(top + 5000)
            try lua.setTop(top)
        },
        Use("display") { lua, _ in
            guard try lua.display(at: 1).hasPrefix("table: ") else { throw Boom(n: 1) }
        },
        Use(
            "display by a metamethod",
            prepare: { lua in
                try lua.execute(
                    "t = setmetatable({}, {__tostring = function() return ('x'):rep(100) end})")
                try lua.pushGlobal("t")
            }
        ) { lua, _ in
            guard try lua.display(at: -1).count == 100 else { throw Boom(n: 1) }
        },
        Use(
            "type name",
            prepare: { lua in
                try lua.execute("t = setmetatable({}, {__name = 'Thing'})")
                try lua.pushGlobal("t")
            }
        ) { lua, _ in _ = lua.typeName(at: -1) },
        Use("reference") { lua, _ in
            var references: [LuaReference] = []
            for _ in 0..<20 { references.append(try lua.reference(at: 1)) }
            try lua.push(references[7])
            lua.pop()
        },
        Use("traceback") { lua, _ in _ = try lua.traceback("message") },
        Use("where") { lua, _ in
            try lua.pushWhere()
            lua.pop()
        },
        Use("collector") { lua, _ in
            try lua.collectGarbage()
            _ = try lua.stepCollector(kilobytes: 10)
            try lua.setCollector(.generational)
            try lua.setCollector(.incremental)
        },
    ]

    static let tables: [Use] = [
        Use("new table") { lua, _ in
            try lua.pushTable(elements: 100, fields: 100)
            lua.pop()
        },
        Use("set field") { lua, _ in
            try lua.push(1)
            try lua.setField("some name", of: 1)
        },
        Use("set raw field") { lua, _ in
            try lua.push(1)
            try lua.setRawField("some name", of: 1)
        },
        Use("push field") { lua, _ in
            try lua.pushField("some name", of: 1)
            lua.pop()
        },
        Use("push raw field") { lua, _ in
            try lua.pushRawField("some name", of: 1)
            lua.pop()
        },
        Use("elements") { lua, _ in
            for number in 1...40 {
                try lua.push(number)
                try lua.setElement(number, of: 1)
            }
            try lua.pushElement(40, of: 1)
            guard lua.integer(at: -1) == 40, try lua.length(at: 1) == 40 else { throw Boom(n: 1) }
            lua.pop()
        },
        Use("raw elements") { lua, _ in
            for number in 1...40 {
                try lua.push(number)
                try lua.setRawElement(number, of: 1)
            }
        },
        Use(
            "any key",
            prepare: { lua in
                try lua.push("key")
                try lua.push("value")
            }
        ) { lua, _ in
            try lua.pushValue(at: -2)
            try lua.pushValue(at: -2)
            try lua.setIndexed(of: 1)
            try lua.pushValue(at: -2)
            try lua.pushIndexed(of: 1)
            lua.pop()
            try lua.pushValue(at: -2)
            try lua.pushValue(at: -2)
            try lua.setRawIndexed(of: 1)
        },
        Use("globals") { lua, _ in
            try lua.push(3)
            try lua.setGlobal("someGlobal")
            try lua.pushGlobal("someGlobal")
            lua.pop()
            try lua.pushGlobals()
            lua.pop()
        },
        Use(
            "pairs",
            prepare: { lua in
                try lua.execute("t = {a = 1, b = 2, 3}")
                try lua.pushGlobal("t")
            }
        ) { lua, _ in
            var count = 0
            try lua.forEachPair(of: -1) { count += 1 }
            guard count == 3 else { throw Boom(n: 1) }
        },
        Use(
            "metamethods",
            prepare: { lua in
                try lua.execute(
                    """
                    t = setmetatable({}, {
                      __index = function(_, k) return k .. k end,
                      __newindex = function(t, k, v) rawset(t, k, {v}) end,
                      __len = function() return #('x'):rep(9) end,
                      __eq = function(a, b) return #tostring(a) > 0 end,
                      __lt = function(a, b) return #tostring(a) > 0 end,
                      __add = function(a, b) return tostring(a) .. 'added' end,
                      __concat = function(a, b) return tostring(a) .. 'joined' end,
                    })
                    u = setmetatable({}, getmetatable(t))
                    """)
                try lua.pushGlobal("t")
                try lua.pushGlobal("u")
            }
        ) { lua, _ in
            try lua.pushField("absent", of: -2)
            lua.pop()
            try lua.push(1)
            try lua.setField("new", of: 2)
            guard try lua.length(at: 2) == 9, try lua.equal(2, 3), try lua.less(2, 3) else {
                throw Boom(n: 1)
            }
        },
        Use(
            "operators",
            prepare: { lua in
                try lua.push(String(repeating: "a", count: 50))
            }
        ) { lua, _ in
            try lua.pushValue(at: -1)
            try lua.pushValue(at: -1)
            try lua.concatenate(2)
            lua.pop()
            try lua.push(20)
            try lua.arithmetic(.negate)
            lua.pop()
        },
    ]
}
