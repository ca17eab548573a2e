-- SPDX-License-Identifier: BSD-3-Clause
--- One step of a search for the smallest divisor of a number.

local M = vt.module {
  name    = "number.divide",
  version = "1.0.0",
  doc     = "Tries whether `state` divides `n`.",
  inputs  = { state = { "integer", min = 2 }, n = { "integer", min = 2 } },
  outputs = {
    state = { "integer", doc = "the divisor that was found, or the next number to try" },
    done  = "boolean",
  },
}

function M:compute(inputs)
  local divisor, n = inputs.state, inputs.n
  if n % divisor == 0 then return { state = divisor, done = true } end
  if divisor * divisor > n then return { state = n, done = true } end
  return { state = divisor + 1, done = false }
end

return M
