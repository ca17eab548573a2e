-- SPDX-License-Identifier: BSD-3-Clause
--- Draws a line plot.

local plot = require "plot"
local plot_module = require "plot_module"

local M = vt.module {
  name    = "plot.lines",
  version = "1.1.0",
  doc     = "Draws lines and bands as an SVG document.",
  inputs  = {
    data   = { "any", optional = true, doc = "a frame, columns by name, or a list of records" },
    x      = { "any", optional = true, doc = "a list, or the name of a column" },
    y      = { "any", optional = true, doc = "a list, or the name of a column, or several" },
    color  = { "any", optional = true, doc = "a colour, or the column of groups or numbers" },
    title  = { "string", optional = true, doc = "above the plot" },
    figure = { "table", optional = true, doc = "title, axes and other options, as of `plot`" },
  },
  outputs = { svg = { "string", doc = "the SVG document" } },
}

function M:compute(inputs)
  return plot_module.draw(self, inputs, plot.lines)
end

return M
