-- SPDX-License-Identifier: BSD-3-Clause
--- Draws a line plot.

local plot = require "plot"

local M = vt.module {
  name    = "plot.lines",
  version = "1.0.0",
  doc     = "Draws lines and bands as an SVG document.",
  inputs  = {
    figure = { "table", doc = "title, axes and series, in the form of the library `plot`" },
  },
  outputs = { svg = { "string", doc = "the SVG document" } },
}

function M:compute(inputs)
  local ok, svg = pcall(plot.lines, inputs.figure)
  if not ok then
    self:fail("%s", svg)
  end
  return { svg = svg }
end

return M
