-- SPDX-License-Identifier: BSD-3-Clause
--- Axes of plots: ranges, ticks, and the functions from values to pixels. An internal part of
--- `plot`.

local numerals = require "numerals"
local ticks = require "ticks"

local plot_scales = {}

-- Narrower ranges consist of denormal numbers, which have too few digits for ticks.
local NARROWEST <const> = 1e-290

--- The smallest and the largest of the values that an axis shows.
local Extent = {}
Extent.__index = Extent

--- Creates an empty extent.
--- @param is_log boolean only numbers above 0 count
--- @return table
function plot_scales.extent(is_log)
  return setmetatable({ low = math.huge, high = -math.huge, least = is_log and 0 or -math.huge },
    Extent)
end

--- Adds the finite values of a list.
--- @param list number[]|nil
function Extent:add(list)
  local low, high, least = self.low, self.high, self.least
  for i = 1, list and #list or 0 do
    local value = list[i]
    if value - value == 0 and value > least then
      if value < low then low = value end
      if value > high then high = value end
    end
  end
  self.low, self.high = low, high
end

--- Raises an error for a range that has no scale.
local function check_range(what, low, high, is_log)
  local function shown(value)
    return numerals.shortest(value)
  end
  if is_log and low <= 0 then
    error(("%s: a logarithmic axis begins above 0, got `low` %s"):format(what, shown(low)), 0)
  elseif low >= high then
    error(("%s: the axis begins at %s and ends at %s; `low` must be less than `high`"):format(what,
      shown(low), shown(high)), 0)
  elseif high - low < NARROWEST and not is_log then
    error(("%s: the range from %s to %s is too narrow for a float; scale the values"):format(what,
      shown(low), shown(high)), 0)
  elseif high - low == math.huge then
    error(("%s: the range from %s to %s is too large for a float; scale the values"):format(what,
      shown(low), shown(high)), 0)
  end
end

--- The range of an axis before it is extended to ticks.
local function range_of(axis, extent, what)
  local low, high, is_log = extent.low, extent.high, axis.kind == "log"
  local is_empty = low > high
  if is_empty then
    low, high = is_log and 1 or 0, is_log and 10 or 1
    if axis.low and not axis.high then
      high = is_log and axis.low * 10 or axis.low + 1
    elseif axis.high and not axis.low then
      low = is_log and axis.high / 10 or axis.high - 1
    end
  elseif is_log and high / low < 1 + 1e-9 then
    low, high = math.max(low / 2, 5e-324), math.min(high * 2, 1.7e308)
  elseif high - low < NARROWEST and not is_log then
    -- a small distance from a large number would be lost
    local distance = math.abs(low) < 1e12 and 0.5 or math.abs(low) * 1e-3
    if axis.kind == "date" then
      distance = math.max(distance, 43200)
    end
    low, high = low - distance, high + distance
  elseif extent.margin and not is_log then
    local distance = extent.margin * (high - low)
    low, high = low - distance, high + distance
  elseif extent.margin then
    local factor = (high / low) ^ extent.margin
    low, high = low / factor, high * factor
  end
  low, high = axis.low or low, axis.high or high
  check_range(what, low, high, is_log)
  return low, high, is_empty
end

--- Extends the range of a logarithmic axis to whole powers of ten, where it has about one or more.
local function covering_log(low, high)
  local first, last = math.log(low, 10), math.log(high, 10)
  if last - first < 0.7 then
    return low, high
  end
  local function power(x)
    return tonumber(("1e%d"):format(x)) + 0.0
  end
  -- not beyond the smallest and the largest power of ten that is a normal float
  first, last = math.floor(first + 1e-9), math.ceil(last - 1e-9)
  return math.min(low, power(math.max(first, -307))), math.max(high, power(math.min(last, 308)))
end

--- Makes the scale of an axis.
--- @param axis table `kind`, `low`, `high`; `categories` are the names at 1, 2, ...
--- @param extent table its values; `margin` is the part of the range to add at both ends; the range
--- is extended to `count` ticks, unless `is_exact`
--- @param what string "x" or "y", for messages
--- @return table scale `low`, `high`, `kind`, `categories`
function plot_scales.scale(axis, extent, what)
  local kind = axis.kind or "number"
  local scale = {
    kind = kind, categories = axis.categories, what = what, is_reversed = axis.reverse,
  }
  if kind == "category" then
    scale.low, scale.high = 0.5, math.max(#axis.categories, 1) + 0.5
    scale.is_empty = #axis.categories == 0
    return scale
  end
  local low, high, is_empty = range_of(axis, extent, what)
  scale.low, scale.high, scale.is_empty = low, high, is_empty
  if extent.is_exact or kind == "date" then
    return scale
  elseif kind == "log" then
    low, high = covering_log(low, high)
  else
    local fits, list, first, last = pcall(ticks.covering, low, high, extent.count)
    if not fits then
      error(("%s: the range from %s to %s is too large for a float; scale the values"):format(what,
        numerals.shortest(low), numerals.shortest(high)), 0)
    end
    scale.list, low, high = list, first, last
  end
  scale.low, scale.high = low, high
  return scale
end

--- The ticks of a scale.
--- @param scale table
--- @param length number of the axis in pixels
--- @param step number the least distance between labels in pixels
--- @return table[] `{ value =, label =, below = }`
function plot_scales.ticks(scale, length, step)
  local count = math.max(1, length // step)
  if scale.list then
    return scale.list
  elseif scale.is_empty and scale.kind ~= "number" then
    return {}
  elseif scale.kind == "category" then
    local list = {}
    for i, name in ipairs(scale.categories) do
      list[i] = { value = i, label = name }
    end
    return list
  elseif scale.kind == "date" then
    local ok, list = pcall(ticks.dates, scale.low, scale.high, count)
    if not ok then
      error(scale.what .. ": " .. list:gsub("^[^\n]-:%d+: ", ""), 0)
    end
    return list
  elseif scale.kind == "log" then
    return ticks.log(scale.low, scale.high, math.max(2, count))
  end
  return ticks.linear(scale.low, scale.high, count)
end

--- The function from values to pixels.
--- @param scale table
--- @param first number the pixel of `scale.low`
--- @param last number the pixel of `scale.high`
--- @return fun(value: number): number NaN for a value that the axis cannot show
function plot_scales.place(scale, first, last)
  if scale.is_reversed then
    first, last = last, first
  end
  local low, high = scale.low, scale.high
  if scale.kind == "log" then
    local log = math.log
    local start, factor = log(low), (last - first) / (log(high) - log(low))
    return function(value)
      return value > 0 and first + (log(value) - start) * factor or 0 / 0
    end
  end
  local factor, distance = high - low, last - first
  return function(value)
    return first + (value - low) / factor * distance
  end
end

return plot_scales
