-- SPDX-License-Identifier: BSD-3-Clause
--- Formatting of numbers: the shortest decimal that reads back as the same number.

local numerals = {}

--- Formats one number like `string.format`, with a decimal point in any locale.
--- @param format string one conversion, such as "%.3f"
--- @param value number
--- @return string
function numerals.format(format, value)
  return (format:format(value):gsub("[^%w+-]+", "."))
end

--- Formats a number as the shortest text that reads back as the same number.
-- An integer has no decimal point, a float always has a point or an exponent: `1` is the integer,
-- `1.0` the float. NaN and the infinities are `nan`, `inf` and `-inf`.
--- @param value number
--- @return string
function numerals.shortest(value)
  if math.type(value) == "integer" then
    return ("%d"):format(value)
  elseif value ~= value then
    return "nan"
  elseif value == math.huge or value == -math.huge then
    return value > 0 and "inf" or "-inf"
  end
  local text
  for digits = 15, 17 do
    text = numerals.format(("%%.%dg"):format(digits), value)
    if tonumber(text) == value then
      break
    end
  end
  if not text:find("[.e]") then
    text = text .. ".0"
  end
  return text
end

--- Formats a number with at most `digits` decimals, without trailing zeros, and never as `-0`.
--- @param value number finite
--- @param digits integer maximum number of decimals
--- @return string
function numerals.rounded(value, digits)
  local text = numerals.format(("%%.%df"):format(digits), value)
  if digits > 0 then
    text = text:gsub("0+$", ""):gsub("%.$", "")
  end
  if text == "-0" then
    text = "0"
  end
  return text
end

return numerals
