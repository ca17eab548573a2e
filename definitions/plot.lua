-- SPDX-License-Identifier: BSD-3-Clause
-- Written by scripts/embed-stdlib from the comments in stdlib/.
---@meta plot

---Line plots as SVG: axes with ticks at round values, bands, labels at the lines or a legend.
---
---A figure is a table:
---  title, subtitle, caption   text; long lines are broken
---  width, height              pixels, default 900 and 520
---  id                         of the SVG document, to be distinct on one page, default "plot"
---  description                text for screen readers, default the subtitle
---  x                          axis: `kind` ("number" or "date": seconds since 1970-01-01),
---                             `label`, `low`, `high`
---  y                          the same without `kind`; default range: all values, up to ticks
---  labels                     "direct" (default, at the right end of the lines) or "legend"
---  series                     list of lines, drawn in that order:
---    name       for the label; none without it
---    x, y       lists or arrays of equal length; NaN interrupts the line
---    low, high  lists or arrays: a band between them
---    color      "#rrggbb", default the next of the palette
---    width      of the line, default 2; 0 for a band alone
---    dash       for instance "4 3"
---@class plot
---@field palette table Colours that are distinguishable with any colour vision (Okabe and Ito). Those with enough contrast for a line on white are first.
local plot = {}

---Draws a figure.
---@param figure table see the description of the library
---@return string an SVG document
function plot.lines(figure) end

return plot
