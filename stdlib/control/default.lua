-- SPDX-License-Identifier: BSD-3-Clause
--- Gives a value, or a default where there is none.

local M = vt.module {
  name    = "control.default",
  control = "default",
  version = "1.0.0",
  doc     = "Gives `value`, or `default` where that is nil. The nodes of `default` compute "
            .. "only then.",
  inputs  = {
    value   = { "any", optional = true, doc = "the value" },
    default = { "any", optional = true, doc = "the value in place of nil" },
    failed  = { "boolean", default = false,
                doc = "true to give `default` also when the node of `value` has failed" },
  },
  outputs = { value = { "any", doc = "the value or the default" } },
}

function M:compute(inputs)
  local value = inputs.value
  if value == nil then value = inputs.default end
  return { value = value }
end

return M
