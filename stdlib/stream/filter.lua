-- SPDX-License-Identifier: BSD-3-Clause
--- Keeps some items of a stream.

local stream_modules = require "stream_modules"

local M = vt.module {
  name    = "stream.filter",
  version = "1.0.0",
  doc     = "Keeps the items of a stream for which the module `keep` gives true.",
  inputs  = {
    items  = { "stream", doc = "the items" },
    keep   = { "module", doc = "has one required input, the item, and one boolean output" },
    inputs = { "table", optional = true, doc = "further inputs of the module" },
  },
  outputs = { items = { "stream", doc = "the items for which that is true" } },
}

function M:compute(inputs)
  local input, output = stream_modules.ports(self, inputs.keep, inputs.inputs, "boolean")
  local values = {}
  for name, value in pairs(inputs.inputs or {}) do
    values[name] = value
  end
  return {
    items = function()
      for item in inputs.items do
        values[input] = item
        if vt.compute(inputs.keep, values)[output] then
          return item
        end
      end
    end,
  }
end

return M
