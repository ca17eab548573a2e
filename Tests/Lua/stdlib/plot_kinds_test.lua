-- SPDX-License-Identifier: BSD-3-Clause
--- Kinds of plots: their data, their marks, and messages. Places of marks are compared with
--- matplotlib's by Tests/Plots.

local json = require "json"
local plot = require "plot"
local plot_colors = require "plot_colors"
local plot_png = require "plot_png"
local expect = dofile(arg[0]:match("^(.*/)") .. "expect.lua")
local equal, fails = expect.equal, expect.fails
local NAN <const>, INF <const> = 0 / 0, math.huge

local function count(text, pattern)
  return select(2, text:gsub(pattern, ""))
end

--- The text of elements, in order.
local function texts(svg)
  local list = {}
  for text in svg:gmatch "<text[^>]*>([^<]*)</text>" do
    list[#list + 1] = text
  end
  return list
end

--- The attributes of the marks of a class, in order.
local function marks(svg, class, pattern)
  local list = {}
  for group in svg:gmatch('<g class="' .. class .. '".-</g>') do
    for mark in group:gmatch(pattern) do
      list[#list + 1] = mark
    end
  end
  return list
end

-- Columns, records and lists are the same data.
local columns = { temp = { 1, 2, 3 }, rain = { 5, 4, 6 }, city = { "a", "b", "a" } }
local records = {
  { temp = 1, rain = 5, city = "a" }, { temp = 2, rain = 4, city = "b" },
  { temp = 3, rain = 6, city = "a" },
}
local of_columns = plot.points { data = columns, x = "temp", y = "rain", color = "city" }
equal(plot.points { data = records, x = "temp", y = "rain", colour = "city" }, of_columns)
equal(plot.points { x = columns.temp, y = columns.rain, color = columns.city,
  x_axis = { label = "temp" }, y_axis = { label = "rain" } }, of_columns)
equal(#marks(of_columns, "points", "<circle"), 3)
equal(count(of_columns, '<g class="points"'), 2)
-- A frame is what has columns by name.
package.loaded.frame = {
  is = function(value) return type(value) == "table" and value.is_frame == true end,
}
local frame = setmetatable({
  is_frame = true, columns = { "temp", "rain", "city" },
  column = function(_, name) return columns[name] end,
}, { __len = function() return 3 end })
equal(plot.points { data = frame, x = "temp", y = "rain", color = "city" }, of_columns)
fails("points: `y`: there is no column `snow`; the columns are: temp, rain, city", plot.points,
  { data = frame, x = "temp", y = "snow" })
columns.city[3] = nil
equal(#marks(plot.points { data = frame, x = "temp", y = "rain", color = "city" }, "points",
  "<circle"), 2)
columns.city[3] = "a"
package.loaded.frame = nil

-- The name of a column need not be UTF-8, but is no label then.
equal(#texts(plot.points { data = { ["\xff"] = {}, b = {} }, x = "\xff", y = "b" }), 2)

-- Several columns, lists by name, and a figure with series are the same plot.
local several = plot.lines { data = { x = { 1, 2 }, b = { 3, 4 }, a = { 5, 6 } }, x = "x",
  y = { "b", "a" }, x_axis = {} }
equal(plot.figure { x = { label = "x" }, series = {
  { name = "b", x = { 1, 2 }, y = { 3, 4 } }, { name = "a", x = { 1, 2 }, y = { 5, 6 } },
} }, several)
equal(plot.lines { x = { 1, 2 }, y = { a = { 3, 4 }, b = { 5, 6 } } },
  plot.lines { x = { 1, 2 }, y = { { 3, 4 }, { 5, 6 } }, name = { "a", "b" } })
equal(plot.lines { series = { { x = "x", y = "a" } }, data = { x = { 1, 2 }, a = { 3, 4 } } },
  plot.lines { x = { 1, 2 }, y = { 3, 4 }, x_axis = { label = "x" }, y_axis = { label = "a" } })
-- Each of several columns may have its own errors and places.
local own = plot.error_bars { series = {
  { name = "a", x = { 1, 2 }, y = { 3, 4 }, error = { 1, 1 } },
  { name = "b", x = { 5, 6 }, y = { 5, 6 }, error = { 2, 2 } },
} }
equal(plot.error_bars { x = { a = { 1, 2 }, b = { 5, 6 } }, y = { a = { 3, 4 }, b = { 5, 6 } },
  error = { a = { 1, 1 }, b = { 2, 2 } } }, own)
local wide = {
  t = { 1, 2 }, u = { 5, 6 }, a = { 3, 4 }, b = { 5, 6 }, da = { 1, 1 }, db = { 2, 2 },
}
equal(plot.error_bars { data = wide, x = { "t", "u" }, y = { "a", "b" }, error = { "da", "db" } },
  own)
fails('bars: `error` has no list for "b", which `y` has', plot.bars,
  { y = { a = { 1 }, b = { 2 } }, error = { a = { 1 } } })
-- Without x, the values are at 1, 2, 3.
equal(plot.points { y = { 4, 5 } }, plot.points { x = { 1, 2 }, y = { 4, 5 } })

-- A missing value has no mark, whatever it is; a series without any says so.
for _, missing in ipairs { NAN, json.null, INF, -INF } do
  local ys = { 1, missing, 3 }
  equal(#marks(plot.points { x = { 1, 2, 3 }, y = ys }, "points", "<circle"), 2)
  equal(#marks(plot.bars { x = { "a", "b", "c" }, y = ys }, "bars", "<rect"), 2)
  equal(count(plot.lines { x = { 1, 2, 3 }, y = ys }, "<circle"), 2)
  equal(count(plot.error_bars { x = { 1, 2, 3 }, y = ys, error = 1 }, "<circle"), 2)
  equal(#marks(plot.heat_map { values = { ys } }, "heat_map", "<rect"),
    missing == missing and type(missing) == "number" and 3 or 2)
end
equal(#marks(plot.points { x = { 1, 2, 3 }, y = { 1, nil, 3 } }, "points", "<circle"), 2)
equal(#marks(plot.points { data = { { a = 1, b = 1 }, { a = 2 }, { a = 3, b = 2 } }, x = "a",
  y = "b" }, "points", "<circle"), 2)
for _, svg in ipairs {
  plot.points { x = {}, y = {} }, plot.bars { x = {}, y = {} }, plot.areas { x = {}, y = {} },
  plot.error_bars { x = {}, y = {}, error = 1 }, plot.lines { x = {}, y = {} },
  plot.heat_map { values = {} }, plot.image { image = {} },
} do
  equal(texts(svg), { "no data" })
end
equal(texts(plot.points { data = {}, x = "a", y = "b" }), { "b", "a", "no data" })
equal(#marks(plot.histogram { values = {} }, "histogram", "<rect"), 0)

-- One value, and equal values.
for _, ys in ipairs { { 5 }, { 5, 5, 5 }, { 0 }, { -1e300 } } do
  local xs = {}
  for i = 1, #ys do xs[i] = 1 end
  for _, kind in ipairs { "lines", "points", "error_bars" } do
    local svg = plot[kind] { x = xs, y = ys, error = kind == "error_bars" and 1 or nil }
    equal(svg:find("nan") or svg:find("inf%W"), nil)
  end
end

-- Texts are categories in the order of the data, and dates where they look like dates.
local bars = plot.bars { x = { "pear", "apple" }, y = { 1, -2 } }
equal({ texts(bars)[#texts(bars) - 1], texts(bars)[#texts(bars)] }, { "pear", "apple" })
local days = plot.lines { x = { "2024-01-01", "2024-12-31" }, y = { 1, 2 } }
equal(count(days, ">Jan</text>") + count(days, ">2024</text>"), 2)
equal(days, plot.lines { x = { "01.01.2024", "31.12.2024" }, y = { 1, 2 },
  x_axis = { kind = "date", format = "%d.%m.%Y" } })
equal(days, plot.lines { x = { 1704067200, 1735603200 }, y = { 1, 2 }, x_axis = { kind = "date" } })
equal(plot.lines { x = { "2024-01-01T06:30", "2024-01-02T06:30" }, y = { 1, 2 } },
  plot.lines { x = { "2024-01-01 06:30:00", "2024-01-02 06:30:00" }, y = { 1, 2 } })

-- Bars: beside each other, on each other, to the right.
local function heights(options)
  options.x, options.y = { "a", "b" }, { m = { 1, 2 }, n = { 3, -1 } }
  return marks(plot.bars(options), "bars", 'width="([%d.]+)"'),
    marks(plot.bars(options), "bars", 'height="([%d.]+)"')
end
local _, grouped = heights {}
equal(grouped, { "95.5", "191", "286.5", "95.5" })
local _, stacked = heights { layout = "stacked" }
equal(stacked, { "76.4", "152.8", "229.2", "76.4" })
local to_the_right = heights { layout = "stacked", horizontal = true }
equal(#to_the_right, 4)
expect.near(tonumber(to_the_right[2]) / tonumber(to_the_right[1]), 2, 1e-3)

-- Histograms have NumPy's bins and counts.
local function bins(options)
  local list = marks(plot.histogram(options), "histogram", 'height="([%d.]+)"')
  for i, height in ipairs(list) do
    list[i] = tonumber(height)
  end
  return list
end
local heights_of = bins { values = { 0, 1, 1, 2, 2, 2, 3, 3, 4 }, bins = 4,
  y_axis = { low = 0, high = 4 } }
equal(heights_of, { 102, 204, 306, 306 })
equal(#bins { values = { 1, 2, NAN, INF }, bins = { 0, 1.5, 2.5 } }, 2)
equal(#bins { values = { 5, 5, 5 }, bins = 3 }, 1)

-- Marks outside of a given range are cut off.
equal(count(plot.points { x = { 1, 9 }, y = { 1, 2 }, x_axis = { high = 5 } },
  '<svg [^>]*overflow="hidden"'), 1)
equal(count(plot.points { x = { 1, 9 }, y = { 1, 2 } }, "overflow"), 0)

-- A logarithmic axis shows no numbers below 0; bars begin at its end.
local log = plot.bars { x = { "a", "b", "c" }, y = { 10, -1, 0 },
  y_axis = { kind = "log", low = 1 } }
equal(#marks(log, "bars", "<rect"), 1)

-- Many cells and many points are one picture, whose size does not grow with them.
local matrix = {}
for i = 1, 100 do
  matrix[i] = {}
  for j = 1, 100 do matrix[i][j] = i * j end
end
local picture = plot.heat_map { values = matrix }
equal(count(picture, "<image "), 1)
equal(count(picture, "<rect") < 80, true)
local xs, ys = {}, {}
for i = 1, 50000 do xs[i], ys[i] = i % 997, i % 499 end
local dense = plot.points { x = xs, y = ys }
equal(count(dense, "<image ") == 1 and count(dense, "<circle") == 0, true)
local line = plot.lines { x = xs, y = ys }
for i = 1, 50000 do xs[i] = i end
equal(#plot.lines { x = xs, y = ys } < 200000, true)
equal(line:find "nan", nil)

-- PNG files: the signature, and the sums of Adler and of a CRC that zlib gives.
local png = plot_png.encode({ "abc", "abd" }, 3, 1, { { 1, 2, 3 } })
equal(png:sub(1, 8), "\x89PNG\r\n\x1a\n")
equal(png:sub(-8), "IEND\xae\x42\x60\x82")
equal(plot_png.base64 "a" .. plot_png.base64 "ab" .. plot_png.base64 "abc", "YQ==YWI=YWJj")

-- Panels, with axes in common.
local function panels(share)
  return plot.figure { panels = {
    { x = { 1, 2 }, y = { 1, 2 } }, { kind = "points", x = { 5, 9 }, y = { 50, 90 } },
  }, share = share }
end
equal(count(panels(), '<g class="panel"'), 2)
equal(count(panels "y", ">100</text>"), 2)
equal(count(panels(), ">100</text>"), 0)

-- Colour maps.
equal(plot.colors("viridis", 3), { "#440154", "#21918c", "#fde725" })
equal(plot.colors("viridis_r", 2), { "#fde725", "#440154" })
equal(plot.colors("cividis", 1), { "#7d7c78" })

-- Their lightness rises or falls all the way, so that they are readable with any colour vision.
for _, map in ipairs { "viridis", "cividis", "magma", "blues_r", "greys_r" } do
  local last = -1
  for _, color in ipairs(plot.colors(map, 50)) do
    local light = plot_colors.luminance(plot_colors.parse(color))
    equal(light >= last, true)
    last = light
  end
end

-- Many and long names leave room for the plot.
local groups = {}
for i = 1, 300 do groups[i] = "group " .. i end
local many = plot.lines { y = { table.unpack(ys, 1, 300) }, color = groups }
local shown = count(many, ">group %d+</text>")
equal(many:match ">and (%d+) more<", tostring(300 - shown))
for _, kind in ipairs { "lines", "points" } do
  local long = plot[kind] { series = { { name = ("long "):rep(100), x = { 1, 2 }, y = { 1, 2 } } } }
  equal(count(long, "long l?o?n?g? ?\u{2026}</text>"), 1)
end
equal(type(plot.points { x = { 1 }, y = { 1 }, width = 300, height = 200, title = "Small" }),
  "string")

-- Text is never markup.
local hostile = '<script>&"\'\0'
local svg = plot.bars { x = { hostile }, y = { [hostile] = { 1 } }, title = hostile,
  x_axis = { label = hostile }, y_axis = { label = hostile } }
equal(svg:find "<script", nil)

-- Messages.
fails("figure: expected a table, got nil", plot.points, nil)
fails("points: expected `y`, a list of numbers", plot.points, { x = { 1 } })
fails('points: `x`: "temp" names a column, but there is no `data`', plot.points,
  { x = "temp", y = "rain" })
fails("points: `data`: expected a frame, a table of columns or a list of records, got 3",
  plot.points, { data = 3, x = "temp", y = "rain" })
fails("points: `x`: there is no column `tmp`; did you mean `temp`?", plot.points,
  { data = records, x = "tmp", y = "rain" })
fails("points: `y`, value 2: expected a number, got a string", plot.points,
  { x = { 1, 2 }, y = { 1, "a" } })
fails("points: `x`, value 2: expected a string like those before it, got 2", plot.points,
  { x = { "a", 2 }, y = { 1, 2 } })
fails('points: `y` has texts that are numbers; read them with the type "number", or write '
  .. '`kind = "category"` for the axis', plot.points, { x = { 1, 2 }, y = { "1", "2" } })
fails('bars: `y`: expected numbers, got texts that are numbers; read them with the type "number"',
  plot.bars, { x = { 1, 2 }, y = { "1", "2" } })
fails('points: color: `rde` is neither "#rrggbb" nor the name of a colour; write "#rrggbb" or a '
  .. 'name such as "orange"', plot.points, { x = { 1 }, y = { 1 }, color = "rde" })
fails("points: colors: there is no colour map `virdis`; did you mean `viridis`?", plot.points,
  { x = { 1 }, y = { 1 }, colors = "virdis" })
fails('points: `x`: expected a list, got a table with the key "label"; options of the axis are in '
  .. "`x_axis`", plot.points, { x = { label = "x" }, y = { 1 } })
fails("points: unknown option `xaxis`; did you mean `x_axis`?", plot.points,
  { x = { 1 }, y = { 1 }, xaxis = {} })
fails('figure: kind: there is no kind "scatter"; did you mean `points`?', plot.figure,
  { kind = "scatter", x = { 1 }, y = { 1 } })
fails("series 2: `y` has 1 values, but `x` has 2", plot.figure, { series = {
  { x = { 1 }, y = { 1 } }, { kind = "points", x = { 1, 2 }, y = { 1 } },
} })
fails("x: series 2 has texts, but series 1 has numbers; one axis shows either names or numbers",
  plot.points, { series = { { x = { 1 }, y = { 1 } }, { x = { "a" }, y = { 1 } } } })
fails("lines: `color` has 50000 different numbers, each of which would be a series; colour maps "
  .. "are an option of points", plot.lines, { x = xs, y = ys, color = xs })
fails("bars: `x` has `a` twice, at 1 and 3; sum or average the values of each first", plot.bars,
  { x = { "a", "b", "a" }, y = { 1, 2, 3 } })
fails("y: a logarithmic axis begins above 0, got `low` 0", plot.points,
  { x = { 1 }, y = { 1 }, y_axis = { kind = "log", low = 0 } })
fails("lines: `x`, value 1: `2024-13-01` is not a valid date or time", plot.lines,
  { x = { "2024-13-01" }, y = { 1 } })
fails("lines: format `%x`: `%x` is not one of %Y %m %d %H %M %S", plot.lines,
  { x = { "1" }, y = { 1 }, x_axis = { kind = "date", format = "%x" } })
fails("lines: `horizontal` is an option of bars and histograms, not of lines", plot.lines,
  { x = { 1 }, y = { 1 }, horizontal = true })
fails("histogram: bins: expected a whole number from 1 to 100000, or a list of edges, got 0",
  plot.histogram, { values = { 1 }, bins = 0 })
fails("histogram: low: expected a finite number, got \"a\"", plot.histogram,
  { values = { 1 }, low = "a" })
fails("error_bars: `error`, value 2: expected a number from 0, got -1", plot.error_bars,
  { x = { 1, 2 }, y = { 1, 2 }, error = { 1, -1 } })
fails("heat_map: `values`: row 2 has 1 values, but row 1 has 2", plot.heat_map,
  { values = { { 1, 2 }, { 3 } } })
fails("heat_map: `x` has 1 values, but there are 2 columns; expected one for each, or one for each "
  .. "edge", plot.heat_map, { values = { { 1, 2 } }, x = { 1 } })
fails("heat_map: values 1 and 2 have the same `x` and `y`; sum or average them first",
  plot.heat_map, { x = { 1, 1 }, y = { 1, 1 }, values = { 1, 2 } })
fails('image: `image`: expected a matrix of numbers or of colours, got "x.png"', plot.image,
  { image = "x.png" })
fails("image: `image[1][2]`: expected 3 numbers, as in the first pixel", plot.image,
  { image = { { { 1, 2, 3 }, { 1, 2 } } } })
fails("figure: expected `series`, `panels`, or the `kind` of the only series", plot.figure, {})
fails("panel 2: lines: `y` has 2 values, but `x` has 1", plot.figure,
  { panels = { { x = { 1 }, y = { 1 } }, { x = { 1 }, y = { 1, 2 } } } })
fails('share: the x axis of panel 2 is of kind "category", that of panel 1 of kind "number"',
  plot.figure, { share = "x", panels = { { x = { 1 }, y = { 1 } }, { x = { "a" }, y = { 1 } } } })
fails("title: the text is not UTF-8; convert it first", plot.points,
  { x = { 1 }, y = { 1 }, title = "\xff" })
