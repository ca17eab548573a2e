-- SPDX-License-Identifier: BSD-3-Clause
--- The workflow modules of `plot`: the same picture as the functions give, from lists, arrays and
--- frames, on every worker. Run from this directory: vtlua plots_test.lua

local frame = require "frame"
local plot = require "plot"
local expect = dofile(arg[0]:match("^(.*/)") .. "../stdlib/expect.lua")
local equal = expect.equal

--- The picture that a module draws at a place.
local function drawn(module, inputs, on)
  local flow = vt.workflow { name = "single" }
  local node = flow:add("node", module, inputs, { on = on })
  flow:outputs { svg = node.svg }
  return flow:run { store = false }.outputs.svg
end

local columns = {
  temp = { 1.5, 2, 0 / 0, 4 }, rain = { 3, 1, 2, 5 }, city = { "a", "b", "a", "b" },
}
local lists = { { 1, 2, 3 }, { 4, 5, 6 } }
local cases = {
  { "points", { data = columns, x = "temp", y = "rain", color = "city" } },
  { "lines", { x = { 1, 2, 3 }, y = { 3, 1, 2 } } },
  { "bars", { x = { "p", "q" }, y = { 1, 2 }, title = "Bars" } },
  { "areas", { y = { 1, 2, 3 } } },
  { "error_bars", { y = { 1, 2, 3 }, error = 0.5 } },
  { "histogram", { values = { 1, 2, 2, 3 }, bins = 3 } },
  { "heat_map", { values = lists } },
  { "image", { image = lists } },
}
for _, case in ipairs(cases) do
  local name, inputs = table.unpack(case)
  local wanted = plot[name](inputs)
  for _, on in ipairs { "interpreter", "threads", "processes" } do
    equal(drawn("plot." .. name, inputs, on), wanted)
  end
end

-- Options of the figure come from one table; a figure may have series and panels.
local figure = {
  title = "Two", series = { { y = { 1, 2 } }, { kind = "points", y = { 2, 1 } } },
}
equal(drawn("plot.figure", { figure = figure }), plot.figure(figure))
equal(drawn("plot.lines", { figure = figure }), plot.lines(figure))
local panels = { panels = { { y = { 1, 2 } }, { kind = "bars", y = { 2, 1 } } } }
equal(drawn("plot.figure", { figure = panels }), plot.figure(panels))
equal(drawn("plot.lines", { y = { 1, 2 }, figure = { y_axis = { label = "m" } } }),
  plot.lines { y = { 1, 2 }, y_axis = { label = "m" } })
equal(drawn("plot.lines", { data = { t = { 1, 2 }, v = { 3, 4 } },
  figure = { series = { { x = "t", y = "v" } } } }),
  plot.lines { data = { t = { 1, 2 }, v = { 3, 4 } }, x = "t", y = "v" })

-- Arrays and frames are data as tables are.
local of_columns = plot.points(cases[1][2])
local arrays = {
  temp = array.from(columns.temp), rain = array.from(columns.rain), city = columns.city,
}
local table_of = frame(columns)
for _, data in ipairs { arrays, table_of } do
  local inputs = { data = data, x = "temp", y = "rain", color = "city" }
  equal(plot.points(inputs), of_columns)
  for _, on in ipairs { "interpreter", "threads", "processes" } do
    equal(drawn("plot.points", inputs, on), of_columns)
  end
end
equal(plot.histogram { data = table_of, values = "rain" },
  plot.histogram { data = columns, values = "rain" })
equal(drawn("plot.heat_map", { values = array.from(lists) }), plot.heat_map { values = lists })
