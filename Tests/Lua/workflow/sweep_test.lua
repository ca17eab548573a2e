-- SPDX-License-Identifier: BSD-3-Clause
--- Runs for many values of parameters. Run: vtlua sweep_test.lua

local expect = dofile(arg[0]:match("^(.*/)") .. "../stdlib/expect.lua")

local scale = vt.module {
  name = "scale", inputs = { x = "number", by = "number" }, outputs = { y = "number" },
}
function scale:compute(inputs)
  if inputs.x == 13 then self:fail("thirteen") end
  return { y = inputs.x * inputs.by }
end

local flow = vt.workflow {
  name = "sweep", params = { x = { "number", default = 1 }, by = { "number", default = 10 } },
}
local node = flow:add("scale", scale, { x = flow.params.x, by = flow.params.by })
flow:outputs { y = node.y }

--- The outputs and states of the rows, without the names of runs.
local function rows(values, options)
  local found = {}
  for index, row in ipairs(vt.sweep(flow, values, options)) do
    found[index] = { row.params, row.outputs and row.outputs.y, row.status, row.error }
  end
  return found
end

expect.equal(rows { x = { 1, 2 }, by = { 10, 100 } }, {
  { { by = 10, x = 1 }, 10, "done" }, { { by = 10, x = 2 }, 20, "done" },
  { { by = 100, x = 1 }, 100, "done" }, { { by = 100, x = 2 }, 200, "done" },
})
expect.equal(rows({ x = { 1, 2 }, by = { 10, 100 } }, { zip = true }), {
  { { by = 10, x = 1 }, 10, "done" }, { { by = 100, x = 2 }, 200, "done" },
})
-- A failure ends the sweep, unless keep_going is set.
local failure = { { x = 13 }, nil, "failed", "`scale` (scale 0) failed in compute: thirteen" }
expect.equal(rows { x = { 1, 13, 2 } }, { { { x = 1 }, 10, "done" }, failure })
expect.equal(rows({ x = { 1, 13, 2 } }, { keep_going = true }),
             { { { x = 1 }, 10, "done" }, failure, { { x = 2 }, 20, "done" } })
expect.equal(rows({ x = { 1, 2 } }, { jobs = 2 }),
             { { { x = 1 }, 10, "done" }, { { x = 2 }, 20, "done" } })

--- A call fails with this message, which has the line in front.
local function fails(message, ...)
  local _, got = pcall(vt.sweep, ...)
  expect.equal((tostring(got):gsub("^[^\n]-%.lua:%d+: ", "")), message)
end
fails("vt.sweep: a workflow expected, got table; write vt.sweep(flow, { name = { values } })",
      {}, {})
fails("vt.sweep: there is nothing to vary; write { name = { values } }", flow, {})
fails("vt.sweep: `x` must be a list of values, got 3; write { 3 }", flow, { x = 3 })
fails("vt.sweep: `x` must be a list of values, got a table without elements",
      flow, { x = {} })
fails("workflow `sweep` has no parameter `bye`; did you mean `by`?", flow, { bye = { 1 } })
fails("vt.sweep: zip pairs lists of equal length: `by` has 1, `x` has 2",
      flow, { x = { 1, 2 }, by = { 3 } }, { zip = true })
fails("vt.sweep: options: unknown field `zap`; did you mean `zip`?",
      flow, { x = { 1 } }, { zap = true })
fails("vt.sweep: `on` must be \"processes\" or \"cluster\", got \"clustr\"; did you mean "
      .. "`cluster`?", flow, { x = { 1 } }, { on = "clustr" })
