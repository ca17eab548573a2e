-- SPDX-License-Identifier: BSD-3-Clause
--- Computes a module again and again, each time with the state that it gave before.

local M = vt.module {
  name    = "control.loop",
  control = "loop",
  version = "1.0.0",
  doc     = "Computes the module `step` in turns, until its output `done` is true.",
  inputs  = {
    state  = { "any", doc = "the state before the first turn" },
    step   = { "module", doc = "has the input `state`, may have `turn`, and has the outputs "
                               .. "`state` and `done`" },
    limit  = { "integer", default = 10000, min = 1, doc = "the largest number of turns" },
    inputs = { "table", optional = true, doc = "further inputs of `step`, the same in each turn" },
  },
  outputs = {
    state = { "any", doc = "the state after the last turn" },
    turns = { "integer", doc = "the number of turns" },
  },
}

--- Computes all turns. Where the state comes from vt.each, each element is such a loop.
function M:compute(inputs)
  local given = {}
  for name, value in pairs(inputs.inputs or {}) do given[name] = value end
  given.state = inputs.state
  local counts = false
  for _, port in ipairs(inputs.step.inputs) do counts = counts or port.name == "turn" end
  for turn = 1, inputs.limit do
    if counts then given.turn = turn end
    local found = vt.compute(inputs.step, given)
    if found.done then return { state = found.state, turns = turn } end
    given.state = found.state
  end
  local shown = type(given.state) == "string" and ("%q"):format(given.state) or given.state
  if type(shown) == "table" then shown = "a table" end
  self:fail("not done after %d turns; the last state is %s. Let `%s` set `done`, or give a larger "
            .. "`limit`", inputs.limit, shown, inputs.step.name)
end

return M
