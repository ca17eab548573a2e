-- SPDX-License-Identifier: BSD-3-Clause
--- Describes a figure of the year's temperatures in two cities.

local dates = require "dates"
local stats = require "stats"

local M = vt.module {
  name    = "temperature_figure",
  version = "1.0.0",
  doc     = "Describes a figure of daily means and ranges in two cities.",
  inputs  = {
    days    = { "list<integer>", doc = "days since 1970-01-01" },
    a_name  = { "string", doc = "the first city" },
    a_means = { "list<number>", doc = "its daily means, °F" },
    a_lows  = { "list<number>", doc = "its coldest hour of each day, °F" },
    a_highs = { "list<number>", doc = "its warmest hour of each day, °F" },
    b_name  = { "string", doc = "the second city" },
    b_means = { "list<number>", doc = "its daily means, °F" },
    b_lows  = { "list<number>", doc = "its coldest hour of each day, °F" },
    b_highs = { "list<number>", doc = "its warmest hour of each day, °F" },
  },
  outputs = { figure = { "table", doc = "the figure for the module plot.lines" } },
}

--- The day with the highest mean, as text.
local function warmest(days, means)
  local best = 1
  for i = 2, #means do
    if means[i] > means[best] then
      best = i
    end
  end
  return dates.format(days[best] * dates.DAY, "%e %B")
end

--- The difference between the warmest and the coldest daily mean.
local function swing(means)
  local low, high = stats.range(means)
  return high - low
end

function M:compute(inputs)
  local times = {}
  for i, day in ipairs(inputs.days) do
    times[i] = day * dates.DAY
  end
  local function series(name, means, lows, highs)
    return { name = name, x = times, y = means, low = lows, high = highs, width = 2.5 }
  end
  local calm, wild = inputs.b_name, inputs.a_name
  local calm_swing, wild_swing = swing(inputs.b_means), swing(inputs.a_means)
  if calm_swing > wild_swing then
    calm, wild, calm_swing, wild_swing = wild, calm, wild_swing, calm_swing
  end
  return {
    figure = {
      id = "temperatures",
      title = ("%s has the milder year"):format(calm),
      subtitle = ("Between its coldest and warmest day lie %.0f °F, in %s %.0f °F. %s is warmest "
        .. "on %s, %s on %s."):format(calm_swing, wild, wild_swing,
        inputs.a_name, warmest(inputs.days, inputs.a_means),
        inputs.b_name, warmest(inputs.days, inputs.b_means)),
      caption = "Lines: daily means. Bands: from the coldest to the warmest hour of the day. "
        .. "Data: NOAA climate normals, hourly.",
      description = ("Line plot of daily mean temperatures of %s and %s over one year, with "
        .. "bands for the range within each day."):format(inputs.a_name, inputs.b_name),
      x = { kind = "date" },
      y = { label = "Temperature, °F" },
      series = {
        series(inputs.a_name, inputs.a_means, inputs.a_lows, inputs.a_highs),
        series(inputs.b_name, inputs.b_means, inputs.b_lows, inputs.b_highs),
      },
    },
  }
end

return M
