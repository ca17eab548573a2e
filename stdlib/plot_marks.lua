-- SPDX-License-Identifier: BSD-3-Clause
--- The marks of series as SVG. An internal part of `plot`.
--
-- `frame` has `left`, `right`, `top`, `bottom`, the functions `to_x` and `to_y` from values to
-- pixels, and `is_swapped` when x goes up.

local numerals = require "numerals"
local plot_raster = require "plot_raster"
local svg = require "svg"

local plot_marks = {}

local INK <const> = "#1a1a1a"

local function map(list, f)
  local result = {}
  for i = 1, #list do
    result[i] = f(list[i])
  end
  return result
end

-- Longer lines are thinned: of the points that follow each other in one column of pixels, the
-- first, the lowest, the highest and the last are drawn.
local MOST_POINTS <const> = 5000

--- Removes the points of a line that change no pixel.
local function thinned(xs, ys)
  if #xs <= MOST_POINTS then
    return xs, ys
  end
  local floor = math.floor
  local out_x, out_y, at = {}, {}, 0
  local first = 1
  local function add(i)
    at = at + 1
    out_x[at], out_y[at] = xs[i], ys[i]
  end
  while first <= #xs do
    local x, y = xs[first], ys[first]
    if x - x ~= 0 or y - y ~= 0 then
      if at == 0 or out_y[at] == out_y[at] then
        at = at + 1
        out_x[at], out_y[at] = 0 / 0, 0 / 0
      end
      first = first + 1
    else
      local column, low, high, last = floor(x), first, first, first
      for i = first + 1, #xs do
        local value = ys[i]
        if value - value ~= 0 or xs[i] - xs[i] ~= 0 or floor(xs[i]) ~= column then
          break
        end
        if value < ys[low] then low = i end
        if value > ys[high] then high = i end
        last = i
      end
      add(first)
      local a, b = math.min(low, high), math.max(low, high)
      if a > first then add(a) end
      if b > a and b < last then add(b) end
      if last > first then add(last) end
      first = last + 1
    end
  end
  return out_x, out_y
end

