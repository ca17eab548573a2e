-- SPDX-License-Identifier: BSD-3-Clause
--- Keeps some elements of a list.

local pick = vt.module {
  name    = "control.pick",
  version = "1.0.0",
  doc     = "Keeps the elements of a list for which another list has true.",
  inputs  = { list = "any", keep = "list<boolean>" },
  outputs = { list = "any" },
}

function pick:compute(inputs)
  local list = inputs.list
  if type(list) == "userdata" then
    return { list = list[array.asarray(inputs.keep, "bool")] }
  end
  local kept = {}
  for position, keep in ipairs(inputs.keep) do
    if keep then kept[#kept + 1] = list[position] end
  end
  return { list = kept }
end

--- The names of the input and the output of the module that decides.
local function predicate(module)
  local inputs, outputs = {}, {}
  for _, port in ipairs(module.inputs) do
    if port.required then inputs[#inputs + 1] = port.name end
  end
  for _, port in ipairs(module.outputs) do
    if port.type == "boolean" then outputs[#outputs + 1] = port.name end
  end
  if #inputs ~= 1 then
    error(("control.filter: `%s` must have one required input, it has %s"):format(
      module.name, #inputs == 0 and "none" or "`" .. table.concat(inputs, "`, `") .. "`"), 0)
  elseif #outputs ~= 1 then
    error(("control.filter: `%s` must have one output of type boolean, it has %s"):format(
      module.name, #outputs == 0 and "none" or "`" .. table.concat(outputs, "`, `") .. "`"), 0)
  end
  return inputs[1], outputs[1]
end

return vt.workflow {
  name   = "control.filter",
  doc    = "Keeps the elements of a list for which the module `keep` gives true.",
  params = {
    list = { "any", doc = "the list, or an array, whose rows are the elements" },
    keep = { "module", doc = "has one required input, the element, and one boolean output" },
  },
  build  = function(flow, p)
    local input, output = predicate(p.keep)
    local kept = flow:add("keep", p.keep, { [input] = vt.each(flow.params.list) })
    local picked = flow:add("pick", pick, { list = flow.params.list, keep = kept[output] })
    flow:outputs { list = picked.list }
  end,
}
