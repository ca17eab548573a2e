-- SPDX-License-Identifier: BSD-3-Clause
--- Cells and many points: as rectangles, or as a PNG picture inside the SVG. An internal part of
--- `plot`.

local numerals = require "numerals"
local plot_colors = require "plot_colors"
local plot_png = require "plot_png"
local svg = require "svg"

local plot_raster = {}

local floor <const>, max <const>, min <const> = math.floor, math.max, math.min

local function rounded(value)
  return numerals.rounded(value, 2)
end

--- The colour of a number.
--- @param scale table as from `plot_grid.color_scale`
--- @param value number
--- @return string "#rrggbb"
function plot_raster.color_of(scale, value)
  return plot_colors.hex(scale.map((value - scale.low) / (scale.high - scale.low)))
end

--- The part of a scale where a number is, from 0 to 1.
local function part_of(scale, value)
  return min(1.0, max(0.0, (value - scale.low) / (scale.high - scale.low)))
end

--- A palette: index 0 is transparent, 1 to 255 are the colours of a scale.
local function palette_of(scale)
  local palette = { { 0, 0, 0, 0 } }
  for i = 0, 254 do
    palette[i + 2] = { scale.map(i / 254) }
  end
  return palette
end

--- A picture at a place in the plot.
local function image(out, class, png, x, y, width, height)
  out[#out + 1] = svg.element("image", {
    class = class, x = x, y = y, width = width, height = height, preserveAspectRatio = "none",
    style = "image-rendering:pixelated", href = "data:image/png;base64," .. plot_png.base64(png),
  })
end

-- MARK: Grids

-- More cells are drawn as a picture.
local MOST_CELLS <const> = 4096

--- The pixels of edges.
local function places(edges, place)
  local list = {}
  for i, edge in ipairs(edges) do
    list[i] = place(edge)
  end
  return list
end

local function cells(out, series, xs, ys)
  local list, scale = {}, series.color_scale
  for i, row in ipairs(series.grid.rows) do
    for j, value in ipairs(row) do
      if value == value then
        list[#list + 1] = ('<rect x="%s" y="%s" width="%s" height="%s" fill="%s"/>'):format(
          rounded(min(xs[j], xs[j + 1])), rounded(min(ys[i], ys[i + 1])),
          rounded(math.abs(xs[j + 1] - xs[j])), rounded(math.abs(ys[i + 1] - ys[i])),
          plot_raster.color_of(scale, value))
      end
    end
  end
  out[#out + 1] = svg.element("g", {
    class = series.kind, ["shape-rendering"] = "crispEdges", opacity = series.opacity,
  }, list)
end

--- The values as text in the cells.
local function texts(out, series, xs, ys)
  local list, scale = {}, series.color_scale
  for i, row in ipairs(series.grid.rows) do
    for j, value in ipairs(row) do
      if value - value == 0 then
        local light = plot_colors.luminance(scale.map(part_of(scale, value)))
        local text = math.type(value) == "integer" and tostring(value)
          or numerals.format("%.3g", value)
        list[#list + 1] = svg.text((xs[j] + xs[j + 1]) / 2, (ys[i] + ys[i + 1]) / 2 + 4.5,
          (text:gsub("^%-", "\u{2212}")), { fill = light > 0.35 and "#1a1a1a" or "#ffffff" })
      end
    end
  end
  out[#out + 1] = svg.element("g", {
    class = "cell-values", ["font-size"] = 12, ["text-anchor"] = "middle",
  }, list)
end