--- The data of a path around the areas between two lines, interrupted at NaNs.
local function between(xs, lows, highs)
  local pieces = {}
  local first
  local function close(last)
    if first then
      local px, py = {}, {}
      for i = first, last do
        px[#px + 1], py[#py + 1] = xs[i], highs[i]
      end
      for i = last, first, -1 do
        px[#px + 1], py[#py + 1] = xs[i], lows[i]
      end
      pieces[#pieces + 1] = svg.path(px, py) .. "Z"
    end
    first = nil
  end
  for i = 1, #xs do
    local sum = xs[i] + lows[i] + highs[i]
    if sum - sum ~= 0 then
      close(i - 1)
    else
      first = first or i
    end
  end
  close(#xs)
  return table.concat(pieces)
end

--- The points of a band that change no pixel are removed.
local function thinned_band(xs, lows, highs)
  if #xs <= MOST_POINTS then
    return xs, lows, highs
  end
  local out = { {}, {}, {} }
  local column
  for i = 1, #xs do
    local sum = xs[i] + lows[i] + highs[i]
    local is_gap = sum - sum ~= 0
    local here = not is_gap and math.floor(xs[i])
    local at = #out[1]
    if here and here == column then
      -- pixels go down
      out[2][at], out[3][at] = math.max(out[2][at], lows[i]), math.min(out[3][at], highs[i])
    elseif here or column then
      out[1][at + 1], out[2][at + 1], out[3][at + 1] = xs[i], lows[i], highs[i]
    end
    column = here
  end
  return out[1], out[2], out[3]
end

local function band(out, series, lows, highs, frame, opacity, class)
  local xs, low, high = thinned_band(map(series.x, frame.to_x), map(lows, frame.to_y),
    map(highs, frame.to_y))
  local d = between(xs, low, high)
  if d ~= "" then
    out[#out + 1] = svg.element("path", {
      class = class, d = d, fill = series.drawn_color, ["fill-opacity"] = opacity, stroke = "none",
    })
  end
end

--- The bands of lines, which are below all lines.
function plot_marks.bands(out, series, frame)
  if series.kind == "lines" and series.low and series.high then
    band(out, series, series.low, series.high, frame, 0.16, "band")
  end
end

local function rounded(value)
  return numerals.rounded(value, 2)
end

--- The data of a path for a shape of `size` pixels around a point.
local function shape_path(shape, x, y, size)
  local r = size / 2
  if shape == "square" then
    r = r * 0.886
    return ("M%s %sh%sv%sh%sZ"):format(rounded(x - r), rounded(y - r), rounded(2 * r),
      rounded(2 * r), rounded(-2 * r))
  elseif shape == "diamond" then
    r = r * 1.25
    return ("M%s %sl%s %sl%s %sl%s %sZ"):format(rounded(x), rounded(y - r), rounded(r), rounded(r),
      rounded(-r), rounded(r), rounded(-r), rounded(-r))
  end
  r = r * 1.2
  return ("M%s %sl%s %sh%sZ"):format(rounded(x), rounded(y - r), rounded(r), rounded(1.75 * r),
    rounded(-2 * r))
end

--- One mark of a shape.
function plot_marks.mark(shape, x, y, size, fill)
  local color = fill and (' fill="%s"'):format(fill) or ""
  if shape and shape ~= "circle" then
    return ('<path d="%s"%s/>'):format(shape_path(shape, x, y, size), color)
  end
  return ('<circle cx="%s" cy="%s" r="%s"%s/>'):format(rounded(x), rounded(y), rounded(size / 2),
    color)
end

--- The diameters of points whose areas show numbers.
local function diameters(list)
  local greatest = 0
  for _, value in ipairs(list) do
    if value - value == 0 then
      greatest = math.max(greatest, value)
    end
  end
  return map(list, function(value)
    return value >= 0 and value - value == 0 and greatest > 0 and 28 * math.sqrt(value / greatest)
      or 0 / 0
  end)
end

-- More points are drawn as a picture.
local MOST_MARKS <const> = 20000

local function points(out, series, frame)
  local xs, ys = map(series.x, frame.to_x), map(series.y, frame.to_y)
  if #xs > MOST_MARKS then
    plot_raster.points(out, series, xs, ys, frame)
    return
  end
  local sizes = series.size_list and diameters(series.size_list)
  local marks, scale = {}, series.color_scale
  for i = 1, #xs do
    local size = sizes and sizes[i] or series.size or 7
    local fill, sum = nil, xs[i] + ys[i] + size
    if scale then
      local value = series.color_values[i]
      sum = sum + value
      fill = value == value and plot_raster.color_of(scale, value)
    end
    if sum - sum == 0 then
      marks[#marks + 1] = plot_marks.mark(series.shape, xs[i], ys[i], size, fill)
    end
  end
  local opacity = series.opacity or (#xs > 500 or sizes) and 0.7 or 1
  out[#out + 1] = svg.element("g", {
    class = "points", fill = series.drawn_color, ["fill-opacity"] = opacity,
  }, marks)
end

local function lines(out, series, frame)
  local width = series.line_width or series.width
  if not series.y or width == 0 then
    return
  end
  local xs, ys = map(series.x, frame.to_x), map(series.y, frame.to_y)
  local line_x, line_y = thinned(xs, ys)
  out[#out + 1] = svg.element("path", {
    class = "line", d = svg.path(line_x, line_y),
    fill = "none", stroke = series.drawn_color, ["stroke-width"] = width or 2,
    ["stroke-linejoin"] = "round", ["stroke-linecap"] = series.dash and "butt" or "round",
    ["stroke-dasharray"] = series.dash or series.drawn_dash, ["stroke-opacity"] = series.opacity,
  })
  -- a value between two gaps has no line, so it is a mark
  local marks = {}
  local function is_shown(i)
    local sum = i >= 1 and i <= #line_x and line_x[i] + line_y[i] or 0 / 0
    return sum - sum == 0
  end
  for i = 1, series.markers and 0 or #line_x do
    if is_shown(i) and not is_shown(i - 1) and not is_shown(i + 1) then
      marks[#marks + 1] = plot_marks.mark("circle", line_x[i], line_y[i], 2 * (width or 2))
    end
  end
  for i = 1, series.markers and #xs or 0 do
    if xs[i] - xs[i] == 0 and ys[i] - ys[i] == 0 then
      marks[#marks + 1] = plot_marks.mark("circle", xs[i], ys[i], 7)
    end
  end
  if #marks > 0 then
    out[#out + 1] = svg.element("g", { class = "markers", fill = series.drawn_color }, marks)
  end
end

--- Lines with caps for the range of each value, along one axis.
local function ranges(parts, series, frame, lows, highs, is_x)
  for i = 1, #series.x do
    local a, b, c
    if is_x then
      a, b, c = frame.to_x(lows[i]), frame.to_x(highs[i]), frame.to_y(series.y[i])
    else
      local x = series.rects and (series.rects.left[i] + series.rects.right[i]) / 2 or series.x[i]
      a, b, c = frame.to_y(lows[i]), frame.to_y(highs[i]), frame.to_x(x)
      -- a range that begins at or below 0 on a logarithmic axis begins at its end
      if a ~= a and b == b then
        a = frame.base_y
      end
    end
    local sum = a + b + c
    if sum - sum == 0 then
      local horizontal = is_x ~= frame.is_swapped
      for _, line in ipairs { { a, c, b, c }, { a, c - 4, a, c + 4 }, { b, c - 4, b, c + 4 } } do
        local x1, y1, x2, y2 = table.unpack(line)
        if not horizontal then
          x1, y1, x2, y2 = y1, x1, y2, x2
        end
        parts[#parts + 1] = ("M%s %sL%s %s"):format(rounded(x1), rounded(y1), rounded(x2),
          rounded(y2))
      end
    end
  end
end

local function error_bars(out, series, frame)
  local parts = {}
  if series.low and series.high then
    ranges(parts, series, frame, series.low, series.high, false)
  end
  if series.x_low then
    ranges(parts, series, frame, series.x_low, series.x_high, true)
  end
  local is_bar = series.kind == "bars"
  out[#out + 1] = svg.element("path", {
    class = "errors", d = table.concat(parts), fill = "none",
    stroke = is_bar and INK or series.drawn_color, ["stroke-width"] = 1.5,
  })
  if not is_bar then
    points(out, {
      x = series.x, y = series.y, size = series.size, shape = series.shape,
      drawn_color = series.drawn_color, opacity = series.opacity or 1,
    }, frame)
  end
end

--- Bars and the bins of histograms.
local function rects(out, series, frame)
  local list, class = {}, series.kind
  for i = 1, #series.rects.left do
    local a, b = frame.to_x(series.rects.left[i]), frame.to_x(series.rects.right[i])
    local c, d = frame.to_y(series.rects.bottom[i]), frame.to_y(series.rects.top[i])
    if c ~= c and d == d then
      c = frame.base_y
    end
    local sum = a + b + c + d
    if sum - sum == 0 and c ~= d then
      if frame.is_swapped then
        a, b, c, d = c, d, a, b
      end
      list[#list + 1] = ('<rect x="%s" y="%s" width="%s" height="%s"/>'):format(
        rounded(math.min(a, b)), rounded(math.min(c, d)), rounded(math.abs(b - a)),
        rounded(math.abs(d - c)))
    end
  end
  local is_thin = #list > 200
  out[#out + 1] = svg.element("g", {
    class = class, fill = series.drawn_color,
    ["fill-opacity"] = series.opacity or series.is_one_of_several and 0.6 or 1,
    stroke = series.kind == "histogram" and not is_thin and "#ffffff" or nil,
    ["stroke-width"] = series.kind == "histogram" and not is_thin and 0.5 or nil,
  }, list)
  if series.kind == "bars" and series.error then
    error_bars(out, series, frame)
  end
end

local function areas(out, series, frame)
  local lows = {}
  for i, value in ipairs(series.bottom) do
    -- the base of a logarithmic axis is its end
    lows[i] = value == 0 and frame.is_log_y and frame.low_y or value
  end
  band(out, series, lows, series.top, frame,
    series.opacity or series.is_one_of_several and 0.45 or 0.85, "area")
end

local DRAW <const> = {
  lines = lines, points = points, bars = rects, histogram = rects, areas = areas,
  error_bars = error_bars, heat_map = plot_raster.grid, image = plot_raster.grid,
}

--- Draws the marks of a series.
function plot_marks.draw(out, series, frame)
  DRAW[series.kind](out, series, frame)
end

return plot_marks
