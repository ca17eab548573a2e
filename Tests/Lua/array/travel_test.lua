-- SPDX-License-Identifier: BSD-3-Clause
-- Arrays as values: in tasks of every backend, between modules, in keys and in elements.

local expect = dofile(arg[0]:match("^(.*/)") .. "../stdlib/expect.lua")
local equal, fails = expect.equal, expect.fails

local kinds = { "serial", "threads", "processes" }
local function each_pool(f)
  for _, kind in ipairs(kinds) do
    local pool <close> = parallel[kind](kind ~= "serial" and 2 or nil)
    f(pool, kind)
  end
end

local function describe(a)
  return ("%s (%s) %s"):format(a.dtype, table.concat(a.shape, ", "), tostring(a))
end

-- The same type, shape and bytes.
local function same(got, wanted, what)
  if array.is(got) and got.dtype == wanted.dtype
    and table.concat(got.shape, ",") == table.concat(wanted.shape, ",")
    and got:tobytes() == wanted:tobytes()
  then
    return
  end
  local shown = array.is(got) and describe(got) or tostring(got)
  error(("%s: got %s, expected %s"):format(what, shown, describe(wanted)), 2)
end

local dtypes = {
  "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32",
  "float64", "complex64", "complex128",
}
local nan, inf = 0 / 0, math.huge
local samples = {}
for _, dtype in ipairs(dtypes) do
  local base = dtype == "bool" and array.from({ { true, false, true }, { false, false, true } })
    or array.range(1, 6):astype(dtype):reshape { 2, 3 }
  same(base, base:copy(), dtype)
  local function add(name, a) samples[#samples + 1] = { name = dtype .. " " .. name, value = a } end
  add("rows", base)
  add("columns", base:permute_dims { 2, 1 })
  add("reversed", base:flip())
  add("every second", base:flatten()[{ { 1, 6, 2 } }])
  add("broadcast", base[1]:broadcast_to { 4, 3 })
  add("no axes", base[1]:reshape { 3 }[{ { 2, 2 } }]:reshape {})
  add("empty", array.zeros({ 0, 3 }, dtype))
  add("empty inside", array.zeros({ 2, 0, 3 }, dtype))
  add("large", base:flatten():broadcast_to { 20000, 6 }:copy())
  add("part of a large one", array.zeros({ 50000 }, dtype)[{ { 11, 20 } }])
  add("columns of a large one", array.ones({ 300, 400 }, dtype):permute_dims { 2, 1 })
end
local special = array.from { 0.0, -0.0, inf, -inf, nan, 5e-324 }
samples[#samples + 1] = { name = "special", value = special }

each_pool(function(pool, kind)
  for _, sample in ipairs(samples) do
    local back = pool:apply(function(a) return a end, sample.value)
    same(back, sample.value, kind .. " " .. sample.name)
  end
end)

-- What a task gets is its own: the caller's array and that of other tasks do not change.
each_pool(function(pool, kind)
  for _, n in ipairs { 10, 100000 } do
    local a = array.zeros(n)
    local function write(i, x)
      local before = x:sum()
      x[i] = 1
      return { before, x:sum(), x[i] }
    end
    for i, got in ipairs(pool:map(write, { 1, 2, 3, 4 }, { args = { a } })) do
      if kind == "serial" or i == 1 then
        equal(got[3], 1.0)
      end
    end
    equal(a:sum(), 0.0)
    local function close(x)
      x:copy()
      return x
    end
    local back = pool:apply(close, a)
    back[1] = 7
    equal(a[1], 0.0)
    a[2] = 5
    equal(back[2], 0.0)
  end
end)

-- Two names of one array stay one array, also in upvalues.
each_pool(function(pool)
  local a = array.zeros(3)
  equal(pool:apply(function(t)
    t.x[1] = 4
    return t.y[1]
  end, { x = a, y = a }), 4.0)
  local big = array.ones(20000)
  equal(pool:apply(function() return big:sum() + a:sum() end), 20000.0)
  equal(a[1], 0.0)
end)

-- map and its relatives take the first axis.
each_pool(function(pool, kind)
  local v = array.range(1, 5)
  equal(pool:map(function(x) return x * 10 end, v), { 10, 20, 30, 40, 50 })
  equal(pool:map_async(function(x) return x * 10 end, v):get(), { 10, 20, 30, 40, 50 })
  local m = array.range(1, 6):reshape { 3, 2 }
  equal(pool:map(function(row) return row:sum() end, m), { 3, 7, 11 })
  equal(pool:starmap(function(x, y) return x * y end, m), { 2, 12, 30 })
  equal(pool:starmap_async(function(x, y) return x * y end, m):get(), { 2, 12, 30 })
  local got = {}
  for i, sum in pool:imap(function(row) return row:sum() end, m) do
    got[i] = sum
  end
  equal(got, { 3, 7, 11 })
  local sum = 0
  for _, value in pool:imap_unordered(function(x) return x end, v) do
    sum = sum + value
  end
  equal(sum, 15)
  equal(pool:map(function(x) return x end, array.zeros { 0, 3 }), {})
  fails("bad argument #2 to 'map' (table expected, got an array without axes)", function()
    pool:map(function() end, array.ones(1):reshape {})
  end)
  fails("bad argument #2 to 'scatter' (table expected, got an array without axes)", function()
    pool:scatter("p", array.from(2))
  end)
  -- Rows are arrays of their own.
  pool:map(function(row) row[1] = 99 end, m)
  equal(m:tolist(), { { 1, 2 }, { 3, 4 }, { 5, 6 } })

  pool:push { a = v }
  local pulled = pool.a
  same(array.is(pulled) and pulled or pulled[1], v, kind)
  for _, a in ipairs { v, m, array.zeros { 0, 2 }, array.from { true, false, true } } do
    pool:scatter("part", a)
    same(pool:gather "part", a, kind .. " scatter")
  end
  pool:scatter("part", m)
  pool:execute "part = part * 2"
  same(pool:gather "part", m * 2, kind .. " scatter")
end)

-- Channels and asynchronous results.
each_pool(function(pool)
  local a = array.ones { 100, 200 }
  local result = pool:apply_async(function(x) return x + 1 end, a)
  a[1] = 5
  equal(result:get():sum(), 40000.0)
end)

-- A closed array cannot be sent.
do
  local pool <close> = parallel.threads(1)
  local a
  do
    local b <close> = array.ones(3)
    a = b
  end
  local ok, message = pcall(pool.apply, pool, function(x) return x end, a)
  message = tostring(message):match "is an array %(userdata%)"
  equal({ ok, message }, { false, "is an array (userdata)" })
end

-- Modules

local Make = vt.module {
  name = "Make", version = "1",
  inputs = { n = "integer" }, outputs = { a = "array" },
}
function Make:compute(inputs) return { a = array.ones(inputs.n) } end

local Change = vt.module {
  name = "Change", version = "1",
  inputs = { a = "array" }, outputs = { sum = "number" },
}
function Change:compute(inputs)
  inputs.a[1] = inputs.a[1] + 100
  return { sum = inputs.a:sum() }
end

local Sum = vt.module {
  name = "Sum", version = "1",
  inputs = { a = "array" }, outputs = { sum = "number" },
}
function Sum:compute(inputs) return { sum = inputs.a:sum() } end

-- A module that writes to its input changes nothing for other nodes.
for _, n in ipairs { 10, 100000 } do
  local flow = vt.workflow { name = "f" }
  local made = flow:add("Make", Make, { n = n })
  local first = flow:add("First", Change, { a = made.a })
  local second = flow:add("Second", Change, { a = made.a })
  local third = flow:add("Third", Sum, { a = made.a })
  flow:outputs { first = first.sum, second = second.sum, third = third.sum, a = made.a }
  for _ = 1, 2 do
    local outputs = flow:run().outputs
    equal({ outputs.first, outputs.second, outputs.third }, { n + 100.0, n + 100.0, n + 0.0 })
    equal(outputs.a:sum(), n + 0.0)
  end
end

-- A module that keeps the array that it returned, and writes to it later, changes no result.
do
  local buffer = array.zeros(3)
  local Fill = vt.module { name = "Fill", inputs = { n = "integer" }, outputs = { a = "array" } }
  function Fill:compute(inputs)
    buffer[1] = inputs.n
    return { a = buffer }
  end
  local flow = vt.workflow { name = "f" }
  flow:outputs { x = flow:add("X", Fill, { n = 3 }).a, y = flow:add("Y", Fill, { n = 4 }).a }
  local outputs = flow:run().outputs
  equal({ outputs.x[1], outputs.y[1] }, { 3.0, 4.0 })
end

-- An attempt after a failure gets the input as it was.
do
  local attempts = 0
  local Fragile = vt.module {
    name = "Fragile",
    inputs = { a = "array" }, outputs = { sum = "number" },
  }
  function Fragile:compute(inputs)
    attempts = attempts + 1
    inputs.a[1] = inputs.a[1] + 1
    if attempts < 3 then
      error "not yet"
    end
    return { sum = inputs.a:sum() }
  end
  local flow = vt.workflow { name = "f" }
  local made = flow:add("Make", Make, { n = 10 })
  flow:outputs { sum = flow:add("Fragile", Fragile, { a = made.a }, { retries = 3 }).sum }
  equal(flow:run().outputs.sum, 11.0)
end

-- vt.each goes over the first axis, of constants and of outputs.
do
  local Double = vt.module {
    name = "Double",
    inputs = { x = "number" }, outputs = { y = "number" },
  }
  function Double:compute(inputs) return { y = inputs.x * 2 } end
  local flow = vt.workflow { name = "f" }
  local made = flow:add("Make", Make, { n = 3 })
  flow:outputs {
    constant = flow:add("A", Double, { x = vt.each(array.range(1, 4)) }).y,
    output = flow:add("B", Double, { x = vt.each(made.a) }).y,
    rows = flow:add("C", Sum, { a = vt.each(array.range(1, 6):reshape { 3, 2 }) }).sum,
    empty = flow:add("D", Double, { x = vt.each(array.zeros(0)) }).y,
  }
  local outputs = flow:run().outputs
  equal(outputs.constant, { 2, 4, 6, 8 })
  equal(outputs.output, { 2.0, 2.0, 2.0 })
  equal(outputs.rows, { 3, 7, 11 })
  equal(outputs.empty, {})
  fails("vt.each: a list expected, got an array without axes, which has no elements", function()
    vt.each(array.ones(1):reshape {})
  end)
end

-- Equal elements are computed once, whatever their layout; each has its own result.
do
  local Triple = vt.module {
    name = "Triple", version = "1",
    inputs = { a = "array" }, outputs = { b = "array" },
  }
  function Triple:compute(inputs) return { b = inputs.a * 3 } end
  local m = array.range(1, 6):reshape { 2, 3 }
  local other = m:permute_dims({ 2, 1 }):copy():permute_dims { 2, 1 }
  local flow = vt.workflow { name = "f" }
  local tripled = flow:add("Triple", Triple, { a = vt.each { m, m:copy(), other, m[1] } })
  flow:outputs { b = tripled.b, sums = flow:add("Sums", Change, { a = vt.each(tripled.b) }).sum }
  for i, b in ipairs(flow:run().outputs.b) do
    equal(b:tolist(), i < 4 and { { 3, 6, 9 }, { 12, 15, 18 } } or { 3, 6, 9 })
  end
end

-- Modules on workers.
for _, kind in ipairs { "threads", "processes" } do
  local flow = vt.workflow { name = "f" }
  local made = flow:add("Make", Make, { n = 100000 })
  local names = {}
  for i = 1, 4 do
    names["s" .. i] = flow:add("N" .. i, Change, { a = made.a }, { on = kind }).sum
  end
  names.a = made.a
  names.rows = flow:add("E", Change, { a = vt.each(array.ones { 5, 3 }) }, { on = kind }).sum
  flow:outputs(names)
  local outputs = flow:run().outputs
  for i = 1, 4 do
    equal(outputs["s" .. i], 100100.0)
  end
  equal(outputs.a:sum(), 100000.0)
  equal(outputs.rows, { 103.0, 103.0, 103.0, 103.0, 103.0 })
end

-- Functions of array.fft and array.linalg travel by name, and so do the tables.
do
  local rfft, inv, fft, linalg = array.fft.rfft, array.linalg.inv, array.fft, array.linalg
  each_pool(function(pool, kind)
    local a = array.range(1, 4)
    local function transform(x) return rfft(x):real(), fft.ifft(fft(x)):real() end
    local first, second = pool:apply(transform, a)
    equal({ kind, first:tolist(), second:tolist() },
      { kind, { 10.0, -2.0, -2.0 }, { 1.0, 2.0, 3.0, 4.0 } })
    equal(pool:apply(function() return linalg.matrix_power(array.eye(2), 3) end):tolist(),
      { { 1.0, 0.0 }, { 0.0, 1.0 } })
    equal({ kind, pool:apply(function() return rfft, inv, fft end) }, { kind, rfft, inv, fft })
  end)
end

-- The parts can be required, also before `array` is used.
do
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write [[
    local linalg, fft = require "array.linalg", require "array.fft"
    print(linalg == array.linalg, fft == array.fft, linalg.det(array.from { { 2, 0 }, { 0, 3 } }))
  ]]
  file:close()
  local pipe = assert(io.popen(("'%s' '%s'"):format(os.getenv "VTLUA_BINARY" or "vtlua", path)))
  equal(pipe:read "a", "true\ttrue\t6.0\n")
  pipe:close()
  os.remove(path)
end
