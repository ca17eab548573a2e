-- SPDX-License-Identifier: BSD-3-Clause
--- Compares groups by their summaries: one-way analysis of variance.

local stats = require "stats"

local M = vt.module {
  name    = "series.compare",
  version = "1.0.0",
  doc     = "Compares the means of groups: one-way analysis of variance.",
  inputs  = {
    counts    = { "list<integer>", doc = "the size of each group" },
    means     = "list<number>",
    variances = "list<number>",
    range     = { "table", doc = "`lows` and `highs`: lists with the range of each group" },
  },
  outputs = {
    mean  = { "number", doc = "the mean of all values" },
    f     = { "number", doc = "the variance between groups by that within them" },
    range = { "list<number>", doc = "the smallest and the largest value" },
  },
}

function M:compute(inputs)
  local counts, means, groups = inputs.counts, inputs.means, #inputs.means
  local total, sum = 0, 0.0
  for i = 1, groups do
    total = total + counts[i]
    sum = sum + counts[i] * means[i]
  end
  local mean = sum / total
  local between, within = 0.0, 0.0
  for i = 1, groups do
    between = between + counts[i] * (means[i] - mean) ^ 2
    within = within + (counts[i] - 1) * inputs.variances[i]
  end
  local low = stats.range(inputs.range.lows)
  local _, high = stats.range(inputs.range.highs)
  return {
    mean = mean,
    f = (between / (groups - 1)) / (within / (total - groups)),
    range = { low, high },
  }
end

return M
