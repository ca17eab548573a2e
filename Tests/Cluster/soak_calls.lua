-- SPDX-License-Identifier: BSD-3-Clause
--- The random calls of soak.lua. Each function makes calls on one of the workers' views and
--- compares whole results. An entry `p` has the fields
---
---   view      a pool, or a load-balanced view of the engines
---   kind      "threads", "processes" or "cluster"
---   retries   attempts that calls need because workers are killed
---   lasting   true when no call may end a worker
---   globals   returns a view that has globals
---   make      returns another pool or view, whether it has globals, and what to call at its end
---   fragile   in a cluster: returns a view of the engine whose worker may be killed
---   victim    returns the pid of a worker that may be killed
---   settle    waits until all workers run again

local calls = {}

local here = arg[0]:match("^(.*/)") or "./"
local equal = dofile(here .. "../Lua/stdlib/expect.lua").equal

--- Seconds of each wait; the bound only ends a call that hangs.
local LIMIT = 120

local random = math.random

local noise
do
  local words = {}
  for i = 1, 1 << 18 do words[i] = ("I4"):pack(random(0, 0xffffffff)) end
  noise = table.concat(words)
end

--- A string of 1 byte to 1 MiB, short ones as often as long ones.
local function text()
  local size = 1 << random(0, 20)
  size = random((size + 1) // 2, size)
  local start = random(1, #noise - size + 1)
  return noise:sub(start, start + size - 1)
end

local function numbers(count)
  local list = {}
  for i = 1, count do list[i] = random(1, 1000000) end
  return list
end

local function each(list, f)
  local results = {}
  for i, x in ipairs(list) do results[i] = f(x) end
  return results
end

--- Options of a call: sometimes with a size of chunks.
local function options(p, more)
  more = more or {}
  more.retries = more.retries or p.retries
  if random(4) == 1 then more.chunksize = random(1, 50) end
  return more
end

--- The error that a call raises.
local function failure(f, ...)
  local ok, err = pcall(f, ...)
  assert(not ok, "the call has not failed")
  assert(type(err) ~= "string", err)
  return err
end

local function forever() while true do end end
local function same(x) return x end
local function twice(x) return 2 * x end

function calls.map(p)
  local list, factor = numbers(random(0, 500)), random(1, 9)
  equal(p.view:map(function(x, k) return x * k end, list, options(p, { args = { factor } })),
    each(list, function(x) return x * factor end))
end

function calls.starmap(p)
  local lists = each(numbers(random(1, 200)), function(x) return { x, random(1, 9) } end)
  equal(p.view:starmap(function(a, b) return a - b end, lists, options(p)),
    each(lists, function(pair) return pair[1] - pair[2] end))
end

function calls.texts(p)
  local list = {}
  for i = 1, random(1, 8) do list[i] = text() end
  local results = p.view:map(function(s) return s .. #s end, list, options(p))
  for i, s in ipairs(list) do assert(results[i] == s .. #s, "another text") end
end

function calls.large_upvalue(p)
  local long, list = text(), numbers(random(1, 20))
  equal(p.view:map(function(x) return x + #long end, list, options(p)),
    each(list, function(x) return x + #long end))
end

function calls.tables(p)
  local shared = { text(), true, 1.5 }
  local value = { first = shared, list = numbers(random(0, 2000)), [-1] = { { {} } } }
  local result = p.view:map(same, { value }, options(p))[1]
  equal(result, value)
end

function calls.imap(p)
  local count, last, read = random(1, 600), random(1, 900), 0
  local function source()
    read = read + 1
    return read <= count and read or nil
  end
  local seen = 0
  for i, y in p.view:imap(twice, source, options(p)) do
    seen = seen + 1
    assert(i == seen and y == 2 * i, "imap: another result")
    if seen == last then break end
  end
  equal(seen, math.min(count, last))
end

function calls.imap_unordered(p)
  local list, seen = numbers(random(1, 300)), {}
  for i, y in p.view:imap_unordered(twice, list, options(p)) do
    assert(not seen[i] and y == 2 * list[i], "imap_unordered: another result")
    seen[i] = true
  end
  equal(#seen, #list)
end

--- Returns a result and the function that checks it later.
function calls.later(p)
  local list = numbers(random(1, 100))
  local long = random(5) == 1 and text() or "short"
  local result = p.view:map_async(function(x, s)
    print(x)
    return { x, x % 20 == 0 and s or #s }
  end, list, options(p, { args = { long } }))
  return result, function()
    local values = result:get(LIMIT)
    for i, x in ipairs(list) do
      local second = x % 20 == 0 and long or #long
      assert(values[i][1] == x and values[i][2] == second, "map_async: another result")
    end
    equal(result:stdout(), table.concat(list, "\n") .. "\n")
    equal({ result:progress() }, { #list, #list })
  end
end

function calls.wait_any(p)
  local waiting, sum = {}, 0
  for i = 1, random(1, 10) do
    waiting[i] = p.view:map_async(same, { i }, options(p))
    sum = sum + i
  end
  while #waiting > 0 do
    local position, result = parallel.wait_any(waiting, LIMIT)
    table.remove(waiting, position)
    sum = sum - result:get(0)[1]
  end
  equal(sum, 0)
end

function calls.cancel(p)
  local running = p.view:map_async(forever, numbers(random(1, 6)), { chunksize = 1 })
  local behind = p.view:apply_async(same, 1)
  if random(2) == 1 then p.view:status() end
  behind:cancel()
  running:cancel()
  equal(failure(running.get, running, LIMIT).cause, "cancelled")
  -- It may have run before it was cancelled.
  local ok, value = pcall(behind.get, behind, LIMIT)
  equal(ok and value or value.cause, ok and 1 or "cancelled")
end

function calls.timeout(p)
  local list = { 1, 2, 3, 4 }
  local results, errors = p.view:map(function(x) while x == 2 do end return x end, list,
    { timeout = 0.2, on_error = "collect", retries = random(0, 1) })
  equal({ results[1], results[3], results[4] }, { 1, 3, 4 })
  equal({ #errors, errors[1].cause, errors[1].index }, { 1, "timeout", 2 })
end

function calls.failure(p)
  local list = numbers(random(1, 50))
  local position = random(#list)
  local err = failure(p.view.map, p.view, function(x, bad)
    if x == bad then error { code = x, text = ("e"):rep(x % 1000) } end
    return x
  end, list, { args = { list[position] } })
  equal({ err.cause, list[err.index], err.total }, { "error", list[position], #list })
  equal(err.value, { code = list[position], text = ("e"):rep(list[position] % 1000) })
end

function calls.collected(p)
  local list = {}
  for i = 1, random(1, 100) do list[i] = i end
  local results, errors = p.view:map(function(x)
    if x % 3 == 0 then error("bad " .. x, 0) end
    return x
  end, list, { on_error = "collect" })
  equal(#errors, #list // 3)
  for i, x in ipairs(list) do
    local value = results[i]
    if x % 3 == 0 then value = value.message:match "bad (%d+)" + 0 end
    equal(value, x)
  end
end

function calls.refused(p)
  local err = select(2, pcall(p.view.map, p.view, same, { 1, coroutine.create(forever) }))
  assert(tostring(err):find("cannot send", 1, true), tostring(err))
end

function calls.programs(p)
  local word = "word-" .. random(1000)
  equal(p.view:apply(function(w)
    local pipe <close> = io.popen("echo " .. w)
    return pipe:read "l", (os.execute "exit 3")
  end, word), word)
end

function calls.modules(p)
  local seed = random(1000)
  local expected = require("random").new(seed, 1):integer(1, 1000)
  equal(p.view:map(function(i, s) return require("random").new(s, i):integer(1, 1000) end, { 1 },
    options(p, { args = { seed } })), { expected })
end

function calls.globals(p)
  local view = p.globals()
  local value, list = random(1000), numbers(random(1, 100))
  view:push { soaked = value, soaked_text = text() }
  for _, got in ipairs(view:pull "soaked") do equal(got, value) end
  view:scatter("soaked_list", list)
  equal(view:gather "soaked_list", list)
  view:push { soaked_text = 0, soaked_list = 0 }
end

function calls.channel(p)
  if p.kind ~= "threads" then return end
  local values, size, count = parallel.channel(random(1, 8)), random(1, 5000), random(1, 200)
  local sender = p.view:apply_async(function(channel, n, bytes)
    for i = 1, n do channel:send(("c"):rep(bytes) .. i) end
    channel:close()
  end, values, count, size)
  local received = 0
  for value in values:iter() do
    received = received + 1
    assert(value == ("c"):rep(size) .. received, "channel: another value")
  end
  equal(received, count)
  sender:get(LIMIT)
end

--- Another pool or view, ended in each of the ways. Code is executed here and not in a lasting
--- pool, which keeps it for the workers that start later.
function calls.opened(p)
  local list = numbers(random(1, 50))
  local view, direct, finish = p.make()
  equal(view:map(twice, list), each(list, twice))
  if direct then view:execute "function soaked_twice(x) return 2 * x end" end
  local way = random(p.kind == "cluster" and 3 or 4)
  if way == 1 then
    view:close()
  elseif way == 2 then
    local result = view:map_async(forever, { 1, 2, 3 })
    view:terminate()
    assert(result:wait(LIMIT), "a task of a terminated pool is unfinished")
  elseif way == 3 then
    local message = failure(function()
      local closed <close> = view
      closed:map_async(forever, { 1, 2 })
      error { "leaving" }
    end)
    equal(message, { "leaving" })
  end
  -- Otherwise it is left to the garbage collector.
  if finish then finish() end
end

local function exit_at_3(x)
  if x == 3 then os.exit(3) end
  return x
end

--- A task that ends its worker fails alone, where there are other workers.
function calls.died(p)
  if p.lasting then return end
  local list = { 1, 2, 3, 4, 5 }
  if p.kind == "cluster" then
    equal(failure(p.fragile().apply, p.fragile(), exit_at_3, 3).cause, "died")
  else
    local results, errors = p.view:map(exit_at_3, list, { on_error = "collect", retries = 0 })
    equal({ #errors, errors[1].index }, { 1, 3 })
    equal(errors[1].cause, p.kind == "threads" and "error" or "died")
    for i, x in ipairs(list) do assert(i == 3 or results[i] == x, "another result") end
  end
  p.settle()
end

function calls.killed(p)
  if p.lasting or p.kind == "threads" then return end
  local list = numbers(random(10, 100))
  local result = p.view:map_async(function(x)
    for _ = 1, 100000 do end
    return 2 * x
  end, list, { retries = 5, chunksize = random(1, 20) })
  os.execute("kill -9 " .. p.victim())
  equal(result:get(LIMIT), each(list, twice))
  p.settle()
end

return calls
