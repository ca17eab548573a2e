-- SPDX-License-Identifier: BSD-3-Clause
--- Reads a file line by line.

local M = vt.module {
  name    = "stream.lines",
  version = "1.0.0",
  doc     = "Reads a file line by line, with one line in memory.",
  inputs  = {
    path = { "file", doc = "the file to read" },
    keep = { "boolean", default = false, doc = "keep the line end of each line" },
  },
  outputs = { lines = { "stream<string>", doc = "the lines, without their line ends" } },
}

function M:compute(inputs)
  local form = inputs.keep and "L" or "l"
  return {
    lines = coroutine.create(function()
      local file <close>, message = io.open(inputs.path, "rb")
      if not file then self:fail("%s", message) end
      for line in file:lines(form) do
        if not inputs.keep and line:sub(-1) == "\r" then line = line:sub(1, -2) end
        coroutine.yield(line)
      end
    end),
  }
end

return M
