-- SPDX-License-Identifier: BSD-3-Clause
--- Turns texts into dates, as StringsToDates of VisTrails' tabledata does.

local dates = require "dates"

local M = vt.module {
  name    = "tables.dates",
  version = "1.0.0",
  doc     = "Turns texts of one format into seconds since 1970-01-01.",
  inputs  = {
    texts  = { "list<string>", doc = "the dates" },
    format = { "string", doc = "for instance %m/%d/%Y", default = "%Y-%m-%d" },
  },
  outputs = { seconds = { "list<integer>", doc = "one for each text" } },
}

function M:compute(inputs)
  local parse, seconds = dates.parser(inputs.format), {}
  for i, text in ipairs(inputs.texts) do
    local instant, message = parse(text)
    if not instant then
      self:fail("row %d: %s", i, message)
    end
    seconds[i] = instant
  end
  return { seconds = seconds }
end

return M