--- For each pixel between `low` and `low + count / density`: the first and the last cell in it.
local function ranges(pixels, low, count, density)
  local first, last = {}, {}
  local is_down = pixels[1] > pixels[#pixels]
  local total = #pixels - 1
  for cell = 1, total do
    local a, b = pixels[cell], pixels[cell + 1]
    if is_down then
      a, b = b, a
    end
    local from = floor((a - low) * density + 0.5)
    local to = max(from, floor((b - low) * density + 0.5) - 1)
    for i = max(from, 0), min(to, count - 1) do
      first[i], last[i] = first[i] or cell, cell
    end
  end
  return first, last
end

--- A heat map of many cells. Where several cells are in one pixel, it shows their mean.
local function picture_of_cells(out, series, xs, ys)
  local left, right = min(xs[1], xs[#xs]), max(xs[1], xs[#xs])
  local top, bottom = min(ys[1], ys[#ys]), max(ys[1], ys[#ys])
  local width, height = max(1, floor((right - left) * 2)), max(1, floor((bottom - top) * 2))
  local first_x, last_x = ranges(xs, left, width, width / (right - left))
  local first_y, last_y = ranges(ys, top, height, height / (bottom - top))
  local scale, rows = series.color_scale, series.grid.rows
  local low, factor = scale.low, 254 / (scale.high - scale.low)
  local index, lines, known = {}, {}, {}
  for v = 0, height - 1 do
    local from, to = first_y[v], last_y[v]
    local key = from and from * 2 ^ 24 + to
    local line = key and known[key]
    if not line then
      for u = 0, width - 1 do
        local sum, count = 0.0, 0
        for i = from or 1, from and to or 0 do
          local row = rows[i]
          for j = first_x[u] or 1, first_x[u] and last_x[u] or 0 do
            local value = row[j]
            if value == value then
              sum, count = sum + value, count + 1
            end
          end
        end
        local part = count > 0 and (sum / count - low) * factor
        index[u + 1] = part and part == part
          and floor(part < 0 and 0 or part > 254 and 254 or part + 0.5) + 1 or 0
      end
      local bytes = {}
      for i = 1, width, 4096 do
        bytes[#bytes + 1] = string.char(table.unpack(index, i, min(i + 4095, width)))
      end
      line = table.concat(bytes)
      if key then
        known[key] = line
      end
    end
    lines[v + 1] = line
  end
  image(out, series.kind, plot_png.encode(lines, width, 1, palette_of(scale)), left, top,
    right - left, bottom - top)
end

--- An image of colours: its own pixels, or fewer of them where they cannot be seen.
local function picture_of_pixels(out, series, xs, ys)
  local grid = series.grid
  local left, right = min(xs[1], xs[#xs]), max(xs[1], xs[#xs])
  local top, bottom = min(ys[1], ys[#ys]), max(ys[1], ys[#ys])
  local channels = grid.channels
  local step_x = max(1, floor(grid.width / ((right - left) * 2)))
  local step_y = max(1, floor(grid.height / ((bottom - top) * 2)))
  local lines = {}
  for i = 1, grid.height, step_y do
    local row = grid.pixels[i]
    if step_x > 1 or xs[1] > xs[#xs] then
      local parts = {}
      for j = 1, grid.width, step_x do
        local at = xs[1] > xs[#xs] and grid.width + 1 - j or j
        parts[#parts + 1] = row:sub((at - 1) * channels + 1, at * channels)
      end
      row = table.concat(parts)
    end
    table.insert(lines, ys[1] > ys[#ys] and 1 or #lines + 1, row)
  end
  image(out, series.kind, plot_png.encode(lines, #lines[1] // channels, channels), left, top,
    right - left, bottom - top)
end

--- Draws a heat map or an image.
--- @param out string[]
--- @param series table
--- @param frame table
function plot_raster.grid(out, series, frame)
  local grid = series.grid
  if grid.width == 0 or grid.height == 0 then
    return
  end
  local xs, ys = places(grid.x_edges, frame.to_x), places(grid.y_edges, frame.to_y)
  for _, list in ipairs { xs, ys } do
    for i = 1, #list do
      if list[i] ~= list[i] then
        error(("%s: the cells begin at or below 0, which a logarithmic axis cannot show"):format(
          series.subject), 0)
      end
    end
  end
  if grid.pixels then
    picture_of_pixels(out, series, xs, ys)
  elseif grid.width * grid.height <= MOST_CELLS then
    cells(out, series, xs, ys)
    if series.texts then
      texts(out, series, xs, ys)
    end
  else
    picture_of_cells(out, series, xs, ys)
  end
end

-- MARK: Many points

--- Draws points as a picture: a pixel is the more opaque the more points are on it, or has the
-- colour
--- of the last one's number.
--- @param out string[]
--- @param series table
--- @param xs number[] pixels
--- @param ys number[] pixels
--- @param frame table
function plot_raster.points(out, series, xs, ys, frame)
  local left, top = floor(frame.left) - 4, floor(frame.top) - 4
  local width, height = floor(frame.right) + 4 - left, floor(frame.bottom) + 4 - top
  local density = width * height <= 2000000 and 2 or 1
  width, height = width * density, height * density
  local scale, counts = series.color_scale, {}
  for i = 1, #xs do
    local x, y = (xs[i] - left) * density, (ys[i] - top) * density
    if x >= 0 and x < width and y >= 0 and y < height then
      local at = floor(y) * width + floor(x)
      if scale then
        local value = series.color_values[i]
        counts[at] = value == value and floor(part_of(scale, value) * 254 + 0.5) + 1 or nil
      else
        counts[at] = (counts[at] or 0) + 1
      end
    end
  end
  -- the pixels of a disc
  local radius = (series.size or 2) * density / 2
  local offsets = {}
  for v = -floor(radius), floor(radius) do
    for u = -floor(radius), floor(radius) do
      if u * u + v * v <= radius * radius then
        offsets[#offsets + 1] = v * width + u
      end
    end
  end
  local pixels = {}
  for at, count in pairs(counts) do
    for i = 1, #offsets do
      local there = at + offsets[i]
      pixels[there] = scale and max(pixels[there] or 0, count) or (pixels[there] or 0) + count
    end
  end
  local palette
  if scale then
    palette = palette_of(scale)
  else
    -- the index is a number of points
    local red, green, blue = plot_colors.parse(series.drawn_color)
    local opacity = series.opacity or 0.35
    palette = {}
    for i = 0, 255 do
      palette[i + 1] = { red, green, blue, floor(255 * (1 - (1 - opacity) ^ i) + 0.5) }
    end
  end
  local lines, index = {}, {}
  for v = 0, height - 1 do
    local start = v * width
    for u = 0, width - 1 do
      index[u + 1] = min(255, floor(pixels[start + u] or 0))
    end
    local bytes = {}
    for i = 1, width, 4096 do
      bytes[#bytes + 1] = string.char(table.unpack(index, i, min(i + 4095, width)))
    end
    lines[v + 1] = table.concat(bytes)
  end
  image(out, "points", plot_png.encode(lines, width, 1, palette), left, top, width / density,
    height / density)
end

return plot_raster
