-- SPDX-License-Identifier: BSD-3-Clause
--- The options of figures, axes and series, and their checks. An internal part of `plot`.

local option_names = require "option_names"
local plot_colors = require "plot_colors"
local plot_data = require "plot_data"

local plot_options = {}

local shown = plot_data.shown

--- Options of a whole figure, in both forms.
local FIGURE <const> = {
  "title", "subtitle", "caption", "width", "height", "id", "description", "x_axis", "y_axis",
  "labels", "layout", "horizontal", "aspect",
}
local AXIS <const> = { "kind", "label", "low", "high", "format", "reverse" }
local COMMON <const> = { "kind", "data", "name", "color", "colour", "opacity" }
local COLOR_MAP <const> = { "colors", "colours", "color_low", "color_high", "color_label" }

--- The kinds of series: their options, and those that are lists, or names of columns.
--- `columns` are lists with a value for each mark; `several` may have several columns.
plot_options.KINDS = {
  lines = {
    options = { "x", "y", "low", "high", "width", "line_width", "dash", "markers" },
    columns = { "x", "y", "low", "high" }, several = "y",
  },
  points = {
    options = { "x", "y", "size", "shape" }, columns = { "x", "y" }, several = "y",
    has_map = true,
  },
  bars = {
    options = { "x", "y", "error", "bar_width" }, columns = { "x", "y", "error" }, several = "y",
  },
  histogram = {
    options = { "values", "bins", "low", "high", "density" }, columns = { "values" },
    several = "values",
  },
  areas = { options = { "x", "y" }, columns = { "x", "y" }, several = "y" },
  error_bars = {
    options = { "x", "y", "error", "low", "high", "x_error", "size", "shape" },
    columns = { "x", "y", "error", "low", "high", "x_error" }, several = "y",
  },
  heat_map = {
    options = { "x", "y", "values", "bins", "texts" }, columns = {}, has_map = true,
  },
  image = { options = { "image" }, columns = {}, has_map = true },
}

local KIND_NAMES <const> = {
  "lines", "points", "bars", "histogram", "areas", "error_bars", "heat_map", "image",
}

-- The names of other libraries.
local OTHER_NAMES <const> = {
  line = "lines", plot = "lines", step = "lines", scatter = "points", point = "points",
  bar = "bars", column = "bars", barh = "bars", hist = "histogram", area = "areas",
  errorbar = "error_bars", errors = "error_bars", error = "error_bars", heatmap = "heat_map",
  heat = "heat_map", pcolormesh = "heat_map", hist2d = "heat_map", imshow = "image",
}

