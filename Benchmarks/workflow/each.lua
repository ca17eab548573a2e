-- SPDX-License-Identifier: BSD-3-Clause
--
-- A trivial module for each element of a list, for scripts/bench workflow.
--
--     vtlua run each.lua -p count=100000

local list = vt.module {
  name = "bench.list", inputs = { count = "integer" }, outputs = { values = "list<integer>" },
}

function list:compute(inputs)
  local values = {}
  for i = 1, inputs.count do
    values[i] = i
  end
  return { values = values }
end

local add_one = vt.module {
  name = "bench.add_one", inputs = { x = "integer" }, outputs = { y = "integer" },
}

function add_one:compute(inputs)
  return { y = inputs.x + 1 }
end

local last = vt.module {
  name = "bench.last", inputs = { values = "list<integer>" }, outputs = { value = "integer" },
}

function last:compute(inputs)
  return { value = inputs.values[#inputs.values] }
end

local flow = vt.workflow { name = "each", params = { count = { "integer", default = 100000 } } }
local values = flow:add("list", list, { count = flow.params.count }).values
local each = flow:add("each", add_one, { x = vt.each(values) }, { on = "threads" })
return flow:outputs { value = flow:add("last", last, { values = each.y }).value }
