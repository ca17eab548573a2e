-- SPDX-License-Identifier: BSD-3-Clause
--- Draws several series or panels.

local plot = require "plot"
local plot_module = require "plot_module"

local M = vt.module {
  name    = "plot.figure",
  version = "1.0.0",
  doc     = "Draws a figure of several series or panels as an SVG document.",
  inputs  = {
    data   = { "any", optional = true, doc = "a frame, columns by name, or a list of records" },
    title  = { "string", optional = true, doc = "above the plot" },
    figure = { "table", doc = "series or panels, in the form of the library `plot`" },
  },
  outputs = { svg = { "string", doc = "the SVG document" } },
}

function M:compute(inputs)
  return plot_module.draw(self, inputs, plot.figure)
end

return M
