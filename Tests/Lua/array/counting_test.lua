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
  { "fft", { array.fft.fft(array.zeros { 2, 5 }, { axis = 1, n = 3 }).shape }, { { 3, 5 } } },
  { "rfft", { array.fft.rfft(array.zeros { 2, 6 }, 1).shape }, { { 2, 6 } } },
  { "fftshift", { array.fft.fftshift(m, 1) }, { { { 7, 5, 6 }, { 1, 9, 3 } } } },
}

for _, case in ipairs(cases) do
  local ok, message = pcall(expect.equal, lists(table.unpack(case[2])), case[3])
  if not ok then
    error(case[1] .. ": " .. message)
  end
end

-- Axis 0 is an error in each of them.
local none = { take = { { 1 } }, take_along_axis = { { { 1 }, { 1 } } }, topk = { 1 },
  quantile = { 1 }, split = { 1 }, roll = { 1 }, repeat_elements = { 1 }, windows = { 1 },
  moveaxis = { 1 } }
for _, case in ipairs(cases) do
  local f = rawget(array, case[1])
  if type(f) == "function" and not case[1]:match "^unique" and case[1] ~= "nonzero"
    and case[1] ~= "searchsorted" and case[1] ~= "bincount" and case[1] ~= "add_at" then
    local arguments = { table.unpack(none[case[1]] or {}) }
    arguments[#arguments + 1] = case[1] == "permute_dims" and { 0, 1 } or 0
    local subject = (case[1] == "concat" or case[1] == "stack") and { m, m } or m
    expect.fails(case[1] .. ": axis 0: axes begin at 1", f, subject, table.unpack(arguments))
  end
end
