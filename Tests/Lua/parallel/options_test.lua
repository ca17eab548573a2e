-- SPDX-License-Identifier: BSD-3-Clause
--- The options of map and its like.

local support = dofile((arg[0]:match("^(.*/)") or "./") .. "support.lua")
local equal, range = support.equal, support.range

local function double(x) return 2 * x end

--- Fails twice in each worker's life, then goes well; `tries` is a global of the worker.
local function third_time(x)
  tries = (tries or 0) + 1 -- luacheck: ignore 111 113
  if tries < 3 then error("attempt " .. tries, 0) end -- luacheck: ignore 113
  return x
end

support.each_backend(function(make, kind)
  local pool <close> = make(2)

  -- args come after the item; a nil in their midst counts.
  equal(pool:map(function(x, a, b) return x .. a .. b end, { 1, 2 }, { args = { "a", "b" } }),
    { "1ab", "2ab" })
  equal(pool:map(function(...) return select("#", ...) end, { 1 }, { args = { 1, nil, 3 } }),
    { 4 })
  equal(pool:map(function(...) return select("#", ...) end, { 1 }, { args = {} }), { 1 })
  equal(pool:map_async(function(x, t) return x + t.n end, { 1 }, { args = { { n = 5 } } }):get(60),
    { 6 })
  equal(pool:map(function(x, f) return f(x) end, { -1 }, { args = { math.abs } }), { 1 })
  local seen = {}
  for i, value in pool:imap(function(x, y) return x - y end, { 5, 6 }, { args = { 1 } }) do
    seen[i] = value
  end
  equal(seen, { 4, 5 })

  -- chunksize changes nothing of what comes back.
  local wanted = pool:map(double, range(100))
  for _, size in ipairs { 1, 7, 100, 1000000 } do
    equal(pool:map(double, range(100), { chunksize = size }), wanted)
    equal(pool:map_async(double, range(100), { chunksize = size }):get(60), wanted)
    local got = {}
    for i, value in pool:imap(double, range(100), { chunksize = size }) do got[i] = value end
    equal(got, wanted)
    got = {}
    for i, value in pool:imap_unordered(double, range(100), { chunksize = size }) do
      got[i] = value
    end
    equal(got, wanted)
    equal(pool:starmap(double, { { 1 }, { 2 }, { 3 } }, { chunksize = size }), { 2, 4, 6 })
  end

  -- An empty table of options is none.
  equal(pool:map(double, { 1 }, {}), { 2 })
  equal(pool:map(double, { 1 }, nil), { 2 })

  -- The label is in errors.
  support.fails("no\ntask text, task 1 of 1, KIND worker N\nsent from TEST:+0", kind,
    function() return pool:map(error, { "no" }, { label = "task text" }) end)

  -- progress: done and total go up, the last is all.
  local told = {}
  equal(pool:map(double, range(30), { progress = function(done, total)
    told[#told + 1] = done
    equal(total, 30)
  end }), pool:map(double, range(30)))
  equal(told[#told], 30)
  for i = 2, #told do assert(told[i] >= told[i - 1]) end
  -- A table or object with such a method: a fraction, and a note with the label.
  local object = { notes = {}, fractions = {} }
  function object:progress(fraction, note)
    self.notes[#self.notes + 1] = note
    self.fractions[#self.fractions + 1] = fraction
  end
  pool:map(double, range(4), { progress = object, label = "four" })
  equal({ object.notes[#object.notes], object.fractions[#object.fractions] },
    { "four, 4 of 4", 1.0 })
  pool:map(double, range(4), { progress = object })
  equal(object.notes[#object.notes], "4 of 4")
  equal(pool:map(double, range(4), { progress = true }), { 2, 4, 6, 8 })
  equal(pool:map(double, range(4), { progress = false }), { 2, 4, 6, 8 })
  -- What it raises ends the call; it may call the pool.
  support.fails("TEST:+1: enough", kind, function()
    return pool:map(double, range(4), { progress = function() error("enough") end }) end)
  equal(pool:map(double, { 1, 2 }, { progress = function()
    equal(pool:apply(double, 21), 42)
  end }), { 2, 4 })
end)

-- retries: attempts after the first. What a failed attempt left behind is still there.
support.each_backend(function(make, kind)
  for _, method in ipairs { "map", "map_async" } do
    local pool <close> = make(1)
    local result = pool[method](pool, third_time, { 5 }, { retries = 2 })
    if method == "map_async" then
      equal(result:wait(60), true)
      equal({ result:successful(), result:metadata()[1].attempts }, { true, 3 })
      result = result:get()
    end
    equal(result, { 5 })
    equal(pool.tries, { 3 })
  end
  local pool <close> = make(1)
  local err = support.failure(pool.map, pool, third_time, { 5 }, { retries = 1 })
  equal({ err.message, pool.tries[1] }, { "attempt 2", 2 })
  equal(pool:map(third_time, { 6 }, { retries = 1 }), { 6 })
  pool.tries = nil
  local results, errors = pool:map(third_time, { 1, 2, 3, 4 },
    { retries = 1, on_error = "collect" })
  equal({ errors[1].message, errors[1].index, #errors }, { "attempt 2", 1, 1 })
  equal({ results[2], results[3], results[4] }, { 2, 3, 4 })
  pool.tries = nil
  local got = {}
  for i, value in pool:imap(third_time, { 7, 8 }, { retries = 5 }) do got[i] = value end
  equal({ got[1], got[2], pool.tries[1] }, { 7, 8, 4 })
  -- A task that goes on failing: as often as asked, then its last error.
  pool.tries = nil
  support.fails("never\nworker's traceback:\n\tTEST:+3: in function <TEST:+1>\n"
    .. "task 1 of 1, KIND worker N\nsent from TEST:+1", kind, function()
      return pool:map(function()
        tries = (tries or 0) + 1 -- luacheck: ignore 111 113
        error("never", 0)
      end, { 1 }, { retries = 4 })
    end)
  equal(pool.tries, { 5 })
end)

print("options_test: ok")
