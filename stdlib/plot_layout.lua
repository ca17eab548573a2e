-- SPDX-License-Identifier: BSD-3-Clause
--- The frame of a plot: title, axes, legend, colour bar, caption. An internal part of `plot`.

local numerals = require "numerals"
local plot_legend = require "plot_legend"
local plot_marks = require "plot_marks"
local plot_scales = require "plot_scales"
local svg = require "svg"

local plot_layout = {}

local INK <const>, SOFT <const>, GRID <const>, AXIS <const> = "#1a1a1a", "#5f6368", "#e6e8eb",
  "#9aa0a6"
local LABEL_SIZE <const> = 13
-- Labels of categories that do not fit side by side are turned by this angle.
local ANGLE <const> = -35

--- The sizes of a figure, and of a panel in one.
local MAIN <const> = { margin = 24, title = 21, subtitle = 14, caption = 12 }
local PANEL <const> = { margin = 10, title = 15, subtitle = 12, caption = 11 }

--- Draws title and subtitle; returns their end.
local function draw_head(out, figure, box, style)
  local y = box.top + style.margin
  local function lines(text, size, attributes)
    for _, line in ipairs(svg.wrap(text, size, box.width - 2 * style.margin)) do
      y = y + size
      attributes["font-size"] = size
      out[#out + 1] = svg.text(box.left + style.margin, y, line, attributes)
      y = y + size * 0.4
    end
  end
  if figure.title then
    lines(figure.title, style.title, { fill = INK, ["font-weight"] = 700 })
  end
  if figure.subtitle then
    lines(figure.subtitle, style.subtitle, { fill = SOFT })
  end
  return y
end

--- The lines of the caption.
local function caption_of(figure, box, style)
  return figure.caption and svg.wrap(figure.caption, style.caption, box.width - 2 * style.margin)
    or {}
end

local function draw_caption(out, lines, box, style)
  for i, line in ipairs(lines) do
    out[#out + 1] = svg.text(box.left + style.margin,
      box.top + box.height - style.margin - (style.caption + 4) * (#lines - i), line,
      { fill = SOFT, ["font-size"] = style.caption })
  end
end

--- The width of the widest label.
local function widest(list)
  local width = 0
  for _, tick in ipairs(list) do
    width = math.max(width, tick.label and svg.text_width(tick.label, LABEL_SIZE) or 0)
  end
  return width
end

--- Shortens the names of categories, and leaves out those that have no room.
local function fit_categories(list, room)
  local step = math.max(1, math.ceil(14 / room))
  for i, tick in ipairs(list) do
    if utf8.len(tick.label) > 26 then
      tick.label = tick.label:sub(1, utf8.offset(tick.label, 26) - 1) .. "\u{2026}"
    end
    if (i - 1) % step ~= 0 then
      tick.label = nil
    end
  end
end

--- The axis that goes up, with lines across the plot.
local function draw_vertical(out, scale, frame, axis, list)
  local parts = {}
  for _, tick in ipairs(list) do
    local y = frame.up(tick.value)
    if scale.kind ~= "category" then
      parts[#parts + 1] = svg.element("line", {
        x1 = frame.left, x2 = frame.right, y1 = y, y2 = y,
        stroke = tick.value == 0 and not axis.is_hidden and AXIS or GRID,
        ["stroke-opacity"] = not tick.label and 0.5 or nil,
      })
    end
    if tick.label then
      parts[#parts + 1] = svg.text(frame.left - 10, y + 4.5, tick.label,
        { fill = SOFT, ["font-size"] = LABEL_SIZE, ["text-anchor"] = "end" })
    end
  end
  if axis.label then
    parts[#parts + 1] = svg.text(frame.box.left + frame.style.margin, frame.top - 14, axis.label,
      { fill = SOFT, ["font-size"] = LABEL_SIZE })
  end
  out[#out + 1] = svg.element("g", { class = "axis up" }, parts)
end

local function draw_horizontal(out, scale, frame, axis, list)
  local parts = {}
  parts[1] = svg.element("line", {
    x1 = frame.left, x2 = frame.right, y1 = frame.bottom, y2 = frame.bottom, stroke = AXIS,
  })
  for _, tick in ipairs(list) do
    local x = frame.along(tick.value)
    if frame.has_vertical_lines and scale.kind ~= "category" then
      parts[#parts + 1] = svg.element("line", {
        x1 = x, x2 = x, y1 = frame.top, y2 = frame.bottom,
        stroke = tick.value == 0 and AXIS or GRID,
        ["stroke-opacity"] = not tick.label and 0.5 or nil,
      })
    end
    if scale.kind ~= "category" then
      parts[#parts + 1] = svg.element("line", {
        x1 = x, x2 = x, y1 = frame.bottom, y2 = frame.bottom + (tick.label and 5 or 3),
        stroke = AXIS,
      })
    end
    local style = { fill = SOFT, ["font-size"] = LABEL_SIZE, ["text-anchor"] = "middle" }
    if tick.label and frame.is_turned then
      style["text-anchor"] = "end"
      style.transform = ("rotate(%d %s %s)"):format(ANGLE, numerals.rounded(x + 4, 2),
        numerals.rounded(frame.bottom + 16, 2))
      parts[#parts + 1] = svg.text(x + 4, frame.bottom + 16, tick.label, style)
    elseif tick.label then
      parts[#parts + 1] = svg.text(x, frame.bottom + 20, tick.label, style)
    end
    if tick.below then
      local half = svg.text_width(tick.below, LABEL_SIZE) * 0.56
      local middle = math.min(math.max(x, frame.box.left + half),
        frame.box.left + frame.box.width - half)
      parts[#parts + 1] = svg.text(middle, frame.bottom + 37, tick.below, {
        fill = INK, ["font-weight"] = 600, ["font-size"] = LABEL_SIZE, ["text-anchor"] = "middle",
      })
    end
  end
  if axis.label then
    parts[#parts + 1] = svg.text((frame.left + frame.right) / 2, frame.bottom + frame.label_at,
      axis.label, { fill = SOFT, ["font-size"] = LABEL_SIZE, ["text-anchor"] = "middle" })
  end
  out[#out + 1] = svg.element("g", { class = "axis along" }, parts)
end

--- Makes the frame as high or as narrow as equal pixels for both axes require.
local function make_equal(frame, along, up)
  local wide, high = along.high - along.low, up.high - up.low
  local scale = math.min((frame.right - frame.left) / wide, (frame.bottom - frame.top) / high)
  frame.right = frame.left + scale * wide
  frame.bottom = frame.top + scale * high
end

--- Chooses the frame's bounds around the labels of the axes, and the ticks.
local function place_frame(frame, panel, style, right)
  local box, up, along = frame.box, panel.up, panel.along
  local up_axis, along_axis = panel.up_axis, panel.along_axis
  local function ticks_of(scale, axis, length, step)
    return axis.is_hidden and {} or plot_scales.ticks(scale, length, step)
  end
  local up_ticks = ticks_of(up, up_axis, frame.bottom - frame.top, 60)
  if up.kind == "category" then
    fit_categories(up_ticks, (frame.bottom - frame.top) / math.max(1, #up_ticks))
  end
  frame.left = box.left + style.margin + (#up_ticks > 0 and 12 or 0) + widest(up_ticks)
  frame.right = box.left + box.width - style.margin - right
  local along_ticks = ticks_of(along, along_axis, frame.right - frame.left,
    along.kind == "date" and 48 or along.kind == "log" and 40 or 80)
  local below = 20
  if along.kind == "category" then
    local room = (frame.right - frame.left) / math.max(1, #along_ticks)
    fit_categories(along_ticks, room)
    local wide = widest(along_ticks)
    if wide + 6 > room then
      frame.is_turned = true
      below = 18 + wide * math.sin(math.rad(-ANGLE))
      -- the first label begins left of its bar
      frame.left = math.max(frame.left,
        box.left + style.margin + wide * math.cos(math.rad(-ANGLE)) - room / 2)
    end
  end
  for _, tick in ipairs(along_ticks) do
    below = tick.below and 37 or below
  end
  frame.label_at = below + 22
  local label_room = along_axis.label and frame.label_at or below
  frame.bottom = frame.bottom - math.max(style == MAIN and 42 or 0, label_room)
  if frame.right - frame.left < 60 or frame.bottom - frame.top < 40 then
    error("width, height: the plot does not fit beside its text; increase them", 0)
  end
  if panel.is_equal then
    make_equal(frame, along, up)
  end
  -- the number of ticks depends on the height, unless the range was extended to them
  if not up.list and up.kind ~= "category" then
    up_ticks = ticks_of(up, up_axis, frame.bottom - frame.top, 60)
  end
  return up_ticks, along_ticks
end

--- The functions from values to pixels.
local function add_places(frame, panel)
  local up, along = panel.up, panel.along
  -- the first category is on top
  local is_down = up.kind == "category"
  frame.up = plot_scales.place(up, is_down and frame.top or frame.bottom,
    is_down and frame.bottom or frame.top)
  frame.along = plot_scales.place(along, frame.left, frame.right)
  local is_swapped = panel.figure.horizontal == true
  frame.is_swapped = is_swapped
  frame.to_x, frame.to_y = is_swapped and frame.up or frame.along,
    is_swapped and frame.along or frame.up
  local y_scale = is_swapped and along or up
  frame.is_log_y, frame.low_y = y_scale.kind == "log", y_scale.low
  frame.base_y = frame.to_y(y_scale.low)
  frame.has_vertical_lines = is_swapped or panel.has_points
end

--- Draws the marks; those outside of a range that was given are cut off.
local function draw_marks(out, panel, frame)
  local marks = {}
  for _, series in ipairs(panel.list) do
    plot_marks.bands(marks, series, frame)
  end
  for _, series in ipairs(panel.list) do
    plot_marks.draw(marks, series, frame)
  end
  local x_axis, y_axis = panel.figure.x_axis, panel.figure.y_axis
  if x_axis.low or x_axis.high or y_axis.low or y_axis.high then
    local x, y = frame.left, frame.top
    local width, height = frame.right - frame.left, frame.bottom - frame.top
    out[#out + 1] = svg.element("svg", {
      x = x, y = y, width = width, height = height, overflow = "hidden",
      viewBox = ("%s %s %s %s"):format(numerals.rounded(x, 2), numerals.rounded(y, 2),
        numerals.rounded(width, 2), numerals.rounded(height, 2)),
    }, marks)
  else
    table.move(marks, 1, #marks, #out + 1, out)
  end
end

--- Draws a figure, or a panel of one.
--- @param out string[]
--- @param panel table `figure`, `list` of series, the scales `up` and `along`, ...
--- @param box table `left`, `top`, `width`, `height`
--- @param is_panel boolean
function plot_layout.draw(out, panel, box, is_panel)
  local style, figure = is_panel and PANEL or MAIN, panel.figure
  local y = draw_head(out, figure, box, style)
  local legend = plot_legend.kind_of(panel)
  if legend == "legend" then
    y = plot_legend.draw(out, panel, y, box, style.margin) + 6
  end
  local captions = caption_of(figure, box, style)
  local label = panel.up_axis.label or panel.color_scale and panel.color_scale.label
  local frame = { box = box, style = style, top = y + (label and 38 or is_panel and 14 or 22) }
  frame.bottom = box.top + box.height - style.margin
    - (#captions > 0 and 12 + (style.caption + 4) * #captions or 0)
  local right = is_panel and 4 or 8
  if legend == "direct" then
    right = plot_legend.direct_width(panel, box)
  end
  if panel.color_scale then
    right = right + plot_legend.bar_width(panel.color_scale)
  end
  local up_ticks, along_ticks = place_frame(frame, panel, style, right)
  add_places(frame, panel)
  if panel.is_empty then
    up_ticks, along_ticks = {}, {}
  end
  -- it shows nothing; programs that read the document find the plot here
  out[#out + 1] = svg.element("rect", {
    class = "frame", x = frame.left, y = frame.top, width = frame.right - frame.left,
    height = frame.bottom - frame.top, fill = "none",
  })
  if not panel.has_cells then
    draw_vertical(out, panel.up, frame, panel.up_axis, up_ticks)
    draw_horizontal(out, panel.along, frame, panel.along_axis, along_ticks)
    draw_marks(out, panel, frame)
  else
    -- cells would hide the lines across the plot
    draw_marks(out, panel, frame)
    frame.has_vertical_lines = false
    local left = frame.left
    frame.right, right = frame.left, frame.right
    draw_vertical(out, panel.up, frame, panel.up_axis, up_ticks)
    frame.left, frame.right = left, right
    draw_horizontal(out, panel.along, frame, panel.along_axis, along_ticks)
  end
  if panel.is_empty then
    out[#out + 1] = svg.text((frame.left + frame.right) / 2, (frame.top + frame.bottom) / 2,
      "no data", { fill = SOFT, ["font-size"] = LABEL_SIZE, ["text-anchor"] = "middle" })
  end
  if legend == "direct" then
    plot_legend.draw_direct(out, panel, frame)
  end
  if panel.color_scale then
    plot_legend.draw_bar(out, panel.color_scale, frame)
  end
  draw_caption(out, captions, box, style)
end

--- Draws title, subtitle and caption of a figure with panels; returns the box that is left.
--- @param out string[]
--- @param figure table
--- @param box table
--- @return table
function plot_layout.draw_around(out, figure, box)
  local y = draw_head(out, figure, box, MAIN)
  local captions = caption_of(figure, box, MAIN)
  draw_caption(out, captions, box, MAIN)
  local bottom = box.top + box.height - (#captions > 0 and MAIN.margin + 16 * #captions or 8)
  return { left = box.left + 10, top = y, width = box.width - 20, height = bottom - y }
end

return plot_layout
