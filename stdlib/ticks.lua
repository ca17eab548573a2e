-- SPDX-License-Identifier: BSD-3-Clause
--- Positions and labels of the ticks of an axis.

local dates = require "dates"
local numerals = require "numerals"

local ticks = {}

local function check_range(low, high)
  if not (low < high and high - low < math.huge) then
    error(("range: expected low < high, both finite, got %s and %s"):format(low, high), 3)
  end
end

local MOST <const> = 500

local function check_count(count, default)
  count = count or default
  if type(count) ~= "number" or count <= 0 or count ~= count then
    error(("count: expected a positive number, got %s"):format(tostring(count)), 3)
  end
  return math.min(count, MOST)
end

-- Smaller steps have no exact powers of ten.
local LEAST_STEP <const> = 1e-300

--- The nearest step of 1, 2 or 5 times a power of ten.
local function nice_step(rough)
  rough = math.max(rough, LEAST_STEP)
  local power = math.floor(math.log(rough, 10))
  local unit = 10.0 ^ power
  local ratio = rough / unit
  if ratio < 1.5 then
    return unit, power
  elseif ratio < 3.5 then
    return 2 * unit, power
  elseif ratio < 7.5 then
    return 5 * unit, power
  end
  return 10 * unit, power + 1
end

local SUPERSCRIPTS <const> = {
  ["-"] = "\u{207B}", ["0"] = "\u{2070}", ["1"] = "\u{B9}", ["2"] = "\u{B2}", ["3"] = "\u{B3}",
  ["4"] = "\u{2074}", ["5"] = "\u{2075}", ["6"] = "\u{2076}", ["7"] = "\u{2077}",
  ["8"] = "\u{2078}", ["9"] = "\u{2079}",
}

local function superscript(power)
  return (tostring(power):gsub(".", SUPERSCRIPTS))
end

