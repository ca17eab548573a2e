-- SPDX-License-Identifier: BSD-3-Clause
--- Draws a histogram.

local plot = require "plot"
local plot_module = require "plot_module"

local M = vt.module {
  name    = "plot.histogram",
  version = "1.0.0",
  doc     = "Draws a histogram as an SVG document.",
  inputs  = {
    data   = { "any", optional = true, doc = "a frame, columns by name, or a list of records" },
    values = { "any", optional = true, doc = "a list of numbers, or the name of a column" },
    bins   = { "any", optional = true, doc = "the number of bins, or a list of edges" },
    color  = { "any", optional = true, doc = "a colour, or the column of groups or numbers" },
    title  = { "string", optional = true, doc = "above the plot" },
    figure = { "table", optional = true, doc = "title, axes and other options, as of `plot`" },
  },
  outputs = { svg = { "string", doc = "the SVG document" } },
}

function M:compute(inputs)
  return plot_module.draw(self, inputs, plot.histogram)
end

return M
