-- SPDX-License-Identifier: BSD-3-Clause
--- The confidence interval of a median from those of resamples.

local stats = require "stats"

local M = vt.module {
  name    = "resample.interval",
  version = "1.0.0",
  doc     = "The median of a sample, and its confidence interval from the medians of resamples.",
  inputs  = {
    values     = { "list<number>", doc = "the sample" },
    medians    = { "list<list<number>>", doc = "the medians of each batch of resamples" },
    confidence = { "number", default = 0.95, min = 0.5, max = 0.999 },
  },
  outputs = { median = "number", low = "number", high = "number", resamples = "integer" },
}

function M:compute(inputs)
  local all = {}
  for _, batch in ipairs(inputs.medians) do
    table.move(batch, 1, #batch, #all + 1, all)
  end
  local tail = (1 - inputs.confidence) / 2
  local interval = stats.quantile(all, { tail, 1 - tail })
  return {
    median = stats.median(inputs.values), low = interval[1], high = interval[2], resamples = #all,
  }
end

return M
