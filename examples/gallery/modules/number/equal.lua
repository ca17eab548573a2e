-- SPDX-License-Identifier: BSD-3-Clause
--- Whether two numbers are equal.

local M = vt.module {
  name    = "number.equal",
  version = "1.0.0",
  doc     = "True if two numbers are equal.",
  inputs  = { a = "number", b = "number" },
  outputs = { equal = "boolean" },
}

function M:compute(inputs) return { equal = inputs.a == inputs.b } end

return M
