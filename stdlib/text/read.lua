-- SPDX-License-Identifier: BSD-3-Clause
--- Reads a file as text.

local files = require "files"

local M = vt.module {
  name    = "text.read",
  version = "1.0.0",
  doc     = "Reads a whole file without changing its bytes.",
  inputs  = { path = { "file", doc = "the file to read" } },
  outputs = { text = { "string", doc = "the content of the file" } },
}

function M:compute(inputs)
  local ok, text = pcall(files.read, inputs.path)
  if not ok then
    self:fail("%s", text)
  end
  return { text = text }
end

return M
