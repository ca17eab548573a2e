-- SPDX-License-Identifier: BSD-3-Clause
--- Draws resamples with replacement, and returns their medians.

local random = require "random"
local stats = require "stats"

local M = vt.module {
  name    = "resample.medians",
  version = "1.0.0",
  doc     = "The medians of samples that are drawn from a sample with replacement.",
  inputs  = {
    values = { "list<number>", doc = "the sample" },
    batch  = { "table", doc = "the numbers of the `first` and `last` resample" },
    seed   = { "integer", default = 1 },
  },
  outputs = { medians = { "list<number>", doc = "one for each resample" } },
}

function M:compute(inputs)
  local values, medians = inputs.values, {}
  for number = inputs.batch.first, inputs.batch.last do
    -- Each resample has its own random numbers: the batches can be of any size, in any order.
    local generator, drawn = random.new(inputs.seed, number), {}
    for i = 1, #values do
      drawn[i] = values[generator:integer(1, #values)]
    end
    medians[#medians + 1] = stats.median(drawn)
  end
  return { medians = medians }
end

return M
