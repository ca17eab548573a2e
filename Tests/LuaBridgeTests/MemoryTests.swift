// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import Testing

@Suite struct MemoryTests {
    @Test(arguments: [
        "local t = {} while true do t[#t + 1] = {} end",
        "local s = 'x' while true do s = s .. s end",
        "return ('x'):rep(1 << 30)",
        "local t = {} for i = 1, 1e9 do t[i] = function() return i end end",
        "local function f() return 1, f() end coroutine.wrap(f)() local t = {} while true do t = {t} end",
        "local t = {} while true do t = {coroutine.create(function() end), t} end",
    ])
    func limit(code: String) throws {
        let state = try LuaState(memoryLimit: 1 << 20)
        try state.run { lua in
            for _ in 1...3 {
                let found = try failure(lua, of: code)
                #expect(
                    found.code == .memory && found.message == "not enough memory"
                        || found.message.contains("stack overflow"), "\(found)")
                #expect(lua.memory.used <= 1 << 20)
                #expect(try lua.evaluate("return 1 + 1", as: Int.self) == 2)
            }
        }
    }

    @Test func caught() throws {
        let state = try LuaState(memoryLimit: 1 << 20)
        try state.run { lua in
            let text = try lua.evaluate(
                "return select(2, pcall(string.rep, 'x', 1 << 21))", as: String.self)
            #expect(text == "not enough memory")
        }
    }

    /// Blocks that grow and shrink across the sizes at which the allocator changes its source.
    @Test func large() throws {
        let state = try LuaState()
        try state.run { lua in
            let before = lua.memory.used
            let sum = try lua.evaluate(
                """
                local t, sum = {}, 0
                for i = 1, 1200000 do t[i] = i end
                for i = 1, #t do sum = sum + t[i] end
                for _, size in ipairs {1 << 20, (4 << 20) - 30, 4 << 20, (4 << 20) + 1, 9 << 20} do
                  local s = ('x'):rep(1000):rep(size // 1000) .. 'end'
                  assert(s:sub(-3) == 'end' and s:find('[^x]') == #s - 2)
                  assert(#(s .. s) == 2 * #s)
                end
                return sum
                """, as: Int.self)
            #expect(sum == 1_200_000 * 1_200_001 / 2)
            try lua.collectGarbage()
            #expect(lua.memory.used < before + 100_000)
        }
    }

    @Test func peak() throws {
        try withLua { lua in
            try lua.collectGarbage()
            lua.resetPeak()
            let before = lua.memory
            #expect(before.peak == before.used && before.limit == nil)
            try lua.execute("local s = ('x'):rep(1000000)")
            try lua.collectGarbage()
            let after = lua.memory
            #expect(after.peak >= before.used + 1_000_000)
            #expect(after.used < before.used + 100_000)
        }
    }

    @Test func collectors() throws {
        try withLua { lua in
            #expect(try lua.setCollector(.generational) == .incremental)
            #expect(try lua.setCollector(.incremental) == .generational)
            try lua.stopCollector()
            #expect(lua.isCollecting == false)
            try lua.restartCollector()
            #expect(lua.isCollecting == true)
        }
    }

    @Test func referencesAreGivenBack() throws {
        try withLua { lua in
            try lua.execute("weak = setmetatable({}, {__mode = 'v'})")
            try lua.pushGlobal("weak")
            do {
                try lua.pushTable()
                let held = try lua.reference(at: -1)
                try lua.setRawElement(1, of: 1)
                try lua.collectGarbage()
                try lua.pushRawElement(1, of: 1)
                #expect(lua.type(at: -1) == .table)
                try lua.push(held)
                #expect(lua.rawEqual(-1, -2) == true)
                lua.pop(2)
            }
            try lua.collectGarbage()
            try lua.collectGarbage()
            try lua.pushRawElement(1, of: 1)
            #expect(lua.type(at: -1) == .nil)
        }
    }
}

@Suite struct WarningTests {
    @Test func whole() throws {
        let said = Said()
        try withLua { lua in
            lua.setWarningSink { said.add($0) }
            try lua.execute("warn('off yet')")
            try lua.execute("warn('@on') warn('in ', 'three ', 'pieces') warn('@unknown')")
            try lua.execute("warn('@off') warn('lost') warn('@on') warn('@x', ' is text')")
            try lua.execute("warn(('long '):rep(1000))")
            lua.setWarnings(false)
            try lua.execute("warn('lost')")
            lua.setWarnings(true)
            try lua.execute(
                "setmetatable({}, {__gc = function() error('gone', 0) end}) collectgarbage()")
        }
        let long = String(String(repeating: "long ", count: 1000).prefix(1024))
        #expect(
            said.all == ["in three pieces", "@x is text", long, "error in __gc (gone)"]
                || said.all == ["in three pieces", "@x is text", long, "error in __gc"])
    }
}
