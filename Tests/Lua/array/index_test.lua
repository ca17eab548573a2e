-- SPDX-License-Identifier: BSD-3-Clause
-- Reading and writing by index: what is a view, what is a copy.

local expect = dofile(arg[0]:match("^(.*/)") .. "../stdlib/expect.lua")
local equal = expect.equal

local function matrix()
  return array.range(1, 12):reshape { 3, 4 }
end

local a = matrix()
equal({ a(2, 3), a[{ 2, 3 }], a[2][3], a(-1, -1) }, { 7, 7, 7, 12 })
equal(a[2]:tolist(), { 5, 6, 7, 8 })
equal(a({ 2, 3 }):tolist(), { { 5, 6, 7, 8 }, { 9, 10, 11, 12 } })
equal(a({}, 1):tolist(), { 1, 5, 9 })
equal(a(1, { -1, 1, -2 }):tolist(), { 4, 2 })
equal(a({ 3, 2 }).shape, { 0, 4 })
equal(a({ 4, 3 }).shape, { 0, 4 })
equal(a({ 1, 0 }).shape, { 0, 4 })
equal(a(array.newaxis, 1).shape, { 1, 4 })
equal(a(array.rest, 1):tolist(), { 1, 5, 9 })
equal(a[2.0]:tolist(), { 5, 6, 7, 8 })
equal(a[4], nil)
equal(array.range(1, 3)[4], nil)

-- Ranges and rows are views, everything else is a copy.
local function changed(part)
  local b = matrix()
  part(b)[{}] = 0
  return b ~= matrix()
end
equal(changed(function(b) return b[1] end), true)
equal(changed(function(b) return b { 1, 2 } end), true)
equal(changed(function(b) return b({}, 2) end), true)
equal(changed(function(b) return b(array.newaxis) end), true)
equal(changed(function(b) return b[b:gt(3)] end), false)
equal(changed(function(b) return b[array.from { 1, 2 }] end), false)
equal(changed(function(b) return b:copy() end), false)
equal(changed(function(b) return b:reshape { 12 } end), false)
equal(changed(function(b) return b.T end), false)
equal(changed(function(b) return b:flip() end), false)
equal(changed(function(b) return b:take({ 1 }, 1) end), false)

-- The same for large arrays, which share their block until one of them is written.
local large = array.zeros(100000)
local copy, shaped = large:copy(), large:reshape { 100, 1000 }
large[1] = 1
equal({ copy[1], shaped(1, 1), large[1] }, { 0.0, 0.0, 1.0 })
local view = large { 1, 10 }
local other = large:copy()
view[2] = 2
equal({ large[2], other[2] }, { 2.0, 0.0 })
shaped[{}] = 5
equal({ copy:sum(), shaped:sum() }, { 0.0, 500000.0 })

-- Assignment
local b = matrix()
b[{ {}, 2 }] = { 0, 0, 0 }
equal(b({}, 2):tolist(), { 0, 0, 0 })
b[{ { 2, 3 }, { 1, 2 } }] = array.from { 7, 8 }
equal(b[3]:tolist(), { 7, 8, 11, 12 })
b[1] = -1
equal(b[1]:tolist(), { -1, -1, -1, -1 })
b[b:lt(0)] = 4
equal(b[1]:tolist(), { 4, 4, 4, 4 })
local c = array.range(1, 5)
c[{ { 2, 5 } }] = c({ 1, 4 })
equal(c:tolist(), { 1, 1, 2, 3, 4 })
c[array.from { 1, 1, 2 }] = { 10, 20, 30 }
equal(c:tolist(), { 20, 30, 2, 3, 4 })
c[array.from { -1 }] = 9
equal(c[5], 9)
local rows = matrix()
rows[array.from { true, false, true }] = 0
equal(rows:tolist(), { { 0, 0, 0, 0 }, { 5, 6, 7, 8 }, { 0, 0, 0, 0 } })

-- An array may be its own source.
local d = array.range(1, 4)
d[{}] = d:flip()
equal(d:tolist(), { 4, 3, 2, 1 })
array.add(d({ 1, 3 }), d({ 2, 4 }), { out = d({ 2, 4 }) })
equal(d:tolist(), { 4, 7, 5, 3 })
