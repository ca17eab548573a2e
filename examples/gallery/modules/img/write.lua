-- SPDX-License-Identifier: BSD-3-Clause
--- Writes a PGM or PPM image.

local pnm = require "pnm"

local M = vt.module {
  name    = "img.write",
  version = "1.0.0",
  doc     = "Writes an image as PGM (grey) or PPM (colour).",
  inputs  = {
    image = { "table", doc = "width, height, channels, maxval and samples" },
    path  = { "string", doc = "the file to write" },
    plain = { "boolean", default = false, doc = "true: digits (P2, P3) instead of bytes (P5, P6)" },
  },
  outputs = { path = { "file", doc = "the written file" } },
}

function M:compute(inputs)
  local ok, path = pcall(pnm.write, inputs.path, inputs.image, inputs.plain)
  if not ok then self:fail("%s", path) end
  return { path = path }
end

return M
