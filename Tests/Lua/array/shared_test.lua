-- SPDX-License-Identifier: BSD-3-Clause
-- Arrays over memory that threads and processes write: parallel.shared.

local expect = dofile(arg[0]:match("^(.*/)") .. "../stdlib/expect.lua")
local equal, fails = expect.equal, expect.fails

local kinds = { "serial", "threads", "processes" }

-- A shared array has the elements of another array or of a list, and is not that array.
do
  local a = array.from { { 1, 2, 3 }, { 4, 5, 6 } }
  local s = parallel.shared(a)
  equal(s:is_shared(), true)
  equal(a:is_shared(), false)
  equal(s.dtype, "int64")
  equal(s:tolist(), a:tolist())
  s[{ 1, 1 }] = 10
  equal(a(1, 1), 1)
  equal(s(1, 1), 10)
  equal(parallel.shared({ 1.5, 2 }):tolist(), { 1.5, 2.0 })
  equal(parallel.shared(array.zeros { 0, 3 }).shape, { 0, 3 })
  equal(parallel.shared(a.T):tolist(), a.T:tolist())
  -- Views share the memory; what is computed from it does not.
  equal(s[1]:is_shared(), true)
  equal((s + 1):is_shared(), false)
  equal(s:copy():is_shared(), false)
  local first = parallel.shared(s)
  first[{ 1, 1 }] = 0
  equal(s(1, 1), 10)
end

fails("parallel.shared: an array expected, got nil", function() parallel.shared() end)
fails("parallel.shared: an array expected, got number", function() parallel.shared(3) end)
fails("array.from: element 1 is a string", function()
  local _, message = pcall(parallel.shared, { "x" })
  error(tostring(message):gsub("^parallel.shared", "array.from"), 0)
end)

-- Tasks write to disjoint parts.
for _, kind in ipairs(kinds) do
  local out = parallel.shared(array.zeros { 100, 3 })
  local pool <close> = parallel[kind](2)
  pool:map(function(i, to) to[i] = i * i end, array.range(1, 100), { args = { out } })
  equal(out:sum(), 3 * 338350.0, kind)
  -- As an upvalue, as a view, in a table, and backwards.
  pool:map(function(i) out[{ i, 1 }] = -i end, array.range(1, 100))
  equal(out[{ {}, 1 }]:sum(), -5050.0, kind)
  local rows = {}
  for i = 1, 4 do
    rows[i] = { part = out({ 25 * i - 24, 25 * i }, { -1, 1, -1 }) }
  end
  pool:map(function(row)
    assert(row.part:is_shared())
    row.part[{ {}, 1 }] = 7 -- the last column
  end, rows)
  equal(out[{ {}, 3 }]:sum(), 700.0, kind)
  equal(out(4, 2), 16.0, kind)
end

-- A worker's array comes back as the same memory, and each process maps it once.
for _, kind in ipairs(kinds) do
  local s = parallel.shared(array.zeros(1000))
  local pool <close> = parallel[kind](2)
  local same = pool:map(function(i, a)
    a[i] = i
    return a
  end, { 1, 2, 3 }, { args = { s } })
  s[10] = 10
  for i = 1, 3 do
    equal(same[i]:is_shared(), true)
    equal(same[i]({ 1, 10 }):tolist(), { 1.0, 2.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 10.0 })
  end
  -- One that was made by a worker.
  local made = pool:apply(function() return parallel.shared { 1, 2, 3 } end)
  made[2] = 20
  equal(pool:apply(function(a) return a:tolist() end, made), { 1, 20, 3 })
  pool:push { kept = s }
  s[11] = 11
  equal(pool:apply(function() return _G.kept[11] end), 11.0)
end

-- Workers get one at their start.
do
  local s = parallel.shared(array.zeros(4))
  local pool <close> = parallel.processes {
    n = 2, initializer = function(a) _G.shared_at_start = a end, args = { s },
  }
  pool:map(function(i) _G.shared_at_start[i] = i end, { 1, 2, 3, 4 })
  equal(s:tolist(), { 1.0, 2.0, 3.0, 4.0 })
