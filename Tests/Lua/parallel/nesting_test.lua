-- SPDX-License-Identifier: BSD-3-Clause
--- What a task may use of the program around it.

local support = dofile((arg[0]:match("^(.*/)") or "./") .. "support.lua")
local equal, range = support.equal, support.range

support.each_backend(function(make, kind)
  local pool <close> = make(2)
  local function fails(wanted, f)
    support.fails("TEST:+0: " .. wanted .. "\nworker's traceback:\n\tTEST:+0: in function <TEST:+0>"
      .. "\ntask 1, KIND worker N\nsent from TEST:+0", kind, f)
  end

  -- Pools inside of workers are refused, but for the serial one.
  fails("parallel.threads is refused inside a worker; use parallel.serial() there",
    function() return pool:apply(function() return parallel.threads(2), 1 end), 1 end)
  fails("parallel.processes is refused inside a worker; use parallel.serial() there",
    function() return pool:apply(function() return parallel.processes {}, 1 end), 1 end)
  fails("parallel.map is refused inside a worker; use parallel.serial() there",
    function() return pool:apply(function() return parallel.map(print, {}), 1 end), 1 end)
  equal(pool:map(function(x)
    local inner <close> = parallel.serial()
    local list = {}
    for i, value in inner:imap(function(y) return x * y end, { 1, 2, 3 }) do list[i] = value end
    return { list, inner:apply(math.max, x, 10), inner.kind, #inner }
  end, { 1, 20 }), { { { 1, 2, 3 }, 10, "serial", 1 }, { { 20, 40, 60 }, 20, "serial", 1 } })
  -- Three deep, errors and prints included.
  equal(pool:apply(function()
    local inner <close> = parallel.serial()
    return inner:apply(function()
      local innermost <close> = parallel.serial()
      local ok, err = pcall(innermost.apply, innermost, function() error("deep", 0) end)
      return ok, err.message, innermost:apply(function() return 42 end)
    end)
  end), false)
  equal(pool:apply(function()
    local inner = parallel.serial()
    inner:push { x = 5 }
    return inner.x[1] + inner:execute "return x"[1]
  end), 10)
  -- An endless task within is stopped by the clock of the one around it.
  local err = support.failure(pool.map, pool, function()
    local inner <close> = parallel.serial()
    return inner:apply(function() while true do pcall(function() while true do end end) end end)
  end, { 1 }, { timeout = 0.2 })
  equal({ err.message, err.cause }, { "timed out after 0.2 s", "timeout" })
  err = support.failure(pool.apply, pool, function()
    local inner <close> = parallel.serial()
    inner:map(function() while true do end end, { 1 }, { timeout = 0.1 })
  end)
  assert(err.message:find("^timed out after 0.1 s"), err.message)

  -- vt is the interpreter's, but for what modules need while they load.
  local only = "vt is only available on the interpreter's thread"
  fails(only, function() return pool:apply(function() return vt.module {}, 1 end), 1 end)
  fails(only, function() return pool:apply(function() return vt.workflow, 1 end), 1 end)
  fails(only, function() return pool:apply(function() vt.x = 1 end), 1 end) -- luacheck: ignore 122
  equal(pool:apply(function() return type(vt.now()), vt.version end), "number")
  equal(pool:apply(function() return require "vt" == vt, require "parallel" == parallel end), true)
  equal(pool:apply(function() return parallel.cores end), 1)

  -- os.exit ends a process; on a thread it would end all.
  if not support.apart[kind] then
    fails("os.exit would end the whole program; use error(message), or processes, where it ends "
      .. "the worker", function() return pool:apply(function() os.exit(3) end), 1 end)
  end

  -- A worker has all of the standard library, and globals of its own.
  equal(pool:apply(function()
    local missing = {}
    for _, name in ipairs { "string", "table", "math", "io", "os", "coroutine", "utf8", "debug",
      "package" } do
      if type(_G[name]) ~= "table" then missing[#missing + 1] = name end
    end
    return missing
  end), {})
  equal(pool:apply(function()
    local co = coroutine.wrap(function(a) local b = coroutine.yield(a + 1) return b * 2 end)
    return co(1) + co(10)
  end), 22)
  equal(pool:apply(function() collectgarbage() return collectgarbage "count" > 0 end), true)
  -- What a task does to its state, the next one finds.
  pool:execute "string.mine = function() return 'mine' end"
  equal(pool:apply(function() return ("x"):mine() end), "mine")
  equal(rawget(string, "mine"), nil)

  -- Hooks and coroutines of a task do not break the clock.
  err = support.failure(pool.map, pool, function()
    debug.sethook()
    local co = coroutine.create(function() debug.sethook() while true do end end)
    coroutine.resume(co)
  end, { 1 }, { timeout = 0.2 })
  equal(err.cause, "timeout")
  equal(pool:map(function(x) return x end, range(3)), { 1, 2, 3 })
end)

-- A pool is made and used inside a coroutine as outside.
support.each_backend(function(make)
  local pool <close> = make(2)
  local co = coroutine.wrap(function()
    for i, value in pool:imap(function(x) return x * x end, range(3)) do
      coroutine.yield(i + value)
    end
    return pool:apply(function() return "done" end)
  end)
  equal({ co(), co(), co(), co() }, { 2, 6, 12, "done" })
end)

print("nesting_test: ok")
