-- SPDX-License-Identifier: BSD-3-Clause
-- Attempts of a script to leave a runtime with the libraries `.safe`. Each is a title, the code,
-- and the outcome: the results of the chunk, or `error: ` and the message. The tests run each in a
-- new runtime with limits of memory and time (Tests/VTRuntimeTests/SandboxTests.swift).

local sandboxed = " is not available in this sandbox"
local no_files <const> = sandboxed .. ": it has no access to files"
local no_programs <const> = sandboxed .. ": it runs no programs"
local no_network <const> = sandboxed .. ": it has no access to the network"
local no_workers <const> = sandboxed .. ": it has no workers"
-- In a module on a worker, where no workflow runs.
local on_interpreter <const> = "error: attempt:1: flow:run works on the interpreter only; "
  .. "compute the module "
  .. "there, with the option { on = \"interpreter\" } of its node"
local no_each <const> = "error: attempt:1: attempt to call a nil value (field 'each')"

return {
  -- Lua's libraries
  { "files of io", "return io", "nil" },
  { "io by require", "return pcall(require, 'io')", "false, module 'io' not found:\n"
    .. "\tno field package.preload['io']" },
  { "io of the loaded modules", "return _G.package", "nil" },
  { "package by require", "require 'package'",
    "error: attempt:1: module 'package'" .. sandboxed },
  { "debug", "return debug, pcall(require, 'debug')", "nil, false, module 'debug' not found:\n"
    .. "\tno field package.preload['debug']" },
  { "programs", "return os.execute, os.exit", "nil, nil" },
  { "files of os", "return os.remove, os.rename, os.tmpname", "nil, nil, nil" },
  { "environment variables", "return os.getenv, os.setlocale", "nil, nil" },
  { "code in files", "return loadfile, dofile", "nil, nil" },
  { "names of os that stay",
    "local t = {} for k in pairs(os) do t[#t + 1] = k end table.sort(t) "
    .. "return table.concat(t, ' ')",
    "clock date difftime time" },
  { "libraries of C", "require 'lpeg'", "error: attempt:1: module 'lpeg' not found:\n"
    .. "\tno field package.preload['lpeg']" },
  { "a module outside by its path", "return pcall(require, '/etc/passwd')",
    "false, module '/etc/passwd' not found:\n\tno field package.preload['/etc/passwd']" },
  { "a module above", "return pcall(require, '...secret')",
    "false, module '...secret' not found:\n\tno field package.preload['...secret']" },

  -- bytecode
  { "string.dump", "return string.dump", "nil" },
  { "bytecode in a string", "return load('\\27Lua')",
    "nil, attempt to load a binary chunk (mode is 't')" },
  { "bytecode in pieces",
    "local s = '\\27LuaT' return load(function() local p = s s = nil return p end)",
    "nil, attempt to load a binary chunk (mode is 't')" },
  { "bytecode with the mode b", "return load('\\27Lua', 'x', 'b')",
    "nil, attempt to load a text chunk (mode is 'b')" },
  { "bytecode with the mode bt", "return load('\\27Lua', 'x', 'bt', {})",
    "nil, attempt to load a binary chunk (mode is 't')" },
  { "load of text", "return load('return 1 + ...', 'x', 't', {})(2)", "3" },
  { "load with an environment", "local e = {} load('x = 1', 'x', nil, e)() return e.x, x",
    "1, nil" },
  { "bytecode of a function of the library",
    "return pcall(string.dump or 'absent', require 'json')",
    "false, attempt to call a string value" },

  -- metatables and finalizers
  { "a finalizer", "setmetatable({}, { __gc = function() end })",
    "error: attempt:1: metatables with `__gc`" .. " are not available in this sandbox" },
  { "a finalizer that is set later",
    "local m = { __gc = false } return pcall(setmetatable, {}, m)",
    "false, metatables with `__gc` are not available in this sandbox" },
  { "a finalizer that is added later",
    "local m, n = {}, 0 setmetatable({}, m) m.__gc = function() n = 1 end "
    .. "collectgarbage() return n",
    "0" },
  { "the metatable of strings", "return getmetatable('')", "false" },
  { "a new metatable of strings", "return pcall(setmetatable, '', {})",
    "false, bad argument #1 to 'setmetatable' (table expected, got string)" },
  { "the metatable of arrays", "return getmetatable(array.zeros(3))", "false" },
  { "the metatable of a workflow", "return getmetatable(vt.workflow { name = 'w' })", "false" },
  { "the metatable of a module's node",
    "local m = vt.module { name = 'm', outputs = { v = 'any' } } function m:compute() end "
    .. "local f = vt.workflow { name = 'w' } return getmetatable(f:add('m', m))", "false" },
  { "__metatable of others", "return pcall(setmetatable, vt.workflow { name = 'w' }, {})",
    "false, bad argument #1 to 'setmetatable' (table expected, got workflow)" },
  { "rawset of a host's object", "return pcall(rawset, vt.workflow { name = 'w' }, 1, 2)",
    "false, bad argument #1 to 'rawset' (table expected, got workflow)" },

  -- finalizers by metatables that scripts can reach: no hook runs in them, and they would never end
  { "a finalizer in a metatable of the library",
    "local n, json = 0, require 'json' getmetatable(json.array {}).__gc = function() n = n + 1 end "
    .. "local a = getmetatable(json.array {}) == getmetatable(json.array {}) a = nil "
    .. "collectgarbage() return n", "0" },
  { "a finalizer of frames",
    "local n, frame = 0, require 'frame' local mt = getmetatable(frame { x = { 1 } }) "
    .. "mt.__gc = function() n = n + 1 end frame { x = { 1 } } collectgarbage() "
    .. "return n, type(frame { x = { 1 } })", "0, table" },
  { "a finalizer in the metatable of modules",
    "local n = 0 local M = vt.module { name = 'm', outputs = { v = 'any' } } "
    .. "getmetatable(M).__gc = function() n = n + 1 end "
    .. "vt.module { name = 'n', outputs = { v = 'any' } } collectgarbage() return n", "0" },
  { "a finalizer in the metatable of self",
    "local n = 0 local M = vt.module { name = 'm', inputs = { x = 'any' }, outputs = { v "
    .. "= 'any' } } "
    .. "function M:compute(i) getmetatable(self).__gc = function() n = n + 1 end return { "
    .. "v = 1 } end "
    .. "local f = vt.workflow { name = 'w' } f:add('m', M, { x = vt.each { 1, 2, 3 } }) f:run() "
    .. "collectgarbage() return n", "0", no_each },
  { "a finalizer in a class of values that are copied",
    "local n, C = 0, {} vt.class('C', C) local value = { setmetatable({}, C) } "
    .. "C.__gc = function() n = n + 1 end "
    .. "local M = vt.module { name = 'm', outputs = { v = 'any' } } "
    .. "function M:compute() return { v = value } end "
    .. "local N = vt.module { name = 'n', inputs = { v = 'any' }, outputs = { v = 'any' } } "
    .. "function N:compute(i) return { v = i.v[1] ~= value[1] and getmetatable(i.v[1]) == C } end "
    .. "local f = vt.workflow { name = 'w' } "
    .. "f:outputs { v = f:add('n', N, { v = f:add('m', M).v }, { retries = 1 }).v } "
    .. "local r = f:run() collectgarbage() return r.outputs.v, n", "true, 0", on_interpreter },

  -- the library's environment and internals
  { "the library's environment", "require 'vt.library'",
    "error: attempt:1: module 'vt.library'" .. sandboxed },
  { "the library's system functions", "require 'vt.system'",
    "error: attempt:1: module 'vt.system'" .. sandboxed },
  { "the names of vt",
    "local t = {} for k in pairs(vt) do if k:find '^_' then t[#t + 1] = k end end table.sort(t) "
    .. "return table.concat(t, ' ')", "_compute _log" },
  { "vt._compute", "vt._compute({}, 'x')", "error: attempt:1: vt._compute is the runtime's own" },
  { "vt._compute with bytecode", "vt._compute({}, ('x'):rep(12) .. '\27Lua', ('y'):rep(32))",
    "error: attempt:1: vt._compute is the runtime's own" },
  { "vt._compute in a coroutine",
    "return select(2, coroutine.resume(coroutine.create(vt._compute), {}, 'x', 'y'))",
    "vt._compute is the runtime's own" },
  { "vt._compute by pcall", "return pcall(vt._compute)",
    "false, vt._compute is the runtime's own" },
  { "vt._compute as a metamethod",
    "return pcall(function() return setmetatable({}, { __index = vt._compute }).x end)",
    "false, attempt:1: vt._compute is the runtime's own" },
  { "files behind the library's back", "return require 'vt.library.files'",
    "error: attempt:1: the library `files`" .. no_files },
  { "files after csv has loaded it", "require 'csv' require 'json' return require 'files'",
    "error: attempt:1: the library `files`" .. no_files },
  { "drafts of files", "require 'file_drafts'",
    "error: attempt:1: the library `file_drafts`" .. no_files },

  -- VTLua's library
  { "the library files", "require 'files'", "error: attempt:1: the library `files`" .. no_files },
  { "the library process", "require 'process'",
    "error: attempt:1: the library `process`" .. no_programs },
  { "the library http", "require 'http'", "error: attempt:1: the library `http`" .. no_network },
  { "the library sql", "require 'sql'", "error: attempt:1: the library `sql`" .. sandboxed
    .. ": its functions of C trust the library; add `.debug`" },
  { "vt.mkdir", "vt.mkdir 'x'", "error: attempt:1: vt.mkdir" .. no_files },
  { "vt.command", "vt.command { 'ls' }", "error: attempt:1: vt.command" .. no_programs },
  { "array.load", "array.load '/etc/passwd'", "error: attempt:1: array.load" .. no_files },
  { "array.save", "array.save('x.npy', array.zeros(1))",
    "error: attempt:1: array.save" .. no_files },
  { "csv.read", "require('csv').read '/etc/passwd'",
    "error: cannot read `/etc/passwd`: this runtime has no access to files" },
  { "csv.write", "require('csv').write('/tmp/x', { { 1 } })",
    "error: cannot write `/tmp/x`: this runtime has no access to files; "
    .. "the directory must exist and be writable" },
  { "json.read", "require('json').read '/etc/passwd'",
    "error: cannot read `/etc/passwd`: this runtime has no access to files" },
  { "frame.csv", "require('frame').csv '/etc/passwd.csv'",
    "error: attempt:1: cannot read `/etc/passwd.csv`: this runtime has no access to files" },
  { "a plot, which needs no file",
    "return type(require('plot').lines { x = { 1, 2 }, y = { 1, 2 } })", "string" },
  { "a module that reads a file",
    "local f = vt.workflow { name = 'w' } f:add('r', 'text.read', { path = '/etc/passwd' })",
    "error: attempt:1: the library `text.read`" .. no_files },
  { "a file as a parameter",
    "local f = vt.workflow { name = 'w', params = { p = 'file' } } "
    .. "f:run { params = { p = '/etc/passwd' } }",
    "error: attempt:1: parameter `p`: file" .. no_files
    .. "\nattempt:1: workflow `w` has no nodes", on_interpreter },
  { "a store", "local f = vt.workflow { name = 'w' } f:run { store = '/tmp/x' }",
    "error: attempt:1: flow:run: `store`" .. no_files, on_interpreter },

  -- workers
  { "threads", "parallel.threads(2)", "error: attempt:1: parallel.threads" .. no_workers },
  { "processes", "parallel.processes(2)", "error: attempt:1: parallel.processes" .. no_workers },
  { "serial", "parallel.serial()", "error: attempt:1: parallel.serial" .. no_workers },
  { "parallel.map", "parallel.map(print, { 1 })", "error: attempt:1: parallel.map" .. no_workers },
  { "channels", "parallel.channel(1)", "error: attempt:1: parallel.channel" .. no_workers },
  { "clusters", "parallel.get_client()", "error: attempt:1: parallel.get_client" .. no_network },
  { "a module on processes",
    "local m = vt.module { name = 'm', outputs = { v = 'any' } } "
    .. "function m:compute() return { v = 1 } end "
    .. "local f = vt.workflow { name = 'w' } f:add('m', m, {}, { on = 'processes' }) f:run()",
    "", on_interpreter },
  { "a module on a cluster",
    "local m = vt.module { name = 'm', outputs = { v = 'any' } } "
    .. "function m:compute() return { v = 1 } end "
    .. "local f = vt.workflow { name = 'w' } f:add('m', m, {}, { on = 'cluster' }) f:run()",
    "error: attempt:1: on = \"cluster\"" .. no_network .. "; leave the option `on` "
    .. "out", on_interpreter },
  { "a sweep on a cluster",
    "local f = vt.workflow { name = 'w', params = { x = 'any' } } "
    .. "vt.sweep(f, { x = { 1 } }, { on = 'cluster' })",
    "error: attempt:1: vt.sweep: on = \"cluster\"" .. no_network, "error: attempt:1: "
    .. "attempt to call a nil value (field 'sweep')" },
  { "a sweep on processes",
    "local m = vt.module { name = 'm', inputs = { x = 'any' }, outputs = { v = 'any' } } "
    .. "function m:compute(i) return { v = i.x } end "
    .. "local f = vt.workflow { name = 'w', params = { x = 'any' } } "
    .. "f:outputs { v = f:add('m', m, { x = f.params.x }).v } "
    .. "local rows = vt.sweep(f, { x = { 1, 2, 3 } }, { on = 'processes' }) "
    .. "return #rows, rows[3].outputs.v", "3, 3",
    "error: attempt:1: attempt to call a nil value (field 'sweep')" },
  { "a module with many workers",
    "local m = vt.module { name = 'm', inputs = { x = 'any' }, outputs = { v = 'any' } } "
    .. "function m:compute(i) return { v = i.x } end local list = {} "
    .. "for i = 1, 100 do list[i] = i end local f = vt.workflow { name = 'w' } "
    .. "f:outputs { v = f:add('m', m, { x = vt.each(list) }).v } "
    .. "return #f:run { jobs = 1 << 40 }.outputs.v", "100", no_each },
  { "a module with pools of its own",
    "local m = vt.module { name = 'm', outputs = { v = 'any' } } "
    .. "function m:compute() return { v = select(2, pcall(parallel.threads, 2)) } end "
    .. "local f = vt.workflow { name = 'w' } "
    .. "f:outputs { v = f:add('m', m, {}, { on = 'threads' }).v } return f:run().outputs.v",
    "parallel.threads" .. no_workers, on_interpreter },
  { "a module on a thread that starts a program",
    "local m = vt.module { name = 'm', outputs = { v = 'any' } } "
    .. "function m:compute() return { v = select(2, pcall(vt.command, { 'ls' })) .. '; ' "
    .. ".. select(2, pcall(vt.mkdir, 'x')) } end local f = vt.workflow { name = 'w' } "
    .. "f:outputs { v = f:add('m', m, {}, { on = 'threads' }).v } return f:run().outputs.v",
    "vt.command" .. no_programs .. "; vt.mkdir" .. no_files, on_interpreter },
  { "a stream of a file",
    "local f = vt.workflow { name = 'w' } f:add('r', 'stream.lines', { path = '/etc/passwd' }) "
    .. "f:run()",
    "error: attempt:1: attempt:1: `r.lines` is a stream that no node reads; connect it to "
    .. "the input "
    .. "of another node", on_interpreter },
  { "a stream without an end",
    "local s = vt.module { name = 's', outputs = { items = 'stream<any>' } } "
    .. "function s:compute() return { items = function() return 1 end } end "
    .. "local f = vt.workflow { name = 'w' } "
    .. "f:add('l', 'stream.to_list', { items = f:add('s', s).items }) f:run()",
    "error: timed out", on_interpreter },
  { "a suspension",
    "local m = vt.module { name = 'm', outputs = { v = 'any' } } "
    .. "function m:compute() self:suspend { '\27Lua' } end "
    .. "function m:resume(_, handle) return { v = handle[1] } end "
    .. "local f = vt.workflow { name = 'w' } f:add('m', m) return f:run().status",
    "error: attempt:1: `m` (m 0) failed in compute: self:suspend needs a store; run without "
    .. "--store off and --no-cache", on_interpreter },
  { "self.scratch",
    "local m = vt.module { name = 'm', outputs = { v = 'any' } } "
    .. "function m:compute() return { v = self.scratch } end "
    .. "local f = vt.workflow { name = 'w' } f:add('m', m) f:run()",
    "error: attempt:1: `m` (m 0) failed in compute: attempt:1: "
    .. "self.scratch" .. no_files, on_interpreter },

  -- the collector
  { "collectgarbage stop", "collectgarbage 'stop'",
    "error: attempt:1: collectgarbage: \"stop\"" .. sandboxed },
  { "collectgarbage setpause", "collectgarbage('setpause', 100000)",
    "error: attempt:1: collectgarbage: \"setpause\"" .. sandboxed },
  { "collectgarbage count", "return collectgarbage 'count' > 0", "true" },

  -- limits of memory
  { "a long string", "return pcall(string.rep, 'x', 1 << 30)", "false, not enough memory" },
  { "many tables", "local t = {} for i = 1, 1e9 do t[i] = {} end", "error: not enough memory" },
  { "a large array", "return pcall(array.zeros, 1 << 30)", "false, not enough memory" },
  { "annotations, which are no memory of Lua",
    "local m = vt.module { name = 'm', outputs = { v = 'any' } } "
    .. "function m:compute() for i = 1, 1000 do self:annotate { ['k' .. i] = "
    .. "('x'):rep(1000) } end end "
    .. "local f = vt.workflow { name = 'w' } f:add('m', m) f:run()",
    "error: attempt:1: `m` (m 0) failed in compute: attempt:1: self:annotate: a "
    .. "module in a sandbox may write 256 KiB of annotations, with each change of one; "
    .. "return large values as outputs", on_interpreter },
  { "a deep recursion", "local function f() return 1 + f() end return (pcall(f))", "false" },

  -- limits of time, also in functions of C
  { "an endless loop", "while true do end", "error: timed out" },
  { "a loop of goto", "::a:: goto a", "error: timed out" },
  { "a loop in pcall", "while true do pcall(function() while true do end end) end",
    "error: timed out" },
  { "a loop in a coroutine", "coroutine.wrap(function() while true do end end)()",
    "error: timed out" },
  { "a loop in __close",
    "local x <close> = setmetatable({}, { __close = function() while true do end end })",
    "error: timed out" },
  { "a loop in a message handler",
    "xpcall(error, function() while true do end end)", "error: timed out" },
  { "a loop in __index",
    "return setmetatable({}, { __index = function() while true do end end }).x",
    "error: timed out" },
  { "a pattern that backtracks", "return ('a'):rep(30000):find(('a-'):rep(12) .. 'b')",
    "error: timed out" },
  { "a pattern in gsub", "return ('a'):rep(30000):gsub(('a*'):rep(12) .. 'b', '')",
    "error: timed out" },
  { "a pattern in gmatch", "for _ in ('a'):rep(30000):gmatch(('.-'):rep(12) .. 'b') do end",
    "error: timed out" },
  { "table.move", "table.move({}, 1, 1 << 60, 2)", "error: timed out" },
  { "table.concat",
    "table.concat(setmetatable({}, { __index = table.concat }), '', 1, 1 << 60)",
    "error: timed out" },
  { "table.insert",
    "table.insert(setmetatable({}, { __len = function() return 1 << 60 end }), 1, 1)",
    "error: timed out" },
  { "table.remove",
    "table.remove(setmetatable({}, { __len = function() return 1 << 60 end }), 1)",
    "error: timed out" },
  { "table.sort",
    "table.sort(setmetatable({}, { __len = function() return (1 << 31) - 2 end, "
    .. "__index = type, __newindex = rawequal }))", "error: timed out" },
  { "nothing, many times", "return #(''):rep(1 << 60)", "0" },
  { "a reader without an end", "return load(function() return ' ' end)", "error: timed out" },
  -- long sets, balances and references: few items, each of which takes long
  { "a long set", "return ('b'):rep(1e6):find('[^' .. ('a'):rep(1e6) .. ']*')",
    "error: timed out" },
  { "a long set at each place", "return ('b'):rep(1e6):find('[' .. ('a'):rep(1e6) .. ']')",
    "error: timed out" },
  { "a long set and a frontier", "return ('b'):rep(1e6):gsub('%f[' .. ('a'):rep(1e6) .. ']', '')",
    "error: timed out" },
  { "a balance without an end", "return ('('):rep(4e6):find '%b()'", "error: timed out" },
  { "a reference to a long capture", "return ('a'):rep(8e6):find '(.-)%1b'", "error: timed out" },
  { "table.sort with a function of C",
    "table.sort(setmetatable({}, { __len = function() return (1 << 31) - 2 end }), math.type)",
    "error: timed out" },
  { "a list of dtypes without an end",
    "array.isdtype('int8', setmetatable({}, { __len = function() return 1 << 60 end, "
    .. "__index = function() return 'bool' end }))", "error: timed out" },

  -- lists whose length is a lie
  { "a shape of a negative length",
    "local l = setmetatable({}, { __len = function() return -5 end }) "
    .. "return pcall(array.zeros, l)",
    "false, the length of a list must be at least 0, got -5" },
  { "a list of arrays of a negative length",
    "local l = setmetatable({}, { __len = function() return -5 end }) "
    .. "return pcall(array.concat, l)",
    "false, the length of a list must be at least 0, got -5" },
  { "axes of a negative length",
    "local l, a = setmetatable({}, { __len = function() return -5 end }), array.zeros { 2, 2 } "
    .. "return pcall(array.tensordot, a, a, { axes = { l, l } })",
    "false, the length of a list must be at least 0, got -5" },
}
