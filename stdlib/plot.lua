-- SPDX-License-Identifier: BSD-3-Clause
--- Line plots as SVG: axes with ticks at round values, bands, labels at the lines or a legend.
--
-- A figure is a table:
--   title, subtitle, caption   text; long lines are broken
--   width, height              pixels, default 900 and 520
--   id                         of the SVG document, to be distinct on one page, default "plot"
--   description                text for screen readers, default the subtitle
--   x                          axis: `kind` ("number" or "date": seconds since 1970-01-01),
--                              `label`, `low`, `high`
--   y                          the same without `kind`; default range: all values, up to ticks
--   labels                     "direct" (default, at the right end of the lines) or "legend"
--   series                     list of lines, drawn in that order:
--     name       for the label; none without it
--     x, y       lists or arrays of equal length; NaN interrupts the line
--     low, high  lists or arrays: a band between them
--     color      "#rrggbb", default the next of the palette
--     width      of the line, default 2; 0 for a band alone
--     dash       for instance "4 3"

local number_lists = require "number_lists"
local numerals = require "numerals"
local option_names = require "option_names"
local svg = require "svg"
local ticks = require "ticks"

local plot = {}

--- Colours that are distinguishable with any colour vision (Okabe and Ito). Those with enough
-- contrast for a line on white are first.
plot.palette = {
  "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000",
}

local INK <const>, SOFT <const>, GRID <const>, AXIS <const> = "#1a1a1a", "#5f6368", "#e6e8eb",
  "#9aa0a6"
local FONT <const> = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, " ..
  "'Liberation Sans', sans-serif"
local MARGIN <const>, LABEL_SIZE <const> = 24, 13

local function list_error(number, message, ...)
  error(("series %d: "):format(number) .. message:format(...), 0)
end

local FIGURE <const> = {
  "title", "subtitle", "caption", "width", "height", "id", "description", "x", "y", "labels",
  "series",
}
local SERIES <const> = { "name", "x", "y", "low", "high", "color", "width", "dash" }

local function is_finite(value)
  return type(value) == "number" and value - value == 0
end

local function shown(value)
  return type(value) == "number" and numerals.shortest(value) or "a " .. type(value)
end

local function check_type(subject, value, kind)
  if value ~= nil and type(value) ~= kind then
    error(("%s: expected a %s, got %s"):format(subject, kind, shown(value)), 0)
  end
end

local function check_axis(name, axis, options)
  check_type(name, axis, "table")
  if not axis then
    return
  end
  option_names.check(name, axis, options)
  check_type(name .. ": label", axis.label, "string")
  if axis.kind ~= nil and axis.kind ~= "number" and axis.kind ~= "date" then
    error(("%s: kind: expected \"number\" or \"date\", got %s"):format(name,
      type(axis.kind) == "string" and '"' .. axis.kind .. '"' or shown(axis.kind)), 0)
  end
  for _, bound in ipairs { "low", "high" } do
    if axis[bound] ~= nil and not is_finite(axis[bound]) then
      error(("%s: %s: expected a finite number, got %s"):format(name, bound, shown(axis[bound])), 0)
    end
  end
end

local function check_figure(figure)
  check_type("figure", figure, "table")
  option_names.check("figure", figure, FIGURE)
  for _, name in ipairs { "title", "subtitle", "caption", "id", "description" } do
    check_type(name, figure[name], "string")
  end
  for _, name in ipairs { "width", "height" } do
    local size = figure[name]
    if size ~= nil and not (is_finite(size) and size >= 1 and size <= 100000) then
      error(("%s: expected a number of pixels from 1 to 100000, got %s"):format(name,
        shown(size)), 0)
    end
  end
  if figure.labels ~= nil and figure.labels ~= "direct" and figure.labels ~= "legend" then
    error(("labels: expected \"direct\" or \"legend\", got %s"):format(
      type(figure.labels) == "string" and '"' .. figure.labels .. '"' or shown(figure.labels)), 0)
  end
  check_axis("x", figure.x, { "kind", "label", "low", "high" })
  check_axis("y", figure.y, { "label", "low", "high" })
