-- SPDX-License-Identifier: BSD-3-Clause
-- The figures of plots_test.py, which draws the same with matplotlib.

local d, plot, array = ...

local figures = {
  lines = plot.lines { series = {
    { name = "a", x = d.x, y = d.y }, { name = "b", x = d.x, y = d.gaps, dash = "6 4" },
  } },
  band = plot.lines { x = d.x, y = d.y, low = d.low, high = d.high },
  date = plot.lines { x = d.days, y = d.day_values },
  log = plot.lines { x = d.x1, y = d.powers, y_axis = { kind = "log" }, x_axis = { kind = "log" } },
  thinned = plot.lines { x = d.many, y = d.many_values },
  clipped = plot.lines { x = d.x, y = d.y, x_axis = { low = 2, high = 7 },
    y_axis = { low = -0.5, high = 0.5 } },
  points = plot.points { x = d.px, y = d.py, color = d.groups, labels = "legend" },
  shapes = plot.points { x = d.px, y = d.py, shape = "square", size = 9 },
  colored = plot.points { x = d.px, y = d.py, color = d.pz, size = 10, colors = "cividis" },
  sizes = plot.points { x = d.px, y = d.py, size = d.weights, opacity = 1 },
  dense = plot.points { x = d.dense_x, y = d.dense_y, opacity = 1 },
  bars = plot.bars { x = d.names, y = { north = d.north, south = d.south } },
  stacked = plot.bars { x = d.names, y = { north = d.north, south = d.south },
    layout = "stacked" },
  horizontal = plot.bars { x = d.names, y = d.north, horizontal = true },
  bar_errors = plot.bars { x = d.names, y = d.north, error = d.north_errors },
  log_bars = plot.bars { x = d.names, y = d.counts, y_axis = { kind = "log", low = 1 } },
  histogram = plot.histogram { values = d.normal },
  bins = plot.histogram { values = d.normal, bins = { -3, -1, -0.5, 0, 0.5, 1, 3 },
    density = true },
  two = plot.histogram { values = { a = d.normal, b = d.shifted }, layout = "stacked", bins = 20 },
  whole = plot.histogram { values = d.whole },
  area = plot.areas { x = d.x, y = d.y, opacity = 1 },
  areas = plot.areas { x = d.x, y = { a = d.high, b = d.square }, layout = "stacked",
    opacity = 1 },
  error_bars = plot.error_bars { x = d.x, y = d.y, error = d.errors, x_error = 0.1 },
  heat = plot.heat_map { values = d.matrix },
  heat_names = plot.heat_map { values = d.small, x = { "a", "b", "c" }, y = { "p", "q" },
    colors = "magma" },
  heat_edges = plot.heat_map { values = d.small, x = { 0, 1, 3, 4 }, y = { 0, 1, 10 } },
  heat_large = plot.heat_map { values = d.large },
  heat_centres = plot.heat_map { values = d.small, x = { 1, 10, 100 }, y = { 1, 2 },
    x_axis = { kind = "log" } },
  counts = plot.heat_map { x = d.dense_x, y = d.dense_y, bins = 40 },
  image = plot.image { image = d.colors },
  grey = plot.image { image = d.large },
  figure = plot.figure { series = {
    { kind = "bars", x = d.x, y = d.high }, { kind = "points", x = d.x, y = d.low },
    { kind = "lines", x = d.x, y = d.y },
  } },
  panels = plot.figure { title = "Panels", share = "x", panels = {
    { x = d.x, y = d.y }, { kind = "points", x = d.px, y = d.py },
    { kind = "histogram", values = d.normal, bins = 20 },
    { kind = "areas", x = d.x, y = d.high, opacity = 1 },
  }, height = 520 },
}

if array then
  -- Arrays give the same pictures as lists.
  local a = array.from
  local same = {
    lines = plot.lines { series = {
      { name = "a", x = a(d.x), y = a(d.y) },
      { name = "b", x = a(d.x), y = d.gaps, dash = "6 4" },
    } },
    histogram = plot.histogram { values = a(d.normal) },
    heat = plot.heat_map { values = a(d.matrix) },
    dense = plot.points { x = a(d.dense_x), y = a(d.dense_y), opacity = 1 },
    image = plot.image { image = a(d.colors, "uint8") },
  }
  for name, svg in pairs(same) do
    assert(svg == figures[name], name .. " of arrays is another picture")
  end
end

return figures
