-- SPDX-License-Identifier: BSD-3-Clause
--- Heat maps and images: cells, their edges and their colours. An internal part of `plot`.

local number_lists = require "number_lists"
local plot_bins = require "plot_bins"
local plot_colors = require "plot_colors"
local plot_data = require "plot_data"
local plot_pixels = require "plot_pixels"

local plot_grid = {}

local NAN <const> = 0 / 0

--- Replaces names of columns by the columns, and `x` and `y` by lists.
--- @param series table of the kind "heat_map"
function plot_grid.read(series)
  local subject = series.subject
  series.texts_of = {}
  for _, role in ipairs { "x", "y", "values" } do
    local value = series[role]
    if type(value) == "string" and series.data == nil then
      error(("%s: `%s`: %s names a column, but there is no `data`"):format(subject, role,
        plot_data.shown(value)), 0)
    elseif type(value) == "string" then
      value = plot_data.column(series.data, value, subject, role)
    end
    if value ~= nil and role ~= "values" then
      value, series.texts_of[role] = plot_data.list(value, subject, role)
    end
    series[role] = value
  end
  local values = series.values
  if values == nil and not (series.x and series.y) then
    error(subject .. ": expected `values`, a matrix of numbers; or `x` and `y`, to count points", 0)
  elseif values ~= nil then
    local first = type(values) == "table" and values[1] or nil
    series.is_matrix = number_lists.is_array(values) and values.ndim == 2
      or type(first) == "table" or number_lists.is_array(first)
      or not number_lists.is_array(values) and not (series.x and series.y)
    if series.is_matrix then
      series.rows, series.width = plot_data.matrix(values, subject, "values")
    elseif not (series.x and series.y) then
      error(subject .. ": `values`: expected a matrix, or lists `x`, `y` and `values`", 0)
    else
      series.values = plot_data.list(values, subject, "values")
    end
  end
  if not series.is_matrix and #series.x ~= #series.y
    or values ~= nil and not series.is_matrix and #series.values ~= #series.x then
    error(("%s: `x` has %d values, `y` %d%s; expected as many"):format(subject, #series.x,
      #series.y, values ~= nil and (" and `values` %d"):format(#series.values) or ""), 0)
  end
end

--- The edges of cells around their centres, or the edges themselves.
local function edges_of(list, count, axis, subject, role)
  if not list then
    list = {}
    for i = 1, count do
      list[i] = i
    end
  elseif #list ~= count and (#list ~= count + 1 or axis.kind == "category") then
    error(("%s: `%s` has %d values, but there are %d %s; expected one for each, or one for each "
      .. "edge"):format(subject, role, #list, count, role == "x" and "columns" or "rows"), 0)
  end
  for i = 1, #list do
    if list[i] - list[i] ~= 0 or i > 1 and list[i] <= list[i - 1] then
      error(("%s: `%s`: the values must be finite, and each above the one before"):format(subject,
        role), 0)
    end
  end
  if #list == count + 1 and count > 0 then
    return list
  end
  local edges = {}
  local is_log = axis.kind == "log"
  for i = 2, count do
    edges[i] = is_log and math.sqrt(list[i - 1] * list[i]) or (list[i - 1] + list[i]) / 2
  end
  if count == 1 then
    edges[1], edges[2] = list[1] - 0.5, list[1] + 0.5
    if is_log then
      edges[1], edges[2] = list[1] / 2, list[1] * 2
    elseif axis.kind == "date" then
      edges[1], edges[2] = list[1] - 43200, list[1] + 43200
    end
  elseif count > 1 then
    edges[1] = is_log and list[1] ^ 2 / edges[2] or 2 * list[1] - edges[2]
    edges[count + 1] = is_log and list[count] ^ 2 / edges[count] or 2 * list[count] - edges[count]
  end
  return edges
end

--- The different values of a list, sorted, and the position of each.
local function places_of(list)
  local places, seen = {}, {}
  for _, value in ipairs(list) do
    if value - value == 0 and not seen[value] then
      seen[value], places[#places + 1] = true, value
    end
  end
  table.sort(places)
  for i, value in ipairs(places) do
    seen[value] = i
  end
  return places, seen
end

local function empty_rows(height, width, value)
  local rows = {}
  for i = 1, height do
    local row = {}
    for j = 1, width do
      row[j] = value
    end
    rows[i] = row
  end
  return rows
end

--- Cells from lists of x, y and values.
local function pivot(series)
  local xs, column_of = places_of(series.x)
  local ys, row_of = places_of(series.y)
  if #xs * #ys > 25000000 then
    error(("%s: %d different `x` and %d different `y` make too many cells; round them, or leave "
      .. "out `values` to count points in bins"):format(series.subject, #xs, #ys), 0)
  end
  local rows, filled = empty_rows(#ys, #xs, NAN), {}
  for i = 1, #series.x do
    local column, row = column_of[series.x[i]], row_of[series.y[i]]
    if column and row then
      local cell = row * (#xs + 1) + column
      if filled[cell] then
        error(("%s: values %d and %d have the same `x` and `y`; sum or average them first"):format(
          series.subject, filled[cell], i), 0)
      end
      filled[cell] = i
      rows[row][column] = series.values[i]
    end
  end
  return rows, xs, ys
end

--- Counts of points in bins.
local function count_points(series, figure)
  local bins = series.bins
  local x_bins, y_bins = bins, bins
  if type(bins) == "table" then
    x_bins, y_bins = bins[1], bins[2]
  end
  local finite = { x = {}, y = {} }
  for i = 1, #series.x do
    local x, y = series.x[i], series.y[i]
    if x - x == 0 and y - y == 0 then
      finite.x[#finite.x + 1], finite.y[#finite.y + 1] = x, y
    end
  end
  local function edges(role, count)
    local axis = figure[role .. "_axis"]
    if axis.kind == "category" then
      local list = {}
      for i = 0, #axis.categories do
        list[i + 1] = i + 0.5
      end
      return list
    end
    return plot_bins.edges(finite[role], { bins = count or 50 }, series.subject)
  end
  local xs, ys = edges("x", x_bins), edges("y", y_bins)
  local rows, bin = empty_rows(#ys - 1, #xs - 1, 0), plot_bins.bin
  for i = 1, #finite.x do
    local column, row = bin(xs, finite.x[i]), bin(ys, finite.y[i])
    if column and row then
      rows[row][column] = rows[row][column] + 1
    end
  end
  -- a bin without points is no value
  for _, row in ipairs(rows) do
    for i = 1, #row do
      row[i] = row[i] > 0 and row[i] or NAN
    end
  end
  return rows, xs, ys
end

--- The smallest and the largest finite number of a matrix.
local function range_of(rows)
  local low, high = math.huge, -math.huge
  for _, row in ipairs(rows) do
    for i = 1, #row do
      local value = row[i]
      if value - value == 0 then
        if value < low then low = value end
        if value > high then high = value end
      end
    end
  end
  return low, high
end

--- A scale of colours for numbers.
--- @param series table with `colors`, `color_low`, `color_high`, `color_label`
--- @param low number the smallest number; above `high` when there is none
--- @param high number the largest number
--- @param default string|string[]|nil the colour map
--- @return table scale `low`, `high`, `map`, `label`
function plot_grid.color_scale(series, low, high, default)
  local is_empty = low > high
  if is_empty then
    low, high = 0, 1
  end
  low, high = series.color_low or low, series.color_high or high
  if low > high then
    error(("%s: the colours begin at %s and end at %s; `color_low` must be less than `color_high`")
      :format(series.subject, plot_data.shown(low), plot_data.shown(high)), 0)
  elseif low == high then
    low, high = low - 0.5, high + 0.5
  end
  return {
    low = low, high = high, label = series.color_label, is_hidden = is_empty,
    map = plot_colors.map(series.colors or series.colours or default, series.subject .. ": colors"),
  }
end

--- Computes the cells of a heat map or an image: `grid` has `rows`, or `pixels` and `channels`, and
--- the edges of columns and rows.
--- @param series table
--- @param figure table
function plot_grid.arrange(series, figure)
  local x_axis, y_axis, subject = figure.x_axis, figure.y_axis, series.subject
  local grid = {}
  series.grid = grid
  if series.kind == "image" then
    if plot_pixels.has_colors(series.image) then
      grid.pixels, grid.width, grid.channels = plot_pixels.read(series)
      grid.height = #grid.pixels
    else
      grid.rows, grid.width = plot_data.matrix(series.image, subject, "image")
      grid.height = #grid.rows
    end
    series.x, series.y = nil, nil
  elseif series.is_matrix then
    grid.rows, grid.width, grid.height = series.rows, series.width, #series.rows
  else
    local xs, ys
    if series.values then
      grid.rows, xs, ys = pivot(series)
      grid.width, grid.height = #xs, #ys
    else
      grid.rows, xs, ys = count_points(series, figure)
      grid.width, grid.height = #xs - 1, #ys - 1
      series.color_label = series.color_label or "count"
    end
    series.x, series.y = xs, ys
  end
  -- without positions, the first row is on top, as in print
  if not series.y and y_axis.reverse == nil then
    y_axis.reverse = true
  end
  grid.x_edges = edges_of(series.x, grid.width, x_axis, subject, "x")
  grid.y_edges = edges_of(series.y, grid.height, y_axis, subject, "y")
  if grid.rows then
    local low, high = range_of(grid.rows)
    local is_bytes = series.kind == "image" and number_lists.is_array(series.image)
      and series.image.dtype == "uint8"
    if is_bytes then
      low, high = 0, 255
    end
    series.color_scale = plot_grid.color_scale(series, low, high,
      series.kind == "image" and { "#000000", "#ffffff" } or nil)
    if series.kind == "image" and not series.color_label and not series.colors then
      series.color_scale.is_hidden = true
    end
  end
end

return plot_grid
