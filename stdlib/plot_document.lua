-- SPDX-License-Identifier: BSD-3-Clause
--- From the description of a figure to an SVG document. An internal part of `plot`.

local numerals = require "numerals"
local option_names = require "option_names"
local plot_arrange = require "plot_arrange"
local plot_colors = require "plot_colors"
local plot_grid = require "plot_grid"
local plot_layout = require "plot_layout"
local plot_options = require "plot_options"
local plot_scales = require "plot_scales"
local plot_series = require "plot_series"
local svg = require "svg"

local plot_document = {}

local FONT <const> = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, " ..
  "'Liberation Sans', sans-serif"

--- The names of kinds, for readers of screens.
local DESCRIPTIONS <const> = {
  lines = "Line plot", points = "Scatter plot", bars = "Bar chart", histogram = "Histogram",
  areas = "Area plot", error_bars = "Plot with error bars", heat_map = "Heat map",
  image = "Image",
}

-- Lines beyond the palette's colours have dashes.
local DASHES <const> = { "7 3", "2 3", "9 3 2 3" }

--- Gives each series its colour.
local function add_colors(list, palette)
  for number, series in ipairs(list) do
    local round = (number - 1) // #palette
    series.drawn_color = series.color or palette[(number - 1) % #palette + 1]
    series.drawn_dash = not series.color and round > 0 and DASHES[(round - 1) % #DASHES + 1] or nil
  end
end

--- The scale of the numbers that are colours: that of the first series with one is shown as a bar.
local function add_color_scales(list)
  local shown
  for _, series in ipairs(list) do
    if series.color_values then
      local low, high = math.huge, -math.huge
      for _, value in ipairs(series.color_values) do
        if value - value == 0 then
          low, high = math.min(low, value), math.max(high, value)
        end
      end
      series.color_label = series.color_label or series.color_name
      series.color_scale = plot_grid.color_scale(series, low, high)
    end
    if series.color_scale and not series.color_scale.is_hidden then
      shown = shown or series.color_scale
    end
  end
  return shown
end

--- Labels of axes that have none: the names of the columns.
local function add_labels(figure, list)
  for _, role in ipairs { "x", "y" } do
    local axis, name, is_same = figure[role .. "_axis"], nil, true
    for _, series in ipairs(list) do
      local own = series.names and (series.names[role]
        or role == "x" and series.kind == "histogram" and series.names.values) or nil
      is_same = is_same and (name == nil or own == name)
      name = name or own
    end
    if axis.label == nil and name and is_same and not axis.is_hidden then
      axis.label = name
    end
  end
  for _, series in ipairs(list) do
    if series.kind == "heat_map" and series.names.values and not series.color_label then
      series.color_label = series.names.values
    end
  end
end

--- Reads a figure, up to the extents of its axes.
local function read(figure, default, palette)
  local result, given = plot_options.read(figure, default)
  local list = plot_series.expand(given)
  local panel = { figure = result, list = list, kind = given[1].kind }
  local all_cells, has_image = #list > 0, false
  for _, series in ipairs(list) do
    local is_rect = series.kind == "bars" or series.kind == "histogram"
    if result.horizontal and not is_rect then
      error(("%s: `horizontal` is an option of bars and histograms, not of %s"):format(
        series.subject, series.kind), 0)
    end
    all_cells = all_cells and (series.kind == "heat_map" or series.kind == "image")
    has_image = has_image or series.kind == "image"
    panel.has_points = panel.has_points or series.kind == "points"
    panel.has_cells = panel.has_cells or series.kind == "heat_map" or series.kind == "image"
  end
  panel.is_equal = all_cells and has_image and result.aspect ~= "auto"
    or result.aspect == "equal"
  panel.extents = plot_arrange.arrange(list, result)
  add_labels(result, list)
  add_colors(list, palette)
  panel.color_scale = add_color_scales(list)
  return panel
end

--- Chooses the scales of a panel.
local function add_scales(panel)
  local figure = panel.figure
  local extents = panel.extents
  local x = plot_scales.scale(figure.x_axis, extents.x, "x")
  local y = plot_scales.scale(figure.y_axis, extents.y, "y")
  -- a series without a finite value shows nothing
  panel.is_empty = x.is_empty or y.is_empty
  panel.along, panel.up = x, y
  panel.along_axis, panel.up_axis = figure.x_axis, figure.y_axis
  if figure.horizontal then
    panel.along, panel.up = y, x
    panel.along_axis, panel.up_axis = figure.y_axis, figure.x_axis
  end
end

--- The document around drawn elements.
local function document(figure, width, height, description, elements)
  local id = figure.id or "plot"
  local out = {
    svg.element("title", { id = id .. "-title" }, svg.escape(figure.title or description)),
    svg.element("desc", { id = id .. "-desc" },
      svg.escape(figure.description or figure.subtitle or figure.title or description)),
    svg.element("rect", { width = width, height = height, fill = "#ffffff" }),
  }
  table.move(elements, 1, #elements, #out + 1, out)
  return svg.element("svg", {
    xmlns = "http://www.w3.org/2000/svg", width = width, height = height,
    viewBox = ("0 0 %s %s"):format(numerals.rounded(width, 2), numerals.rounded(height, 2)),
    role = "img",
    ["aria-labelledby"] = ("%s-title %s-desc"):format(id, id), ["font-family"] = FONT,
  }, out) .. "\n"
end

--- Draws a figure.
--- @param figure table
--- @param default string the kind of series that have none
--- @param palette string[]|nil
--- @return string an SVG document
function plot_document.draw(figure, default, palette)
  local panel = read(figure, default, palette or plot_colors.palette)
  add_scales(panel)
  local width, height = panel.figure.width or 900, panel.figure.height or 520
  local out = {}
  plot_layout.draw(out, panel, { left = 0, top = 0, width = width, height = height }, false)
  return document(panel.figure, width, height, DESCRIPTIONS[panel.kind], out)
end

-- MARK: Panels

local PANELS <const> = {
  "title", "subtitle", "caption", "width", "height", "id", "description", "panels", "columns",
  "share",
}

--- Checks a figure with panels; returns the number of columns.
local function check_panels(figure)
  option_names.check("figure", figure, PANELS)
  plot_options.check_type("panels", figure.panels, "table")
  if #figure.panels == 0 then
    error("panels: expected a list with at least one figure", 0)
  end
  for _, name in ipairs { "title", "subtitle", "caption", "id", "description" } do
    plot_options.check_type(name, figure[name], "string")
  end
  for _, name in ipairs { "width", "height" } do
    plot_options.check_number(name, figure[name], 1, 100000, "a number of pixels from 1 to 100000")
  end
  plot_options.check_choice("share", figure.share, { "x", "y", "both" })
  local columns = figure.columns
  if columns ~= nil and (math.type(columns) ~= "integer" or columns < 1) then
    error(("columns: expected a whole number from 1, got %s"):format(type(columns) == "number"
      and numerals.shortest(columns) or "a " .. type(columns)), 0)
  end
  return math.min(columns or math.ceil(math.sqrt(#figure.panels)), #figure.panels)
end

--- Gives all panels the same range of an axis.
local function share(panels, role)
  local low, high, kind, categories = math.huge, -math.huge, nil, nil
  for number, panel in ipairs(panels) do
    local extent, axis = panel.extents[role], panel.figure[role .. "_axis"]
    if kind and axis.kind ~= kind then
      error(("share: the %s axis of panel %d is of kind \"%s\", that of panel 1 of kind \"%s\"")
        :format(role, number, axis.kind, kind), 0)
    end
    kind = kind or axis.kind
    low, high = math.min(low, extent.low), math.max(high, extent.high)
    if kind == "category" and categories
      and table.concat(categories, "\0") ~= table.concat(axis.categories, "\0") then
      error(("share: the %s axis of panel %d has other names than that of panel 1"):format(role,
        number), 0)
    end
    categories = categories or axis.categories
  end
  for _, panel in ipairs(panels) do
    panel.extents[role].low, panel.extents[role].high = low, high
  end
end

--- Draws several figures in rows and columns.
--- @param figure table
--- @return string an SVG document
function plot_document.draw_panels(figure)
  local columns = check_panels(figure)
  local rows = math.ceil(#figure.panels / columns)
  local panels = {}
  for number, item in ipairs(figure.panels) do
    plot_options.check_type(("panel %d"):format(number), item, "table")
    local ok, panel = pcall(read, item, "lines", plot_colors.palette)
    if not ok then
      error(type(panel) == "string" and ("panel %d: %s"):format(number, panel) or panel, 0)
    end
    for _, name in ipairs { "width", "height", "id" } do
      if item[name] ~= nil then
        error(("panel %d: `%s` is an option of the whole figure"):format(number, name), 0)
      end
    end
    panels[number] = panel
  end
  for _, role in ipairs { "x", "y" } do
    if figure.share == role or figure.share == "both" then
      share(panels, role)
    end
  end
  local width = figure.width or math.max(900, 420 * columns)
  local height = figure.height or 60 + 340 * rows
  local out = {}
  local box = plot_layout.draw_around(out, figure, { left = 0, top = 0, width = width,
    height = height })
  for number, panel in ipairs(panels) do
    local column, row = (number - 1) % columns, (number - 1) // columns
    local ok, message = pcall(function()
      panel.extents.y.count = math.max(2, math.min(5, box.height / rows // 60))
      add_scales(panel)
      local parts = {}
      plot_layout.draw(parts, panel, {
        left = box.left + column * box.width / columns, top = box.top + row * box.height / rows,
        width = box.width / columns, height = box.height / rows,
      }, true)
      out[#out + 1] = svg.element("g", { class = "panel" }, parts)
    end)
    if not ok then
      error(type(message) == "string" and ("panel %d: %s"):format(number, message) or message, 0)
    end
  end
  return document(figure, width, height, ("Figure with %d panels"):format(#panels), out)
end

return plot_document
