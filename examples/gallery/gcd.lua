-- SPDX-License-Identifier: BSD-3-Clause
--- The greatest common divisor of two numbers, by a loop.
--
--     vtlua run gcd.lua
--     vtlua run gcd.lua -p a=1071 -p b=462

local flow = vt.workflow {
  name   = "gcd",
  params = {
    a = { "integer", default = 3918848, min = 0 },
    b = { "integer", default = 1653264, min = 0 },
  },
}

-- Each turn gets the pair that the turn before it gave.
local pair = flow:add("pair", "control.loop", {
  state = { flow.params.a, flow.params.b }, step = "number.euclid",
})
local divisor = flow:add("divisor", "number.first", { list = pair.state })

return flow:outputs { gcd = divisor.value, turns = pair.turns }
