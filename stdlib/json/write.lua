-- SPDX-License-Identifier: BSD-3-Clause
--- Writes a value to a JSON file.

local files = require "files"
local json = require "json"

local M = vt.module {
  name    = "json.write",
  version = "1.0.0",
  doc     = "Writes a value to a JSON file, its keys in order.",
  inputs  = {
    value  = { "any", doc = "what to write" },
    path   = { "string", doc = "the file to write" },
    dir    = { "dir", optional = true, doc = "directory that `path` is in" },
    pretty = { "boolean", default = true, doc = "on several lines, with an indent" },
  },
  outputs = { path = { "file", doc = "the written file" } },
  cache   = false,
}

function M:compute(inputs)
  local path = files.join(inputs.dir, inputs.path)
  local ok, message = pcall(json.write, path, inputs.value, { pretty = inputs.pretty })
  if not ok then
    self:fail("%s", message)
  end
  return { path = path }
end

return M
