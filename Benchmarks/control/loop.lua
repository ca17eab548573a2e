-- SPDX-License-Identifier: BSD-3-Clause
--- A loop of 100,000 turns that do next to nothing, and the same number of calls of a function.

local step = vt.module {
  name = "count", version = "1",
  inputs = { state = "integer" }, outputs = { state = "integer", done = "boolean" },
}

function step:compute(inputs)
  local state = inputs.state + 1
  return { state = state, done = state == 100000 }
end

local flow = vt.workflow { name = "loop" }
local loop = flow:add("loop", "control.loop", { state = 0, step = step, limit = 100000 })
return flow:outputs { state = loop.state }
