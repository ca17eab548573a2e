-- SPDX-License-Identifier: BSD-3-Clause
-- Every function that takes or gives an index or an axis counts from 1. Each case has another
-- result when it counts from 0.

local expect = dofile(arg[0]:match("^(.*/)") .. "../stdlib/expect.lua")

local m = array.from { { 1, 9, 3 }, { 7, 5, 6 } }
local v = array.from { 30, 10, 20 }

local function lists(...)
  local results = table.pack(...)
  for i = 1, results.n do
    if array.is(results[i]) then
      results[i] = results[i]:tolist()
    elseif type(results[i]) == "table" then
      results[i] = lists(table.unpack(results[i]))
    end
  end
  results.n = nil
  return results
end

local cases = {
  -- name, what it gives, what is expected
  { "argmax", { m:argmax() }, { 2 } },
  { "argmax", { m:argmax(1) }, { { 2, 1, 2 } } },
  { "argmin", { m:argmin(2) }, { { 1, 2 } } },
  { "argsort", { v:argsort() }, { { 2, 3, 1 } } },
  { "argsort", { m:argsort(1) }, { { { 1, 2, 1 }, { 2, 1, 2 } } } },
  { "sort", { m:sort(1) }, { { { 1, 5, 3 }, { 7, 9, 6 } } } },
  { "topk", { v:topk(2) }, { { 30, 20 }, { 1, 3 } } },
  { "unique_inverse", { v:unique_inverse() }, { { 10, 20, 30 }, { 3, 1, 2 } } },
  { "unique_all", { v:unique_all() }, { { 10, 20, 30 }, { 2, 3, 1 }, { 3, 1, 2 }, { 1, 1, 1 } } },
  { "searchsorted", { array.searchsorted({ 10, 20 }, { 5, 10, 25 }) }, { { 1, 1, 3 } } },
  { "nonzero", { m:gt(6):nonzero() }, { { 1, 2 }, { 2, 1 } } },
  { "take", { v:take { 3, -2 } }, { { 20, 10 } } },
  { "take", { m:take({ 2 }, 1) }, { { { 7, 5, 6 } } } },
  { "take_along_axis", { m:take_along_axis({ { 3 }, { 1 } }, 2) }, { { { 3 }, { 7 } } } },
  { "concat", { array.concat({ m, m }, 2).shape }, { { 2, 6 } } },
  { "stack", { array.stack({ v, v }, 2).shape }, { { 3, 2 } } },
  { "unstack", { m:unstack(2) }, { { 1, 7 }, { 9, 5 }, { 3, 6 } } },
  { "split", m:split({ 2 }, 2), { { { 1 }, { 7 } }, { { 9, 3 }, { 5, 6 } } } },
  { "expand_dims", { v:expand_dims(1).shape }, { { 1, 3 } } },
  { "expand_dims", { v:expand_dims(-1).shape }, { { 3, 1 } } },
  { "squeeze", { v:expand_dims(1):squeeze(1).shape }, { { 3 } } },
  { "permute_dims", { m:permute_dims({ 2, 1 }).shape }, { { 3, 2 } } },
  { "moveaxis", { array.zeros({ 1, 2, 3 }):moveaxis(1, 3).shape }, { { 2, 3, 1 } } },
  { "flip", { m:flip(1) }, { { { 7, 5, 6 }, { 1, 9, 3 } } } },
  { "roll", { m:roll(1, 1) }, { { { 7, 5, 6 }, { 1, 9, 3 } } } },
  { "repeat_elements", { m:repeat_elements(2, 1).shape }, { { 4, 3 } } },
  { "windows", { m:windows(2, 1).shape }, { { 1, 3, 2 } } },
  { "sum", { m:sum(1) }, { { 8, 14, 9 } } },
  { "prod", { m:prod(1) }, { { 7, 45, 18 } } },
  { "mean", { m:mean(1) }, { { 4.0, 7.0, 4.5 } } },
  { "var", { m:var(1) }, { { 9.0, 4.0, 2.25 } } },
  { "std", { m:std(1) }, { { 3.0, 2.0, 1.5 } } },
  { "min", { m:min(1) }, { { 1, 5, 3 } } },
  { "max", { m:max(1) }, { { 7, 9, 6 } } },
  { "any", { m:gt(6):any(1) }, { { true, true, false } } },
  { "all", { m:gt(4):all(1) }, { { false, true, false } } },
  { "count_nonzero", { m:gt(4):count_nonzero(1) }, { { 1, 2, 1 } } },
  { "cumulative_sum", { m:cumulative_sum(1) }, { { { 1, 9, 3 }, { 8, 14, 9 } } } },
  { "cumulative_prod", { m:cumulative_prod(1) }, { { { 1, 9, 3 }, { 7, 45, 18 } } } },
  { "diff", { m:diff(1) }, { { { 6, -4, 3 } } } },
  { "median", { m:median(1) }, { { 4.0, 7.0, 4.5 } } },
  { "quantile", { m:quantile(1, 1) }, { { 7.0, 9.0, 6.0 } } },
  { "bincount", { array.bincount { 1, 3, 3 } }, { { 1, 0, 2 } } },
  { "add_at", { v:copy():add_at({ 1, 1 }, 5) }, { { 40, 10, 20 } } },
  { "fft.fft", { array.fft.fft(array.zeros { 2, 5 }, { axis = 1, n = 3 }).shape }, { { 3, 5 } } },
  { "fft.rfft", { array.fft.rfft(array.zeros { 2, 6 }, 1).shape }, { { 2, 6 } } },
  { "fft.fftshift", { array.fft.fftshift(m, 1) }, { { { 7, 5, 6 }, { 1, 9, 3 } } } },
  { "fft.ifftshift", { array.fft.ifftshift(m, 2) }, { { { 9, 3, 1 }, { 5, 6, 7 } } } },
  { "fft.ifft", { array.fft.ifft(array.zeros { 2, 5 }, { axis = 1, n = 3 }).shape }, { { 3, 5 } } },
  { "fft.irfft", { array.fft.irfft(array.zeros { 3, 5 }, 1).shape }, { { 4, 5 } } },
  { "fft.hfft", { array.fft.hfft(array.zeros { 3, 5 }, 1).shape }, { { 4, 5 } } },
  { "fft.ihfft", { array.fft.ihfft(array.zeros { 6, 5 }, 1).shape }, { { 4, 5 } } },
  { "fft.fftn", { array.fft.fftn(array.zeros { 2, 5 }, { axes = { 1 }, s = { 3 } }).shape },
    { { 3, 5 } } },
  { "fft.ifftn", { array.fft.ifftn(array.zeros { 2, 5 }, { axes = { 1 }, s = { 3 } }).shape },
    { { 3, 5 } } },
  { "fft.rfftn", { array.fft.rfftn(array.zeros { 6, 5 }, { axes = { 1 } }).shape }, { { 4, 5 } } },
  { "fft.irfftn", { array.fft.irfftn(array.zeros { 3, 5 }, { axes = { 1 } }).shape },
    { { 4, 5 } } },
  { "trapezoid", { m:trapezoid({ 1, 3 }, 1) }, { { 8.0, 14.0, 9.0 } } },
  { "partition", { array.partition({ 3, 1, 2 }, 1)[1] }, { 1 } },
  { "partition", { m:partition(1, 1) }, { { { 1, 5, 3 }, { 7, 9, 6 } } } },
  { "tensordot", { array.tensordot(m, array.ones({ 2, 4 }, "int64"), { 1, 1 }).shape },
    { { 3, 4 } } },
  { "vecdot", { m:vecdot(m, 1) }, { { 50, 106, 45 } } },
  { "linalg.cross", { array.linalg.cross(array.eye(3), array.ones(3):reshape { 3, 1 }, 1)[1] },
    { { 0.0, 1.0, -1.0 } } },
  { "linalg.vector_norm", { array.linalg.vector_norm({ { 3, 0 }, { 4, 1 } }, 1) },
    { { 5.0, 1.0 } } },
  { "generate", { array.generate({ 2, 2 }, function(i, j) return 10 * i + j end) },
    { { { 11, 12 }, { 21, 22 } } } },
  { "iter", { m:iter()() }, { 1 } },
  { "rows", { m:rows()() }, { { 1, 9, 3 } } },
}

