-- SPDX-License-Identifier: BSD-3-Clause
--- One step of the Gauss-Newton method for an exponential decay.

local M = vt.module {
  name    = "decay.improve",
  version = "1.0.0",
  doc     = "Improves `a` and `k` so that a * exp(-k * t) fits the values.",
  inputs  = {
    state  = { "table", doc = "`a` and `k`" },
    times  = "list<number>",
    values = "list<number>",
  },
  outputs = {
    state = { "table", doc = "better `a` and `k`, and `rms`, the residual of those before" },
    done  = { "boolean", doc = "true if the step was small" },
  },
}

function M:compute(inputs)
  local a, k = inputs.state.a, inputs.state.k
  local t = array.asarray(inputs.times, "float64")
  local e = array.exp(-k * t)
  local residual = array.asarray(inputs.values, "float64") - a * e
  -- The derivatives by `a` and `k`, and the normal equations.
  local da, dk = e, -a * t * e
  local aa, ak, kk = array.sum(da * da), array.sum(da * dk), array.sum(dk * dk)
  local ar, kr = array.sum(da * residual), array.sum(dk * residual)
  local determinant = aa * kk - ak * ak
  local step_a, step_k = (kk * ar - ak * kr) / determinant, (aa * kr - ak * ar) / determinant
  return {
    state = {
      a = a + step_a, k = k + step_k,
      rms = math.sqrt(array.sum(residual * residual) / #inputs.values),
    },
    done = math.abs(step_a) < 1e-9 * math.abs(a) and math.abs(step_k) < 1e-9 * math.abs(k),
  }
end

return M