end

-- Memory that is not used any more gives its descriptor back; many arrays go with one task.
do
  local pool <close> = parallel.processes(1)
  local many = {}
  for i = 1, 200 do
    many[i] = parallel.shared { i }
  end
  equal(pool:apply(function(list)
    for _, a in ipairs(list) do
      a[1] = a[1] + 1
    end
    return #list
  end, many), 200)
  equal(many[200]:tolist(), { 201 })
  for _ = 1, 1500 do
    local s = parallel.shared { 1 }
    pool:apply(function(a) a[1] = 2 end, s)
    equal(s[1], 2)
  end
  local count = pool:apply(function()
    local open = io.popen("ls /proc/" .. io.open("/proc/self/stat"):read("n") .. "/fd | wc -l")
    return tonumber(open:read("a"))
  end)
  assert(count < 1000, count)
end

-- A worker that ends leaves the memory to the others.
do
  local s = parallel.shared(array.zeros(1000000))
  local pool <close> = parallel.processes(1)
  local ok = pcall(pool.apply, pool, function(a)
    a[{ {} }] = 3
    os.exit(1)
  end, s)
  equal(ok, false)
  equal(s:sum(), 3000000.0)
  equal(pool:apply(function(a) return a:sum() end, s), 3000000.0)
end

-- Arrays go to a process and back in one copy: the receiver uses the memory in which they came.
do
  local pool <close> = parallel.processes(1)
  local a = array.range(1, 1000000)
  local mapped, same = pool:apply(function(x)
    local count = 0
    for line in io.lines("/proc/self/maps") do
      local from, to = line:match("^(%x+)%-(%x+) .*memfd:vtlua")
      if from and tonumber(to, 16) - tonumber(from, 16) >= x.nbytes then
        count = count + 1
      end
    end
    return count, x
  end, a)
  equal(mapped, 1)
  equal(same == a, true)
  same[1] = 7
  equal({ a[1], same[1], same:sum() - a:sum() }, { 1, 7, 6 })
end

-- Channels.
do
  local s = parallel.shared(array.zeros(4))
  local channel = parallel.channel(1)
  channel:send(s)
  channel:recv()[3] = 5
  equal(s:tolist(), { 0.0, 0.0, 5.0, 0.0 })
end

-- Elements that decide which memory is used are read once: other workers may change them meanwhile.
do
  local index, mask = parallel.shared { 3, 1 }, parallel.shared { true, false, true }
  local a = array.from { 10, 20, 30 }
  equal(a[index]:tolist(), { 30, 10 })
  equal(a[mask]:tolist(), { 10, 30 })
  a[mask] = 0
  equal(a:tolist(), { 0, 20, 0 })
  equal(parallel.shared({ 3, 1, 2 }):sort():tolist(), { 1, 2, 3 })
  equal(array.bincount(index):tolist(), { 1, 0, 1 })
  local s = parallel.shared { 3, 1, 2 }
  fails("sort: 'out' is a shared array, which other workers may write to meanwhile; assign the "
    .. "result to it: out[{ {} }] = array.sort(a)", function() array.sort(s, { out = s }) end)
  s[{ {} }] = array.sort(s)
  equal(s:tolist(), { 1, 2, 3 })
end

-- An output that is shared is copied; a module gets a copy.
do
  local kept
  local Make = vt.module {
    name = "Make", version = "1", inputs = { a = "array" },
    outputs = { a = "array", shared = "boolean" },
  }
  function Make:compute(inputs)
    kept = parallel.shared(inputs.a)
    return { a = kept, shared = inputs.a:is_shared() }
  end
  local s = parallel.shared { 1, 2 }
  local flow = vt.workflow { name = "f" }
  local made = flow:add("A", Make, { a = s })
  flow:outputs { a = made.a, shared = made.shared }
  local outputs = flow:run().outputs
  kept[1] = 100
  equal(outputs.a:tolist(), { 1, 2 })
  equal(outputs.a:is_shared(), false)
  equal(outputs.shared, false)
end
