-- SPDX-License-Identifier: BSD-3-Clause
--- Images of colours: the bytes of their pixels. An internal part of `plot`.

local number_lists = require "number_lists"

local plot_pixels = {}

--- The bytes of an image of colours: rows of red, green, blue and perhaps opacity.
--- @param series table
--- @return string[] rows
--- @return integer width
--- @return integer channels
function plot_pixels.read(series)
  local image, subject = series.image, series.subject
  if number_lists.is_array(image) then
    local is_float = image.dtype:find "^float" ~= nil
    if image.dtype:find "^complex" or image.dtype == "bool" then
      error(("%s: `image`: expected numbers from 0 to 255 or from 0.0 to 1.0, got %s"):format(
        subject, number_lists.describe(image)), 0)
    end
    local height, width, channels = image.shape[1], image.shape[2], image.shape[3]
    if is_float then
      image = (image:clip(0, 1) * 255):round()
    end
    local bytes = image:clip(0, 255):astype("uint8"):tobytes()
    local rows = {}
    for i = 1, height do
      rows[i] = bytes:sub((i - 1) * width * channels + 1, i * width * channels)
    end
    return rows, width, channels
  end
  local first = image[1][1]
  local width, channels = #image[1], #first
  local is_float = false
  for _, row in ipairs(image) do
    for _, pixel in ipairs(row) do
      for i = 1, channels do
        is_float = is_float or math.type(pixel[i]) == "float"
      end
    end
  end
  local rows = {}
  for i, row in ipairs(image) do
    if #row ~= width then
      error(("%s: `image`: row %d has %d values, but row 1 has %d"):format(subject, i, #row,
        width), 0)
    end
    local bytes = {}
    for j, pixel in ipairs(row) do
      for k = 1, channels do
        local value = pixel[k]
        if #pixel ~= channels or type(value) ~= "number" or value ~= value then
          error(("%s: `image[%d][%d]`: expected %d numbers, as in the first pixel"):format(
            subject, i, j, channels), 0)
        end
        value = is_float and value * 255 or value
        bytes[#bytes + 1] = string.char(math.floor(math.max(0, math.min(255, value)) + 0.5))
      end
    end
    rows[i] = table.concat(bytes)
  end
  return rows, width, channels
end

--- Returns true for an image of colours, not of numbers.
--- @param image any
--- @return boolean
function plot_pixels.has_colors(image)
  if number_lists.is_array(image) then
    return image.ndim == 3 and (image.shape[3] == 3 or image.shape[3] == 4)
  end
  local pixel = type(image) == "table" and type(image[1]) == "table" and image[1][1]
  return type(pixel) == "table" and (#pixel == 3 or #pixel == 4)
end

return plot_pixels
