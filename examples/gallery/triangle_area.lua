-- SPDX-License-Identifier: BSD-3-Clause
--- The areas of all triangles with given sides: combinations, a filter, a plot.
--
--     vtlua run triangle_area.lua
--     vtlua run triangle_area.lua -p a='[3, 5]' -p b='[4, 12]' -p c='[5, 13]'

local sides = { "list<number>", default = { 1, 2, 3, 4, 5, 6, 7, 8 } }
local flow = vt.workflow {
  name   = "triangle_area",
  params = { a = sides, b = sides, c = sides, out = { "string", default = "triangles.svg" } },
}

local a, b, c = vt.cross(flow.params.a, flow.params.b, flow.params.c)
local all = flow:add("all", "triangle.sides", { a = a, b = b, c = c })
local kept = flow:add("kept", "control.filter", { list = all.sides, keep = "triangle.exists" })
local measured = flow:add("measured", "triangle.measure", { sides = vt.each(kept.list) })
local largest = flow:add("largest", "triangle.largest", {
  sides = kept.list, areas = measured.area,
})

local plot = flow:add("plot", "plot.points", {
  x = measured.perimeter, y = measured.area,
  figure = { title = "Triangles", x_axis = { label = "perimeter" }, y_axis = { label = "area" } },
})
local written = flow:add("written", "text.write", { text = plot.svg, path = flow.params.out })

return flow:outputs {
  triangles = largest.count, area = largest.area, sides = largest.sides, plot = written.path,
}
