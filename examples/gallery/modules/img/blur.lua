-- SPDX-License-Identifier: BSD-3-Clause
--- Blurs an image, or a tile of one.

local M = vt.module {
  name    = "img.blur",
  version = "1.0.0",
  doc     = "Replaces each sample by the mean of a square around it, inside the image.",
  inputs  = {
    image  = { "table", doc = "an image, or a tile; the tile's rows of neighbours are removed" },
    radius = { "integer", default = 3, min = 0,
               doc = "the sides of the square are 2 radius + 1 pixels" },
  },
  outputs = { image = "table" },
}

--- Returns, for each position of a line of `count` sums that are `step` apart, the sum of the
-- positions at most `radius` away.
local function window_sums(sums, start, count, step, radius, out)
  local total = 0
  for k = 0, math.min(radius, count) - 1 do
    total = total + sums[start + k * step]
  end
  for k = 0, count - 1 do
    if k + radius < count then total = total + sums[start + (k + radius) * step] end
    if k > radius then total = total - sums[start + (k - radius - 1) * step] end
    out[start + k * step] = total
  end
end

--- The number of positions at most `radius` away from `k`, of `count`.
local function window_size(k, count, radius)
  return math.min(k + radius, count - 1) - math.max(k - radius, 0) + 1
end

function M:compute(inputs)
  local image, radius = inputs.image, inputs.radius
  local width, height, channels = image.width, image.height, image.channels
  local row = width * channels
  local across, sums = {}, {}
  for start = 1, height * row, row do
    for channel = 0, channels - 1 do
      window_sums(image.samples, start + channel, width, channels, radius, across)
    end
  end
  for start = 1, row do
    window_sums(across, start, height, row, radius, sums)
  end

  local samples = {}
  for y = image.above or 0, height - 1 - (image.below or 0) do
    for x = 0, row - 1 do
      local size = window_size(x // channels, width, radius) * window_size(y, height, radius)
      samples[#samples + 1] = (sums[y * row + x + 1] + size // 2) // size
    end
  end
  return {
    image = {
      width = width, height = #samples // row, channels = channels, maxval = image.maxval,
      samples = samples,
    },
  }
end

return M
