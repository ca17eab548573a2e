-- SPDX-License-Identifier: BSD-3-Clause
--- Subtracts one list from another.

local M = vt.module {
  name    = "difference",
  version = "1.0.0",
  doc     = "Subtracts one list from another, element by element.",
  inputs  = {
    a = { "list<number>", doc = "the minuends" },
    b = { "list<number>", doc = "the subtrahends, one for each element of `a`" },
  },
  outputs = { values = { "list<number>", doc = "a - b" } },
}

function M:compute(inputs)
  local a, b, values = inputs.a, inputs.b, {}
  if #a ~= #b then
    self:fail("`a` has %d values, but `b` has %d; align them first", #a, #b)
  end
  for i = 1, #a do
    values[i] = a[i] - b[i]
  end
  return { values = values }
end

return M
