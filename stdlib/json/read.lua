-- SPDX-License-Identifier: BSD-3-Clause
--- Reads a JSON file.

local json = require "json"

local M = vt.module {
  name    = "json.read",
  version = "1.0.0",
  doc     = "Reads a JSON file.",
  inputs  = { path = { "file", doc = "the JSON file" } },
  outputs = { value = { "any", doc = "the value in the file; null is json.null" } },
}

function M:compute(inputs)
  local ok, value = pcall(json.read, inputs.path)
  if not ok then
    self:fail("%s", value)
  end
  return { value = value }
end

return M
