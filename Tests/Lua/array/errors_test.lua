-- SPDX-License-Identifier: BSD-3-Clause
-- The messages of mistakes, whole.

local expect = dofile(arg[0]:match("^(.*/)") .. "../stdlib/expect.lua")
local fails = expect.fails

local function at(a, ...)
  return a(...)
end

local a, b = array.zeros { 3, 4 }, array.zeros(3)

-- The position is that of the caller.
local _, message = pcall(function()
  return a + b
end)
expect.equal(message:match ":(%d+): a %+ b" ~= nil, true)

fails("a + b: shapes (3, 4) and (3) do not fit: axis 2 is 4 and 3. "
  .. "To add b to each column: b:reshape{3, 1}", function() return a + b end)
fails("a + b: shapes (3) and (3, 4) do not fit: axis 2 is 3 and 4. "
  .. "To add a to each column: a:reshape{3, 1}", function() return b + a end)
fails("a * b: shapes (3, 4) and (3) do not fit: axis 2 is 4 and 3. "
  .. "To fit b to the first axes of a: b:reshape{3, 1}", function() return a * b end)
fails("maximum: shapes (3, 4) and (2) do not fit: axis 2 is 4 and 2", array.maximum, a,
  array.zeros(2))

fails("index 5 is out of bounds for axis 1 of length 3, shape (3, 4)", at, a, 5)
fails("index -4 is out of bounds for axis 1 of length 3, shape (3, 4)", at, a, -4)
fails("index 5 is out of bounds for axis 2 of length 4, shape (3, 4)", at, a, 1, 5)
fails("index 0: indices begin at 1", at, a, 0)
fails("index 0: indices begin at 1", function() a[0] = 1 end)
fails("index 4 is out of bounds for axis 1 of length 3, shape (3)", function() b[4] = 1 end)
fails("index 0: indices begin at 1", function() return b { 0, 2 } end)
fails("index 4 is out of bounds for axis 1 of length 3, shape (3)",
  function() return b { 2, 4 } end)
fails("3 indices for an array of 2 axes, shape (3, 4)", at, a, 1, 2, 3)
fails("2 indices for an array of 1 axis; for a range write a[{ {1, 2} }] or a({1, 2})", at, b, 1, 2)
fails("the step of a range must not be 0", at, b, { 1, 2, 0 })
fails("a range has 2 or 3 integers, {from, to} or {from, to, step}, got 1", at, b, { 1 })
fails("an index must be an integer, a range such as {2, 5}, array.newaxis or array.rest, got 1.5",
  at, a, 1.5)
fails("an index must be an integer, a range such as {2, 5}, array.newaxis or array.rest, "
  .. "got boolean", at, a, true)
fails("an array as an index stands alone: a[mask] or a[index]; along one axis, use "
  .. "a:take(index, axis)", at, a, array.from { 1 }, 1)
fails("array.rest can stand only once among the indices", at, a, array.rest, array.rest)
fails("an array has no fields of its own: 'x' cannot be set", function() a.x = 1 end)

fails("sum: there is no axis 3 in an array of shape (3, 4)", array.sum, a, 3)
fails("sum: axis 0: axes begin at 1", array.sum, a, 0)
fails("sum: axis 2 is given twice", array.sum, a, { 2, -1 })
fails("sum: there is no option 'axes'; the options are: axis keepdims skipnan dtype array",
  array.sum, a, { axes = 1 })
fails("max: there is no value for an array without elements, shape (0)", array.max, array.zeros(0))

fails("array.from: row 3 has 4 elements, where row 1 has 5", array.from,
  { { 1, 2, 3, 4, 5 }, { 1, 2, 3, 4, 5 }, { 1, 2, 3, 4 } })
fails("array.from: row (1, 2) has 1 element, where row (1, 1) has 2", array.from,
  { { { 1, 2 }, { 3 } } })
