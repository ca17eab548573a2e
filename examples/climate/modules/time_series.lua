-- SPDX-License-Identifier: BSD-3-Clause
--- Selects a time series from the columns of a table.

local dates = require "dates"

local M = vt.module {
  name    = "time_series",
  version = "1.0.0",
  doc     = "Selects times and values from the columns of a table.",
  inputs  = {
    columns = { "table", doc = "a list of values for each column name" },
    time    = { "string", doc = "name of the column with the dates" },
    value   = { "string", doc = "name of the column with the values, which must be numbers" },
    format  = { "string", doc = "format of the dates: %Y %m %d %H %M %S and other characters" },
  },
  outputs = {
    times  = { "list<integer>", doc = "seconds since 1970-01-01 in the data's local time" },
    values = { "list<number>", doc = "the value at each time" },
  },
}

function M:compute(inputs)
  local texts, values = inputs.columns[inputs.time], inputs.columns[inputs.value]
  if not texts or not values then
    self:fail("there is no column `%s`; check the inputs `time` and `value`",
      texts and inputs.value or inputs.time)
  end
  local ok, parse = pcall(dates.parser, inputs.format)
  if not ok then
    self:fail("%s", parse)
  end
  local times = {}
  for i, text in ipairs(texts) do
    local time, message = parse(text)
    if not time then
      self:fail("record %d: %s", i, message)
    end
    times[i] = time
  end
  return { times = times, values = values }
end

return M
