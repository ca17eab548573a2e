-- SPDX-License-Identifier: BSD-3-Clause
--- What the workflow modules of plots have in common. An internal part of `plot`.

local plot_module = {}

--- Draws with the figure of a module and its other inputs, which are options of the figure.
--- @param self table the module's context
--- @param inputs table
--- @param draw fun(figure: table): string a function of `plot`
--- @return table outputs
function plot_module.draw(self, inputs, draw)
  local figure, names = {}, {}
  for name, value in pairs(inputs.figure or {}) do
    figure[name] = value
  end
  for name, value in pairs(inputs) do
    if name ~= "figure" then
      figure[name] = value
      names[#names + 1] = name ~= "data" and name ~= "title" and name or nil
    end
  end
  table.sort(names)
  if figure.series ~= nil and #names > 0 then
    self:fail("input `%s`: `figure` has `series`, whose options these are; give one of them",
      names[1])
  end
  local ok, svg = pcall(draw, figure)
  if not ok then
    self:fail("%s", svg)
  end
  return { svg = svg }
end

return plot_module
