-- SPDX-License-Identifier: BSD-3-Clause
--- Writes a value to a JSON file.

local files = require "files"
local json = require "json"

local M = vt.module {
  name    = "json.write",
  version = "1.0.0",
  doc     = "Writes a value to a JSON file with sorted keys.",
  inputs  = {
    value  = { "any", doc = "the value to write" },
    path   = { "string", doc = "the file to write" },
    dir    = { "dir", optional = true, compare = "name",
                  doc = "the directory that contains `path`" },
    pretty = { "boolean", default = true, doc = "write several lines with an indent" },
  },
  outputs = { path = { "file", doc = "the written file" } },
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
