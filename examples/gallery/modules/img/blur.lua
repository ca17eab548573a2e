-- SPDX-License-Identifier: BSD-3-Clause
--- Blurs an image, or a tile of one.

local M = vt.module {
  name    = "img.blur",
  version = "1.1.0",
  doc     = "Replaces each sample by the mean of a square around it, inside the image.",
  inputs  = {
    image  = { "table", doc = "an image, or a tile; the tile's rows of neighbours are removed" },
    radius = { "integer", default = 3, min = 0,
               doc = "the sides of the square are 2 radius + 1 pixels" },
  },
  outputs = { image = "table" },
}

--- Returns the sums of the values at most `radius` away along an axis, and how many those are.
local function window_sums(values, axis, radius)
  local count = values.shape[axis]
  local position = array.range(1, count)
  local first = (position - radius):maximum(1)
  local last = (position + radius):minimum(count)
  -- Element k + 1 is the sum of the first k values.
  local sums = values:cumulative_sum(axis, { include_initial = true })
  return sums:take(last + 1, axis) - sums:take(first, axis), last - first + 1
end

function M:compute(inputs)
  local image, radius = inputs.image, inputs.radius
  local samples = array.asarray(image.samples, "int64")
    :reshape { image.height, image.width, image.channels }
  local sums, heights, widths
  sums, heights = window_sums(samples, 1, radius)
  sums, widths = window_sums(sums, 2, radius)

  local size = heights:reshape { -1, 1, 1 } * widths:reshape { -1, 1 }
  local rows = { 1 + (image.above or 0), image.height - (image.below or 0) }
  local means = ((sums + size // 2) // size)(rows)
  return {
    image = {
      width = image.width, height = #means, channels = image.channels, maxval = image.maxval,
      samples = means:flatten():tolist(),
    },
  }
end

return M
