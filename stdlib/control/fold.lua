-- SPDX-License-Identifier: BSD-3-Clause
--- Combines the elements of a list, one after another.

local M = vt.module {
  name    = "control.fold",
  control = "fold",
  version = "1.0.0",
  doc     = "Computes the module `step` for one element of a list after another, with the state "
            .. "before.",
  inputs  = {
    list    = { "any", doc = "the list, or an array, whose rows are the elements" },
    initial = { "any", optional = true, doc = "the state before the first element" },
    step    = { "module", doc = "has the inputs `state` and `element`, and the output `state`" },
    inputs  = { "table", optional = true,
                doc = "further inputs of `step`, the same for each element" },
  },
  outputs = { state = { "any", doc = "the state after the last element" } },
}

--- Computes all elements. Where the list comes from vt.each, each element is such a list.
function M:compute(inputs)
  local given = {}
  for name, value in pairs(inputs.inputs or {}) do given[name] = value end
  given.state = inputs.initial
  local list = inputs.list
  if type(list) ~= "table" and type(list) ~= "userdata" then
    self:fail("`list` is %s; with vt.each, each element must be a list. To fold the list itself, "
              .. "leave vt.each out", type(list) == "string" and ("%q"):format(list) or list)
  end
  for position = 1, #inputs.list do
    given.element = inputs.list[position]
    given.state = vt.compute(inputs.step, given).state
  end
  return { state = given.state }
end

return M
