-- SPDX-License-Identifier: BSD-3-Clause
local csv, stats = require "csv", require "stats"
local M = vt.module {
  name = "roughness", inputs = { path = "file", window = "integer" },
  outputs = { roughness = { "number", doc = "the standard deviation of daily steps" } },
}

function M:compute(inputs)
  local columns = csv.columns(csv.read(inputs.path, { types = { level = "number" } }))
  local levels, steps = columns.level, {}
  for day = inputs.window + 1, #levels do   -- the step between two neighbouring means
    steps[day - inputs.window] = (levels[day] - levels[day - inputs.window]) / inputs.window
  end
  return { roughness = stats.sd(steps) }
end

return M
