-- SPDX-License-Identifier: BSD-3-Clause
--- Where the marks of each series are, in values of the axes: bars beside and on each other, bins,
--- stacked areas. An internal part of `plot`.

local plot_axes = require "plot_axes"
local plot_grid = require "plot_grid"
local plot_bins = require "plot_bins"

local plot_arrange = {}

local function is_finite(value)
  return value and value - value == 0
end

--- The series of one kind.
local function of_kind(list, kind)
  local found = {}
  for _, series in ipairs(list) do
    if series.kind == kind then
      found[#found + 1] = series
    end
  end
  return found
end

--- The distance between neighbouring places, at least 1 for categories.
local function spacing(list, x_axis)
  if x_axis.kind == "category" then
    return 1
  end
  local seen, places = {}, {}
  for _, series in ipairs(list) do
    for _, x in ipairs(series.x) do
      if is_finite(x) and not seen[x] then
        seen[x], places[#places + 1] = true, x
      end
    end
  end
  table.sort(places)
  local least = math.huge
  for i = 2, #places do
    least = math.min(least, places[i] - places[i - 1])
  end
  return least < math.huge and least or x_axis.kind == "date" and 86400 or 1
end

--- Raises an error for a place that a series has twice.
local function check_places(series, x_axis)
  local seen = {}
  for i, x in ipairs(series.x) do
    if is_finite(x) and seen[x] then
      local name = x_axis.kind == "category" and x_axis.categories[x]
      error(("%s: `x` has %s twice, at %d and %d; sum or average the values of each first"):format(
        series.subject, name and "`" .. name .. "`" or "a value", seen[x], i), 0)
    elseif is_finite(x) then
      seen[x] = i
    end
  end
end

--- Bars: `rects` has lists of left, right, bottom and top.
local function arrange_bars(list, figure)
  local bars = of_kind(list, "bars")
  if #bars == 0 then
    return
  end
  local step = spacing(bars, figure.x_axis)
  local up, down = {}, {}
  local is_stacked = figure.layout == "stacked"
  for number, series in ipairs(bars) do
    check_places(series, figure.x_axis)
    local left, right, bottom, top = {}, {}, {}, {}
    local wide = step * (series.bar_width or 0.8)
    local thin = (is_stacked or figure.layout == "overlaid") and wide or wide / #bars
    local shift = thin == wide and -wide / 2 or -wide / 2 + (number - 1) * thin
    for i, x in ipairs(series.x) do
      local y = series.y[i]
      left[i], right[i] = x + shift, x + shift + thin
      bottom[i], top[i] = 0, y
      if is_stacked and is_finite(y) and is_finite(x) then
        local ends = y < 0 and down or up
        bottom[i] = ends[x] or 0
        top[i] = bottom[i] + y
        ends[x] = top[i]
      end
    end
    series.rects = { left = left, right = right, bottom = bottom, top = top }
  end
end

--- Histograms share their bins.
local function arrange_histograms(list, figure)
  local histograms = of_kind(list, "histogram")
  if #histograms == 0 then
    return
  end
  local all, options = {}, {}
  for _, series in ipairs(histograms) do
    local finite = {}
    for _, value in ipairs(series.values) do
      if is_finite(value) then
        finite[#finite + 1] = value
      end
    end
    series.finite = finite
    table.move(finite, 1, #finite, #all + 1, all)
    for _, name in ipairs { "bins", "low", "high" } do
      if options[name] == nil then options[name] = series[name] end
    end
  end
  local edges = plot_bins.edges(all, options, histograms[1].subject)
  local below = {}
  for _, series in ipairs(histograms) do
    local left, right, bottom, top = {}, {}, {}, {}
    for i, count in ipairs(plot_bins.counts(series.finite, edges, series.density)) do
      left[i], right[i] = edges[i], edges[i + 1]
      bottom[i] = figure.layout == "stacked" and below[i] or 0
      top[i] = bottom[i] + count
      below[i] = top[i]
    end
    series.rects = { left = left, right = right, bottom = bottom, top = top }
    series.is_one_of_several = #histograms > 1 and figure.layout ~= "stacked"
  end
end

--- Areas: lists of x, bottom and top.
local function arrange_areas(list, figure)
  local areas = of_kind(list, "areas")
  if figure.layout ~= "stacked" then
    for _, series in ipairs(areas) do
      series.bottom = {}
      for i = 1, #series.x do
        series.bottom[i] = is_finite(series.y[i]) and 0 or 0 / 0
      end
      series.top = series.y
      series.is_one_of_several = #areas > 1
    end
    return
  end
  local seen, places = {}, {}
  for _, series in ipairs(areas) do
    check_places(series, figure.x_axis)
    for _, x in ipairs(series.x) do
      if is_finite(x) and not seen[x] then
        seen[x], places[#places + 1] = true, x
      end
    end
  end
  table.sort(places)
  local below = {}
  for _, series in ipairs(areas) do
    local height, top, bottom = {}, {}, {}
    for i, x in ipairs(series.x) do
      height[x == x and x or false] = is_finite(series.y[i]) and series.y[i] or 0
    end
    for i, x in ipairs(places) do
      bottom[i] = below[i] or 0
      top[i] = bottom[i] + (height[x] or 0)
      below[i] = top[i]
    end
    series.x, series.bottom, series.top = places, bottom, top
  end
end

--- Error bars: lists of low and high.
local function arrange_errors(list)
  for _, series in ipairs(list) do
    local errors = series.error
    if (series.kind == "error_bars" or series.kind == "bars") and errors then
      series.low, series.high = {}, {}
      for i = 1, #errors do
        -- those of stacked bars are at the end of each bar
        local y = series.rects and series.rects.top[i] or series.y[i]
        series.low[i], series.high[i] = y - errors[i], y + errors[i]
      end
    end
    if series.x_error then
      series.x_low, series.x_high = {}, {}
      for i = 1, #series.x_error do
        series.x_low[i] = series.x[i] - series.x_error[i]
        series.x_high[i] = series.x[i] + series.x_error[i]
      end
    end
  end
end

--- The lists of a series along an axis, and true if the range ends exactly at them.
local function lists_of(series, axis)
  local kind, rects = series.kind, series.rects
  if axis == "x" then
    if rects then
      return { rects.left, rects.right }, kind == "histogram"
    elseif series.grid then
      return { series.grid.x_edges }, true
    end
    return { series.x, series.x_low, series.x_high }, kind == "lines" or kind == "areas"
  end
  if rects then
    return { { 0 }, rects.bottom, rects.top, series.low, series.high }, false
  elseif series.grid then
    return { series.grid.y_edges }, true
  elseif kind == "areas" then
    return { { 0 }, series.bottom, series.top }, false
  end
  return { series.y, series.low, series.high }, false
end

--- The extents of both axes.
local function extents(list, figure)
  local result = {}
  for _, axis in ipairs { "x", "y" } do
    local extent = plot_axes.extent(figure[axis .. "_axis"])
    local all_exact, all_grid = true, true
    for _, series in ipairs(list) do
      local lists, is_exact = lists_of(series, axis)
      for i = 1, 5 do
        if lists[i] then
          extent:add(lists[i])
        end
      end
      all_exact, all_grid = all_exact and is_exact, all_grid and series.grid ~= nil
    end
    if axis == "x" then
      extent.is_exact, extent.margin = true, not all_exact and 0.04 or nil
    else
      extent.is_exact = all_grid
    end
    result[axis] = extent
  end
  return result
end

--- Computes where the marks are, and the extents of the axes.
--- @param list table[] series from `plot_series.expand`
--- @param figure table
--- @return table extents `x` and `y`
function plot_arrange.arrange(list, figure)
  plot_axes.convert(list, figure)
  arrange_bars(list, figure)
  arrange_histograms(list, figure)
  arrange_areas(list, figure)
  arrange_errors(list)
  for _, series in ipairs(list) do
    if series.kind == "heat_map" or series.kind == "image" then
      plot_grid.arrange(series, figure)
    end
  end
  return extents(list, figure)
end

return plot_arrange
