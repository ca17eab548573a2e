-- SPDX-License-Identifier: BSD-3-Clause
--- Legends, names at the ends of lines, and colour bars. An internal part of `plot`.

local plot_colors = require "plot_colors"
local plot_marks = require "plot_marks"
local plot_raster = require "plot_raster"
local svg = require "svg"
local ticks = require "ticks"

local plot_legend = {}

local INK <const>, SOFT <const>, LABEL_SIZE <const> = "#1a1a1a", "#5f6368", 13

--- A text that fits a width, with an ellipsis in place of its end where it is too long.
local function shortened(text, width)
  -- fonts differ
  width = width / 1.15
  if svg.text_width(text, LABEL_SIZE) <= width then
    return text
  end
  local last = utf8.len(text)
  while last > 1 and svg.text_width(text, LABEL_SIZE) > width - LABEL_SIZE do
    last = last - 1
    text = text:sub(1, utf8.offset(text, last + 1) - 1)
  end
  return text .. "\u{2026}"
end

-- More names beside lines would be on each other.
local MOST_NAMES <const> = 20
-- The part of the width that names at the ends of lines may take.
local NAMES_PART <const> = 0.35

--- The place of the names of series: "direct", "legend", or nil when there are none.
function plot_legend.kind_of(panel)
  local named, all_lines = 0, true
  for _, series in ipairs(panel.list) do
    named = named + (series.name and 1 or 0)
    all_lines = all_lines and (series.kind == "lines" or series.name == nil)
  end
  local labels = panel.figure.labels
  if named == 0 or labels == "none" then
    return nil
  end
  return labels ~= "legend" and all_lines and named <= MOST_NAMES and "direct" or "legend"
end

--- The room at the right for names at the ends of lines.
function plot_legend.direct_width(panel, box)
  local width = 0
  for _, series in ipairs(panel.list) do
    width = math.max(width, svg.text_width(series.name or "", LABEL_SIZE))
  end
  return math.min(width * 1.08, box.width * NAMES_PART) + 8
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

--- The pixels of the last finite point of a series: of its line, or the middle of its band.
local function last_point(series, frame)
  for i = #series.x, 1, -1 do
    local y = series.y and series.y[i] or not series.y and (series.low[i] + series.high[i]) / 2
    local px, py = frame.to_x(series.x[i]), y and frame.to_y(y) or 0 / 0
    local sum = px + py
    if sum - sum == 0 then
      return math.min(px, frame.right), py
    end
  end
end

--- Draws the names at the ends of lines.
function plot_legend.draw_direct(out, panel, frame)
  local labels = {}
  for number, series in ipairs(panel.list) do
    local x, y
    if series.name then
      x, y = last_point(series, frame)
    end
    if x then
      labels[#labels + 1] = {
        number = number, x = x, y = y + 4.5, color = series.drawn_color,
        text = shortened(series.name, frame.box.width * NAMES_PART),
      }
    end
  end
  spread(labels, LABEL_SIZE * 1.3, frame.top + 4, frame.bottom)
  for _, label in ipairs(labels) do
    out[#out + 1] = svg.text(label.x + 8, label.y, label.text, {
      fill = plot_colors.for_text(label.color), ["font-size"] = LABEL_SIZE, ["font-weight"] = 600,
    })
  end
end

--- The sign of a series in a legend.
local function sign(series, x, y)
  local color = series.drawn_color
  if series.kind == "points" then
    return ('<g fill="%s">%s</g>'):format(color, plot_marks.mark(series.shape, x + 11, y - 4, 9))
  elseif series.kind == "lines" or series.kind == "error_bars" then
    local width = series.line_width or series.width
    local is_band = series.kind == "lines" and (width == 0 or not series.y)
    return svg.element("line", {
      x1 = x, x2 = x + 22, y1 = y - 4, y2 = y - 4, stroke = color,
      ["stroke-width"] = is_band and 10 or width or 2, ["stroke-opacity"] = is_band and 0.25 or 1,
      ["stroke-dasharray"] = series.dash or series.drawn_dash or "none",
    })
  end
  return svg.element("rect", {
    x = x + 5, y = y - 11, width = 13, height = 13, fill = color,
    ["fill-opacity"] = series.opacity or series.is_one_of_several and 0.6 or 1,
  })
end

--- Draws the legend's entries in rows, starting at y; returns its end. Entries beyond a third of
-- the height are only counted.
function plot_legend.draw(out, panel, y, box, margin)
  local first, right = box.left + margin, box.left + box.width - margin
  local x, lowest = first, y + 20 + box.height / 3
  local left_out = 0
  y = y + 20
  for _, series in ipairs(panel.list) do
    local name = series.name and shortened(series.name, right - first - 34)
    local wide = name and 34 + svg.text_width(name, LABEL_SIZE)
    if name and x > first and x + wide > right - (y + 20 > lowest and 80 or 0) then
      if y + 20 > lowest then
        left_out = left_out + 1
        name = nil
      else
        x, y = first, y + 20
      end
    elseif left_out > 0 then
      left_out = left_out + (name and 1 or 0)
      name = nil
    end
    if name then
      out[#out + 1] = sign(series, x, y)
      out[#out + 1] = svg.text(x + 28, y, name, { fill = INK, ["font-size"] = LABEL_SIZE })
      x = x + wide + 16
    end
  end
  if left_out > 0 then
    out[#out + 1] = svg.text(x, y, ("and %d more"):format(left_out),
      { fill = SOFT, ["font-size"] = LABEL_SIZE })
  end
  return y
end

-- MARK: Colour bars

local BAR <const>, BAR_STEPS <const> = 14, 64

local function bar_ticks(scale)
  return ticks.linear(scale.low, scale.high, 5)
end

--- The room at the right for a colour bar.
function plot_legend.bar_width(scale)
  local width = scale.label and svg.text_width(scale.label, LABEL_SIZE) - BAR - 6 or 0
  for _, tick in ipairs(bar_ticks(scale)) do
    width = math.max(width, svg.text_width(tick.label, LABEL_SIZE))
  end
  return 16 + BAR + 8 + width
end

--- Draws a colour bar right of the frame.
function plot_legend.draw_bar(out, scale, frame)
  local parts, left, height = {}, frame.right + 16, frame.bottom - frame.top
  for i = 0, BAR_STEPS - 1 do
    local value = scale.low + (scale.high - scale.low) * ((i + 0.5) / BAR_STEPS)
    parts[#parts + 1] = svg.element("rect", {
      x = left, width = BAR, y = frame.bottom - (i + 1) / BAR_STEPS * height,
      height = height / BAR_STEPS, fill = plot_raster.color_of(scale, value),
      ["shape-rendering"] = "crispEdges",
    })
  end
  for _, tick in ipairs(bar_ticks(scale)) do
    local y = frame.bottom - (tick.value - scale.low) / (scale.high - scale.low) * height
    parts[#parts + 1] = svg.text(left + BAR + 6, y + 4.5, tick.label,
      { fill = SOFT, ["font-size"] = LABEL_SIZE })
  end
  if scale.label then
    parts[#parts + 1] = svg.text(left, frame.top - 14, scale.label,
      { fill = SOFT, ["font-size"] = LABEL_SIZE })
  end
  out[#out + 1] = svg.element("g", { class = "color-bar" }, parts)
end

return plot_legend
