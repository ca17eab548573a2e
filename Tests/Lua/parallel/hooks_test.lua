-- SPDX-License-Identifier: BSD-3-Clause
--- A task's debug.sethook ends with the task.

local support = dofile((arg[0]:match("^(.*/)") or "./") .. "support.lua")
local equal = support.equal

local function hook() return debug.gethook() ~= nil end

support.each_backend(function(make)
  local pool <close> = make(1)

  pool:apply(function() debug.sethook(function() end, "crl", 1) end)
  equal(pool:apply(hook), false)
  -- In tasks of one call, also of one chunk.
  equal(pool:map(function()
    local before = debug.gethook() ~= nil
    debug.sethook(function() end, "l")
    return before
  end, { 1, 2, 3 }, { chunksize = 3 }), { false, false, false })
  equal(pool:apply(hook), false)
  -- After an error, and after a stop.
  support.failure(pool.apply, pool, function()
    debug.sethook(function() end, "c")
    error "failed"
  end)
  equal(pool:apply(hook), false)
  local err = support.failure(pool.map, pool, function()
    debug.sethook(function() end, "", 1000)
    while true do end
  end, { 1 }, { timeout = 0.2 })
  equal({ err.cause, pool:apply(hook) }, { "timeout", false })
  -- A hook that fails fails its own task only.
  equal(pool:map(function(x)
    if x == 2 then debug.sethook(function() error("hooked", 0) end, "l") end
    local y = x
    return y
  end, { 1, 2, 3 }, { on_error = "collect" })[3], 3)
  equal(pool:execute "debug.sethook(function() end, 'l')", {})
  equal(pool:apply(hook), false)
end)

-- That of an initializer stays, and returns after a task that sets another.
support.each_backend(function(make)
  local pool <close> = make { n = 1, initializer = function()
    COUNT = 0 -- luacheck: ignore 111
    debug.sethook(function() COUNT = COUNT + 1 end, "l") -- luacheck: ignore 111 113
  end }
  local function counts()
    local before = COUNT -- luacheck: ignore 113
    local x = 1
    x = x + 1
    return COUNT > before and x == 2 -- luacheck: ignore 113
  end
  equal(pool:apply(counts), true)
  pool:apply(function() debug.sethook() end)
  equal(pool:apply(counts), true)
  pool:apply(function() debug.sethook(function() end, "l") end)
  equal(pool:map(counts, { 1, 2 }), { true, true })
end, support.pools)

print("hooks_test: ok")
