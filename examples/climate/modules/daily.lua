-- SPDX-License-Identifier: BSD-3-Clause
--- Summarizes each day of a time series.

local dates = require "dates"
local stats = require "stats"

local M = vt.module {
  name    = "daily",
  version = "1.0.0",
  doc     = "Mean, lowest and highest value of each day, in the order of the days.",
  inputs  = {
    times  = { "list<integer>", doc = "seconds since 1970-01-01, in any order" },
    values = { "list<number>", doc = "the value at each time" },
  },
  outputs = {
    days   = { "list<integer>", doc = "days since 1970-01-01 that have values" },
    means  = { "list<number>", doc = "the mean of each day" },
    lows   = { "list<number>", doc = "the lowest value of each day" },
    highs  = { "list<number>", doc = "the highest value of each day" },
    counts = { "list<integer>", doc = "number of values of each day" },
  },
}

function M:compute(inputs)
  local by_day, days = {}, {}
  for i, time in ipairs(inputs.times) do
    local day = time // dates.DAY
    if not by_day[day] then
      by_day[day] = {}
      days[#days + 1] = day
    end
    table.insert(by_day[day], inputs.values[i])
  end
  table.sort(days)

  local means, lows, highs, counts = {}, {}, {}, {}
  for i, day in ipairs(days) do
    local values = by_day[day]
    means[i], counts[i] = stats.mean(values), #values
    lows[i], highs[i] = stats.range(values)
  end
  return { days = days, means = means, lows = lows, highs = highs, counts = counts }
end

return M
