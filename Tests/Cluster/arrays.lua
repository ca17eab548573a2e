-- SPDX-License-Identifier: BSD-3-Clause
-- Arrays and engines on this machine: large ones are used in the memory in which they arrive;
-- shared ones are refused, and those that an engine makes arrive as ordinary arrays.

local view = assert(parallel.load_balanced_view())

local a = array.range(1, 1000000)
local found = view:apply(function(x)
  local mapped = 0
  for line in io.lines("/proc/self/maps") do
    local from, to = line:match("^(%x+)%-(%x+) .*memfd:vtlua")
    if from and tonumber(to, 16) - tonumber(from, 16) >= x.nbytes then
      mapped = mapped + 1
    end
  end
  return mapped
end, a)
assert(found == 1, found)
local back = view:apply(function(x)
  x[1] = 100
  return { x, x:gt(5), array.ones { 3, 4 }, { flags = x:gt(999999) } }
end, a)
assert(back[1]:sum() == a:sum() + 99 and a[1] == 1)
assert(back[2]:sum() == 999996 and back[3]:sum() == 12 and back[4].flags:sum() == 1)
back[1][1] = 7
assert(back[1][1] == 7)

-- Lengths that are no multiple of 64 bytes.
for length = 100001, 100009 do
  local list = view:apply(function(...)
    local sums = {}
    for i, x in ipairs { ... } do
      sums[i] = type(x) == "string" and #x or x:sum()
    end
    return { sums, ... }
  end, array.ones(length, "uint8"), ("x"):rep(length), array.ones(length), array.ones(length) + 0.5)
  local sums = list[1]
  assert(sums[1] == length and sums[2] == length and sums[3] == length and sums[4] == 1.5 * length)
  assert(list[2]:sum() == length and #list[3] == length and list[5]:sum() == 1.5 * length)
end

local shared = parallel.shared { 1, 2, 3 }
local ok, message = pcall(view.apply, view, function(x) return x end, shared)
assert(not ok and tostring(message):find(
  "it is a shared array. Only threads and processes on this machine can use its memory. "
    .. "Send a copy: a:copy()", 1, true), tostring(message))
local made = view:apply(function()
  local s = parallel.shared { 1, 2, 3 }
  return { s, s({ 3, 1, -1 }), parallel.shared(array.ones(1000000)) }
end)
assert(not made[1]:is_shared() and made[1] == array.from { 1, 2, 3 })
assert(made[2] == array.from { 3, 2, 1 } and made[3]:sum() == 1000000)
made[2][1] = 9
assert(made[1][3] == 3 and made[2][1] == 9)
