-- SPDX-License-Identifier: BSD-3-Clause
--- Computes a module for each item of a stream.

local stream_modules = require "stream_modules"

local M = vt.module {
  name    = "stream.map",
  version = "1.0.0",
  doc     = "Computes a module for each item of a stream, and gives a stream of its outputs.",
  inputs  = {
    items  = { "stream", doc = "the items" },
    module = { "module", doc = "has one required input, the item, and one output" },
    inputs = { "table", optional = true, doc = "further inputs of the module" },
  },
  outputs = { items = { "stream", doc = "the outputs of the module" } },
}

function M:compute(inputs)
  local input, output = stream_modules.ports(self, inputs.module, inputs.inputs)
  local values = {}
  for name, value in pairs(inputs.inputs or {}) do
    values[name] = value
  end
  return {
    items = function()
      local item = inputs.items()
      if item == nil then
        return nil
      end
      values[input] = item
      local result = vt.compute(inputs.module, values)[output]
      if result == nil then
        self:fail("`%s` gives nil as its output `%s`; a stream cannot have nil as an item",
                  inputs.module.name, output)
      end
      return result
    end,
  }
end

return M
