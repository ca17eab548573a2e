-- SPDX-License-Identifier: BSD-3-Clause
--- Size, mean, variance and range of a list of numbers.

local stats = require "stats"

local M = vt.module {
  name    = "series.summary",
  version = "1.0.0",
  doc     = "Size, mean, variance and range of a list of numbers.",
  inputs  = { values = { "list<number>", doc = "at least two numbers" } },
  outputs = {
    count = "integer", mean = "number", variance = "number", low = "number", high = "number",
  },
}

function M:compute(inputs)
  if #inputs.values < 2 then
    self:fail("a variance needs at least two values, got %d", #inputs.values)
  end
  local variance, mean = stats.variance(inputs.values)
  local low, high = stats.range(inputs.values)
  return { count = #inputs.values, mean = mean, variance = variance, low = low, high = high }
end

return M