--- The label of `digit` times a power of ten.
local function power_label(digit, power, is_plain)
  if is_plain and power >= 0 then
    return ("%d"):format(digit * 10 ^ power // 1 | 0)
  elseif is_plain then
    return numerals.format(("%%.%df"):format(-power), digit * 10.0 ^ power)
  end
  local text = "10" .. superscript(power)
  return digit == 1 and text or ("%d\u{B7}%s"):format(digit, text)
end

--- The ticks of one step inside a range. Very large and very small numbers are labelled with one
-- power of ten.
local function every(step, power, low, high)
  local decimals, factor, unit = math.max(0, -power), nil, ""
  local first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
  if power > 5 or power < -6 then
    local greatest = math.max(math.abs(first), math.abs(last), 1) * step
    local own = math.floor(math.log(greatest, 10) + 1e-9)
    factor, unit, decimals = own, "\u{B7}10" .. superscript(own), math.max(0, own - power)
  end
  local list = {}
  for i = first, last do
    local value = i * step
    local shown = value
    if factor then
      -- 10 to a power below -308 is no normal float
      shown = value / 10.0 ^ (factor // 2) / 10.0 ^ (factor - factor // 2)
    end
    -- a minus sign, which is as wide as a plus
    local label = numerals.format(("%%.%df"):format(decimals), shown):gsub("^%-", "\u{2212}")
    list[#list + 1] = { value = value, label = factor and i == 0 and "0" or label .. unit }
  end
  return list
end

--- Ticks for numbers: steps of 1, 2 or 5 times a power of ten, inside the range.
--- @param low number
--- @param high number
--- @param count integer|nil about how many steps, default 5
--- @return table[] ticks `{ value =, label = }`; all labels have the same number of decimals
function ticks.linear(low, high, count)
  check_range(low, high)
  local step, power = nice_step((high - low) / check_count(count, 5))
  return every(step, power, low, high)
end

--- Ticks for numbers, with the range extended so that it starts and ends at a tick.
--- @param low number
--- @param high number
--- @param count integer|nil about how many steps, default 5
--- @return table[] ticks `{ value =, label = }`
--- @return number low the first tick
--- @return number high the last tick
function ticks.covering(low, high, count)
  check_range(low, high)
  local step, power = nice_step((high - low) / check_count(count, 5))
  low, high = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
  if high <= low then
    high = low + step
  elseif high - low == math.huge then
    error("range: the ticks around it are beyond the largest float", 2)
  end
  return every(step, power, low, high), low, high
end

--- Ticks for a logarithmic axis: powers of ten, with 2 and 5 times these where there is room, and
-- ticks without a label between them. A range that is too short for these has the ticks of
-- `ticks.linear`.
--- @param low number above 0
--- @param high number
--- @param count integer|nil about how many labels at most, default 6
--- @return table[] ticks `{ value =, label = }`; `label` is nil for ticks in between
function ticks.log(low, high, count)
  check_range(low, high)
  if low <= 0 then
    error(("range: a logarithmic axis needs numbers above 0, got %s"):format(low), 2)
  end
  count = check_count(count, 6)
  local first, last = math.log(low, 10), math.log(high, 10)
  local decades = last - first
  local every_power = math.max(1, math.ceil(decades / count))
  local digits = decades * 3 <= count and { [1] = true, [2] = true, [5] = true } or { [1] = true }
  -- all labels have one form
  local is_plain = first > -4.5 and last < 5.5
  local list, labels = {}, 0
  for power = math.floor(first), math.ceil(last) do
    for digit = 1, decades <= 12 and 9 or 1 do
      -- the text has the nearest float of each number, also below 1
      local value = tonumber(("%de%d"):format(digit, power)) + 0.0
      if value >= low * (1 - 1e-12) and value <= high * (1 + 1e-12) then
        local has_label = digits[digit] and power % every_power == 0
        labels = labels + (has_label and 1 or 0)
        if has_label or decades <= 24 then
          list[#list + 1] = {
            value = value, label = has_label and power_label(digit, power, is_plain) or nil,
          }
        end
      end
    end
  end
  return labels >= 2 and list or ticks.linear(low, high, math.min(count, 5))
end

local MONTH <const> = 30.44 * dates.DAY

-- {length in seconds, unit, number of units, label, label below where the larger unit begins}
local STEPS <const> = {
  { 1, "second", 1, "%H:%M:%S", "%e %b %Y" },
  { 10, "second", 10, "%H:%M:%S", "%e %b %Y" },
  { 60, "second", 60, "%H:%M", "%e %b %Y" },
  { 600, "second", 600, "%H:%M", "%e %b %Y" },
  { 3600, "second", 3600, "%H:%M", "%e %b %Y" },
  { 3 * 3600, "second", 3 * 3600, "%H:%M", "%e %b %Y" },
  { 6 * 3600, "second", 6 * 3600, "%H:%M", "%e %b %Y" },
  { 12 * 3600, "second", 12 * 3600, "%H:%M", "%e %b %Y" },
  { dates.DAY, "second", dates.DAY, "%e", "%b %Y" },
  { 2 * dates.DAY, "second", 2 * dates.DAY, "%e %b", "%Y" },
  { 7 * dates.DAY, "second", 7 * dates.DAY, "%e %b", "%Y" },
  { MONTH, "month", 1, "%b", "%Y" },
  { 3 * MONTH, "month", 3, "%b", "%Y" },
  { 12 * MONTH, "month", 12, "%Y" },
  { 24 * MONTH, "month", 24, "%Y" },
  { 60 * MONTH, "month", 60, "%Y" },
  { 120 * MONTH, "month", 120, "%Y" },
  { 240 * MONTH, "month", 240, "%Y" },
  { 600 * MONTH, "month", 600, "%Y" },
  { 1200 * MONTH, "month", 1200, "%Y" },
}

--- The step whose ticks are at most `count`: one of the list, or more years.
local function date_step(range, count)
  for _, step in ipairs(STEPS) do
    if range / step[1] <= count + 0.5 then
      return step
    end
  end
  local years = 100
  while true do
    for _, factor in ipairs { 2, 5, 10 } do
      local months = 12 * years * factor
      if range / (months * MONTH) <= count + 0.5 then
        return { months * MONTH, "month", months, "%Y" }
      end
    end
    years = years * 10
  end
end

-- Beyond these, instants and the tick after the last one have no integers.
local MOST_SECONDS <const> = 2.0 ^ 62

--- The instants of one step inside a range.
local function instants(low, high, step)
  local list = {}
  if step[2] == "second" then
    for i = math.ceil(low / step[3]), math.floor(high / step[3]) do
      list[#list + 1] = i * step[3]
    end
    return list
  end
  local year, month = dates.civil(math.floor(low) // dates.DAY)
  local months = (year * 12 + month - 1) // step[3] * step[3]
  local value
  repeat
    value = dates.seconds(months // 12, months % 12 + 1, 1)
    if value >= low and value <= high then
      list[#list + 1] = value
    end
    months = months + step[3]
  until value > high
  return list
end

--- Ticks for instants (seconds since 1970-01-01): whole hours, days, months or years.
--- @param low number
--- @param high number
--- @param count integer|nil the approximate maximum number of ticks, default 12
--- @return table[] ticks `{ value =, label =, below = }`: `below` is the larger unit, such as the
--- year under a month, at the first tick and where it changes
function ticks.dates(low, high, count)
  check_range(low, high)
  if low < -MOST_SECONDS or high > MOST_SECONDS then
    error(("range: %s to %s is no range of dates; dates are seconds since 1970-01-01, so divide "
      .. "milliseconds by 1e3 and nanoseconds by 1e9"):format(low, high), 2)
  end
  local chosen = date_step(high - low, check_count(count, 12))
  local list, last = {}, nil
  for _, value in ipairs(instants(low, high, chosen)) do
    local tick = { value = value, label = dates.format(value, chosen[4]) }
    local larger = chosen[5] and dates.format(value, chosen[5])
    if larger ~= last then
      tick.below, last = larger, larger
    end
    list[#list + 1] = tick
  end
  return list
end

return ticks
