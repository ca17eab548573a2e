-- SPDX-License-Identifier: BSD-3-Clause
--- Cuts an image into horizontal tiles.

local M = vt.module {
  name    = "img.tiles",
  version = "1.0.0",
  doc     = "Cuts an image into horizontal tiles, each with rows of its neighbours around it.",
  inputs  = {
    image  = "table",
    rows   = { "integer", default = 32, min = 1, doc = "the height of a tile" },
    margin = { "integer", default = 0, min = 0, doc = "the rows of neighbours above and below" },
  },
  outputs = {
    tiles = { "list<table>", doc = "images; their fields `above` and `below` are the "
                              .. "numbers of rows there that belong to neighbours" },
  },
}

function M:compute(inputs)
  local image, tiles = inputs.image, {}
  local row = image.width * image.channels
  for top = 0, image.height - 1, inputs.rows do
    local bottom = math.min(top + inputs.rows, image.height)
    local first = math.max(top - inputs.margin, 0)
    local last = math.min(bottom + inputs.margin, image.height)
    tiles[#tiles + 1] = {
      width = image.width, height = last - first, channels = image.channels, maxval = image.maxval,
      samples = table.move(image.samples, first * row + 1, last * row, 1, {}),
      above = top - first, below = last - bottom,
    }
  end
  return { tiles = tiles }
end

return M
