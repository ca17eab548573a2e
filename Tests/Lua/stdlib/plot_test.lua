-- SPDX-License-Identifier: BSD-3-Clause

local plot = require "plot"
local expect = dofile(arg[0]:match("^(.*/)") .. "expect.lua")
local equal, fails = expect.equal, expect.fails

local function figure(changes)
  local result = {
    title = "Title <1>", subtitle = "Sub & title", caption = "Caption",
    x = { label = "x axis" }, y = { label = "y axis" },
    series = {
      { name = "up", x = { 0, 1, 2 }, y = { 0, 1, 2 }, low = { -1, 0, 1 }, high = { 1, 2, 3 } },
      { name = "down", x = { 0, 1, 2 }, y = { 2, 0 / 0, 0 }, dash = "4 3" },
    },
  }
  for key, value in pairs(changes or {}) do
    result[key] = value
  end
  return result
end

local function count(text, pattern)
  return select(2, text:gsub(pattern, ""))
end

-- Equal figures are equal documents; nothing of the text is markup.
local document = plot.lines(figure())
equal(plot.lines(figure()), document)
equal(document:match("^<svg [^>]*role=\"img\"") ~= nil, true)
equal(document:match("<title[^>]*>(.-)</title>"), "Title &lt;1&gt;")
equal(document:match("<desc[^>]*>(.-)</desc>"), "Sub &amp; title")
equal(count(document, "<path "), 3)
equal(count(document, "stroke%-dasharray"), 1)
for _, text in ipairs { "up", "down", "x axis", "y axis", "Caption" } do
  equal(count(document, ">" .. text .. "</text>"), 1)
end
-- every element that opens closes
equal(count(document, "<text "), count(document, "</text>"))
equal(document:find("nan") or document:find("inf,"), nil)

-- A legend has a mark for each named series.
local legend = plot.lines(figure { labels = "legend" })
equal(count(legend, "<line ") - count(document, "<line "), 2)

-- NaN parts a band in two.
local band = plot.lines { series = {
  { x = { 0, 1, 2, 3, 4 }, low = { 0, 0, 0 / 0, 0, 0 }, high = { 1, 1, 1, 1, 1 } },
} }
equal(count(band:match(' d="(.-)"'), "Z"), 2)

-- Dates, and a line without a width, which is a band with a name.
local year = plot.lines { x = { kind = "date" }, labels = "legend", series = {
  { name = "range", x = { 0, 364 * 86400 }, y = { 0, 1 }, low = { 0, 0 }, high = { 1, 2 },
    width = 0 },
} }
equal(count(year, ">Jan</text>") + count(year, ">1970</text>") + count(year, ">Dec</text>"), 3)

-- One point, or equal values, have a range too.
equal(type(plot.lines { series = { { x = { 1 }, y = { 5 } } } }), "string")

local function bad(message, changes)
  fails(message, plot.lines, figure(changes))
end
bad("series: expected a list with at least one series", { series = {} })
bad("series 1: `y` has 1 values, but `x` has 2", { series = { { x = { 1, 2 }, y = { 1 } } } })
bad("series 1: expected `y`, or `low` and `high`", { series = { { x = { 1 } } } })
bad("width, height: the plot does not fit beside its text; increase them", { width = 150 })

-- Unusual numbers give a plot without NaN, or a message.
local function line(xs, ys, changes)
  local result = { series = { { name = "a", x = xs, y = ys } } }
  for key, value in pairs(changes or {}) do
    result[key] = value
  end
  return result
end
local INF <const>, NAN <const> = math.huge, 0 / 0
for _, points in ipairs {
  { { 1 }, { 3 } }, { { 1e300 }, { -1e300 } }, { { 1.7e308 }, { 1.7e308 } },
  { { 1, 2, NAN }, { 1, NAN, 3 } }, { { 1, 2, 3 }, { 1, INF, -INF } },
  { { 0, 5e-324 }, { 0, 5e-324 } }, { { 5e-324, 1e-323 }, { -1e-310, 1e-310 } },
  { { 1, 1 + 2.0 ^ -52 }, { 1e16, 1e16 + 2 } },
} do
  local drawn = plot.lines(line(points[1], points[2]))
  equal(drawn:find("nan") or drawn:find("inf%W"), nil)
end
-- Without a finite value there is a picture too, which says so.
for _, points in ipairs { { {}, {} }, { { NAN }, { 1 } }, { { 1 }, { INF } } } do
  equal(count(plot.lines(line(points[1], points[2])), ">no data</text>"), 1)
end
fails("x: the range from -1.7e+308 to 1.7e+308 is too large for a float; scale the values",
  plot.lines, line({ -1.7e308, 1.7e308 }, { 1, 2 }))
fails("y: the range from 0 to 1.79e+308 is too large for a float; scale the values",
  plot.lines, line({ 1, 2 }, { 0, 1.79e308 }))
fails("x: range: 0 to 1e+300 is no range of dates; dates are seconds since 1970-01-01, so divide "
  .. "milliseconds by 1e3 and nanoseconds by 1e9", plot.lines,
  line({ 0, 1e300 }, { 1, 2 }, { x = { kind = "date" } }))
fails("x: the axis begins at 3 and ends at 2; `low` must be less than `high`", plot.lines,
  line({ 1, 2 }, { 1, 2 }, { x = { low = 3 } }))

-- Mistakes in a figure.
fails("figure: unknown option `titel`; did you mean `title`?", plot.lines,
  line({ 1, 2 }, { 1, 2 }, { titel = "x" }))
fails("x: unknown option `lable`; did you mean `label`?", plot.lines,
  line({ 1, 2 }, { 1, 2 }, { x = { lable = "x" } }))
fails("x: kind: expected \"number\", \"date\", \"log\" or \"category\", got \"dates\"", plot.lines,
  line({ 1, 2 }, { 1, 2 }, { x = { kind = "dates" } }))
fails("labels: expected \"direct\", \"legend\" or \"none\", got \"right\"", plot.lines,
  line({ 1, 2 }, { 1, 2 }, { labels = "right" }))
fails("width: expected a number of pixels from 1 to 100000, got a string", plot.lines,
  line({ 1, 2 }, { 1, 2 }, { width = "9" }))
fails("series 1: `y`, value 2: expected a number, got a string", plot.lines,
  line({ 1, 2 }, { 1, "2" }))
fails("series 1: unknown option `colro`; did you mean `color`?", plot.lines,
  { series = { { x = { 1, 2 }, y = { 1, 2 }, colro = "#fff" } } })
