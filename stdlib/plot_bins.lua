-- SPDX-License-Identifier: BSD-3-Clause
--- Bins of histograms. An internal part of `plot`.

local plot_data = require "plot_data"

local plot_bins = {}

--- The quantile of a sorted list (type 7 of Hyndman and Fan).
local function quantile(sorted, q)
  local h = (#sorted - 1) * q + 1
  local i = math.floor(h)
  local low, high = sorted[i], sorted[math.min(i + 1, #sorted)]
  return low + (h - i) * (high - low)
end

-- A long sort of a table cannot be stopped; that of an array can.
local LONG <const> = 100000

--- The distance between the quartiles.
local function spread_of(values)
  if array ~= nil and #values > LONG then
    local ends = array.from(values, "float64"):quantile { 0.25, 0.75 }
    return ends[2] - ends[1]
  end
  local sorted = table.move(values, 1, #values, 1, {})
  table.sort(sorted)
  return quantile(sorted, 0.75) - quantile(sorted, 0.25)
end

-- More bins than pixels cannot be seen.
local MOST <const> = 2000

--- The number of bins: the larger of Sturges' and of Freedman and Diaconis' rule, as NumPy's
-- "auto".
local function automatic(values, low, high)
  local count = #values
  local width = (high - low) / (math.log(count, 2) + 1)
  local spread = spread_of(values)
  if spread > 0 then
    width = math.min(width, 2 * spread / count ^ (1 / 3))
  end
  local is_whole = true
  for i = 1, count do
    is_whole = is_whole and math.type(values[i]) == "integer"
  end
  if is_whole then
    width = math.max(width, 1)
  end
  return math.max(1, math.min(MOST, math.ceil((high - low) / width)))
end

--- The edges of bins.
--- @param values number[] finite
--- @param options table `bins` (a number, or a list of edges), `low`, `high`
--- @param subject string the start of messages
--- @return number[] edges
function plot_bins.edges(values, options, subject)
  local bins = options.bins
  if bins ~= nil and type(bins) ~= "number" then
    local edges, is_text = plot_data.list(bins, subject, "bins")
    for i = 1, #edges do
      if is_text or edges[i] - edges[i] ~= 0 or i > 1 and edges[i] <= edges[i - 1] then
        error(subject .. ": bins: the edges must be finite numbers, each above the one before", 0)
      end
    end
    if #edges < 2 then
      error(("%s: bins: expected at least 2 edges, got %d"):format(subject, #edges), 0)
    end
    return edges
  elseif bins ~= nil and (bins < 1 or bins > 100000 or bins % 1 ~= 0) then
    error(("%s: bins: expected a whole number from 1 to 100000, or a list of edges, got %s"):format(
      subject, plot_data.shown(bins)), 0)
  end
  local low, high = math.huge, -math.huge
  for _, value in ipairs(values) do
    low, high = math.min(low, value), math.max(high, value)
  end
  if low > high then
    low, high = 0, 1
  end
  low, high = options.low or low, options.high or high
  if low > high then
    error(("%s: the bins begin at %s and end at %s; `low` must be less than `high`"):format(subject,
      plot_data.shown(low), plot_data.shown(high)), 0)
  elseif low == high then
    low, high = low - 0.5, high + 0.5
  end
  if high - low == math.huge then
    error(("%s: the range from %s to %s is too large for a float; scale the values"):format(subject,
      plot_data.shown(low), plot_data.shown(high)), 0)
  end
  local inside = {}
  for _, value in ipairs(values) do
    if value >= low and value <= high then
      inside[#inside + 1] = value
    end
  end
  local count = bins or #inside > 0 and automatic(inside, low, high) or 1
  count = math.floor(count)
  local edges = {}
  for i = 0, count do
    edges[i + 1] = i == count and high or low + (high - low) * (i / count)
  end
  return edges
end

--- The bin of a value: edges[i] <= value < edges[i + 1]; the last bin has its upper edge too.
--- @param edges number[]
--- @param value number
--- @return integer|nil nil for a value outside
function plot_bins.bin(edges, value)
  local count = #edges - 1
  if not (value >= edges[1] and value <= edges[count + 1]) then
    return nil
  end
  -- equal bins are found at once; rounding and other bins need a search
  local i = math.floor((value - edges[1]) / (edges[count + 1] - edges[1]) * count) + 1
  i = math.max(1, math.min(count, i))
  if value < edges[i] or value >= edges[i + 1] and i < count then
    local low, high = 1, count
    while low < high do
      local middle = (low + high + 1) // 2
      if edges[middle] <= value then
        low = middle
      else
        high = middle - 1
      end
    end
    i = low
  end
  return i
end

--- The number of values in each bin, or their density.
--- @param values number[] finite
--- @param edges number[]
--- @param is_density boolean|nil true: the area of the histogram is 1
--- @return number[]
function plot_bins.counts(values, edges, is_density)
  local counts, total = {}, 0
  for i = 1, #edges - 1 do
    counts[i] = 0
  end
  for _, value in ipairs(values) do
    local i = plot_bins.bin(edges, value)
    if i then
      counts[i], total = counts[i] + 1, total + 1
    end
  end
  if is_density and total > 0 then
    for i = 1, #counts do
      counts[i] = counts[i] / (total * (edges[i + 1] - edges[i]))
    end
  end
  return counts
end

return plot_bins
