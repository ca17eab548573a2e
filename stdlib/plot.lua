-- SPDX-License-Identifier: BSD-3-Clause
--- Plots as SVG: lines, points, bars, histograms, areas, error bars, heat maps, images and panels.
--
-- Each function takes a table and returns an SVG document. The table has the options of the figure
-- and those of one series: `plot.points { x = {...}, y = {...}, title = "Rain" }`; or it has
-- `series`, a list of such tables, each with a `kind`.
--
-- Options of every figure:
--   title, subtitle, caption   text; long lines are broken
--   width, height              pixels, default 900 and 520
--   id                         of the SVG document, to be distinct on one page, default "plot"
--   description                text for screen readers, default the subtitle
--   x_axis, y_axis             `kind` ("number", "date", "log" or "category"; by default what the
--                              values are), `label`, `low`, `high`, `reverse`, and `format` of
--                              texts that are dates; false: no ticks
--   labels                     "direct" (at the ends of lines, their default), "legend", "none"
--   layout                     of bars, histograms and areas: "grouped", "stacked" or "overlaid"
--   horizontal                 true: bars go to the right
--   series                     list of series, drawn in that order; `x` and `y` are then the axes
--
-- Options of every series:
--   data       a frame, a table of columns by name, or a list of records. Options that are lists
--              may be the name of a column then
--   name       for the legend
--   color      "#rrggbb" or a name of CSS, default the next of the palette; a list or column with
--              names or numbers: a series for each name, or a colour map
--   opacity    from 0 to 1
-- Lists are tables or arrays. A missing value (nil, NaN, `json.null`) is a gap.

local plot_colors = require "plot_colors"
local plot_document = require "plot_document"

local plot = {}

--- Colours that are distinguishable with any colour vision (Okabe and Ito). Those with enough
-- contrast for a line on white are first.
plot.palette = {
  "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000",
}

--- @class plot.Axis
--- @field kind? "number"|"log"|"date"|"category" by default what the values are
--- @field label? string
--- @field low? number
--- @field high? number
--- @field reverse? boolean
--- @field format? string of texts that are dates, for instance "%d.%m.%Y"

--- @class plot.Common
--- @field title? string
--- @field subtitle? string
--- @field caption? string
--- @field description? string for screen readers
--- @field width? number pixels, default 900; of one series: that of a line
--- @field height? number pixels, default 520
--- @field id? string of the SVG document
--- @field x_axis? plot.Axis|false
--- @field y_axis? plot.Axis|false
--- @field labels? "direct"|"legend"|"none"
--- @field series? table[] series, each with a `kind`
--- @field kind? "lines"|"points"|"bars"|"histogram"|"areas"|"error_bars"|"heat_map"|"image"
--- @field data? table a frame, columns by name, or a list of records
--- @field name? string|string[]
--- @field color? string|any[] a colour, or a list or column of groups or numbers
--- @field opacity? number from 0 to 1
--- @field x? any a list or a column; with `series` the axis
--- @field y? any a list, a column, or several; with `series` the axis

--- @class plot.Lines : plot.Common
--- @field low? any the lower end of a band
--- @field high? any the upper end of a band
--- @field line_width? number
--- @field dash? string for instance "4 3"
--- @field markers? boolean

--- @class plot.Points : plot.Common
--- @field size? any pixels, or numbers that are shown as areas
--- @field shape? "circle"|"square"|"triangle"|"diamond"
--- @field colors? string|string[] the colour map
--- @field color_low? number
--- @field color_high? number
--- @field color_label? string

--- @class plot.Bars : plot.Common
--- @field error? any a number, a list or a column
--- @field bar_width? number from 0 to 1, default 0.8
--- @field layout? "grouped"|"stacked"|"overlaid"
--- @field horizontal? boolean

--- @class plot.Histogram : plot.Common
--- @field values? any a list, a column, or several
--- @field bins? integer|number[] a number, or the edges
--- @field low? number
--- @field high? number
--- @field density? boolean
--- @field layout? "overlaid"|"stacked"
--- @field horizontal? boolean

--- @class plot.Areas : plot.Common
--- @field layout? "overlaid"|"stacked"

--- @class plot.ErrorBars : plot.Common
--- @field error? any a number, a list or a column
--- @field low? any
--- @field high? any
--- @field x_error? any
--- @field size? number
--- @field shape? "circle"|"square"|"triangle"|"diamond"

--- @class plot.HeatMap : plot.Common
--- @field values? any a matrix, a list or a column
--- @field bins? integer|integer[] to count points
--- @field texts? boolean the numbers in the cells
--- @field colors? string|string[] the colour map
--- @field color_low? number
--- @field color_high? number
--- @field color_label? string

