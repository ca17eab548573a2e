-- SPDX-License-Identifier: BSD-3-Clause
--- The ports of modules that compute for each item of a stream. An internal part of the modules
-- `stream.map` and `stream.filter`.

local stream_modules = {}

local function names(list)
  return #list == 0 and "none" or "`" .. table.concat(list, "`, `") .. "`"
end

--- The names of the input that gets the item and of the output that is used. Fails the module that
-- calls where there is not one of each.
--- @param caller table `self` of the module that calls
--- @param module any the module as a value
--- @param given table|nil values of further inputs
--- @param type string|nil the type of the output; nil: any
--- @return string input
--- @return string output
function stream_modules.ports(caller, module, given, type)
  local inputs, outputs = {}, {}
  for _, port in ipairs(module.inputs) do
    if port.required and (given or {})[port.name] == nil then
      inputs[#inputs + 1] = port.name
    end
  end
  for _, port in ipairs(module.outputs) do
    if not type or port.type == type then
      outputs[#outputs + 1] = port.name
    end
  end
  if #inputs ~= 1 then
    caller:fail("`%s` must have one required input besides those in `inputs`, the item; it has %s",
                module.name, names(inputs))
  elseif #outputs ~= 1 then
    caller:fail("`%s` must have one output%s, it has %s", module.name,
                type and " of type " .. type or "", names(outputs))
  end
  return inputs[1], outputs[1]
end

return stream_modules
