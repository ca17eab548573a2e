-- SPDX-License-Identifier: BSD-3-Clause
--- Reads a file with one JSON value a line.

local json = require "json"

local M = vt.module {
  name    = "json.rows",
  version = "1.0.0",
  doc     = "Reads a file with one JSON value a line (JSON lines), with one value in memory.",
  inputs  = { path = { "file", doc = "the file; lines that are empty are left out" } },
  outputs = { rows = { "stream", doc = "the values; null is json.null" } },
}

function M:compute(inputs)
  local path = inputs.path
  return {
    rows = coroutine.create(function()
      local file <close>, reason = io.open(path, "rb")
      if not file then
        self:fail("%s", reason)
      end
      local number, start = 0, path .. ":1:"
      for line in file:lines() do
        number = number + 1
        if line:find("%S") then
          local ok, value = pcall(json.decode, line, { name = path })
          if not ok then
            local message = tostring(value)
            if message:sub(1, #start) == start then
              message = ("%s:%d:%s"):format(path, number, message:sub(#start + 1))
            end
            self:fail("%s", message)
          end
          coroutine.yield(value)
        end
      end
    end),
  }
end

return M
