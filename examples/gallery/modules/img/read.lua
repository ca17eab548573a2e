-- SPDX-License-Identifier: BSD-3-Clause
--- Reads a PGM or PPM image.

local pnm = require "pnm"

local M = vt.module {
  name    = "img.read",
  version = "1.0.0",
  doc     = "Reads a PGM or PPM image.",
  inputs  = { path = { "file", doc = "P2, P3, P5 or P6" } },
  outputs = { image = { "table", doc = "width, height, channels, maxval and samples; see `pnm`" } },
}

function M:compute(inputs)
  local ok, image = pcall(pnm.read, inputs.path)
  if not ok then self:fail("%s", image) end
  return { image = image }
end

return M
