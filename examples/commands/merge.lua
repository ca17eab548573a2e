-- SPDX-License-Identifier: BSD-3-Clause
--- Sorts a file in parts, and merges them: the number of parts is known when the file is split.
local process = require "process"

local numbers = vt.module {
  name = "numbers", inputs = { count = "integer" }, outputs = { path = "file" },
}
function numbers:compute(inputs)
  process.pipe { { "seq", inputs.count }, { "tac" }, stdout = "numbers.txt", reads = {} }
  return { path = "numbers.txt" }
end

local flow = vt.workflow { name = "merge", params = { count = { "integer", default = 2500 } } }
local made = flow:add("numbers", numbers, { count = flow.params.count })
local split = flow:add("split", "split", { input = made.path })
local one = vt.workflow { name = "one", params = { path = "file" } }
local sort = one:add("sort", "sort", { inputs = { one.params.path }, numeric = true })
one:outputs { output = sort.output }
local sorted = flow:add("sorted", one, { path = vt.each(split.parts) })
local merged = flow:add("merged", "sort", { inputs = sorted.output, numeric = true, merges = true })
return flow:outputs { merged = merged.output }
