-- SPDX-License-Identifier: BSD-3-Clause
--- One module that does next to nothing, for sweeps over its parameter.

local square = vt.module {
  name = "square", version = "1", inputs = { x = "integer" }, outputs = { y = "integer" },
}

function square:compute(inputs) return { y = inputs.x * inputs.x } end

local flow = vt.workflow { name = "sweep", params = { x = { "integer", default = 1 } } }
local node = flow:add("node", square, { x = flow.params.x })
return flow:outputs { y = node.y }
