-- SPDX-License-Identifier: BSD-3-Clause
--- Draws points with error bars.

local plot = require "plot"
local plot_module = require "plot_module"

local M = vt.module {
  name    = "plot.error_bars",
  version = "1.0.0",
  doc     = "Draws points with error bars as an SVG document.",
  inputs  = {
    data   = { "any", optional = true, doc = "a frame, columns by name, or a list of records" },
    x      = { "any", optional = true, doc = "a list, or the name of a column" },
    y      = { "any", optional = true, doc = "a list, or the name of a column, or several" },
    error  = { "any", optional = true, doc = "half the length of each bar: a number or a column" },
    color  = { "any", optional = true, doc = "a colour, or the column of groups or numbers" },
    title  = { "string", optional = true, doc = "above the plot" },
    figure = { "table", optional = true, doc = "title, axes and other options, as of `plot`" },
  },
  outputs = { svg = { "string", doc = "the SVG document" } },
}

function M:compute(inputs)
  return plot_module.draw(self, inputs, plot.error_bars)
end

return M
