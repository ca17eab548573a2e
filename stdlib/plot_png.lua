-- SPDX-License-Identifier: BSD-3-Clause
--- PNG files of pictures inside plots, in plain Lua. An internal part of `plot`.
--
-- Pictures in plots have large areas of one colour and rows that repeat, so the compressor looks
-- for equal bytes in two places only: the pixel before, and the row above.

local plot_png = {}

local CRC <const> = {}
for i = 0, 255 do
  local c = i
  for _ = 1, 8 do
    c = c & 1 == 1 and 0xEDB88320 ~ (c >> 1) or c >> 1
  end
  CRC[i] = c
end

local byte <const>, char <const> = string.byte, string.char
-- Bytes that are read from a string at once.
local BLOCK <const> = 4096

local function crc32(text)
  local c = 0xFFFFFFFF
  for first = 1, #text, BLOCK do
    local bytes = { byte(text, first, math.min(first + BLOCK - 1, #text)) }
    for i = 1, #bytes do
      c = CRC[(c ~ bytes[i]) & 0xFF] ~ (c >> 8)
    end
  end
  return c ~ 0xFFFFFFFF
end

--- The checksum of zlib.
local function adler32(bytes)
  local a, b = 1, 0
  for i = 1, #bytes do
    a = a + bytes[i]
    b = b + a
    if i % 2048 == 0 then
      a, b = a % 65521, b % 65521
    end
  end
  return (b % 65521) << 16 | a % 65521
end

--- The lowest `count` bits of a number in reverse.
local function reversed(value, count)
  local result = 0
  for _ = 1, count do
    result, value = result << 1 | value & 1, value >> 1
  end
  return result
end

-- Codes of the fixed tables of RFC 1951, with the first bit lowest: for literals and for lengths.
local LITERAL <const>, LITERAL_BITS <const>, LENGTH <const>, LENGTH_BITS <const> = {}, {}, {}, {}
for value = 0, 255 do
  if value < 144 then
    LITERAL[value], LITERAL_BITS[value] = reversed(0x30 + value, 8), 8
  else
    LITERAL[value], LITERAL_BITS[value] = reversed(0x190 + value - 144, 9), 9
  end
end

--- The code of a length or a distance: the symbol, the extra bits, and their number.
local function symbol_of(value, least, shift)
  local offset = value - least
  if offset < 2 ^ (shift + 1) then
    return offset, 0, 0
  end
  local extra = math.floor(math.log(offset, 2) + 1e-12) - shift
  return (extra << shift) + (offset >> extra), offset & (1 << extra) - 1, extra
end

for length = 3, 258 do
  local symbol, rest, extra = symbol_of(length, 3, 2)
  if length == 258 then
    symbol, rest, extra = 28, 0, 0
  end
  local code, bits
  if symbol < 23 then
    code, bits = reversed(symbol + 1, 7), 7
  else
    code, bits = reversed(0xC0 + symbol - 23, 8), 8
  end
  LENGTH[length], LENGTH_BITS[length] = code | rest << bits, bits + extra
end

local function distance_code(distance)
  local symbol, rest, extra = symbol_of(distance, 1, 1)
  return reversed(symbol, 5) | rest << 5, 5 + extra
end

--- Compresses bytes in the format of zlib.
--- @param bytes integer[]
--- @param near integer the distance of the pixel before
--- @param far integer the distance of the row above
--- @return string
local function compress(bytes, near, far)
  local out, pending, filled = { "\x78\x01" }, 3, 3
  local near_code, near_bits = distance_code(near)
  local far_code, far_bits = 0, 0
  if far <= 32768 then
    far_code, far_bits = distance_code(far)
  end
  local count, i = #bytes, 1
  local pack, at = string.pack, 1
  while i <= count do
    local length, is_far = 0, false
    local most = count - i + 1 < 258 and count - i + 1 or 258
    local value = bytes[i]
    if i > near and value == bytes[i - near] then
      length = 1
      while length < most and bytes[i + length] == bytes[i + length - near] do
        length = length + 1
      end
    end
    if length < 258 and far_bits > 0 and i > far and value == bytes[i - far] then
      local other = 1
      while other < most and bytes[i + other] == bytes[i + other - far] do
        other = other + 1
      end
      if other > length then
        length, is_far = other, true
      end
    end
    if length >= 3 then
      pending = pending | LENGTH[length] << filled
      filled = filled + LENGTH_BITS[length]
      pending = pending | (is_far and far_code or near_code) << filled
      filled = filled + (is_far and far_bits or near_bits)
      i = i + length
    else
      pending, filled = pending | LITERAL[value] << filled, filled + LITERAL_BITS[value]
      i = i + 1
    end
    -- the longest code has 31 bits
    if filled >= 32 then
      at = at + 1
      out[at], pending, filled = pack("<I4", pending & 0xFFFFFFFF), pending >> 32, filled - 32
    end
  end
  filled = filled + 7 -- the end of the block is the code 0
  while filled > 0 do
    out[#out + 1], pending, filled = char(pending & 0xFF), pending >> 8, filled - 8
  end
  out[#out + 1] = string.pack(">I4", adler32(bytes))
  return table.concat(out)
end

local function chunk(kind, data)
  return string.pack(">I4", #data) .. kind .. data .. string.pack(">I4", crc32(kind .. data))
end

local TYPES <const> = { 3, nil, 2, 6 }

--- Makes a PNG file.
--- @param rows string[] the bytes of each row: an index, or red, green, blue, or these and opacity
--- @param width integer the number of pixels of a row
--- @param channels integer bytes for each pixel: 1, 3 or 4
--- @param palette table[]|nil `{ red, green, blue, opacity }` of the index 0, 1, ...
--- @return string
function plot_png.encode(rows, width, channels, palette)
  local stride = width * channels
  local bytes, at = {}, 0
  for _, row in ipairs(rows) do
    at = at + 1
    bytes[at] = 0 -- no filter
    for first = 1, stride, BLOCK do
      local last = math.min(first + BLOCK - 1, stride)
      table.move({ byte(row, first, last) }, 1, last - first + 1, at + 1, bytes)
      at = at + last - first + 1
    end
  end
  local parts = {
    "\x89PNG\r\n\x1a\n",
    chunk("IHDR", string.pack(">I4I4BBBBB", width, #rows, 8, TYPES[channels], 0, 0, 0)),
  }
  if palette then
    local colors, opacities = {}, {}
    for i, color in ipairs(palette) do
      colors[i], opacities[i] = char(color[1], color[2], color[3]), char(color[4] or 255)
    end
    parts[#parts + 1] = chunk("PLTE", table.concat(colors))
    parts[#parts + 1] = chunk("tRNS", table.concat(opacities))
  end
  parts[#parts + 1] = chunk("IDAT", compress(bytes, channels, stride + 1))
  parts[#parts + 1] = chunk("IEND", "")
  return table.concat(parts)
end

local DIGITS <const> = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

--- Encodes bytes in base 64.
--- @param text string
--- @return string
function plot_png.base64(text)
  local pairs_of = {}
  for i = 0, 4095 do
    pairs_of[i] = DIGITS:sub((i >> 6) + 1, (i >> 6) + 1) .. DIGITS:sub((i & 63) + 1, (i & 63) + 1)
  end
  local out, at = {}, 0
  local whole = #text - #text % 3
  for i = 1, whole, 3 do
    local a, b, c = byte(text, i, i + 2)
    local value = a << 16 | b << 8 | c
    out[at + 1], out[at + 2] = pairs_of[value >> 12], pairs_of[value & 4095]
    at = at + 2
  end
  if #text - whole == 1 then
    out[at + 1] = pairs_of[byte(text, -1) << 4] .. "=="
  elseif #text - whole == 2 then
    local value = (byte(text, -2) << 8 | byte(text, -1)) << 2
    out[at + 1] = pairs_of[value >> 6]
    out[at + 2] = DIGITS:sub((value & 63) + 1, (value & 63) + 1) .. "="
  end
  return table.concat(out)
end

return plot_png
