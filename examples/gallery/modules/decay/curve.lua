-- SPDX-License-Identifier: BSD-3-Clause
--- The values of an exponential decay.

local M = vt.module {
  name    = "decay.curve",
  version = "1.0.0",
  doc     = "The parameters of a * exp(-k * t), and its values at given times.",
  inputs  = { fit = { "table", doc = "`a`, `k` and `rms`" }, times = "list<number>" },
  outputs = { a = "number", k = "number", rms = "number", values = "list<number>" },
}

function M:compute(inputs)
  local fit = inputs.fit
  local values = {}
  for i, t in ipairs(inputs.times) do values[i] = fit.a * math.exp(-fit.k * t) end
  return { a = fit.a, k = fit.k, rms = fit.rms, values = values }
end

return M
