-- SPDX-License-Identifier: BSD-3-Clause
--- Two columns of a table.

local M = vt.module {
  name    = "decay.columns",
  version = "1.0.0",
  doc     = "The columns `time` and `value` of a table.",
  inputs  = { columns = "table" },
  outputs = { times = "list<number>", values = "list<number>" },
}

function M:compute(inputs)
  return { times = inputs.columns.time, values = inputs.columns.value }
end

return M