fails("array.from: element 2 of row 1 is a string", array.from, { { 1, "x" } })
fails("array.from: element 2 is a function", array.from, { 1, print })
fails("array.from: element 1 of row 2 is nil", array.from, { { 1, 2 }, { nil, 2 } })
fails("array.from: element 2 is a list, where other elements are not", array.from, { 1, { 2 } })
fails("array.from: element 2 is a number, where element 1 is a list", array.from, { { 1 }, 2 })
fails("array.from: the list is a table with names, and a list is needed", array.from, { x = 1 })
fails("array.from: the list has booleans and numbers", array.from, { true, 1 })
fails("array.from: an array, a list or a number is needed, got string", array.from, "1")
fails("array.from: element 1 is an array; use array.stack", array.from, { b, b })

local ints = array.from { 1, 2, 3 }
fails("a & b: not defined for float64; it takes integers and booleans",
  function() return a & 1 end)
fails("a << b: not defined for bool; it takes integers", function()
  return ints:gt(1) << ints:gt(1)
end)
fails('a + b: not defined for bool; use & | ~, array.where, or a:astype "int64"',
  function() return ints:gt(1) + 1 end)
fails('a + b: not defined for bool; use & | ~, array.where, or a:astype "int64"',
  function() return ints:gt(1) + ints:gt(1) end)
fails('sin: not defined for bool; convert it: a:astype "int64"', array.sin, ints:gt(1))
fails("300 does not fit uint8 (0 to 255)", function() return array.zeros(3, "uint8") + 300 end)
fails("-1 does not fit uint64 (0 to 18446744073709551615)",
  function() return array.zeros(3, "uint64") + -1 end)
fails("1.5 does not fit int64, which holds integers", function() ints[1] = 1.5 end)
fails("true does not fit float64", function() b[1] = true end)
fails("1 does not fit bool", function() array.zeros(1, "bool")[1] = 1 end)
fails("a[...] = b: an array, a list or a number is needed, got string", function() b[1] = "1" end)
fails('int64 and uint64 have no common type; convert one: b:astype "int64"',
  function() return ints + array.zeros(3, "uint64") end)
fails('bool and int64 have no common type; convert one: a:astype "int64"',
  array.maximum, ints:gt(1), ints)
fails('there is no dtype "int"; use bool, int8 to int64, uint8 to uint64, float32, float64, '
  .. "complex64 or complex128", function()
    local _, text = pcall(array.zeros, 3, "int")
    error(text:gsub("^zeros: ", ""), 0)
  end)

local x = array.zeros { 2, 3 }
x[{ 2, 3 }] = 0 / 0
fails("astype: nan at (2, 3) is no int64", array.astype, x, "int64")
fails("astype: 300 at 2 does not fit uint8 (0 to 255)", array.astype, array.from { 1, 300 },
  "uint8")
fails("astype: complex128 has no conversion to int64; use a:real(), a:imag() or a:abs()",
  array.astype, array.complex(1, 2), "int64")
fails("astype: give one of saturate and wrap, not both", array.astype, x, "int8",
  { saturate = true, wrap = true })
