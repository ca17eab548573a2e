-- SPDX-License-Identifier: BSD-3-Clause
--- A sum of many numbers, which go through the modules one after another.
--
--     vtlua run streaming.lua
--     vtlua run streaming.lua -p last=10000000

local flow = vt.workflow {
  name   = "streaming",
  params = { last = { "integer", default = 100000, min = 0 } },
}

local numbers = flow:add("numbers", "sequence.numbers", { last = flow.params.last })
local sums = flow:add("sums", "sequence.sums", { numbers = numbers.numbers })
local last = flow:add("last", "sequence.last", { numbers = sums.sums })

return flow:outputs { sum = last.last, count = last.count }
