-- SPDX-License-Identifier: BSD-3-Clause
--- What a call took is given back: in the program, and on its workers.

local support = dofile((arg[0]:match("^(.*/)") or "./") .. "support.lua")

--- Kilobytes that this process holds; a task's, where it is sent.
local function resident()
  for text in io.lines "/proc/self/status" do
    local size = text:match "^VmRSS:%s*(%d+)"
    if size then return tonumber(size) end
  end
end

local size = 1 << 20
local text = ("z"):rep(size)
local function make_text(n) return ("y"):rep(n) end
local function length(s) return #s end

--- Each moves a mebibyte, or a little more.
local cases = {
  apply = function(pool) pool:apply(make_text, size) end,
  map = function(pool) pool:map(make_text, { size }) end,
  starmap = function(pool) pool:starmap(make_text, { { size } }) end,
  map_async = function(pool) pool:map_async(make_text, { size }):get(60) end,
  forgotten = function(pool) pool:map_async(make_text, { size }):wait(60) end,
  imap = function(pool) pool:imap(make_text, { size, 1 })() end,
  item = function(pool) pool:map(length, { text }) end,
  extra = function(pool) pool:map(function(_, s) return #s end, { 1 }, { args = { text } }) end,
  upvalue = function(pool) pool:apply(function() return #text end) end,
  push = function(pool) pool:push { text = text } end,
  pull = function(pool) return pool.text end,
  failed = function(pool) pcall(pool.apply, pool, function() error { make_text(size) } end) end,
  refused = function(pool) pcall(pool.map, pool, length, { text, coroutine.create(print) }) end,
  many = function(pool)
    pool:map(make_text, { 200000, 200000, 200000, 200000, 200000, 200000 })
  end,
  list = function(pool)
    pool:apply(function(n)
      local list = {}
      for i = 1, n do list[i] = i end
      return list
    end, 100000)
  end,
}

support.each_backend(function(make)
  local pool <close> = make(1)
  pool:push { text = text }
  for name, case in pairs(cases) do
    local function measure(n)
      for i = 1, n do
        case(pool)
        -- So that what is seen in the end is no heap of garbage.
        if i % 5 == 0 then
          collectgarbage()
          pool:execute "collectgarbage()"
        end
      end
      return resident(), pool:apply(resident)
    end
    -- The first time is for what the system keeps for later.
    local here, there = measure(30)
    local here_after, there_after = measure(30)
    assert(here_after - here < 20000 and there_after - there < 20000,
      ("%s: from %d and %d to %d and %d kB"):format(name, here, there, here_after, there_after))
  end
end)

-- Pools themselves, however they end.
support.each_backend(function(make)
  local function measure(n)
    for i = 1, n do
      local pool = make(1)
      pool:map(length, { text })
      if i % 3 == 0 then pool:close() elseif i % 3 == 1 then pool:terminate() end
    end
    collectgarbage()
    collectgarbage()
    return resident()
  end
  local before = measure(90)
  local after = measure(90)
  -- Pools that were not closed end by themselves, a moment later.
  for _ = 1, 1200 do
    if after - before < 20000 then break end
    os.execute "sleep 0.05"
    after = resident()
  end
  assert(after - before < 20000, ("from %d to %d kB"):format(before, after))
end)

print("memory_test: ok")
