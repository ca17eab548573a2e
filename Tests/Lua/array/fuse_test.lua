-- SPDX-License-Identifier: BSD-3-Clause
-- array.fuse gives what the operations give one after another.

local expect = dofile(arg[0]:match("^(.*/)") .. "../stdlib/expect.lua")
local equal, fails = expect.equal, expect.fails

local function same(f, ...)
  local fused, plain = array.fuse(f)(...), f(...)
  if array.is(plain) then
    equal(fused.dtype, plain.dtype)
    equal(fused:tolist(), plain:tolist())
  else
    equal(fused, plain)
  end
end

local x, y = array.linspace(0, 1, 5000), array.linspace(2, 3, 5000)
same(function(a, b) return (a + b) * 2 + a end, x, y)
same(function(a, b, s) return array.exp((a * a + b * b) / (-2 * s)) end, x, y, 3.0)
same(function(a, b) return array.where(a:lt(0.5), a, b) end, x, y)
same(function(a) return a:sqrt():clip(0.2, 0.9) end, x)
same(function(a) return a // 2 + a % 3 end, array.range(1, 100))
same(function(a) return a / 2 end, array.range(1, 100))
same(function(a, b) return a * b end, array.range(1, 100, 1, "int8"), array.full(100, 2.5))
same(function(a, b) return a + b end, array.zeros { 3, 4 }, array.range(1, 4))
same(function(a) return a + y end, x)
same(function(a) return a:gt(3) & a:lt(9) | ~a:eq(1) end, array.range(1, 10))
same(function(a) return a end, x)

-- One reduction at the end
for _, name in ipairs { "sum", "mean", "min", "max", "any", "all", "count_nonzero" } do
  same(function(a) return array[name](a * 2) end, array.range(0, 999))
end
local squares = array.fuse(function(a) return (a * a):sum { skipnan = true } end)
equal(squares(array.from { 1, 0 / 0, 3 }), 10.0)

-- Numbers from outside are those of the call.
local factor = 2
local scaled = array.fuse(function(a) return a * factor end)
equal(scaled(array.from { 1, 2 }):tolist(), { 2, 4 })
factor = 3
equal(scaled(array.from { 1, 2 }):tolist(), { 3, 6 })

-- What it cannot do is an error at that line.
fails("array.fuse: 'sort' is not elementwise", array.fuse(function(a) return array.sort(a) end), x)
fails("array.fuse: 'sort' is not elementwise", array.fuse(function(a) return a:sort() end), x)
fails("array.fuse: 'indexing' is not elementwise", array.fuse(function(a) return a[1] end), x)
for option, value in pairs { dtype = "uint8", keepdims = true, array = true } do
  fails("array.fuse: 'sum' has no option '" .. option .. "' in an expression; "
    .. "its result is a number", array.fuse(function(a) return a:sum { [option] = value } end), x)
end
fails("array.fuse: 'sum' along an axis is not elementwise",
  array.fuse(function(a) return a:sum(1) end), x)
fails("array.fuse: 'argmax' is not elementwise", array.fuse(function(a) return a:argmax() end), x)
fails("array.fuse: a reduction must come last", array.fuse(function(a) return a:sum() + 1 end), x)
fails("array.fuse: the function must return what it computes from its arrays, got number",
  array.fuse(function() return 1 end), x)
fails("array.fuse: argument 1 must be a function, got no value", array.fuse)
fails("a & b: not defined for float64; it takes integers and booleans",
  array.fuse(function(a) return a & 1 end), x)
local divide = array.fuse(function(a, b) return a // b end)
fails("array.fuse: division by zero at 2", array.fuse(function(a) return 1 // a end),
  array.from { 1, 0 })
fails("array.fuse: division by zero at (1, 3)", divide, array.ones({ 2, 4 }, "int64"),
  array.from { 1, 2, 0, 0 })
fails("array.fuse: division by zero at 3", array.fuse(function(a) return (6 % a):sum() end),
  array.from { 1, 2, 0 })
fails("array.fuse: an integer to a negative power at 2; convert to floats: a:astype \"float64\"",
  array.fuse(function(a, b) return array.pow(a, b) end), array.from { 1, 2 }, array.from { 1, -1 })
do
  -- The first place, on any number of threads.
  local divisor = array.ones(1000000, "int64")
  divisor[654321], divisor[999999] = 0, 0
  for _ = 1, 5 do
    fails("array.fuse: division by zero at 654321", divide, divisor, divisor)
  end
end
fails("array.fuse: the function must return one value, got 2",
  array.fuse(function(a) return a, 2 end), x)
-- Lists alone are arrays.
equal(array.fuse(function(a) return a + 1 end) { 1, 2 }:tolist(), { 2, 3 })
equal(divide({ 4, 6 }, { 2, 3 }):tolist(), { 2, 2 })
equal(divide(array.from { 4, 6 }, { 2, 3 }):tolist(), { 2, 2 })
fails("array.fuse: at most 64 steps", array.fuse(function(a)
  for _ = 1, 70 do
    a = a + 1
  end
  return a
end), x)
local escaped
array.fuse(function(a)
  escaped = a
  return a + 1
end)(x)
fails("array.fuse: this value belongs to a call that has ended", function() return escaped + 1 end)