-- Functions that neither take nor give an index or axis.
local without = [[
  abs acos acosh add allclose arange asarray asin asinh astype atan atan2 atanh bitwise_and
  bitwise_invert bitwise_left_shift bitwise_or bitwise_right_shift bitwise_xor broadcast_arrays
  broadcast_shapes broadcast_to can_cast cbrt ceil clip complex config conj contiguous convolve
  copy copysign corrcoef cos cosh cov deg diag divide dot empty empty_like eq equal erf erfc exp
  exp2 expm1 eye finfo flatten floor floor_divide format from frombytes full full_like fuse
  gamma ge greater greater_equal gt histogram hypot iinfo imag interp is is_shared isclose
  isdtype isfinite isin isinf isnan le less less_equal lgamma linspace load log log10 log1p log2
  logaddexp logical_and logical_not logical_or logical_xor lt map matmul matrix_transpose
  maximum meshgrid minimum multiply ne negative nextafter not_equal ones ones_like pad positive
  pow rad range real reciprocal remainder reshape result_type round save sign signbit sin sinh
  solve sqrt square subtract tan tanh threads tile tobytes tolist tril triu trunc unique_counts
  unique_values where zeros zeros_like fft.fftfreq fft.rfftfreq linalg.cholesky linalg.det
  linalg.diagonal linalg.eig linalg.eigh linalg.eigvals linalg.eigvalsh linalg.inv linalg.lstsq
  linalg.matmul linalg.matrix_norm linalg.matrix_power linalg.matrix_rank linalg.outer
  linalg.pinv linalg.qr linalg.slogdet linalg.solve linalg.svd linalg.svdvals linalg.trace
  linalg.matrix_transpose
]]

