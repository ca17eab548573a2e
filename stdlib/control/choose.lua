-- SPDX-License-Identifier: BSD-3-Clause
--- Gives the value of one of several branches, and computes only that branch.

local M = vt.module {
  name    = "control.choose",
  control = "choose",
  version = "1.0.0",
  doc     = "Gives the value of one of several branches. Only the nodes of that branch compute.",
  inputs  = {
    condition = { "boolean", optional = true, doc = "decides between `yes` and `no`" },
    yes       = { "any", optional = true, doc = "the value if `condition` is true" },
    no        = { "any", optional = true, doc = "the value if `condition` is false" },
    value     = { "any", optional = true, doc = "a string or an integer, in place of `condition`" },
    cases     = { "table", optional = true, doc = "for each `value` a value" },
    otherwise = { "any", optional = true, doc = "the value if `value` is not among `cases`" },
  },
  outputs = { value = { "any", doc = "the value of the branch" } },
}

function M:compute(inputs)
  if inputs.cases and inputs.condition ~= nil then
    -- The case has been looked for, and is there or not. Its value may be nil.
    if inputs.condition then return { value = inputs.cases[inputs.value] } end
    return { value = inputs.otherwise }
  end
  if inputs.condition ~= nil then
    if inputs.condition then return { value = inputs.yes } end
    return { value = inputs.no }
  end
  local key = inputs.value
  if key == nil then
    if inputs.cases then self:fail("`value` is nil; it must be a string or an integer") end
    self:fail("`condition` is nil; it must be true or false")
  elseif type(key) ~= "string" and math.type(key) ~= "integer" then
    self:fail("`value` must be a string or an integer, got %s",
              type(key) == "number" and "the float " .. key or type(key))
  end
  local value = inputs.cases and inputs.cases[key]
  if value == nil then value = inputs.otherwise end
  if value == nil then
    self:fail("`value` is %s, which is not among `cases`; add it, or give `otherwise`",
              type(key) == "string" and ("%q"):format(key) or key)
  end
  return { value = value }
end

return M
