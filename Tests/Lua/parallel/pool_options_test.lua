-- SPDX-License-Identifier: BSD-3-Clause
--- What a pool can be made with.

local support = dofile((arg[0]:match("^(.*/)") or "./") .. "support.lua")
local equal, range = support.equal, support.range

support.each_backend(function(make, kind)
  -- An initializer runs once in each worker, with its arguments and upvalues.
  local base = 100
  local pool = make { n = 2, initializer = function(a, t)
    ready = (ready or 0) + 1 -- luacheck: ignore 111 113
    value = base + a + t.x -- luacheck: ignore 111
  end, args = { 1, { x = 10 } } }
  for _, value in ipairs(pool.value) do equal(value, 111) end
  for _, value in ipairs(pool.ready) do equal(value, 1) end
  equal(pool:map(function(x) return x + value end, { 1, 2 }), { 112, 113 }) -- luacheck: ignore 113
  pool:close()

  -- It may define what tasks use, and require modules.
  pool = make { initializer = function()
    json = require "json" -- luacheck: ignore 111
    function encode(x) return json.encode(x) end -- luacheck: ignore 111 113
  end }
  local encoded = pool:map(function(x) return encode(x) end, { 1, "a" }) -- luacheck: ignore 113
  equal(encoded, { "1", '"a"' })
  pool:close()

  -- Libraries are required before; what they return is loaded, not global.
  pool = make { n = 1, libraries = { "json", "stats" } }
  equal(pool:apply(function()
    return package.loaded.json ~= nil, package.loaded.stats ~= nil, rawget(_G, "json") == nil
  end), true)
  pool:close()

  -- n: a number, a table, the default.
  pool = make()
  equal(#pool, kind == "serial" and 1 or parallel.cores)
  pool:close()
  pool = make(3)
  equal(#pool, kind == "serial" and 1 or 3)
  pool:close()
  pool = make { n = 3 }
  equal(#pool, kind == "serial" and 1 or 3)
  pool:close()

  -- memory_limit: an error that can be caught, and the pool is as good as before.
  pool = make { n = 1, memory_limit = 32 << 20 }
  local function greedy() return #("x"):rep(100 << 20) end
  local err = support.failure(pool.apply, pool, greedy)
  equal({ err.message, err.cause, err.kind }, { "not enough memory", "error", kind })
  equal(pool:apply(function(f) return select(2, pcall(f)) end, greedy), "not enough memory")
  err = support.failure(pool.apply, pool, function()
    local t = {}
    for i = 1, 1e9 do t[i] = { t[i - 1] } end
    return #t
  end)
  equal({ err.message, err.cause }, { "not enough memory", "error" })
  equal(pool:map(function(x) return x end, { 1, 2 }), { 1, 2 })
  equal(pool:apply(function() return #("x"):rep(1 << 20) end), 1 << 20)
  local _, errors = pool:map(function(x) return x == 2 and greedy() or x end, { 1, 2, 3 },
    { on_error = "collect" })
  equal({ #errors, errors[1].index, errors[1].message }, { 1, 2, "not enough memory" })
  equal(pool:status().replaced, 0)
  pool:close()
end, support.pools)

-- An initializer or a library that fails: each call reports it, and none hangs.
support.each_backend(function(make, kind)
  local function broken(wanted, options)
    local pool = make(options)
    local err = support.failure(pool.apply, pool, function() return 1 end)
    local message = support.text(err.message, kind):gsub(":%d+", ":L"):match("^[^\n]*")
    equal({ message, err.cause }, { wanted, "closed" })
    err = support.failure(pool.map, pool, function(x) return x end, range(10))
    equal({ err.cause, err.index }, { "closed", 1 })
    equal(pool:status()[1].state, "broken")
    pool:close()
  end
  broken("the initializer failed: TEST:L: not today", { n = 1, initializer = function()
    error("not today")
  end })
  broken("cannot load a library: module 'no_such_library' not found:",
    { n = 1, libraries = { "no_such_library" } })
  broken("the initializer failed: timed out after 1 s", { n = 1, start_timeout = 1,
    initializer = function() while true do end end })

  -- The table that it throws arrives, as of a task.
  local pool <close> = make { n = 1, initializer = function()
    error { code = 9, co = coroutine.create(print) }
  end }
  local err = support.failure(pool.map, pool, function(x) return x end, range(3))
  equal({ err.message, err.cause, err.value, err.omitted }, {
    "the initializer failed: (error object is a table value)", "closed", { code = 9 },
    ".co is a coroutine",
  })
end, support.pools)
-- max_tasks: a worker is replaced after that many tasks, and pushed values are set again.
support.each_backend(function(make, kind)
  for _, chunksize in ipairs { 1, 2, 3, 7, 100 } do
    local pool <close> = make { n = 2, max_tasks = 3, initializer = function()
      from = "start" -- luacheck: ignore 111
    end }
    pool:push { pushed = 7 }
    pool:execute "executed = (pushed or 0) + 1"
    local function task(x)
      lived = (lived or 0) + 1 -- luacheck: ignore 111 113
      return { x, lived, pushed, executed, from } -- luacheck: ignore 113
    end
    local results = pool:map(task, range(40), { chunksize = chunksize })
    for i, value in pool:imap(task, range(20), { chunksize = chunksize }) do
      results[40 + i] = value
      value[1] = value[1] + 40
    end
    for i = 61, 70 do results[i] = pool:apply(task, i) end
    local most = 0
    for i, result in ipairs(results) do
      equal({ result[1], result[3], result[4], result[5] }, { i, 7, 8, "start" })
      most = math.max(most, result[2])
    end
    equal(most, 3)
    -- 70 tasks, `push` and `execute` on each worker, three for each of the workers.
    local workers = kind == "serial" and 1 or 2
    local replaced = pool:status().replaced
    assert(replaced >= 72 // 3 - workers and replaced <= (70 + 2 * workers) // 3, replaced)
  end
end, support.pools)

-- env and directory are a process's.
support.each_backend(function(make, kind)
  if kind == "processes" then
    local pool <close> = make { n = 1, env = { VTLUA_TEST_A = "a = b", HOME = "/nowhere" },
      directory = "/" }
    equal({ pool:apply(function()
      return os.getenv "VTLUA_TEST_A", os.getenv "HOME", os.getenv "PATH"
    end) }, { "a = b", "/nowhere", os.getenv "PATH" })
    equal(pool:apply(function()
      local pipe <close> = io.popen "pwd"
      return pipe:read("a")
    end), "/\n")
  else
    for _, options in ipairs { { env = {} }, { directory = "/" } } do
      support.fails(("TEST:+0: parallel.%s: `env` and `directory` belong to a process; "
        .. "use parallel.processes"):format(kind), kind, function() return make(options), 1 end)
    end
  end
end, support.pools)

print("pool_options_test: ok")
