-- SPDX-License-Identifier: BSD-3-Clause
--- Draws a heat map.

local plot = require "plot"
local plot_module = require "plot_module"

local M = vt.module {
  name    = "plot.heat_map",
  version = "1.0.0",
  doc     = "Draws a heat map as an SVG document.",
  inputs  = {
    data   = { "any", optional = true, doc = "a frame, columns by name, or a list of records" },
    values = { "any", optional = true, doc = "a matrix, or the name of a column" },
    x      = { "any", optional = true, doc = "places or names of columns, or a column of `data`" },
    y      = { "any", optional = true, doc = "positions or names of rows, or a column of `data`" },
    title  = { "string", optional = true, doc = "above the plot" },
    figure = { "table", optional = true, doc = "title, axes and other options, as of `plot`" },
  },
  outputs = { svg = { "string", doc = "the SVG document" } },
}

function M:compute(inputs)
  return plot_module.draw(self, inputs, plot.heat_map)
end

return M
