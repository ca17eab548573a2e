-- SPDX-License-Identifier: BSD-3-Clause
--- Mean and standard deviation.

local stats = require "stats"

local M = vt.module {
  name    = "summary",
  version = "1.0.0",
  doc     = "Mean and standard deviation of a list of numbers.",
  inputs  = { values = { "list<number>", doc = "at least two numbers" } },
  outputs = {
    mean = { "number", doc = "the arithmetic mean" },
    sd   = { "number", doc = "the standard deviation of a sample" },
  },
}

function M:compute(inputs)
  if #inputs.values < 2 then
    self:fail("a standard deviation needs at least two values, got %d", #inputs.values)
  end
  local variance, mean = stats.variance(inputs.values)
  return { mean = mean, sd = math.sqrt(variance) }
end

return M