local function named(name)
  local part, field = name:match "^(%w+)%.(.*)$"
  return part and array[part][field] or rawget(array, name)
end

local known = {}
for _, case in ipairs(cases) do
  known[case[1]] = true
  local ok, message = pcall(expect.equal, lists(table.unpack(case[2])), case[3])
  if not ok then
    error(case[1] .. ": " .. message)
  end
end

-- Functions without an axis take none: the option is an error, or the result is the same without
-- it.
local function same(a, b)
  return rawequal(a, b) or tostring(a):gsub("0x%x+", "") == tostring(b):gsub("0x%x+", "")
end
for name in without:gmatch "%S+" do
  assert(not known[name], name .. " is in both tables")
  known[name] = true
  local f = assert(named(name), name .. " does not exist")
  for _, arguments in ipairs { { m }, { m, m } } do
    local with = { table.unpack(arguments) }
    with[#with + 1] = { axis = 1 }
    local ok, result = pcall(f, table.unpack(with))
    if ok then
      local plain, expected = pcall(f, table.unpack(arguments))
      assert(not plain or same(result, expected), name .. " takes an axis: add it to the cases")
    end
  end
end

-- Every function is in one of the tables. `array.fft` is a table that can be called.
local function require_known(functions, prefix)
  for name, f in pairs(functions) do
    if type(f) == "function" and name:sub(1, 1) ~= "_" then
      local full = prefix .. name
      assert(known[full] or known[name], full .. " is new: add it to the cases if it takes or "
        .. "gives an index or axis, and to `without` if not")
    end
  end
end
require_known(array, "")
require_known(array.fft, "fft.")
require_known(array.linalg, "linalg.")

-- Axis 0 is an error in each of them.
local more = { take = { { 1 } }, take_along_axis = { { { 1 }, { 1 } } }, topk = { 1 },
  quantile = { 1 }, split = { 1 }, roll = { 1 }, repeat_elements = { 1 }, windows = { 1 },
  moveaxis = { 1 }, partition = { 1 }, trapezoid = { { 1, 2, 3 } }, vecdot = { m },
  ["linalg.cross"] = { m } }
local by_place = { unique_inverse = true, unique_all = true, nonzero = true, searchsorted = true,
  bincount = true, add_at = true, generate = true, iter = true, rows = true, tensordot = true }
for _, case in ipairs(cases) do
  local name = case[1]
  if not by_place[name] then
    local arguments = { table.unpack(more[name] or {}) }
    arguments[#arguments + 1] = name == "permute_dims" and { 0, 1 } or 0
    if name:match "fftn$" then arguments = { { axes = { 0 } } } end
    local subject = (name == "concat" or name == "stack") and { m, m } or m
    local message = name:gsub("^fft%.([^.]*)$", "fft.%1") .. ": axis 0: axes begin at 1"
    expect.fails(message, named(name), subject, table.unpack(arguments))
  end
end
