-- SPDX-License-Identifier: BSD-3-Clause
--- Fits an exponential decay to measurements: an optimisation by a loop.
--
--     vtlua run decay.lua
--     vtlua run decay.lua -p path=other.csv -p start='{"a": 2, "k": 0.1}'

local flow = vt.workflow {
  name   = "decay",
  params = {
    path  = { "file", default = "data/decay.csv", doc = "with the columns `time` and `value`" },
    start = { "table", default = { a = 4, k = 0.4 }, doc = "a guess of a * exp(-k * time)" },
    limit = { "integer", default = 100, min = 1 },
    out   = { "string", default = "decay.svg" },
  },
}
local params = flow.params

local csv = flow:add("csv", "csv.read", {
  path = params.path, types = { time = "number", value = "number" },
})
local data = flow:add("data", "decay.columns", { columns = csv.columns })
-- A turn is a step of the Gauss-Newton method.
local fit = flow:add("fit", "control.loop", {
  state = params.start, step = "decay.improve", limit = params.limit,
  inputs = { times = data.times, values = data.values },
})
local curve = flow:add("curve", "decay.curve", { fit = fit.state, times = data.times })

local plot = flow:add("plot", "plot.figure", {
  figure = {
    title = "Decay", x_axis = { label = "time" }, y_axis = { label = "value" },
    series = {
      { kind = "points", name = "measured", x = data.times, y = data.values },
      { kind = "lines", name = "fitted", x = data.times, y = curve.values },
    },
  },
})
local written = flow:add("written", "text.write", { text = plot.svg, path = params.out })

return flow:outputs {
  a = curve.a, k = curve.k, rms = curve.rms, turns = fit.turns, plot = written.path,
}
