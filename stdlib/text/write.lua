-- SPDX-License-Identifier: BSD-3-Clause
--- Writes text to a file.

local files = require "files"

local M = vt.module {
  name    = "text.write",
  version = "1.0.0",
  doc     = "Writes text to a file, which is replaced only when it is complete.",
  inputs  = {
    text = { "string", doc = "the content" },
    path = { "string", doc = "the file to write" },
    dir  = { "dir", optional = true, compare = "name",
                  doc = "the directory that contains `path`" },
  },
  outputs = { path = { "file", doc = "the written file" } },
}

function M:compute(inputs)
  local ok, path = pcall(files.write, files.join(inputs.dir, inputs.path), inputs.text)
  if not ok then
    self:fail("%s", path)
  end
  return { path = path }
end

return M
