-- SPDX-License-Identifier: BSD-3-Clause
--- Adds two numbers.

local M = vt.module {
  name    = "add",
  version = "1.0.0",
  doc     = "Adds two numbers.",
  inputs  = { a = "number", b = "number" },
  outputs = { sum = "number" },
}

function M:compute(inputs)
  return { sum = inputs.a + inputs.b }
end

return M
