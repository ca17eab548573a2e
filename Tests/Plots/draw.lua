-- SPDX-License-Identifier: BSD-3-Clause
--- Draws the figures of plots_test.py: draw.lua DATA.json FIGURES.lua DIRECTORY

local json = require "json"
local plot = require "plot"

local data = json.read(arg[1])
local figures = loadfile(arg[2])(data, plot, array)
for name, svg in pairs(figures) do
  local file <close> = assert(io.open(arg[3] .. "/" .. name .. ".svg", "wb"))
  file:write(svg)
end
