-- SPDX-License-Identifier: BSD-3-Clause
--- Splits resamples into batches.

local M = vt.module {
  name    = "resample.batches",
  version = "1.0.0",
  doc     = "Splits a number of resamples into batches that can be drawn independently.",
  inputs  = {
    resamples = { "integer", min = 1 },
    size      = { "integer", default = 100, min = 1, doc = "the resamples of a batch" },
  },
  outputs = {
    batches = { "list<table>", doc = "the numbers of the `first` and `last` resample of each" },
  },
}

function M:compute(inputs)
  local batches = {}
  for first = 1, inputs.resamples, inputs.size do
    local last = math.min(first + inputs.size - 1, inputs.resamples)
    batches[#batches + 1] = { first = first, last = last }
  end
  return { batches = batches }
end

return M
