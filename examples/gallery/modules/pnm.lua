-- SPDX-License-Identifier: BSD-3-Clause
--- Reads and writes images as PGM (grey) and PPM (colour): P2, P3, P5 and P6, up to 16 bits.
--
-- An image is a table { width, height, channels, maxval, samples }: `channels` is 1 or 3, `maxval`
-- the value of white, and `samples` a list of integers, row after row from the top, with red, green
-- and blue of a pixel side by side. Errors are one sentence that starts with the file's name.

local files = require "files"

local pnm = {}

local KINDS <const> = {
  P2 = { channels = 1, plain = true }, P3 = { channels = 3, plain = true },
  P5 = { channels = 1 }, P6 = { channels = 3 },
}
local BLOCK <const> = 4096   -- bytes or samples that are converted at once

--- Returns the number at `position` in a header or in plain samples, and the position after it.
-- Numbers are separated by white space, and by comments from `#` to the end of the line.
local function number(text, position, name, what)
  while true do
    position = text:find("%S", position) or #text + 1
    if text:byte(position) ~= 0x23 then break end   -- "#"
    position = text:find("[\r\n]", position) or #text + 1
  end
  local digits = text:match("^%d+", position)
  if not digits or #digits > 10 then
    local found = text:match("^[%g]+", position)
    error(("%s: expected %s, got %s"):format(
      name, what, found and ("`%s`"):format(found:sub(1, 20)) or "the end of the file"), 0)
  end
  return math.tointeger(digits), position + #digits
end

local function plain_samples(text, position, count, maxval, name)
  local samples = {}
  for i = 1, count do
    local value
    value, position = number(text, position, name, ("sample %d of %d"):format(i, count))
    if value > maxval then
      error(("%s: sample %d is %d, above the maximum %d"):format(name, i, value, maxval), 0)
    end
    samples[i] = value
  end
  return samples
end

local function raw_samples(text, position, count, maxval, name)
  local width = maxval < 256 and 1 or 2
  if #text - position + 1 < count * width then
    error(("%s: the samples need %d bytes, but %d are left; the file is cut off"):format(
      name, count * width, math.max(0, #text - position + 1)), 0)
  end
  local samples = {}
  if width == 1 then
    for first = 0, count - 1, BLOCK do
      local last = math.min(count, first + BLOCK)
      local block = { text:byte(position + first, position + last - 1) }
      table.move(block, 1, #block, first + 1, samples)
    end
  else
    for i = 1, count do
      samples[i] = (">I2"):unpack(text, position + 2 * (i - 1))
    end
  end
  for i = 1, count do
    if samples[i] > maxval then
      error(("%s: sample %d is %d, above the maximum %d"):format(name, i, samples[i], maxval), 0)
    end
  end
  return samples
end

--- Returns the image in a text. Of several images in one file it is the first.
--- @param text string the bytes of a file
--- @param name string the name in errors
--- @return table image
function pnm.parse(text, name)
  local kind = KINDS[text:sub(1, 2)]
  if not kind or not text:find("^[%s#]", 3) then
    error(("%s: not a PGM or PPM image: it must start with P2, P3, P5 or P6"):format(name), 0)
  end
  local width, height, maxval
  local position = 3
  width, position = number(text, position, name, "the width")
  height, position = number(text, position, name, "the height")
  maxval, position = number(text, position, name, "the maximum")
  if width == 0 or height == 0 then
    error(("%s: an image of %d x %d pixels has no samples"):format(name, width, height), 0)
  elseif maxval == 0 or maxval > 65535 then
    error(("%s: the maximum must be from 1 to 65535, got %d"):format(name, maxval), 0)
  end
  local count = width * height * kind.channels
  local read = kind.plain and plain_samples or raw_samples
  -- One white space character separates the header from raw samples.
  local samples = read(text, position + (kind.plain and 0 or 1), count, maxval, name)
  return {
    width = width, height = height, channels = kind.channels, maxval = maxval, samples = samples,
  }
end

--- Reads an image from a file.
--- @param path string
--- @return table image
function pnm.read(path)
  return pnm.parse(files.read(path), path)
end

--- Checks an image before it is written.
local function check(image, name)
  local count = image.width * image.height * image.channels
  if image.channels ~= 1 and image.channels ~= 3 then
    error(("%s: cannot write an image of %d channels; expected 1 or 3"):format(
      name, image.channels), 0)
  elseif #image.samples ~= count then
    error(("%s: %d x %d pixels of %d channels are %d samples, got %d"):format(
      name, image.width, image.height, image.channels, count, #image.samples), 0)
  end
  for i, value in ipairs(image.samples) do
    if math.type(value) ~= "integer" or value < 0 or value > image.maxval then
      error(("%s: sample %d must be an integer from 0 to %d, got %s"):format(
        name, i, image.maxval, tostring(value)), 0)
    end
  end
end

--- Returns the bytes of an image as a file.
--- @param image table
--- @param plain boolean|nil true for the form in digits (P2, P3)
--- @param name string|nil the name in errors, "image" by default
--- @return string
function pnm.format(image, plain, name)
  check(image, name or "image")
  local kind = (plain and { "P2", nil, "P3" } or { "P5", nil, "P6" })[image.channels]
  local parts = { ("%s\n%d %d\n%d\n"):format(kind, image.width, image.height, image.maxval) }
  local samples, row = image.samples, image.width * image.channels
  for first = 1, #samples, plain and row or BLOCK do
    local last = math.min(#samples, first + (plain and row or BLOCK) - 1)
    if plain then
      parts[#parts + 1] = table.concat(samples, " ", first, last) .. "\n"
    elseif image.maxval < 256 then
      parts[#parts + 1] = string.char(table.unpack(samples, first, last))
    else
      local form = ">" .. ("I2"):rep(last - first + 1)
      parts[#parts + 1] = form:pack(table.unpack(samples, first, last))
    end
  end
  return table.concat(parts)
end

--- Writes an image to a file, which is replaced when the new one is complete.
--- @param path string
--- @param image table
--- @param plain boolean|nil true for the form in digits
--- @return string path
function pnm.write(path, image, plain)
  return files.write(path, pnm.format(image, plain, path))
end

return pnm
