-- SPDX-License-Identifier: BSD-3-Clause
--- The median of a sample with its confidence interval, by a bootstrap on threads.
--
--     vtlua run bootstrap.lua
--     vtlua run bootstrap.lua -p resamples=20000 -p confidence=0.99

local flow = vt.workflow {
  name   = "bootstrap",
  params = {
    path       = { "file", default = "data/reaction.csv",
                   doc = "a CSV file with the sample in its column `seconds`" },
    resamples  = { "integer", default = 2000, min = 100, doc = "the number of samples to draw" },
    batch      = { "integer", default = 100, min = 1, doc = "the resamples of a task" },
    seed       = { "integer", default = 7, doc = "the seed of the random numbers" },
    confidence = { "number", default = 0.95, min = 0.5, max = 0.999 },
  },
}
local params = flow.params

local csv = flow:add("csv", "csv.read", { path = params.path, types = { seconds = "number" } })
local sample = flow:add("sample", "series.column", { columns = csv.columns, name = "seconds" })
local batches = flow:add("batches", "resample.batches", {
  resamples = params.resamples, size = params.batch,
})
-- One task for each batch. With more resamples, only the new batches are drawn.
local drawn = flow:add("drawn", "resample.medians", {
  batch = vt.each(batches.batches), values = sample.values, seed = params.seed,
}, { on = "threads" })
local interval = flow:add("interval", "resample.interval", {
  values = sample.values, medians = drawn.medians, confidence = params.confidence,
})

return flow:outputs {
  median = interval.median, low = interval.low, high = interval.high,
  resamples = interval.resamples,
}
