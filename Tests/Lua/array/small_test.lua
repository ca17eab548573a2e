-- SPDX-License-Identifier: BSD-3-Clause
--
-- Small arrays, whose elements are in their userdata: they behave as large ones do.

local array = require "array"
local expect = dofile(arg[0]:match("^(.*/)") .. "../stdlib/expect.lua")

local function fails(message, f, ...)
  local ok, text = pcall(f, ...)
  assert(not ok and text:find(message, 1, true), tostring(text))
end

local sizes <const> = { 3, 128, 129, 4000 }

for _, n in ipairs(sizes) do
  -- A view keeps the elements, also when the array that it is of has gone, and writes to them.
  local rows = {}
  for i = 1, 20 do
    local matrix = array.full({ 2, n }, i)
    rows[i] = matrix[2]
  end
  for _ = 1, 3 do collectgarbage() end
  for i = 1, 20 do
    for _ = 1, 3 do array.zeros(n) end
    assert(rows[i]:eq(i):all(), n)
  end
  local part
  do
    local matrix = array.zeros { 2, n }
    local row = matrix[1]
    part = row[{ { 2, 3 } }]
    matrix[{ 1, 2 }] = 5
    part[2] = 6
    assert(row[2] == 5 and part[1] == 5 and matrix(1, 3) == 6 and row[3] == 6)
  end
  for _ = 1, 3 do collectgarbage() end
  assert(part[1] == 5 and part[2] == 6)

  -- Rows of a loop are views, too.
  local grid = array.zeros { 3, n }
  for each in grid:rows() do each[1] = 1 end
  for i, each in pairs(grid) do each[2] = i end
  assert(grid:sum() == 3 + 1 + 2 + 3)

  -- A copy is independent.
  local copy = grid:copy()
  copy[1] = 9
  assert(grid(1, 1) == 1 and copy(1, 1) == 9)
  assert(grid == grid:copy() and grid ~= copy)

  -- Closed, one is of no use, and its views stay.
  local kept
  do
    local closed <close> = array.full({ 2, n }, 7)
    kept = closed[1]
  end
  assert(kept[1] == 7)
  local closed = array.zeros(n)
  getmetatable(closed).__close(closed)
  fails("the array was closed", function() return closed + closed end)
  fails("the array was closed", function() return closed + array.ones(n) end)
  fails("the array was closed", function() return 2 * closed end)
  assert(tostring(closed) == "array (closed)")
end

-- Arithmetic with numbers and arrays of one shape, and every case beside it.
for _, n in ipairs(sizes) do
  for _, dtype in ipairs { "float64", "float32" } do
    local a = array.range(1, n):astype(dtype)
    local b = array.full(n, 0.1, dtype)
    local matrix = array.stack { a, b }
    local cases = {
      { a + b, 1.1 }, { a - b, 0.9 }, { a * b, 0.1 }, { a / b, 10 },
      { a + 0.1, 1.1 }, { 0.1 + a, 1.1 }, { 2 - a, 1 }, { a - 2, -1 }, { a * 3, 3 }, { 3 / a, 3 },
      { matrix[1] + b, 1.1 }, { matrix[1] + matrix[2], 1.1 },
    }
    for i, case in ipairs(cases) do
      local result, first = case[1], array.full(1, case[2], dtype)
      assert(result.dtype == dtype and #result == n, i)
      assert(math.abs(result[1] - first[1]) < 1e-6, i)
    end
    -- The bits are those of each element alone, at every length.
    local whole = a / b
    for i = 1, n, 37 do
      local one = a[{ { i, i } }] / b[{ { i, i } }]
      assert(one[1] == whole[i])
    end
    assert((a[{ { 1, -1, 2 } }] + b[{ { 1, -1, 2 } }])[2] == (a + b)[3], "parts with steps")
    assert((a:astype "float64" + b).dtype == "float64" and (a + b:tolist()).dtype == "float64")
    assert((a + array.ones(n, "int8")).dtype == dtype)
    fails("a boolean have no common type", function() return a + true end)
    fails("do not fit", function() return a + array.zeros(n + 1) end)
  end
  local integers = array.range(1, n)
  assert((integers + integers)[n] == 2 * n and (integers + 0.5).dtype == "float64")
  fails("does not fit uint8", function() return array.zeros(n, "uint8") + 300 end)
end
local empty = array.zeros(0)
assert(#(empty + empty) == 0 and #(empty + 1) == 0)
local point = array.zeros { 1, 1 }
expect.equal((point + 1):tolist(), { { 1.0 } })

-- Many small arrays do not stay: neither without a collection that is asked for.
collectgarbage()
local before <const> = collectgarbage "count"
local sum = array.ones(10)
for _ = 1, 200000 do sum = sum + 1 end
assert(sum[1] == 200001)
assert(collectgarbage "count" < before + 4096, "garbage is collected")

-- A finalizer that closes an operand while the result is allocated.
local victim
local function armed()
  setmetatable({}, { __gc = function() getmetatable(victim).__close(victim) end })
end
local refused = 0
for _ = 1, 200 do
  victim = array.ones(10)
  armed()
  for _ = 1, 2000 do
    local ok, text = pcall(function() return victim + victim end)
    if not ok then
      assert(text:find("the array was closed", 1, true), text)
      refused = refused + 1
      break
    end
  end
end
assert(refused > 0)
