-- SPDX-License-Identifier: BSD-3-Clause
--- Describes a figure of the daily difference, its mean and the interval of the mean.

local dates = require "dates"

local M = vt.module {
  name    = "difference_figure",
  version = "1.0.0",
  doc     = "Describes a figure of a daily difference, its mean and the mean's interval.",
  inputs  = {
    a_name     = { "string", doc = "the first city" },
    b_name     = { "string", doc = "the second city" },
    days       = { "list<integer>", doc = "days since 1970-01-01" },
    values     = { "list<number>", doc = "second city minus first on each day, °F" },
    mean       = { "number", doc = "mean difference of all hours, °F" },
    low        = { "number", doc = "lower end of the mean's interval, °F" },
    high       = { "number", doc = "upper end of the mean's interval, °F" },
    confidence = { "number", doc = "confidence level of the interval" },
    block_days = { "integer", doc = "length of the bootstrap's blocks in days" },
  },
  outputs = { figure = { "table", doc = "the figure for the module plot.lines" } },
}

function M:compute(inputs)
  local times = {}
  for i, day in ipairs(inputs.days) do
    times[i] = day * dates.DAY
  end
  local ends = { times[1], times[#times] }
  local warmer = 0
  for _, value in ipairs(inputs.values) do
    warmer = warmer + (value > 0 and 1 or 0)
  end
  return {
    figure = {
      id = "difference",
      title = ("%s is warmer on %d of %d days"):format(inputs.b_name, warmer, #times),
      subtitle = ("Over the whole year it is %.1f °F %s than %s (%g %% interval: %.1f to %.1f °F).")
        :format(math.abs(inputs.mean), inputs.mean < 0 and "colder" or "warmer", inputs.a_name,
          inputs.confidence * 100, inputs.low, inputs.high),
      caption = ("Band: interval of the mean, by the circular block bootstrap with blocks of %d "
        .. "days. Data: NOAA climate normals, hourly."):format(inputs.block_days),
      description = ("Line plot of the daily mean temperature of %s less that of %s over one "
        .. "year, with the mean of the year and its interval."):format(
        inputs.b_name, inputs.a_name),
      x = { kind = "date" },
      y = { label = ("%s less %s, daily means, °F"):format(inputs.b_name, inputs.a_name) },
      series = {
        { name = "Each day", x = times, y = inputs.values, width = 2.5 },
        { name = ("Mean %.1f °F"):format(inputs.mean), x = ends, y = { inputs.mean, inputs.mean },
          low = { inputs.low, inputs.low }, high = { inputs.high, inputs.high },
          width = 1.5, dash = "6 4" },
      },
    },
  }
end

return M