end

local function check_series(number, series)
  local subject = ("series %d"):format(number)
  check_type(subject, series, "table")
  option_names.check(subject, series, SERIES)
  for _, name in ipairs { "name", "color", "dash" } do
    check_type(subject .. ": " .. name, series[name], "string")
  end
  if series.width ~= nil and not (is_finite(series.width) and series.width >= 0) then
    list_error(number, "width: expected a number from 0, got %s", shown(series.width))
  end
  for _, name in ipairs { "x", "y", "low", "high" } do
    local list = series[name]
    check_type(subject .. ": " .. name, list, "table")
    for i = 1, list and #list or 0 do
      if type(list[i]) ~= "number" then
        list_error(number, "`%s`, value %d: expected a number, got a %s", name, i, type(list[i]))
      end
    end
  end
end

--- A series whose arrays are turned into lists; the same one if it has none.
local function without_arrays(number, series)
  local copy
  for _, name in ipairs { "x", "y", "low", "high" } do
    if type(series) == "table" and number_lists.is_array(series[name]) then
      if not copy then
        copy = {}
        for key, value in pairs(series) do
          copy[key] = value
        end
      end
      copy[name] = number_lists.of(series[name], ("series %d: `%s`: "):format(number, name), 0)
    end
  end
  return copy or series
end

--- The figure that is drawn, with lists in place of arrays.
local function figure_of(figure)
  if type(figure) ~= "table" or type(figure.series) ~= "table" then
    return figure
  end
  local series, is_same = {}, true
  for number, item in ipairs(figure.series) do
    series[number] = without_arrays(number, item)
    is_same = is_same and rawequal(series[number], item)
  end
  if is_same then
    return figure
  end
  local copy = {}
  for key, value in pairs(figure) do
    copy[key] = value
  end
  copy.series = series
  return copy
end

