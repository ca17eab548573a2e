-- SPDX-License-Identifier: BSD-3-Clause
--- Functions travel with what they close over.

local support = dofile((arg[0]:match("^(.*/)") or "./") .. "support.lua")
local equal = support.equal

--- A name that only a test's own environment has.
local function chunk(text, env)
  return assert(load(text, "=chunk", "t", env or _ENV))
end

support.each_backend(function(make, kind)
  local pool <close> = make(2)

  -- Upvalues: several, nil, tables, other functions, and none.
  local factor, offset, missing = 3, { by = 4 }, nil
  local function scale(x) return x * factor end
  equal(pool:map(function(x) return scale(x) + offset.by end, { 1, 2 }), { 7, 10 })
  equal(pool:apply(function() return missing end), nil)
  equal(pool:map(function(x) return x end, { 1 }), { 1 })
  -- Their values are those of the call.
  factor = 10
  equal(pool:map(scale, { 1, 2 }), { 10, 20 })
  -- What a worker assigns stays there.
  equal(pool:apply(function() factor = factor + 1 offset.by = 0 return factor end), 11)
  equal({ factor, offset.by }, { 10, 4 })

  -- Each call begins with a copy; within one call a worker keeps it.
  local count = 0
  local function increment() count = count + 1 return count end
  equal(pool:apply(increment), 1)
  equal(pool:apply(increment), 1)
  local counts = pool:map(increment, support.range(40))
  local first, most = 0, 0
  for _, number in ipairs(counts) do
    first, most = first + (number == 1 and 1 or 0), math.max(most, number)
  end
  assert(first >= 1 and first <= #pool and most >= 40 // #pool, "a worker counts on")

  -- An upvalue of two functions is one on the other side.
  local shared = 0
  local function set(x) shared = x end
  local function get() return shared end
  equal(pool:apply(function() set(5) return get(), shared end), 5)
  local ops = { set = set, get = get }
  equal(pool:apply(function(t) t.set(7) return t.get() end, ops), 7)
  equal(pool:apply(function(f, g) f(8) return g() end, set, get), 8)
  equal(shared, 0)
  -- Two that only look alike are two.
  local function counter() local n = 0 return function() n = n + 1 return n end end
  local one, two = counter(), counter()
  equal(table.pack(pool:apply(function() return one(), one(), two() end)), { 1, 2, 1, n = 3 })
  -- An upvalue that is shared with a loop's variable.
  local list = {}
  for i = 1, 3 do list[i] = function() i = i + 10 return i end end
  equal(table.pack(pool:apply(function(t) return t[1](), t[2](), t[1]() end, list)),
    { 11, 12, 21, n = 3 })

  -- Recursion, alone and mutual.
  local function factorial(n) return n <= 1 and 1 or n * factorial(n - 1) end
  equal(pool:map(factorial, { 1, 5, 20 }), { 1, 120, 2432902008176640000 })
  local even
  local function odd(n) if n == 0 then return false end return even(n - 1) end
  function even(n) if n == 0 then return true end return odd(n - 1) end
  equal(pool:map(even, { 10, 7, 0 }), { true, false, true })
  equal(pool:map(odd, { 10, 7, 0 }), { false, true, false })

  -- A function that is its own upvalue's upvalue, in a table that holds it.
  local object = { n = 2 }
  function object.twice(x) return object.n * x end
  object.self = object
  equal(pool:map(object.twice, { 1, 2 }), { 2, 4 })
  equal(pool:apply(function(o) return o.self.twice(9), o.self == o end, object), 18)

  -- _ENV is the worker's own, wherever it is among the upvalues.
  equal(pool:apply(function() return _ENV == _G end), true)
  local early = 1
  equal(pool:apply(function() local t = early return math.abs(-t) end), 1)
  equal(pool:apply(function() local t = math.abs(-2) return t + early end), 3)
  equal(pool:apply(chunk("return ...", {}), 5), 5)
  equal(pool:apply(chunk("return math.pi"), 5), math.pi)
  equal(pool:apply(chunk("local a <const> = 3; return (function() return a end)()")), 3)
  pool:apply(function() made_by_a_task = 1 end) -- luacheck: ignore 111
  equal(rawget(_G, "made_by_a_task"), nil)

  -- Variable arguments, methods, many upvalues, long strings, integers that are constants.
  equal(pool:starmap(function(...) local t = { ... } return #t, t[1] end, { { 1, 2 }, {} }),
    { 2, 0 })
  equal(pool:apply(object.twice, 0x7fffffff), 0xfffffffe)
  local text = ("long "):rep(20000)
  equal(pool:map(function(i) return text:sub(i, i + 3) end, { 1, 6 }), { "long", "long" })
  local source = { "local t = {}" }
  for i = 1, 120 do source[#source + 1] = ("local v%d = %d"):format(i, i) end
  source[#source + 1] = "return function() return v1"
  for i = 2, 120 do source[#source + 1] = (" + v%d"):format(i) end
  source[#source + 1] = " end"
  equal(pool:apply(chunk(table.concat(source, " "))()), 7260)

  -- Standard functions, by name: as the task, as an upvalue, an argument, in tables.
  local format, sqrt = string.format, math.sqrt
  equal(pool:map(math.sqrt, { 4, 9 }), { 2.0, 3.0 })
  equal(pool:map(tostring, { 1, true }), { "1", "true" })
  equal(pool:starmap(string.format, { { "%d-%s", 1, "a" }, { "%5.1f", 2 } }), { "1-a", "  2.0" })
  equal(pool:map(function(x) return format("%d", sqrt(x)) end, { 4, 9 }), { "2", "3" })
  equal(pool:apply(function(f, x) return f(x) end, math.floor, 2.5), 2)
  equal(pool:apply(function(t) return t.up("x") .. t[1](2, 3) end,
    { up = string.upper, math.max }), "X3")
  equal(pool:apply(function(t) return t == string end, string), true)
  equal(pool:apply(function(s, u) return s == string.sub, u == utf8.char end,
    string.sub, utf8.char), true)
  local function rep() return string.rep end
  if kind == "cluster" then
    equal(support.failure(pool.apply, pool, rep).message,
      "cannot receive the result: 'rep' is a function here, and a result is only data")
  else
    equal(pool:apply(rep) == string.rep, true)
  end

  -- A table or function that is in an upvalue and in an argument of `apply` is one in the task.
  local common = { n = 1 }
  local function give() return common end
  equal({ pool:apply(function(t, u)
    t.n = 2
    return t == common, u.t == common, common.n
  end, common, { t = common }) }, { true, true, 2 })
  equal({ pool:apply(function(g, t)
    return g == give, g() == common, t == common
  end, give, common) }, { true, true, true })
  equal(pool:apply_async(function(t) return t == common end, common):get(60), true)
  equal(pool:apply(function(a, b) return a == b and a ~= common end, { 1 }, common), false)
  equal(common.n, 1)
  -- The arguments of `starmap`, and `args`.
  local function spread(f, lists, args) return pool:starmap(f, lists, { args = args }) end
  equal(spread(function(t, u) return t == common and u.t == t end, { { common, { t = common } } }),
    { true })
  equal(spread(function(a, b, t) return a == b and t == common and a == t and b == give() end,
    { { common, common } }, { common }), { true })
  equal(spread(function(a, b, t) return a == t and b ~= t end, { { common, {} } }, { common }),
    { true })
  equal(spread(function(g, t) return g == give and g() == t end,
    { { give, common }, { give, common } }), { true, true })
  equal(pool:starmap_async(function(t) return t == common end, { { common } }):get(60), { true })
  -- The elements of other lists are sent by themselves.
  equal(pool:map(function(x, t) return t == common and x ~= common end, { common },
    { args = { common } }), { true })
  local module = require "stats"
  equal(spread(function(m, t) return m == module and t == common end, { { module, common } }),
    { true })

  -- A function that a task was given comes back where functions may.
  equal(pool:apply(select, "#", nil, nil), 2)
end)

-- From threads functions come back, with what they close over then.
support.each_backend(function(make)
  local pool <close> = make(1)
  local n = 1
  local f = pool:apply(function() n = n + 41 return function() return n end end)
  equal(f(), 42)
  equal(n, 1)
end, { serial = true, threads = true })

print("closures_test: ok")
