-- SPDX-License-Identifier: BSD-3-Clause
--- Draws an image.

local plot = require "plot"
local plot_module = require "plot_module"

local M = vt.module {
  name    = "plot.image",
  version = "1.0.0",
  doc     = "Draws an image as an SVG document.",
  inputs  = {
    image  = { "any", optional = true, doc = "a matrix of numbers, or an array of colours" },
    title  = { "string", optional = true, doc = "above the plot" },
    figure = { "table", optional = true, doc = "title, axes and other options, as of `plot`" },
  },
  outputs = { svg = { "string", doc = "the SVG document" } },
}

function M:compute(inputs)
  return plot_module.draw(self, inputs, plot.image)
end

return M
