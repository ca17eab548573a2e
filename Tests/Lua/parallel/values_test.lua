-- SPDX-License-Identifier: BSD-3-Clause
--- Data that travels comes back as it was, in arguments, items and results.

local support = dofile((arg[0]:match("^(.*/)") or "./") .. "support.lua")
local equal = support.equal

local function same(...) return ... end

--- A number as text, without loss.
local function exact(x)
  if math.type(x) == "integer" then return ("integer %d"):format(x) end
  if x ~= x then return "nan" end
  return ("float %a"):format(x)
end

support.each_backend(function(make)
  local pool <close> = make(2)

  -- Numbers: integers are not floats, and nothing is rounded.
  local numbers = {
    0, -1, 23, 24, 255, 256, 65535, 65536, 1 << 32, math.maxinteger, math.mininteger,
    0.0, -0.0, 1.0, -1.0, 0.1, 1e300, 5e-324, 2^53, 2^63, 1 / 0, -1 / 0, 0 / 0, 1.5, 1 / 3,
  }
  local there = pool:map(function(x)
    if math.type(x) == "integer" then return ("integer %d"):format(x) end
    if x ~= x then return "nan" end
    return ("float %a"):format(x)
  end, numbers)
  local back = pool:map(same, numbers)
  for i, number in ipairs(numbers) do
    equal(there[i], exact(number))
    equal(exact(back[i]), exact(number))
  end

  -- Strings are bytes.
  local bytes = {}
  for i = 0, 255 do bytes[#bytes + 1] = string.char(i) end
  local all = table.concat(bytes)
  for _, text in ipairs { "", "\0", all, all:rep(7), "\xff\xfe", "häß", ("x"):rep(23) } do
    equal(pool:apply(same, text), text)
    equal(pool:map(same, { text, text }), { text, text })
  end
  equal(pool:apply(same, true, false, nil), true)

  -- Large strings, of both sides of what goes the long way.
  for _, size in ipairs { 255 << 10, 256 << 10, (256 << 10) + 1, 1 << 20, 5 << 20 } do
    local text = all:rep(size // 256) .. ("y"):rep(size % 256)
    assert(pool:apply(same, text) == text, size)
    assert(pool:map(same, { text, "between", text })[3] == text, size)
    assert(pool:apply(function(n) return ("z"):rep(n) end, size) == ("z"):rep(size), size)
    equal(pool:apply(function() return #text end), size)
    equal(pool:map(function(_, extra) return #extra end, { 1, 2 }, { args = { text } }),
      { size, size })
  end
  -- Several large results of one call, each its own, small ones between them.
  local large = pool:map(function(i)
    return i % 3 == 0 and i or string.char(64 + i):rep(300000)
  end, support.range(9), { chunksize = 4 })
  for i = 1, 9 do
    assert(large[i] == (i % 3 == 0 and i or string.char(64 + i):rep(300000)), i)
  end

  -- Tables: lists, records, both, deep, with holes, with keys of several kinds.
  local deep = {}
  for _ = 1, 180 do deep = { deep } end
  for _, value in ipairs {
    {}, { 1, 2, 3 }, { a = 1, b = { c = "d" } }, { 1, 2, x = "y", [2.5] = true },
    { [true] = 1, [false] = 0, [-7] = "seven" }, { 1, nil, 3, nil, nil, 6 }, { { {} }, {} }, deep,
    { [math.mininteger] = 1, [math.maxinteger] = 2 }, { [1e100] = "large" },
  } do
    equal(pool:apply(same, value), value)
    equal(pool:map(same, { value })[1], value)
  end

  -- What is one table stays one; a cycle is a cycle.
  local shared = { "shared" }
  local got = pool:apply(same, { shared, shared, { deep = shared } })
  assert(got[1] == got[2] and got[2] == got[3].deep and got[1] ~= shared)
  local a, b = pool:apply(same, shared, shared)
  assert(a == b, "arguments of one call are shared")
  local cycle = { name = "cycle" }
  cycle.me, cycle.list = cycle, { cycle }
  got = pool:apply(function(t) return t.me == t and t.list[1] == t, t end, cycle)
  equal(got, true)
  got = select(2, pool:apply(function(t) return 0, t end, cycle))
  assert(got.me == got and got.list[1] == got and got.name == "cycle")
  local key = {}
  equal(pool:apply(function(t) return t.map[t.key] end, { key = key, map = { [key] = 7 } }), 7)
  -- Items are copies of their own.
  got = pool:map(function(t) t[1] = t[1] + 1 return t end, { { 1 }, { 1 } })
  equal(got, { { 2 }, { 2 } })
  local one = { 1 }
  got = pool:map(function(t) t[1] = t[1] + 1 return t[1] end, { one, one, one })
  equal(got, { 2, 2, 2 })
  equal(one, { 1 })

  -- Many results of one task.
  local long = {}
  for i = 1, 20000 do long[i] = { i, tostring(i) } end
  equal(pool:apply(same, long), long)
end)

print("values_test: ok")
