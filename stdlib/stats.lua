-- SPDX-License-Identifier: BSD-3-Clause
--- Descriptive statistics of lists of numbers.
--
-- Lists must not have holes. A NaN in the list makes the result NaN. Functions that sort raise an
-- error instead, because NaN cannot be sorted.
--
-- An array of one axis is taken as a list of its elements, and gives the same results. Where the
-- result has a value for each element of an argument that is an array, it is an array.

local number_lists = require "number_lists"

local math_type = math.type

local stats = {}

local function check_count(list, least)
  if #list < least then
    error(("expected at least %d %s, got %d"):format(
      least, least == 1 and "value" or "values", #list), 3)
  end
end

--- Raises an error, at the caller's caller, for what is no list of numbers. Returns true for an
--- array.
local function check_list(list)
  if type(list) == "table" then
    for i = 1, #list do
      if not math_type(list[i]) then
        error(number_lists.wrong(list[i], i), 3)
      end
    end
    return false
  end
  local is_array = number_lists.is_array(list)
  local reason = type(list)
  if is_array then
    reason = number_lists.mismatch(list)
  end
  if reason then
    error(("expected a list of numbers, got %s"):format(reason), 3)
  end
  return is_array
end

--- The sum, with Neumaier's compensation, whose error does not grow with the length.
--- @param list number[]
--- @return number
function stats.sum(list)
  list = check_list(list) and list:tolist() or list
  local sum, lost = 0.0, 0.0
  for i = 1, #list do
    local x = list[i]
    local t = sum + x
    if math.abs(sum) >= math.abs(x) then
      lost = lost + ((sum - t) + x)
    else
      lost = lost + ((x - t) + sum)
    end
    sum = t
  end
  -- an infinite sum has a meaningless compensation
  return sum - sum == 0 and sum + lost or sum
end

--- The arithmetic mean.
--- @param list number[] at least one
--- @return number
function stats.mean(list)
  list = check_list(list) and list:tolist() or list
  check_count(list, 1)
  return stats.sum(list) / #list
end

--- The variance of a sample (divided by n - 1), in two passes with a correction.
--- @param list number[] at least two
--- @return number variance
--- @return number mean
function stats.variance(list)
  list = check_list(list) and list:tolist() or list
  check_count(list, 2)
  local mean = stats.mean(list)
  local squares, rest = 0.0, 0.0
  for i = 1, #list do
    local d = list[i] - mean
    squares, rest = squares + d * d, rest + d
  end
  return (squares - rest * rest / #list) / (#list - 1), mean
end

--- The standard deviation of a sample.
--- @param list number[] at least two
--- @return number
function stats.sd(list)
  list = check_list(list) and list:tolist() or list
  check_count(list, 2)
  return math.sqrt((stats.variance(list)))
end

--- The smallest and the largest value.
--- @param list number[] at least one
--- @return number low
--- @return number high
function stats.range(list)
  local is_array = check_list(list)
  check_count(list, 1)
  if is_array then
    return list:min(), list:max()
  end
  local low, high = list[1], list[1]
  for i = 2, #list do
    local x = list[i]
    -- once NaN, always NaN: no comparison with it is true
    if x < low or x ~= x then low = x end
    if x > high or x ~= x then high = x end
  end
  return low, high
end

--- A sorted copy: an array of an array, which `check_list` has accepted. Errors are at the caller's
--- caller.
local function sort(list, is_array)
  local nan
  if is_array then
    local nans = list.dtype:find("^float") and list:isnan()
    nan = nans and nans:any() and nans:argmax()
  else
    for i = 1, #list do
      if list[i] ~= list[i] then
        nan = i
        break
      end
    end
  end
  if nan then
    error(("value %d is NaN, which cannot be sorted; remove it first"):format(nan), 3)
  elseif is_array then
    return list:sort()
  end
  local copy = table.move(list, 1, #list, 1, {})
  table.sort(copy)
  return copy
end

--- A sorted copy. NaN is an error.
--- @param list number[]
--- @return number[]
function stats.sorted(list)
  local copy = sort(list, check_list(list))
  return copy
end

-- The mean of two numbers.
local function middle(low, high)
  local sum = low + 0.0 + high
  return math.abs(sum) == math.huge and low / 2 + high / 2 or sum / 2
end

--- The quantile of a sorted list.
local function quantile(sorted, q)
  if type(q) ~= "number" or not (q >= 0 and q <= 1) then
    error(("quantile: expected a number from 0 to 1, got %s"):format(tostring(q)), 3)
  end
  local h = (#sorted - 1) * q + 1
  local i = math.floor(h)
  local low, high = sorted[i], sorted[math.min(i + 1, #sorted)]
  local weight = h - i
  if low == high then
    return low
  elseif weight == 0 then
    return low * 1.0
  end
  -- The difference of floats, as that of two integers can be beyond the integers.
  local distance = high - (low + 0.0)
  if math.abs(distance) == math.huge then
    return low * (1 - weight) + high * weight
  end
  return low + weight * distance
end

--- The quantile that R and NumPy use by default (type 7 of Hyndman and Fan).
-- Order statistics are at (i - 1) / (n - 1), with linear interpolation between them.
--- @param list number[] at least one, in any order
--- @param p number|number[] from 0 to 1, or a list of such numbers
--- @return number|number[] one quantile for each element of `p`
function stats.quantile(list, p)
  local is_array = check_list(list)
  check_count(list, 1)
  local sorted = sort(list, is_array)
  local ps = number_lists.of(p, "quantile: ")
  if type(ps) ~= "table" then
    local q = quantile(sorted, ps)
    return q
  end
  local result = {}
  for i = 1, #ps do
    result[i] = quantile(sorted, ps[i])
  end
  return rawequal(ps, p) and result or array.from(result, "float64")
end

--- The median.
--- @param list number[] at least one
--- @return number
function stats.median(list)
  local is_array = check_list(list)
  check_count(list, 1)
  local sorted = sort(list, is_array)
  local low, high = sorted[#sorted // 2], sorted[#sorted // 2 + 1]
  local median = #sorted % 2 == 0 and low ~= high and middle(low, high) or quantile(sorted, 0.5)
  return median
end

--- The correlation of a list with itself, `lag` values later.
--- @param list number[] longer than `lag`
--- @param lag integer
--- @return number from -1 to 1; NaN when all values are equal
function stats.autocorrelation(list, lag)
  list = check_list(list) and list:tolist() or list
  check_count(list, lag + 1)
  local mean = stats.mean(list)
  local product, square = 0.0, 0.0
  for i = 1, #list do
    local d = list[i] - mean
    square = square + d * d
    if i > lag then
      product = product + d * (list[i - lag] - mean)
    end
  end
  return product / square
end

--- Counts values in equal bins; the last bin includes its upper edge.
--- @param list number[] at least one
--- @param bins integer|nil number of bins, default the square root of the count, rounded up
--- @return table histogram `counts`, and `edges`, which has one element more
function stats.histogram(list, bins)
  local is_array = check_list(list)
  check_count(list, 1)
  bins = bins or math.ceil(math.sqrt(#list))
  if not math.tointeger(bins) or bins < 1 then
    error(("bins: expected a positive integer, got %s"):format(tostring(bins)), 2)
  end
  local sorted = sort(list, is_array)
  local low, high = sorted[1], sorted[#sorted]
  if low == high then
    low, high = low - 0.5, high + 0.5
  end
  local counts, edges = {}, {}
  for i = 1, bins do
    counts[i], edges[i] = 0, low + (i - 1) * (high - low) / bins
  end
  edges[bins + 1] = high
  for i = 1, #sorted do
    local bin = math.min(bins, math.floor((sorted[i] - low) / (high - low) * bins) + 1)
    counts[bin] = counts[bin] + 1
  end
  return { counts = counts, edges = edges }
end

--- Accumulates mean and variance of values that arrive one at a time, or from several workers.
local Running = {}
Running.__index = Running
Running.__name = "stats.Running"
stats.Running = Running

--- Creates an empty accumulator (Welford's recurrence).
--- @return table running with `count`, `mean`, and the methods `add`, `merge`, `variance`
function stats.running()
  return setmetatable({ count = 0, mean = 0.0, squares = 0.0 }, Running)
end

--- Adds a value.
--- @param x number
--- @return table self
function Running:add(x)
  self.count = self.count + 1
  local d = x - self.mean
  self.mean = self.mean + d / self.count
  self.squares = self.squares + d * (x - self.mean)
  return self
end

--- Adds the values of another accumulator (Chan, Golub and LeVeque).
--- @param other table
--- @return table self
function Running:merge(other)
  local count = self.count + other.count
  if other.count > 0 then
    local d = other.mean - self.mean
    self.mean = self.mean + d * other.count / count
    self.squares = self.squares + other.squares + d * d * self.count * other.count / count
    self.count = count
  end
  return self
end

--- The variance of the values so far; NaN for fewer than two values.
--- @return number
function Running:variance()
  return self.count > 1 and self.squares / (self.count - 1) or 0 / 0
end

return stats