local function joined(...)
  local all = {}
  for _, list in ipairs { ... } do
    table.move(list, 1, #list, #all + 1, all)
  end
  return all
end

--- Raises an error unless a value is nil or has a type.
local function check_type(subject, value, kind)
  if value ~= nil and type(value) ~= kind then
    error(("%s: expected a %s, got %s"):format(subject, kind, type(value) == "string"
      and "a string" or shown(value)), 0)
  elseif kind == "string" and value and not utf8.len(value) then
    error(subject .. ": the text is not UTF-8; convert it first", 0)
  end
end
plot_options.check_type = check_type

local function is_finite(value)
  return type(value) == "number" and value - value == 0
end
plot_options.is_finite = is_finite

--- Raises an error unless a value is nil or one of some texts.
function plot_options.check_choice(subject, value, choices)
  if value == nil then
    return
  end
  local quoted = {}
  for i, choice in ipairs(choices) do
    if value == choice then
      return
    end
    quoted[i] = shown(choice)
  end
  local last = table.remove(quoted)
  error(("%s: expected %s or %s, got %s"):format(subject, table.concat(quoted, ", "), last,
    shown(value)), 0)
end
local check_choice = plot_options.check_choice

--- Raises an error unless a value is nil or a number in a range.
local function check_number(subject, value, low, high, what)
  if value ~= nil and not (is_finite(value) and value >= low and value <= high) then
    error(("%s: expected %s, got %s"):format(subject, what, type(value) == "string" and "a string"
      or shown(value)), 0)
  end
end
plot_options.check_number = check_number

local function check_axis(name, axis)
  if axis == false then
    return
  end
  check_type(name, axis, "table")
  if not axis then
    return
  end
  option_names.check(name, axis, AXIS)
  check_type(name .. ": label", axis.label, "string")
  check_type(name .. ": format", axis.format, "string")
  check_type(name .. ": reverse", axis.reverse, "boolean")
  check_choice(name .. ": kind", axis.kind, { "number", "date", "log", "category" })
  for _, bound in ipairs { "low", "high" } do
    if axis[bound] ~= nil and not is_finite(axis[bound]) then
      error(("%s: %s: expected a finite number, got %s"):format(name, bound, shown(axis[bound])), 0)
    end
  end
end

--- Checks what figures of both forms have.
local function check_figure(figure)
  for _, name in ipairs { "title", "subtitle", "caption", "id", "description" } do
    check_type(name, figure[name], "string")
  end
  for _, name in ipairs { "width", "height" } do
    check_number(name, figure[name], 1, 100000, "a number of pixels from 1 to 100000")
  end
  check_choice("labels", figure.labels, { "direct", "legend", "none" })
  check_choice("layout", figure.layout, { "grouped", "stacked", "overlaid" })
  check_choice("aspect", figure.aspect, { "equal", "auto" })
  check_type("horizontal", figure.horizontal, "boolean")
end

--- The kind of a series.
local function kind_of(series, default, subject)
  local kind = series.kind or default
  if not plot_options.KINDS[kind] then
    local other = OTHER_NAMES[kind]
    error(("%s: kind: there is no kind %s%s"):format(subject, shown(kind),
      other and ("; did you mean `%s`?"):format(other)
      or type(kind) == "string" and option_names.advice(kind, KIND_NAMES, "the kinds are")
      or "; the kinds are: " .. table.concat(KIND_NAMES, ", ")), 0)
  end
  return kind
end

--- Checks the options of a series other than lists.
local function check_series(series, subject)
  for _, name in ipairs { "color", "colour" } do
    if series[name] ~= nil and type(series[name]) == "number" then
      error(("%s: %s: expected a colour, a column or a list, got %s"):format(subject, name,
        shown(series[name])), 0)
    end
  end
  check_type(subject .. ": dash", series.dash, "string")
  check_type(subject .. ": density", series.density, "boolean")
  check_type(subject .. ": texts", series.texts, "boolean")
  check_type(subject .. ": color_label", series.color_label, "string")
  check_number(subject .. ": opacity", series.opacity, 0, 1, "a number from 0 to 1")
  check_number(subject .. ": bar_width", series.bar_width, 0.01, 1, "a number from 0.01 to 1")
  check_choice(subject .. ": shape", series.shape, { "circle", "square", "triangle", "diamond" })
  for _, name in ipairs { "color_low", "color_high", series.kind == "histogram" and "low",
    series.kind == "histogram" and "high" } do
    if series[name] ~= nil and not is_finite(series[name]) then
      error(("%s: %s: expected a finite number, got %s"):format(subject, name,
        shown(series[name])), 0)
    end
  end
  if series.data ~= nil then
    plot_data.check(series.data, subject)
  end
  if plot_options.KINDS[series.kind].has_map then
    plot_colors.map(series.colors or series.colours, subject .. ": colors")
  end
end

--- The options of a series of a kind.
local function options_of(kind)
  local entry = plot_options.KINDS[kind]
  return joined(COMMON, entry.options, entry.has_map and COLOR_MAP or {})
end

local function copy_of(source, without)
  local copy = {}
  for key, value in pairs(source) do
    if not (without and without[key]) then
      copy[key] = value
    end
  end
  return copy
end

--- A figure and its series, from either form: a figure with `series`, or the options of one series
--- among those of the figure.
--- @param figure table
--- @param default string the kind of series that have none
--- @return table figure its options; `x_axis` and `y_axis` are tables, or false
--- @return table[] series each with `kind` and `subject`, the start of its messages
function plot_options.read(figure, default)
  if type(figure) ~= "table" then
    error("figure: expected a table, got " .. (type(figure) == "string" and "a string"
      or shown(figure)), 0)
  end
  local result, list = {}, {}
  if figure.series ~= nil then
    option_names.check("figure", figure, joined(FIGURE, { "x", "y", "series", "kind", "data" }))
    if figure.x ~= nil and figure.x_axis ~= nil or figure.y ~= nil and figure.y_axis ~= nil then
      error("figure: `x` and `x_axis`, or `y` and `y_axis`, are the same axis; give one of them", 0)
    end
    result = copy_of(figure)
    if result.x_axis == nil then result.x_axis = figure.x end
    if result.y_axis == nil then result.y_axis = figure.y end
    if type(figure.series) ~= "table" or #figure.series == 0 then
      error("series: expected a list with at least one series", 0)
    end
    for number, series in ipairs(figure.series) do
      local subject = ("series %d"):format(number)
      check_type(subject, series, "table")
      local kind = kind_of(series, figure.kind or default, subject)
      option_names.check(subject, series, options_of(kind))
      list[number] = copy_of(series)
      list[number].kind, list[number].subject = kind, subject
      if series.data == nil then
        list[number].data = figure.data
      end
    end
    check_axis("x", result.x_axis)
    check_axis("y", result.y_axis)
  else
    local kind = kind_of(figure, default, "figure")
    local known = options_of(kind)
    local names = {}
    for i, name in ipairs(known) do
      names[i] = name ~= "width" and name or "line_width"
    end
    option_names.check(kind, figure, joined(FIGURE, names))
    local of_figure, series = {}, { kind = kind, subject = kind }
    for _, name in ipairs(FIGURE) do
      of_figure[name] = true
      result[name] = figure[name]
    end
    for key, value in pairs(figure) do
      if not of_figure[key] then
        series[key] = value
      end
    end
    list[1] = series
    check_axis("x_axis", result.x_axis)
    check_axis("y_axis", result.y_axis)
  end
  check_figure(result)
  for _, series in ipairs(list) do
    check_series(series, series.subject)
    check_number(series.subject .. ": width", series.line_width or series.width, 0, 1000,
      "a number from 0")
  end
  if result.x_axis == nil then result.x_axis = {} end
  if result.y_axis == nil then result.y_axis = {} end
  return result, list
end

return plot_options