--- @class plot.Image : plot.Common
--- @field image? any a matrix of numbers, or an array of colours
--- @field colors? string|string[] the colour map
--- @field aspect? "equal"|"auto"

--- @class plot.Figure : plot.Common
--- @field panels? plot.Common[]
--- @field columns? integer
--- @field share? "x"|"y"|"both"

--- Draws a figure: `series` with a `kind` each, or `panels`, a list of figures in `columns` columns
-- with the axes in `share` ("x", "y" or "both") in common.
--- @param figure plot.Figure see the description of the library
--- @return string an SVG document
function plot.figure(figure)
  if type(figure) == "table" and figure.panels ~= nil then
    return plot_document.draw_panels(figure)
  end
  if type(figure) == "table" and figure.series == nil and figure.kind == nil then
    error("figure: expected `series`, `panels`, or the `kind` of the only series", 0)
  end
  return plot_document.draw(figure, "lines", plot.palette)
end

--- Draws lines: `x`, `y`, `low` and `high` (a band), `width` (0 for a band alone; `line_width`
-- without `series`), `dash` (for instance "4 3"), `markers = true`. `y` may be several columns.
--- @param figure plot.Lines see the description of the library
--- @return string an SVG document
function plot.lines(figure)
  return plot_document.draw(figure, "lines", plot.palette)
end

--- Draws points: `x`, `y`, `size` (pixels, or a list of numbers that are areas), `shape` ("circle",
-- "square", "triangle" or "diamond"). Numbers as `color` have a colour map: `colors`, `color_low`,
-- `color_high`, `color_label`.
--- @param figure plot.Points see the description of the library
--- @return string an SVG document
function plot.points(figure)
  return plot_document.draw(figure, "points", plot.palette)
end

--- Draws bars from 0 to `y` at `x`, which are names, numbers or dates: `error`, `bar_width` (a part
-- of the room, default 0.8). `y` may be several columns. `layout` is "grouped", "stacked" or
-- "overlaid".
--- @param figure plot.Bars see the description of the library
--- @return string an SVG document
function plot.bars(figure)
  return plot_document.draw(figure, "bars", plot.palette)
end

--- Draws how often `values` occur: `bins` (a number, or the edges), `low`, `high`, `density =
-- true`.
--- @param figure plot.Histogram see the description of the library
--- @return string an SVG document
function plot.histogram(figure)
  return plot_document.draw(figure, "histogram", plot.palette)
end

--- Draws areas from 0 to `y`. `layout` is "overlaid" or "stacked".
--- @param figure plot.Areas see the description of the library
--- @return string an SVG document
function plot.areas(figure)
  return plot_document.draw(figure, "areas", plot.palette)
end

--- Draws points with error bars: `x`, `y`, and `error` (a number or a list) or `low` and `high`;
-- `x_error`.
--- @param figure plot.ErrorBars see the description of the library
--- @return string an SVG document
function plot.error_bars(figure)
  return plot_document.draw(figure, "error_bars", plot.palette)
end

--- Draws a matrix as coloured cells: `values` with a list for each row, and `x` and `y`, the
-- middles or edges of columns and rows; or lists of `x`, `y` and `values`; or `x` and `y` alone,
-- whose points are counted in `bins`. `colors` is a colour map, `texts = true` writes the numbers.
--- @param figure plot.HeatMap see the description of the library
--- @return string an SVG document
function plot.heat_map(figure)
  return plot_document.draw(figure, "heat_map", plot.palette)
end

--- Draws an image: a matrix of numbers, or an array or nested lists of red, green, blue and perhaps
-- opacity, from 0 to 255 or from 0.0 to 1.0.
--- @param figure plot.Image see the description of the library
--- @return string an SVG document
function plot.image(figure)
  return plot_document.draw(figure, "image", plot.palette)
end

--- Colours of a colour map, evenly spaced: "viridis", "cividis", "magma", "blues", "greys" or
-- "blue_orange", and with "_r" the same in reverse.
--- @param map string
--- @param count integer
--- @return string[] "#rrggbb"
function plot.colors(map, count)
  if math.type(count) ~= "integer" or count < 0 then
    error("count: expected a number of colours, got " .. tostring(count), 0)
  end
  local color, list = plot_colors.map(map), {}
  for i = 1, count do
    list[i] = plot_colors.hex(color(count > 1 and (i - 1) / (count - 1) or 0.5))
  end
  return list
end

return plot
