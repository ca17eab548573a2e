// SPDX-License-Identifier: BSD-3-Clause

/// Scripts whose output, errors and tracebacks are compared with those of `lua5.4`.
enum LuaModeScripts {
    static let folder = Scripts(files)

    static let files: [Bytes: Bytes] = [
        // The command line.
        "args.lua": """
        print(#arg, ...)
        for i = -6, 6 do io.write(tostring(arg[i]), " ") end
        print()
        """,
        "count.lua": "print(select('#', ...))",
        "paths.lua": "print(package.path, package.cpath, package.config)",
        "init.lua": "N = (N or 0) + 1 print('init', N, arg[0])",
        "lib.lua": "print('lib', ...) return {v = 1}",
        "broken.lua": "error('this library fails')",
        "read.lua": "print(io.read('n', 'l', 'L', 'a'))",
        "lines.lua": "for l in io.lines() do print('<' .. l .. '>') end",
        "results.lua": "return 1, 2, error == nil",
        Bytes([0xff, 0xe9] + Array(".lua".utf8)): "print(#arg[0], ...) error('x')",

        // Code in its forms.
        "shebang.lua": "#!/usr/bin/env lua\nprint('ran')\nerror 'line 3'",
        "bom.lua": Bytes([0xef, 0xbb, 0xbf] + Array("print('bom')".utf8)),
        "bytes.lua": Bytes([0xff, 0xfe]),
        "syntax.lua": "x = = 1",
        "unfinished.lua": "for i = 1, 2 do print(i)",
        "bytecode.lua": """
        local function write(name, code)
          local f = assert(io.open(name, "wb")) f:write(code) f:close()
        end
        local name = os.tmpname()
        write(name, string.dump(function(...) print("bytecode", ...) end))
        loadfile(name, "b")(1)
        write(name, "#comment\\n" .. string.dump(load("print(1) error()"), true))
        print(pcall(dofile, name))
        os.remove(name)
        """,

        // Errors and where they happened.
        "error.lua": """
        local function f(x) return x.y.z end
        local function g() f({}) end
        print("before")
        g()
        """,
        "nothing.lua": "error()", "nil.lua": "error(nil)", "table.lua": "error({})",
        "number.lua": "error(42)", "level0.lua": "error('plain', 0)",
        "level2.lua": "local function f() error('two', 2) end\nf()",
        "object.lua": "error(setmetatable({}, {__tostring = function() return 'mine' end}))",
        "object-number.lua": "error(setmetatable({}, {__tostring = function() return 12 end}))",
        "object-error.lua": "error(setmetatable({}, {__tostring = function() error('in') end}))",
        "named.lua": "error(setmetatable({}, {__name = 'My.Type'}))",
        "bytes-error.lua": Bytes(Array("error('".utf8) + [0xff, 0xe9] + Array("')".utf8)),
        "zero.lua": #"error("a\0b")"#,
        "deep.lua": """
        local function r(n) if n == 0 then error("deep") end r(n - 1) return 1 end
        r(60)
        """,
        "tail.lua": "local function f() error 't' end local function g() return f() end g()",
        "method.lua": """
        local t = {}
        function t:foo() self.bar.x = 1 end
        function G() t:foo() end
        G()
        """,
        "callback.lua": "string.gsub('a', 'a', function() error('in gsub') end)",
        "protected.lua": """
        print(pcall(error))
        print(xpcall(function() error("e") end, debug.traceback))
        """,
        "recursion.lua": """
        local t = setmetatable({}, {__index = function(t, k) return t[k + 1] end})
        print(pcall(function() return t[1] end))
        print(t[1])
        """,
        "argument.lua": "string.rep()", "argument2.lua": "('x'):rep({})",
        "mode.lua": "io.open('/none', 'q')", "compare.lua": "print(1 < 'a')",
        "concat.lua": "local a = {} print(a .. 'x')", "field.lua": "local t = {} t.x.y()",
        "upvalue.lua": "local a; local function f() a.b = 1 end f()",
        "loop.lua": "for i = 'a', 2 do end", "divide.lua": "print(1 // 0)",
        "integer.lua": "print(1 << 63, math.mininteger // -1) print(2 ^ 64 | 0)",
        "module.lua": "require 'does.not.exist'",
        "memory.lua": "string.rep('x', 1 << 40)",
        "closing-error.lua": """
        local x <close> = setmetatable({}, {__close = function() error("in close") end})
        error("first")
        """,

        // Tracebacks and what debug sees.
        "traceback.lua": """
        local function f() print(debug.traceback("m")) end
        local t = {m = function() f() end}
        t.m()
        coroutine.wrap(function() print(debug.traceback()) end)()
        print(debug.traceback(coroutine.create(print)))
        """,
        "levels.lua": """
        for level = 0, 4 do
          local i = debug.getinfo(level, "Snlt")
          print(level, i and i.what, i and i.name, i and i.currentline, i and i.short_src)
        end
        """,
        "hook.lua": """
        debug.sethook(function(e, l) io.write(e, l, " ") end, "l")
        local x = 1
        local y = 2
        debug.sethook() print(debug.gethook())
        """,
        "hook-error.lua": "debug.sethook(function() error('hooked') end, 'l')\nlocal x = 1",

        // Coroutines, whose library is ours in part.
        "main.lua": """
        print(coroutine.isyieldable(), select(2, coroutine.running()))
        print(collectgarbage("incremental"), collectgarbage("generational"))
        coroutine.yield(1)
        """,
        "wrapped.lua": "local co = coroutine.wrap(function() local x x() end)\nco()",
        "resumed.lua": """
        local co = coroutine.create(function(...) print(...) error({}) end)
        print(coroutine.status(co), (coroutine.resume(co, 1, nil)), coroutine.status(co))
        print(coroutine.resume(co))
        print(pcall(coroutine.wrap(function() error("a") end)))
        print(coroutine.resume(coroutine.running()))
        """,
        "closed.lua": """
        print(coroutine.close(coroutine.create(print)))
        print(pcall(coroutine.close, coroutine.running()))
        coroutine.close(1)
        """,
        "not-resumed.lua": "coroutine.resume(1)", "not-wrapped.lua": "coroutine.wrap(1)",
        "dead.lua": "local f = coroutine.wrap(function() end) f() f()",
        "yield-in-c.lua": "table.sort({1, 2, 3}, function() coroutine.yield() end)",

        // The end.
        "exit.lua": """
        local x <close> = setmetatable({}, {__close = function() print("closed") end})
        os.exit(true, true)
        """,
        "exit3.lua": """
        local x <close> = setmetatable({}, {__close = function() print("closed") end})
        setmetatable({}, {__gc = function() print "gc" end})
        os.exit(3, true)
        """,
        "exit5.lua": """
        setmetatable({}, {__gc = function() print "gc" end})
        io.write("not flushed")
        os.exit(5)
        """,
        "exit-in-coroutine.lua": """
        coroutine.wrap(function()
          local x <close> = setmetatable({}, {__close = function() print("c") end})
          os.exit(2, true)
        end)()
        """,
        "exit-false.lua": "os.exit(false)", "exit-260.lua": "os.exit(260)",
        "collected.lua": "setmetatable({}, {__gc = function() error 'in gc' end})",
        "collected-warn.lua": "warn '@on' setmetatable({}, {__gc = function() error 'in gc' end})",
        "mixed.lua": """
        io.stdout:write("a") print("b") io.stderr:write("c") io.write("d")
        os.execute("echo e")
        """,
        "warn.lua": "warn('a', 'b') warn('@on') warn('c', 'd') warn('@off') warn('e')",
        "abort.lua": "os.execute('kill -TERM $PPID') while true do end",
    ]
}
