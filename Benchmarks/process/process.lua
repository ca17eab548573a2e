-- SPDX-License-Identifier: BSD-3-Clause
--- Runs programs, and prints the milliseconds of each: process.lua
local process = require "process"

local function measure(name, count, body)
  body()
  local start = vt.now()
  for _ = 1, count do
    body()
  end
  print(("%s ours %.6f"):format(name, (vt.now() - start) * 1000 / count))
end

local text = ("0123456789abcde\n"):rep(1 << 20)
measure("true", 300, function() process.run { "true" } end)
measure("output", 5, function() assert(#process.run({ "cat", input = text }).output == #text) end)
measure("pipe", 100, function() process.pipe { { "echo", "x" }, { "cat" }, { "cat" } } end)
