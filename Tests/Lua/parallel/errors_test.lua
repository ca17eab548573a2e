-- SPDX-License-Identifier: BSD-3-Clause
--- A task that fails: its error, and the other tasks.

local support = dofile((arg[0]:match("^(.*/)") or "./") .. "support.lua")
local equal, range = support.equal, support.range

local UNKNOWN = "class 'test.OnlyThere' is not registered here; "
  .. 'call vt.class("test.OnlyThere", metatable) here, too'

support.each_backend(function(make, kind)
  local pool <close> = make(2)
  local function fails(wanted, f) return support.fails(wanted, kind, f) end

  -- The whole text, and each part of it.
  local err = fails("TEST:+1: third\nworker's traceback:\n\tTEST:+1: in function <TEST:+1>\n"
    .. "task 3 of 4, KIND worker N\nsent from TEST:+1", function()
    return pool:map(function(x) if x == 3 then error "third" end return x end, { 1, 2, 3, 4 })
  end)
  equal({ err.index, err.total, err.kind, err.cause, err.label }, { 3, 4, kind, "error", nil })
  assert(math.type(err.worker) == "integer" and err.worker >= 1 and err.worker <= #pool)
  equal(err.value, err.message)
  local message = support.text(err.message, kind)
  assert(message:find("^TEST:%d+: third$"), message)
  equal(err.traceback, ("%s: in function <%s>"):format(err.place, err.place))

  -- Functions within functions, and a label.
  local function inner(y) error("in " .. y) end
  local function middle(y) inner(y) return y end
  err = support.failure(function()
    pool:map(function(x) middle(x) return x end, { 1 }, { label = "nested" })
  end)
  local where = support.text(err, kind):gsub(":%d+", ":L")
  equal(where, "TEST:L: in 1\nworker's traceback:\n\tTEST:L: in upvalue 'inner'\n"
    .. "\tTEST:L: in upvalue 'middle'\n\tTEST:L: in function <TEST:L>\n"
    .. "nested, task 1 of 1, KIND worker N\nsent from TEST:L")
  equal(err.label, "nested")

  -- apply and asynchronous calls: sent from the line that sent it.
  fails("TEST:+0: one\nworker's traceback:\n\tTEST:+0: in function <TEST:+0>\n"
    .. "task 1, KIND worker N\nsent from TEST:+0",
    function() return pool:apply(function() error "one" end) end)
  fails("late\nworker's traceback:\n\tTEST:+1: in function <TEST:+1>\n"
    .. "task 2 of 2, KIND worker N\nsent from TEST:+1", function()
    local result = pool:map_async(function(x) if x == 2 then error("late", 0) end end, { 1, 2 })
    result:wait(60)
    return result:get(60)
  end)
  fails("direct\ntask 1 of 1, KIND worker N\nsent from TEST:+0",
    function() return pool:map(error, { "direct" }) end)

  -- Whatever is thrown arrives.
  local function thrown(f) return support.failure(pool.apply, pool, f) end
  err = thrown(function() error { code = 7, list = { 1, 2 } } end)
  equal({ err.value, err.message }, { { code = 7, list = { 1, 2 } },
    "(error object is a table value)" })
  err = thrown(function() error() end)
  equal({ tostring(err.value), err.message }, { "nil", "(error object is a nil value)" })
  equal(thrown(function() error(42) end).value, 42)
  equal(thrown(function() error(2.5) end).message, "2.5")
  equal(thrown(function() error(false) end).value, false)
  err = thrown(function()
    error(setmetatable({}, { __tostring = function() return "by itself" end }))
  end)
  equal({ err.message, err.value, err.omitted },
    { "by itself", {}, "it is a table with an unregistered metatable" })
  equal(thrown(function() error(coroutine.create(print)) end).message,
    "(error object is a thread value)")

  -- What cannot be sent is left out, and named; the rest arrives.
  local function parts(f)
    local e = thrown(f)
    return { type(e.value), type(e.value) == "table" and e.value.code, e.omitted }
  end
  equal(parts(function() error { code = 1 } end), { "table", 1 })
  equal(parts(function() error { code = 2, list = { 1, coroutine.create(print), 3 } } end),
    { "table", 2, ".list[2] is a coroutine" })
  equal(parts(function() error { code = 3, [coroutine.create(print)] = 1 } end),
    { "table", 3, "a key is a coroutine" })
  equal(parts(function() error { code = 4, out = io.tmpfile(), std = io.stdout } end),
    { "table", 4, ".out is a file" })
  equal(parts(function() local t = { code = 5 } t.me = t t[t] = t error(t) end), { "table", 5 })
  equal(parts(function() error { code = 6, text = ("x"):rep(200000) } end), { "table", 6 })
  equal(parts(function() error { code = 7, p = setmetatable({}, { __name = "Point" }) } end),
    { "table", 7, ".p is a Point (a table with an unregistered metatable)" })
  equal(parts(function()
    error(setmetatable({ code = 8 }, vt.class("test.OnlyThere", { __index = {} })))
  end), { "table", 8, UNKNOWN })
  equal(parts(function()
    error { code = 9, inner = setmetatable({}, vt.class("test.OnlyThere", { __index = {} })) }
  end), { "table", 9, UNKNOWN })
  equal(parts(function() error(coroutine.create(print)) end),
    { "string", false, "it is a coroutine" })
  equal(parts(function()
    local t = {}
    for _ = 1, 200000 do t = { t } end
    error(t)
  end), { "string", false, "it is nested too deeply" })
  err = thrown(function() error { code = 10, retry = function() return 5 end } end)
  if support.apart[kind] then
    equal({ err.value, err.omitted }, { { code = 10 }, ".retry is a function" })
  else
    equal({ err.value.code, err.value.retry(), err.omitted }, { 10, 5, nil })
  end
  fails("(error object is a table value)\nleft out of the error value: .co is a coroutine\n"
    .. "worker's traceback:\n\tTEST:+1: in function <TEST:+1>\ntask 1, KIND worker N\n"
    .. "sent from TEST:+1", function()
    return pool:apply(function() error { co = coroutine.create(print) } end)
  end)
  -- It is the same value each time, which may be changed.
  err = thrown(function() error { code = 1 } end)
  err.value.seen = true
  equal(err.value, { code = 1, seen = true })
  -- Of a pool of the task's own.
  err = thrown(function()
    local serial <close> = parallel.serial()
    serial:apply(function() error { code = 11, co = coroutine.create(print) } end)
  end)
  equal({ err.value, err.omitted }, { { code = 11 }, ".co is a coroutine" })
  equal(thrown(function() error("two\nlines", 0) end).message, "two\nlines")
  equal(thrown(function() error("\xff\0bytes", 0) end).value, "\xff\0bytes")
  equal(thrown(function() local function f() return f() + 1 end return f() end).cause, "error")

  -- The error is an object with these fields and no others, and may be thrown on.
  equal({ err.nothing, type(err) }, { nil, "userdata" })
  local again = support.failure(error, err)
  assert(again == err)
  -- A task may catch one of its own pool, and pass on what it says.
  equal(pool:apply(function()
    local serial <close> = parallel.serial()
    local ok, e = pcall(serial.apply, serial, function() error("deep", 0) end)
    return ok, e.message, e.kind
  end), false)

  -- A global of the caller is none of the worker's.
  a_global_here = { x = 1 } -- luacheck: ignore 111
  fails("TEST:+0: attempt to index a nil value (global 'a_global_here')\n"
    .. "'a_global_here' is a global of the caller, and workers have their own: make it local, "
    .. "require it in the task, or send it with v:push { a_global_here = a_global_here }\n"
    .. "worker's traceback:\n\tTEST:+0: in function <TEST:+0>\ntask 1, KIND worker N\n"
    .. "sent from TEST:+0",
    function() return pool:apply(function() return a_global_here.x end) end) -- luacheck: ignore 113
  a_global_here = nil -- luacheck: ignore 111
  equal(#select(2, pcall(pool.apply, pool, function()
    return a_global_nowhere.x -- luacheck: ignore 113
  end)).message:gsub("[^\n]", ""), 0)

  -- The failed task with the lowest index is reported, however the tasks are distributed.
  local function bad(x)
    if x % 7 == 3 then error("bad " .. x, 0) end
    return x
  end
  for chunksize = 1, 8 do
    for _, method in ipairs { "map", "map_async" } do
      err = support.failure(function()
        local results = pool[method](pool, bad, range(40), { chunksize = chunksize })
        return method == "map" and results or results:get(60)
      end)
      equal({ err.message, err.index, err.total }, { "bad 3", 3, 40 })
    end
  end
  -- Also when a later one fails first.
  err = support.failure(pool.map, pool, function(x)
    if x == 1 then
      local t = os.clock()
      while os.clock() - t < 0.05 do end -- luacheck: ignore 542
    end
    error("number " .. x, 0)
  end, range(8), { chunksize = 1 })
  equal(err.message, "number 1")

  -- Collected: all run, an error stands where the result would, and all again in a list.
  local results, errors = pool:map(bad, range(12), { on_error = "collect" })
  equal({ #errors, errors[1].index, errors[2].index }, { 2, 3, 10 })
  equal({ errors[1].message, errors[2].message }, { "bad 3", "bad 10" })
  for i = 1, 12 do
    if i % 7 == 3 then
      assert(results[i] == errors[i // 7 + 1])
    else
      equal(results[i], i)
    end
  end
  results, errors = pool:map_async(bad, range(4), { on_error = "collect" }):get(60)
  equal({ results[1], results[3] == errors[1], results[4], #errors }, { 1, true, 4, 1 })
  equal(select("#", pool:map(bad, { 1 }, { on_error = "collect" })), 2)
  equal(select(2, pool:map(bad, {}, { on_error = "collect" })), {})
  equal(select("#", pool:map(bad, { 1 }, { on_error = "stop" })), 1)
  local got = {}
  for i, value in pool:imap(bad, range(5), { on_error = "collect" }) do
    got[i] = type(value) == "userdata" and value.message or value
  end
  equal(got, { 1, 2, "bad 3", 4, 5 })
  results, errors = pool:starmap(bad, { { 1 }, { 3 } }, { on_error = "collect" })
  equal({ results[1], results[2] == errors[1], #errors }, { 1, true, 1 })

  -- A result that cannot be received is a failure of its task.
  local function unknown(x)
    if x ~= 2 then return x end
    return setmetatable({}, vt.class("test.OnlyThere", { __index = {} }))
  end
  err = fails("cannot receive the result: " .. UNKNOWN
    .. "\ntask 2 of 3, KIND worker N\nsent from TEST:+0",
    function() return pool:map(unknown, { 1, 2, 3 }) end)
  equal({ err.index, err.cause }, { 2, "error" })
  results, errors = pool:map(unknown, { 1, 2, 3 }, { on_error = "collect" })
  equal({ results[1], results[3], #errors, errors[1].index }, { 1, 3, 1, 2 })

  equal(pool:map(function(x) return x end, { 1, 2 }), { 1, 2 })
end)

print("errors_test: ok")
