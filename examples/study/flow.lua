-- SPDX-License-Identifier: BSD-3-Clause
--- How rough are the levels of six rivers after smoothing? Six files, three windows for each.
local rivers, files = { "arno", "ebro", "elbe", "loire", "oder", "tiber" }, {}
for i, river in ipairs(rivers) do files[i] = "data/" .. river .. ".csv" end

local flow = vt.workflow { name = "study" }
local columns, names, series = { river = rivers }, { "river" }, {}
for i, window in ipairs { 1, 5, 15 } do
  local name = "window_" .. window
  local node = flow:add(name, "roughness", { path = vt.each(files), window = window })
  columns[name], names[i + 1] = node.roughness, name
  series[i] = { name = "window " .. window, x = rivers, y = node.roughness }
end
local csv = flow:add("csv", "csv.write", { columns = columns, names = names, path = "study.csv" })
local plot = flow:add("plot", "plot.lines", {
  figure = { title = "Roughness by window", x = { label = "river" }, series = series },
})
local svg = flow:add("svg", "text.write", { text = plot.svg, path = "study.svg" })
return flow:outputs { csv = csv.path, svg = svg.path }
