-- SPDX-License-Identifier: BSD-3-Clause
--- Values that cannot be sent are refused before anything starts, with their location.

local support = dofile((arg[0]:match("^(.*/)") or "./") .. "support.lua")
local equal, line = support.equal, support.line

local function count() ran = (ran or 0) + 1 end -- luacheck: ignore 111 113
local INSIDE = " Create it inside the task instead."
local OPEN = " Open it inside the task instead."
local REGISTER = " Register it with vt.class(name, metatable)."
local UNREGISTERED = "a table with an unregistered metatable." .. REGISTER

support.each_backend(function(make, kind)
  local pool <close> = make(2)
  local function fails(wanted, f) return support.fails(wanted, kind, f) end
  local co = coroutine.create(print)
  local file <close> = assert(io.tmpfile())
  local object = setmetatable({}, { __index = {} })

  -- In the function: deep, through another function, several.
  local cfg = { name = "x", handlers = { { cb = co } } }
  local at = line() + 1
  local function build(x) return cfg, x end
  local in_build = ("TEST:+0: cannot send function 'build' (TEST:%d): upvalue 'cfg' -> "
    .. "cfg.handlers[1].cb is a coroutine." .. INSIDE):format(at)
  fails(in_build, function() return pool:apply(build) end)
  fails(in_build, function() return pool:apply_async(build) end)
  for _, method in ipairs { "map", "map_async", "starmap", "starmap_async", "imap",
    "imap_unordered" } do
    fails(in_build, function() return pool[method](pool, build, {}) end)
  end
  fails("TEST:+0: cannot send function (TEST:+0): upvalue 'build' -> upvalue 'cfg' -> "
    .. "cfg.handlers[1].cb is a coroutine." .. INSIDE,
    function() return pool:map(function(x) return build(x) end, { 1 }) end)
  fails("TEST:+0: cannot send function (TEST:+0):\n"
    .. "  upvalue 'file' is a file." .. OPEN .. "\n"
    .. "  upvalue 'object' is " .. UNREGISTERED,
    function() return pool:map(function() return file, object end, { 1 }) end)

  -- In arguments and extra arguments.
  fails("TEST:+0: cannot send argument 1: it is a coroutine." .. INSIDE,
    function() return pool:apply(count, co) end)
  fails("TEST:+0: cannot send argument 3: .list[2] is a coroutine." .. INSIDE,
    function() return pool:apply_async(count, 1, {}, { list = { 1, co } }) end)
  fails("TEST:+0: cannot send argument 2: it is a file." .. OPEN,
    function() return pool:map(count, { 1 }, { args = { 1, file } }) end)
  fails("TEST:+0: cannot send argument 1: a key is a coroutine." .. INSIDE,
    function() return pool:apply(count, { [co] = 1 }) end)
  fails("TEST:+0: cannot send argument 1: upvalue 'cfg' -> cfg.handlers[1].cb is a coroutine."
    .. INSIDE, function() return pool:apply(count, build) end)

  -- In items.
  for _, method in ipairs { "map", "map_async" } do
    fails("TEST:+0: cannot send item 2: it is a coroutine." .. INSIDE,
      function() return pool[method](pool, count, { 1, co, 3 }) end)
  end
  for _, method in ipairs { "starmap", "starmap_async" } do
    fails("TEST:+0: cannot send item 2: [1] is a coroutine." .. INSIDE,
      function() return pool[method](pool, count, { { 1 }, { co } }) end)
  end
  for _, method in ipairs { "imap", "imap_unordered" } do
    fails("TEST:+0: cannot send item 1: it is " .. UNREGISTERED,
      function() for _ in pool[method](pool, count, { object }) do error("no") end end)
  end

  -- The program's own objects.
  fails("TEST:+0: cannot send function (TEST:+0): upvalue 'pool' is a parallel.view (userdata)."
    .. " A pool cannot be sent; use parallel.serial() inside a task.",
    function() return pool:apply(function() return pool end) end)
  local result = pool:map_async(function(x) return x end, {})
  fails("TEST:+0: cannot send argument 1: it is a parallel.result (userdata)."
    .. " Get its results and send those.", function() return pool:apply(count, result) end)

  -- Up to five are named.
  local named = {}
  for i = 1, 5 do named[i] = ("  [%d] is a coroutine."):format(i) .. INSIDE .. "\n" end
  fails("TEST:+0: cannot send argument 1:\n" .. table.concat(named) .. "  and 3 more",
    function() return pool:apply(count, { co, co, co, co, co, co, co, co }) end)

  -- For every worker.
  fails("TEST:+0: cannot send argument 1: .a is a coroutine." .. INSIDE,
    function() pool:push { a = co } end)
  fails("TEST:+0: cannot send argument 1: .a is a coroutine." .. INSIDE,
    function() pool.a = co end)
  fails("TEST:+0: cannot send argument 1: .a[1] is a coroutine." .. INSIDE,
    function() pool:scatter("a", { co }) end)
  if support.pools[kind] then
    fails("TEST:+0: cannot send the initializer: upvalue 'co' is a coroutine." .. INSIDE,
      function() return make { n = 1, initializer = function() return co end } end)
    fails("TEST:+0: cannot send the initializer: it is a file." .. OPEN,
      function() return make { n = 1, initializer = count, args = { file } } end)
  end

  -- Nothing of all that has begun.
  equal({ pool:pull("ran", "a") }, { {}, {} })

  -- In results: the task fails, and only it.
  fails("cannot send the result: it is a coroutine." .. INSIDE
    .. "\ntask 2 of 3, KIND worker N\nsent from TEST:+0",
    function() return pool:map(function(x) return x == 2 and coroutine.create(print) or x end,
      { 1, 2, 3 }) end)
  fails("cannot send the result: it is a file." .. OPEN
    .. "\ntask 1, KIND worker N\nsent from TEST:+0",
    function() return pool:apply(function() return io.tmpfile() end) end)
  fails("cannot send the result: [2].deep is " .. UNREGISTERED
    .. "\ntask 1 of 1, KIND worker N\nsent from TEST:+0",
    function() return pool:map(function()
      return { 1, { deep = setmetatable({}, { __index = {} }) } }
    end, { 1 }) end)
  local results, errors = pool:map(function(x)
    if x == 2 then return coroutine.create(print) end
    return x
  end, { 1, 2, 3 }, { on_error = "collect" })
  equal({ results[1], results[3], #errors, errors[1].index, errors[1].cause },
    { 1, 3, 1, 2, "error" })
  assert(results[2] == errors[1])
  -- Results before and after one that is refused are whole, long ones too.
  results = pool:map(function(x)
    if x == 3 then return io.tmpfile() end
    return ("%d"):format(x):rep(100)
  end, { 1, 2, 3, 4, 5 }, { on_error = "collect", chunksize = 5 })
  for _, i in ipairs { 1, 2, 4, 5 } do equal(results[i], ("%d"):format(i):rep(100)) end

  -- What is nested too deeply is named.
  local deep = {}
  for _ = 1, 200000 do deep = { deep } end
  local DEEP = " is nested too deeply. At most 190000 levels can be sent; use a flatter value."
  fails("TEST:+0: cannot send argument 2: it" .. DEEP,
    function() return pool:apply(print, 1, deep) end)
  fails("TEST:+0: cannot send function (TEST:+0): upvalue 'deep'" .. DEEP,
    function() return pool:apply(function() return deep end) end)
  fails("TEST:+0: cannot send function (TEST:+1): upvalue 'inner' -> upvalue 'deep'" .. DEEP,
    function() local function inner() return deep end return pool:map(
      function() return inner() end, { 1 }) end)
  fails("TEST:+0: cannot send item 2: it" .. DEEP,
    function() return pool:map(print, { 1, deep }) end)
  fails("TEST:+0: cannot send item 2: [2]" .. DEEP,
    function() return pool:starmap(print, { { 1 }, { 1, deep } }) end)
  fails("TEST:+0: cannot send argument 1: it" .. DEEP,
    function() return pool:map(print, { 1 }, { args = { deep } }) end)
  fails("cannot send the result: it" .. DEEP .. "\ntask 1, KIND worker N\nsent from TEST:+0",
    function() return pool:apply(function() local t = {} for _ = 1, 200000 do t = { t } end
      return t end) end)

  -- The pool is as good as before.
  equal(pool:map(function(x) return x + 1 end, support.range(9)), { 2, 3, 4, 5, 6, 7, 8, 9, 10 })
end)

-- From a process no function comes back, and a channel does not get there.
support.each_backend(function(make, kind)
  local pool <close> = make(1)
  support.fails("cannot send the result: it is a function. Return data; a function comes back "
    .. "from threads only.\ntask 1, KIND worker N\nsent from TEST:+0", kind,
    function() return pool:apply(function() return function() end end) end)
  local channel = parallel.channel(1)
  support.fails("TEST:+0: cannot send argument 1: it is a parallel.channel (userdata)."
    .. " A channel is for threads; tasks elsewhere return their results.",
    kind, function() return pool:apply(print, channel) end)
end, { processes = true })

print("refusals_test: ok")