local function check(figure)
  check_figure(figure)
  if type(figure.series) ~= "table" or #figure.series == 0 then
    error("series: expected a list with at least one series", 3)
  end
  for number, series in ipairs(figure.series) do
    check_series(number, series)
    if type(series.x) ~= "table" or #series.x == 0 then
      list_error(number, "`x`: expected a list with at least one value")
    end
    for _, name in ipairs { "y", "low", "high" } do
      if series[name] and #series[name] ~= #series.x then
        list_error(number, "`%s` has %d values, but `x` has %d", name, #series[name], #series.x)
      end
    end
    if not series.y and not (series.low and series.high) then
      list_error(number, "expected `y`, or `low` and `high`")
    end
  end
end

-- Narrower ranges consist of denormal numbers, which have too few digits for ticks.
local NARROWEST <const> = 1e-290

--- The smallest and the largest finite value of some lists of all series.
local function extent(figure, names, what)
  local low, high = math.huge, -math.huge
  for _, series in ipairs(figure.series) do
    for _, name in ipairs(names) do
      for _, value in ipairs(series[name] or {}) do
        if value - value == 0 then
          low, high = math.min(low, value), math.max(high, value)
        end
      end
    end
  end
  if low > high then
    error(what .. ": expected at least one finite value", 0)
  elseif high - low < NARROWEST then
    -- a small distance from a large number would be lost
    local distance = math.abs(low) < 1e12 and 0.5 or math.abs(low) * 1e-3
    low, high = low - distance, high + distance
  end
  return low, high
end

--- Raises an error for a range that has no scale.
local function check_range(what, low, high)
  if low >= high then
    error(("%s: the axis begins at %s and ends at %s; `low` must be less than `high`"):format(what,
      shown(low), shown(high)), 0)
  elseif high - low < NARROWEST then
    error(("%s: the range from %s to %s is too narrow for a float; scale the values"):format(what,
      shown(low), shown(high)), 0)
  elseif high - low == math.huge then
    error(("%s: the range from %s to %s is too large for a float; scale the values"):format(what,
      shown(low), shown(high)), 0)
  end
end

--- A colour darkened until small text is readable on white: contrast 4.5 (WCAG 2).
local function text_color(color)
  local parts = { color:match("^#(%x%x)(%x%x)(%x%x)$") }
  if #parts == 0 then
    return color
  end
  local factor = 0.85
  local luminance
  repeat
    luminance = 0.0
    factor = factor - 0.03
    for i, weight in ipairs { 0.2126, 0.7152, 0.0722 } do
      local c = tonumber(parts[i], 16) * factor / 255
      luminance = luminance + weight * (c <= 0.04045 and c / 12.92 or ((c + 0.055) / 1.055) ^ 2.4)
    end
  until 1.05 / (luminance + 0.05) >= 4.5
  local function darker(part)
    return math.floor(tonumber(part, 16) * factor)
  end
  return ("#%02x%02x%02x"):format(darker(parts[1]), darker(parts[2]), darker(parts[3]))
end

--- Separates labels that would overlap. Keeps their order and the bounds.
local function spread(labels, gap, top, bottom)
  table.sort(labels, function(a, b)
    return a.y < b.y or (a.y == b.y and a.number < b.number)
  end)
  local floor = top
  for _, label in ipairs(labels) do
    label.y = math.max(label.y, floor)
    floor = label.y + gap
  end
  local ceiling = bottom
  for i = #labels, 1, -1 do
    labels[i].y = math.min(labels[i].y, ceiling)
    ceiling = labels[i].y - gap
  end
end

--- The last finite point of a series: of its line, or the middle of its band.
local function last_point(series)
  for i = #series.x, 1, -1 do
    local y = series.y and series.y[i] or not series.y and (series.low[i] + series.high[i]) / 2
    if y and is_finite(y) and is_finite(series.x[i]) then
      return series.x[i], y
    end
  end
end

local function color_of(figure, number)
  return figure.series[number].color or plot.palette[(number - 1) % #plot.palette + 1]
end

--- Draws title and subtitle; returns their height.
local function draw_head(out, figure, width)
  local y = MARGIN
  local function lines(text, size, attributes)
    for _, line in ipairs(svg.wrap(text, size, width - 2 * MARGIN)) do
      y = y + size
      attributes["font-size"] = size
      out[#out + 1] = svg.text(MARGIN, y, line, attributes)
      y = y + size * 0.4
    end
  end
  if figure.title then
    lines(figure.title, 21, { fill = INK, ["font-weight"] = 700 })
  end
  if figure.subtitle then
    lines(figure.subtitle, 14, { fill = SOFT })
  end
  return y
end

local function draw_y_axis(out, figure, frame, list)
  for _, tick in ipairs(list) do
    local y = frame.to_y(tick.value)
    out[#out + 1] = svg.element("line", {
      x1 = frame.left, x2 = frame.right, y1 = y, y2 = y,
      stroke = tick.value == 0 and AXIS or GRID,
    })
    out[#out + 1] = svg.text(frame.left - 10, y + 4.5, tick.label,
      { fill = SOFT, ["font-size"] = LABEL_SIZE, ["text-anchor"] = "end" })
  end
  if figure.y and figure.y.label then
    out[#out + 1] = svg.text(MARGIN, frame.top - 14, figure.y.label,
      { fill = SOFT, ["font-size"] = LABEL_SIZE })
  end
end

local function draw_x_axis(out, figure, frame, list)
  out[#out + 1] = svg.element("line", {
    x1 = frame.left, x2 = frame.right, y1 = frame.bottom, y2 = frame.bottom, stroke = AXIS,
  })
  for _, tick in ipairs(list) do
    local x = frame.to_x(tick.value)
    out[#out + 1] = svg.element("line", {
      x1 = x, x2 = x, y1 = frame.bottom, y2 = frame.bottom + 5, stroke = AXIS,
    })
    local style = { fill = SOFT, ["font-size"] = LABEL_SIZE, ["text-anchor"] = "middle" }
    out[#out + 1] = svg.text(x, frame.bottom + 20, tick.label, style)
    if tick.below then
      style.fill, style["font-weight"] = INK, 600
      out[#out + 1] = svg.text(x, frame.bottom + 37, tick.below, style)
    end
  end
  if figure.x and figure.x.label then
    out[#out + 1] = svg.text((frame.left + frame.right) / 2, frame.bottom + 42, figure.x.label,
      { fill = SOFT, ["font-size"] = LABEL_SIZE, ["text-anchor"] = "middle" })
  end
end

local function map(list, f)
  local result = {}
  for i = 1, #list do
    result[i] = f(list[i])
  end
  return result
end

--- Draws a band, interrupted at NaNs.
local function draw_band(out, series, color, frame)
  local pieces, xs, ys = {}, {}, {}
  local function close(last)
    for i = last, last - #xs + 1, -1 do
      xs[#xs + 1], ys[#ys + 1] = frame.to_x(series.x[i]), frame.to_y(series.low[i])
    end
    if #xs > 0 then
      pieces[#pieces + 1] = svg.path(xs, ys) .. "Z"
    end
    xs, ys = {}, {}
  end
  for i = 1, #series.x do
    local width = series.high[i] - series.low[i]
    if width - width ~= 0 then
      close(i - 1)
    else
      xs[#xs + 1], ys[#ys + 1] = frame.to_x(series.x[i]), frame.to_y(series.high[i])
    end
  end
  close(#series.x)
  out[#out + 1] = svg.element("path", {
    d = table.concat(pieces), fill = color, ["fill-opacity"] = 0.16, stroke = "none",
  })
end

local function draw_line(out, series, color, frame)
  local attributes = {
    d = svg.path(map(series.x, frame.to_x), map(series.y, frame.to_y)),
    fill = "none", stroke = color, ["stroke-width"] = series.width or 2,
    ["stroke-linejoin"] = "round", ["stroke-linecap"] = series.dash and "butt" or "round",
  }
  attributes["stroke-dasharray"] = series.dash
  out[#out + 1] = svg.element("path", attributes)
end

local function draw_direct_labels(out, figure, frame)
  local labels = {}
  for number, series in ipairs(figure.series) do
    local x, y = last_point(series)
    if series.name and x then
      labels[#labels + 1] = {
        number = number, x = frame.to_x(x), y = frame.to_y(y) + 4.5, text = series.name,
      }
    end
  end
  spread(labels, LABEL_SIZE * 1.3, frame.top + 4, frame.bottom)
  for _, label in ipairs(labels) do
    out[#out + 1] = svg.text(label.x + 8, label.y, label.text, {
      fill = text_color(color_of(figure, label.number)), ["font-size"] = LABEL_SIZE,
      ["font-weight"] = 600,
    })
  end
end

--- Draws the legend's entries in rows, starting at y; returns its end.
local function draw_legend(out, figure, y, width)
  local x = MARGIN
  y = y + 20
  for number, series in ipairs(figure.series) do
    if series.name then
      local wide = 34 + svg.text_width(series.name, LABEL_SIZE)
      if x > MARGIN and x + wide > width - MARGIN then
        x, y = MARGIN, y + 20
      end
      local band = series.width == 0 or not series.y
      out[#out + 1] = svg.element("line", {
        x1 = x, x2 = x + 22, y1 = y - 4, y2 = y - 4, stroke = color_of(figure, number),
        ["stroke-width"] = band and 10 or series.width or 2,
        ["stroke-opacity"] = band and 0.25 or 1,
        ["stroke-dasharray"] = series.dash or "none",
      })
      out[#out + 1] = svg.text(x + 28, y, series.name, { fill = INK, ["font-size"] = LABEL_SIZE })
      x = x + wide + 16
    end
  end
  return y
end

--- The width of the widest label.
local function widest(list, size)
  local width = 0
  for _, text in ipairs(list) do
    width = math.max(width, svg.text_width(text, size))
  end
  return width
end

--- Computes ranges, ticks and the functions from data to pixels.
local function layout(figure, width, height, top, bottom)
  local x_axis, y_axis = figure.x or {}, figure.y or {}
  local x_low, x_high = extent(figure, { "x" }, "x")
  x_low, x_high = x_axis.low or x_low, x_axis.high or x_high
  check_range("x", x_low, x_high)
  local y_low, y_high = extent(figure, { "y", "low", "high" }, "y")
  y_low, y_high = y_axis.low or y_low, y_axis.high or y_high
  check_range("y", y_low, y_high)
  local fits, y_ticks, low, high = pcall(ticks.covering, y_low, y_high)
  if not fits then
    error(("y: the range from %s to %s is too large for a float; scale the values"):format(
      shown(y_low), shown(y_high)), 0)
  end
  y_low, y_high = low, high
  local names = map(figure.series, function(series) return series.name or "" end)
  local direct = figure.labels ~= "legend" and widest(names, LABEL_SIZE) * 1.08 + 8 or 8
  local frame = {
    left = MARGIN + 12 + widest(map(y_ticks, function(t) return t.label end), LABEL_SIZE),
    right = width - MARGIN - direct, top = top, bottom = height - bottom,
  }
  if frame.right - frame.left < 80 or frame.bottom - frame.top < 60 then
    error("width, height: the plot does not fit beside its text; increase them", 0)
  end
  local x_ticks
  if x_axis.kind == "date" then
    local ok
    ok, x_ticks = pcall(ticks.dates, x_low, x_high, (frame.right - frame.left) // 48)
    if not ok then
      error("x: " .. x_ticks:gsub("^[^\n]-:%d+: ", ""), 0)
    end
  else
    x_ticks = ticks.linear(x_low, x_high, (frame.right - frame.left) // 80)
  end
  function frame.to_x(x)
    return frame.left + (x - x_low) / (x_high - x_low) * (frame.right - frame.left)
  end
  function frame.to_y(y)
    return frame.bottom - (y - y_low) / (y_high - y_low) * (frame.bottom - frame.top)
  end
  return frame, x_ticks, y_ticks
end

--- Draws a figure.
--- @param figure table see the description of the library
--- @return string an SVG document
function plot.lines(figure)
  figure = figure_of(figure)
  check(figure)
  local width, height = figure.width or 900, figure.height or 520
  local id = figure.id or "plot"
  local out = {
    svg.element("title", { id = id .. "-title" }, svg.escape(figure.title or "Line plot")),
    svg.element("desc", { id = id .. "-desc" },
      svg.escape(figure.description or figure.subtitle or figure.title or "Line plot")),
    svg.element("rect", { width = width, height = height, fill = "#ffffff" }),
  }
  local y = draw_head(out, figure, width)
  if figure.labels == "legend" then
    y = draw_legend(out, figure, y, width) + 6
  end
  local captions = figure.caption and svg.wrap(figure.caption, 12, width - 2 * MARGIN) or {}
  local below = MARGIN + 42 + (#captions > 0 and 12 + 16 * #captions or 0)
  local top = y + (figure.y and figure.y.label and 38 or 22)
  local frame, x_ticks, y_ticks = layout(figure, width, height, top, below)

  draw_y_axis(out, figure, frame, y_ticks)
  draw_x_axis(out, figure, frame, x_ticks)
  for number, series in ipairs(figure.series) do
    if series.low and series.high then
      draw_band(out, series, color_of(figure, number), frame)
    end
  end
  for number, series in ipairs(figure.series) do
    if series.y and series.width ~= 0 then
      draw_line(out, series, color_of(figure, number), frame)
    end
  end
  if figure.labels ~= "legend" then
    draw_direct_labels(out, figure, frame)
  end
  for i, line in ipairs(captions) do
    out[#out + 1] = svg.text(MARGIN, height - MARGIN - 16 * (#captions - i), line,
      { fill = SOFT, ["font-size"] = 12 })
  end
  return svg.element("svg", {
    xmlns = "http://www.w3.org/2000/svg", width = width, height = height,
    viewBox = ("0 0 %s %s"):format(numerals.rounded(width, 2), numerals.rounded(height, 2)),
    role = "img",
    ["aria-labelledby"] = ("%s-title %s-desc"):format(id, id), ["font-family"] = FONT,
  }, out) .. "\n"
end

return plot
