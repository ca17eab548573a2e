-- SPDX-License-Identifier: BSD-3-Clause
--- Makes one node compute before another.

local M = vt.module {
  name    = "control.order",
  control = "order",
  version = "1.0.0",
  doc     = "Makes the nodes of `first` compute before those of `second`. It has no outputs.",
  inputs  = {
    first  = { "any", optional = true,
               doc = "a port of the node that computes first, or a table of such" },
    second = { "any", optional = true,
               doc = "a port of the node that computes after it, or a table of such" },
  },
  outputs = {},
}

function M:compute() return {} end

return M
