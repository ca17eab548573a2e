-- SPDX-License-Identifier: BSD-3-Clause
--- One step of Euclid's algorithm for the greatest common divisor.

local M = vt.module {
  name    = "number.euclid",
  version = "1.0.0",
  doc     = "One step of Euclid's algorithm for the greatest common divisor.",
  inputs  = { state = { "list<integer>", doc = "two numbers, not negative" } },
  outputs = {
    state = { "list<integer>", doc = "the second number, and the rest of the division by it" },
    done  = { "boolean", doc = "true if the second number is 0: the first is the divisor" },
  },
}

function M:compute(inputs)
  local a, b = inputs.state[1], inputs.state[2]
  if b > 0 then a, b = b, a % b end
  return { state = { a, b }, done = b == 0 }
end

return M
