-- SPDX-License-Identifier: BSD-3-Clause
--- Joins tiles to an image.

local M = vt.module {
  name    = "img.join",
  version = "1.0.0",
  doc     = "Joins horizontal tiles to an image, from the top.",
  inputs  = { tiles = "list<table>" },
  outputs = { image = "table", mean = { "number", doc = "the mean of all samples" } },
}

function M:compute(inputs)
  local first = inputs.tiles[1] or self:fail("there are no tiles")
  local samples, height, sum = {}, 0, 0
  for _, tile in ipairs(inputs.tiles) do
    table.move(tile.samples, 1, #tile.samples, #samples + 1, samples)
    height = height + tile.height
  end
  for _, value in ipairs(samples) do sum = sum + value end
  return {
    image = {
      width = first.width, height = height, channels = first.channels, maxval = first.maxval,
      samples = samples,
    },
    mean = sum / #samples,
  }
end

return M
