-- SPDX-License-Identifier: BSD-3-Clause
--- Arranges the daily means of the two cities as a table.

local dates = require "dates"

local M = vt.module {
  name    = "daily_columns",
  version = "1.0.0",
  doc     = "Arranges the daily means of the two cities as the columns of a table.",
  inputs  = {
    days       = { "list<integer>", doc = "days since 1970-01-01" },
    hours      = { "list<integer>", doc = "number of hours of each day" },
    seattle    = { "list<number>", doc = "daily means, °F" },
    sf         = { "list<number>", doc = "daily means, °F" },
    difference = { "list<number>", doc = "San Francisco minus Seattle, °F" },
  },
  outputs = {
    columns = { "table", doc = "a list of values for each column name" },
    names   = { "list<string>", doc = "the names of the columns in order" },
  },
}

--- Rounds to thousandths; the measurements have tenths.
local function rounded(list)
  local result = {}
  for i, value in ipairs(list) do
    result[i] = ("%.3f"):format(value)
  end
  return result
end

function M:compute(inputs)
  local date = {}
  for i, day in ipairs(inputs.days) do
    date[i] = dates.format(day * dates.DAY, "%Y-%m-%d")
  end
  return {
    columns = {
      date = date,
      hours = inputs.hours,
      seattle = rounded(inputs.seattle),
      san_francisco = rounded(inputs.sf),
      difference = rounded(inputs.difference),
    },
    names = { "date", "hours", "seattle", "san_francisco", "difference" },
  }
end

return M
