-- SPDX-License-Identifier: BSD-3-Clause
-- Making arrays, looking at them, and the numbers that come out of them.

local expect = dofile(arg[0]:match("^(.*/)") .. "../stdlib/expect.lua")
local equal = expect.equal

local function list(a)
  return a:tolist()
end

-- Properties
local a = array.zeros { 3, 4 }
equal({ a.shape, a.dtype, a.ndim, a.size, a.nbytes, #a }, { { 3, 4 }, "float64", 2, 12, 96, 3 })
equal(array.zeros(5).shape, { 5 })
equal(array.zeros({ 3, 4 }, "float32").nbytes, 48)
equal(array.zeros({}).shape, {})
equal(array.from { { 1, 2, 3 }, { 4, 5, 6 } }.T:tolist(), { { 1, 4 }, { 2, 5 }, { 3, 6 } })

-- Types of what is made
equal(array.from({ 1, 2 }).dtype, "int64")
equal(array.from({ 1, 2.5 }).dtype, "float64")
equal(array.from({ true, false }).dtype, "bool")
equal(array.from({ array.complex(1, 2), 3 }):tolist()[2] == array.complex(3, 0), true)
equal(array.from({}).shape, { 0 })
equal(array.from({ {}, {} }).shape, { 2, 0 })
equal(array.from({ 1, 2 }, "float32").dtype, "float32")
equal(list(array.from { { 1, 2, 3 }, { 4, 5, 6 } }), { { 1, 2, 3 }, { 4, 5, 6 } })
equal(list(array.from { 1.0, 2 }), { 1.0, 2.0 })
equal(array.full(2, 7).dtype, "int64")
equal(list(array.full(2, true)), { true, true })
equal(list(array.range(1, 10, 3)), { 1, 4, 7, 10 })
equal(list(array.arange(3)), { 0, 1, 2 })
equal(list(array.range(0, 1, 0.25)), { 0.0, 0.25, 0.5, 0.75, 1.0 })
equal(array.linspace(0, 1, 11)[4], 3 * 0.1)
equal(list(array.generate({ 2, 2 }, function(i, j) return 10 * i + j end)),
  { { 11, 12 }, { 21, 22 } })
equal(array.frombytes(array.from { 1, 2 }:tobytes(), "int64") == array.from { 1, 2 }, true)
equal(array.from({ 0x7fffffffffffffff }, "uint64")[1], 0x7fffffffffffffff)
equal(array.from({ 0x1p63 }, "uint64")[1], 0x1p63)

-- Lists
local squares = {}
for i, x in ipairs(array.from { 1, 4, 9 }) do
  squares[i] = x
end
equal(squares, { 1, 4, 9 })
for i, x in pairs(array.from { 5, 6 }) do
  equal(x, i + 4)
end
local rows = {}
for row in array.from { { 1, 2 }, { 3, 4 } }:rows() do
  rows[#rows + 1] = row:sum()
end
equal(rows, { 3, 7 })
local all = {}
for x in array.from { { 1, 2 }, { 3, 4 } }:flip():iter() do
  all[#all + 1] = x
end
equal(all, { 4, 3, 2, 1 })
equal(list(array.range(1, 3):map(function(x) return x / 2 end)), { 0.5, 1.0, 1.5 })

-- Operators
local i = array.from { 7, -7 }
equal(list(i // 2), { 3, -4 })
equal(list(i % 3), { 1, 2 })
equal(list(i / 2), { 3.5, -3.5 })
equal(list(i ^ 2), { 49.0, 49.0 })
equal(list(array.pow(i, 2)), { 49, 49 })
equal(list(2 - i), { -5, 9 })
equal(list(-i), { -7, 7 })
equal(list(i + { 1, 2 }), { 8, -5 })
equal(list(i & 6), { 6, 0 })
equal(list(i & 6.0), { 6, 0 })
equal(list(i >> 62), { 0, 3 })
equal(list(i:bitwise_right_shift(2)), { 1, -2 })
equal(list(i << 64), { 0, 0 })
equal(list(~i:gt(0)), { false, true })
equal((array.from({ 200 }, "uint8") + 56)[1], 0)
equal(array.from({ 1.5 }, "float32").dtype, "float32")
equal((array.from({ 1.5 }, "float32") * 0.1).dtype, "float32")
equal("x = " .. array.from { 1.5 }, "x = [1.5]")

-- == is one boolean, for values of any type
equal(array.from { 1, 2 } == array.from({ 1, 2 }, "float32"), true)
equal(array.from { 1, 2 } == array.from { { 1, 2 } }, false)
equal(array.from { 0 / 0 } == array.from { 0 / 0 }, false)
equal(array.from { 1 } == array.from { true }, false)
equal(array.from { 2 ^ 53 } == array.from { (1 << 53) + 1 }, false)
equal(array.from { -1 } == array.from({ 0x1p64 - 2048 }, "uint64"), false)

-- Reductions give numbers of Lua
equal(array.from({ 1, 2 }):sum(), 3)
equal(array.from({ 1.5, 2 }):sum(), 3.5)
equal(array.from({ true, true, false }):sum(), 2)
equal(array.from({ 1, 0 / 0, 3 }):mean { skipnan = true }, 2.0)
equal(array.from({ 1, 0 / 0, 3 }):max(), 0 / 0)
equal(array.from({ { 1, 2 }, { 3, 4 } }):sum(1):tolist(), { 4, 6 })
equal(array.from({ { 1, 2 }, { 3, 4 } }):sum(-1):tolist(), { 3, 7 })
equal(array.from({ { 1, 2 }, { 3, 4 } }):sum { axis = { 1, 2 }, keepdims = true }.shape, { 1, 1 })
equal(array.sum({ 1, 2, 3 }), 6)

-- Complex numbers
local z = array.complex(1, 2)
equal({ z:real(), z:imag(), z:abs() ^ 2 > 4.99, tostring(z), tostring(z * z) },
  { 1.0, 2.0, true, "1+2i", "-3+4i" })
equal(tostring(array.complex({ 1, 2 }, { 3.5, 0 })), "[1.+3.5i 2.+0.i ]")

-- Printing is NumPy's
equal(tostring(array.from { { 1, -2.5 }, { 1e3, 4 } }), "[[   1.    -2.5]\n [1000.     4. ]]")
equal(tostring(array.arange(1001)), "[   0    1    2 ...  998  999 1000]")
equal(tostring(array.from { true, false }), "[ true false]")
equal(array.from({ 1 / 3 }):format { digits = 3 }, "[0.333]")
equal(array.zeros({ 0, 3 }):format(), "[]")

-- The end of a block frees an array
do
  local big <close> = array.zeros(100)
  equal(big[1], 0.0)
end

-- The table is filled when it is used
equal(require "array" == array, true)
equal(array.is(a) and not array.is {} and not array.is(nil), true)
local names = 0
for name, value in pairs(array) do
  equal(type(name), "string")
  names = names + (type(value) == "function" and 1 or 0)
end
equal(names > 120, true)

-- Medians and quantiles beside infinite numbers, and of numbers whose distance overflows.
do
  local inf, nan = math.huge, 0 / 0
  equal(array.from { 1, 2, inf }:median(), 2.0)
  equal(array.from({ 1, 2, inf }, "float32"):median(), 2.0)
  equal(array.from { { 1, 2, inf }, { 1, inf, inf } }:median(2):tolist(), { 2.0, inf })
  equal(array.from { 1, 2, inf, nan }:median { skipnan = true }, 2.0)
  equal(array.from { 1, inf }:median(), inf)
  equal(array.from { -inf, 1, 2, inf }:median(), 1.5)
  equal(array.from { -inf, inf }:median(), nan)
  equal(array.from { 1, inf }:quantile { 0, 0.25, 0.75, 1 }:tolist(), { 1.0, inf, inf, inf })
  equal(array.from { -1e308, 1.7e308 }:median(), (1.7e308 - 1e308) / 2)
  equal(array.from { 1.6e308, 1.7e308 }:median(), 1.6e308 / 2 + 1.7e308 / 2)
  equal(array.from { -1e308, 1.7e308 }:quantile(0.5), (1.7e308 - 1e308) / 2)
end
