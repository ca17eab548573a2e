-- SPDX-License-Identifier: BSD-3-Clause
--
-- The kernels inside a module's compute; the flow's outputs are the seconds of each.

local run_kernels = require "kernels"

local M = vt.module {
  name    = "bench.loop",
  version = "1.0.0",
  doc     = "Plain loops, timed.",
  inputs  = {},
  outputs = {
    arithmetic = "number", table = "number", call = "number", string = "number",
    closure = "number",
  },
  cache   = false,
}

function M:compute()
  return (run_kernels())
end

local flow = vt.workflow { name = "loop" }
local loop = flow:add("loop", M, {})
return flow:outputs {
  arithmetic = loop.arithmetic, table = loop.table, call = loop.call, string = loop.string,
  closure = loop.closure,
}