local y = array.ones({ 2, 4 }, "int64")
y[{ 1, 4 }] = 0
fails("a // b: division by zero at (1, 4)", function() return 1 // y end)
fails("a % b: division by zero at (1, 4)", function() return y % y end)
fails('pow: an integer to a negative power at 2; convert to floats: a:astype "float64"',
  array.pow, ints, array.from { 1, -1, 1 })

fails("reshape: 12 elements do not fit shape (5, -1)", array.reshape, a, { 5, -1 })
fails("reshape: give the shape as a list: a:reshape{3, 4}", array.reshape, a, 3, 4)
fails("zeros: a length must be at least 0, got -1", array.zeros, -1)
fails("zeros: the shape has 17 elements, and an array has at most 16 axes", array.zeros,
  table.pack(table.unpack({}, 1, 0), 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1))
fails("a[mask] = b: 3 elements are selected, and b has 2", function()
  local z = array.range(1, 5)
  z[z:gt(2)] = array.from { 1, 2 }
end)
fails("a[mask]: the mask of shape (2) does not fit shape (3, 4)",
  at, a, array.from { true, false })
fails("a[...] = b: shapes (3, 4) and (3) do not fit: axis 2 is 4 and 3. "
  .. "To fit b to the first axes of a: b:reshape{3, 1}", function() a[{}] = b end)
fails('a[...] = b: b is float64 and a is int64; convert it: b:astype "int64"',
  function() ints[{}] = b end)

fails("arrays are compared by a:lt(b), which gives an array of booleans",
  function() return a < a end)
fails("arrays are compared by a:lt(b), which gives an array of booleans",
  function() return a >= 1 end)
fails("a .. b: arrays are joined by array.concat{a, b}", function() return a .. a end)
fails("a .. b: an array is joined with a string only, got number", function() return a .. 1 end)
fails("a + b: b is a string; an array, a number or a list is needed",
  function() return a + "x" end)
fails("array has no method 'summ'; did you mean 'sum'?", function() return a.summ end)
fails("array has no method 'len'; write #a, or a.size", function() return a:len() end)
fails('zeros: a dtype must be a string such as "float64", got number; a shape of two axes is a '
  .. "table: array.zeros{2, 3}", array.zeros, 3, 4)
fails("array has no method 'frobnicate'", function() return a:frobnicate() end)
fails("array has no function 'zeroes'; did you mean 'zeros'?", function() return array.zeroes end)
fails("add: the result is float64, and 'out' is int64", array.add, b, 1, { out = ints })
fails("add: the result has shape (3, 4), and 'out' has (3)", array.add, a, 1, { out = b })
fails("#a: an array without axes has no length", function() return #array.complex(1, 2) end)

local closed <const> = array.zeros(3)
getmetatable(closed).__close(closed)
fails("the array was closed", function() return closed[1] end)
fails("the array was closed", function() return closed + 1 end)
fails("the array was closed", array.sum, closed)
expect.equal(tostring(closed), "array (closed)")

-- Names of other libraries, and functions of the parts.
for name, advice in pairs {
  cumsum = "; did you mean 'cumulative_sum'?", concatenate = "; did you mean 'concat'?",
  svd = "; did you mean 'array.linalg.svd'?", rfft = "; did you mean 'array.fft.rfft'?",
  norm = "; did you mean 'array.linalg.vector_norm'?",
  nansum = "; write sum(a, { skipnan = true })",
  random = '; random numbers are in the library random: require "random"', xyzzy = "",
} do
  fails(("array has no function '%s'%s"):format(name, advice), function() return array[name] end)
  fails(("array has no method '%s'%s"):format(name, advice), function() return a[name] end)
end
fails("array.linalg has no function 'slove'; did you mean 'solve'?",
  function() return array.linalg.slove end)
fails("array.linalg has no function 'norm'; did you mean 'vector_norm'?",
  function() return array.linalg.norm end)
fails("array.linalg has no function 'mean'; did you mean 'array.mean'?",
  function() return array.linalg.mean end)
fails("array.fft has no function 'rffft'; did you mean 'rfft'?",
  function() return array.fft.rffft end)
fails("zeros: the shape must be an integer or a list of integers, got a table with names",
  array.zeros, { axis = 1 })

-- Products, norms and inverses.
local linalg, m = array.linalg, array.from { { 1.0, 2.0 }, { 2.0, 4.0 } }
fails("tensordot: shapes (3, 4) and (3) do not fit: axis 2 of a is 4, and axis 1 of b is 3",
  array.tensordot, a, b, 1)
fails("tensordot: a sum over 2 axes does not fit the shapes (3, 4) and (3)",
  array.tensordot, a, b)
fails("tensordot: 2 axes of a are given, and 1 of b", array.tensordot, a, b, { { 1, 2 }, 1 })
fails("tensordot: the axes must be a number, or a list of two lists: those of a and those of b",
  array.tensordot, a, b, { 1 })
fails("tensordot: there is no option 'axis'; the options are: axes",
  array.tensordot, a, b, { axis = 1 })
fails("tensordot: not defined for bool", array.tensordot, { true }, { true }, 1)
fails("linalg.det: there is no option 'arry'; the options are: array", linalg.det, m,
  { arry = true })
fails("iinfo: there is no option 'arrays'; the options are: array", array.iinfo, "int8",
  { arrays = true })
fails("linspace: argument 1 must be a number, got an array of shape (3, 4)", array.linspace, a, 1,
  3)
fails("linspace: complex128 has no conversion to float32; use a:real(), a:imag() or a:abs()",
  array.linspace, array.complex(0, 1), 1, 3, "float32")
fails("sum: 300 at 2 does not fit uint8 (0 to 255)", array.sum, { 1, 300 }, { dtype = "uint8" })
fails("linalg.inv: the matrix is singular", linalg.matrix_power, m, -1)
fails("linalg.matrix_power: the power must be an integer, got 0.5", linalg.matrix_power, m, 0.5)
fails("linalg.matrix_power: a square matrix is needed, shape (3, 4)", linalg.matrix_power, a, 2)
fails("linalg.pinv: a matrix is needed, shape (3)", linalg.pinv, b)
fails("linalg.matrix_rank: the option 'rtol' has shape (3), and the matrices have ()",
  linalg.matrix_rank, m, { rtol = { 1, 2, 3 } })
fails("linalg.vector_norm: the option 'ord' must be a number, such as 2 or math.huge, got fro",
  linalg.vector_norm, b, { ord = "fro" })
fails([[linalg.matrix_norm: the option 'ord' must be "fro", "nuc", 1, -1, 2, -2, math.huge or ]]
  .. "-math.huge, got 3", linalg.matrix_norm, m, { ord = 3 })
fails("linalg.cross: vectors of 3 elements are needed along axis 1, shapes (2) and (2)",
  linalg.cross, { 1, 2 }, { 3, 4 })
fails("linalg.diagonal: a matrix is needed, shape (3)", linalg.diagonal, b)
fails("linalg.trace: the number of the diagonal must be an integer, got 0.5", linalg.trace, m, 0.5)

-- Statistics and series.
fails("histogram: the number of bins must be an integer of at least 1, got 0",
  array.histogram, b, 0)
fails("histogram: the edges must increase, and edge 3 is 1.0", array.histogram, b, { 0, 2, 1 })
fails("histogram: the array has nan; leave it out by { skipnan = true }, or give a range: "
  .. "{ range = {0, 1} }", array.histogram, { 0 / 0 })
fails("histogram: the array has infinite numbers; give a range: { range = {0, 1} }",
  array.histogram, { 1, math.huge })
fails("histogram: the option 'range' must be two numbers, the least and the greatest",
  array.histogram, b, { range = { 2, 1 } })
fails("histogram: the option 'range' is for a number of bins, and edges are given",
  array.histogram, b, { 0, 1 }, { range = { 0, 1 } })
fails("histogram: the weights have shape (2), and the array has (3)",
  array.histogram, b, 2, { weights = { 1, 2 } })
fails("histogram: there is no option 'normed'; the options are: range weights density skipnan",
  array.histogram, b, 2, { normed = true })
fails("cov: a has 4 observations, and b has 3", array.cov, a, b)
fails("cov: one or two axes are needed, shape (1, 1, 1)", array.cov, array.zeros { 1, 1, 1 })
fails("trapezoid: the places have shape (3), and y has shape (3, 4); axis 2 has 4 elements",
  array.trapezoid, a, b)
fails("trapezoid: argument 2 must be the places of the elements; "
  .. "write { dx = 0.5 } for their distance",
  array.trapezoid, b, 0.5)
fails("trapezoid: give the places or the option 'dx', not both", array.trapezoid, b, b, { dx = 1 })
fails("convolve: argument 1 must have 1 axis, shape (3, 4)", array.convolve, a, b)
fails("convolve: argument 2 has no elements", array.convolve, b, {})
fails([[convolve: mode must be "full", "same" or "valid", got all]],
  array.convolve, b, b, { mode = "all" })
fails("interp: the places must increase, and place 2 is 1.0; sort them first",
  array.interp, b, { 2, 1 }, { 0, 0 })
fails("interp: 2 places are given, and 3 values", array.interp, b, { 1, 2 }, b)
fails("index 4 is out of bounds for axis 1 of length 3, shape (3)", array.partition, b, 4)
fails("index 0: indices begin at 1", array.partition, b, 0)
fails("partition: the places must be integers, not float64", array.partition, b, 1.5)
fails("partition: argument 2 must be an index, or a list of them, got nil", array.partition, b)

-- Lists whose metamethods give another length.
local function list(length)
  return setmetatable({}, { __len = function() return length end })
end
local takers = {
  zeros = array.zeros, ones = array.ones, asarray = array.asarray, concat = array.concat,
  stack = array.stack,
  reshape = function(l) return a:reshape(l) end,
  sum = function(l) return array.sum(a, l) end,
  tensordot = function(l) return array.tensordot(a, a, { axes = { l, l } }) end,
  index = function(l) return a(l) end,
  split = function(l) return array.split(a, l) end,
  isdtype = function(l) return array.isdtype("int8", l) end,
  fftn = function(l) return array.fft.fftn(a, { axes = l }) end,
}
for _, name in ipairs { "zeros", "ones", "asarray", "concat", "stack", "reshape", "sum",
  "tensordot", "index", "split", "isdtype", "fftn" } do
  for _, length in ipairs { -1, -5, math.mininteger } do
    fails(("the length of a list must be at least 0, got %d"):format(length), takers[name],
      list(length))
  end
end
-- A list of many kinds needs no more of the stack than one of few.
local kinds = {}
for i = 1, 100000 do kinds[i] = "bool" end
expect.equal(array.isdtype("int8", kinds), false)

-- LAPACK is not called with NaN or infinite numbers where it does not end, or prints errors.
for _, odd in ipairs { 0 / 0, math.huge, -math.huge } do
  for _, type in ipairs { "float32", "float64", "complex128" } do
    local matrix = array.from { { odd, 1 }, { 1, 1 } }:astype(type)
    for name, reason in pairs {
      lstsq = "lstsq", svd = "svd", svdvals = "svdvals", pinv = "svd", matrix_rank = "svdvals",
      eig = "eig", eigvals = "eigvals", eigh = "eigh", eigvalsh = "eigvalsh",
    } do
      fails(("linalg.%s: the computation does not converge"):format(reason), array.linalg[name],
        matrix, name == "lstsq" and { 1, 2 } or nil)
    end
  end
end

-- An array that the system does not give is an error of the line.
local huge = 1 << 45
_, message = pcall(function()
  local zeros = array.zeros(huge)
  return #zeros
end)
expect.equal(message:match ":(%d+): not enough memory for an array" ~= nil, true)
for _, create in ipairs {
  function() return array.zeros(huge) end,
  function() return array.range(1, huge) end,
  function() return array.linspace(0, 1, huge) end,
  function() return array.broadcast_to(1.0, { huge }):copy() end,
} do
  fails("not enough memory for an array of 256 TiB, shape (35184372088832)", create)
end
fails("not enough memory for an array of 1 PiB, shape (1048576, 134217728)", function()
  return array.zeros { 1 << 20, 1 } + array.zeros { 1, 1 << 27 }
end)
fails("range: a sequence of 9.2233720368548e+18 elements is too large for the memory of any "
  .. "machine", array.range, 1, math.maxinteger)
fails("range: the sequence has no end", array.range, 1, math.huge)
fails("arange: the ends and the step must be finite numbers", array.arange, 0 / 0)

fails("fft.irfft: one element along axis 1 gives a result of length 0; set the length by the "
  .. "option 'n'", array.fft.irfft, { 5 })
fails("fft.irfftn: one element along axis 2 gives a result of length 0; set the length by the "
  .. "option 's'", array.fft.irfftn, { { 5 } })
expect.equal(array.fft.irfft({ 5 }, { n = 1 }):tolist(), { 5.0 })

for _, given in ipairs { "floating", { "floating" }, { "real floating", "floating" } } do
  fails("isdtype: there is no kind \"floating\"; use bool, signed integer, unsigned integer, "
    .. "integral, real floating, complex floating, numeric or a dtype", array.isdtype, "float32",
    given)
end
fails("isdtype: a kind must be a string, got nil", array.isdtype, "float32")
expect.equal(array.isdtype("float32", "float64"), false)

fails("array.from: the list has the key x beside its elements", array.from, { 1, 2, x = 3 })
fails("array.from: row 2 has the key x beside its elements", array.from, { { 1 }, { 2, x = 3 } })
expect.equal(array.from(table.pack(1, 2)):tolist(), { 1, 2 })
do
  local long = {}
  for i = 1, 5000 do long[i] = i end
  expect.equal(#array.from(long), 5000)
  long[5001.5] = 1
  fails("array.from: the list has the key 5001.5 beside its elements", array.from, long)
end
