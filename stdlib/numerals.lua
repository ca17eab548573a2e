-- SPDX-License-Identifier: BSD-3-Clause
--- Numbers as text: the shortest decimal that reads back as the same number.

local numerals = {}

--- Writes a number so that reading it gives the same number again.
-- An integer has no point, a float always has a point or an exponent, so the two stay apart:
-- `1` is the integer, `1.0` the float. NaN and the infinities are `nan`, `inf` and `-inf`.
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
    text = ("%%.%dg"):format(digits):format(value)
    if tonumber(text) == value then
      break
    end
  end
  if not text:find("[.e]") then
    text = text .. ".0"
  end
  return text
end

--- Writes a number with at most `digits` decimals and no trailing zeros; never `-0`.
--- @param value number finite
--- @param digits integer most decimals kept
--- @return string
function numerals.rounded(value, digits)
  local text = ("%%.%df"):format(digits):format(value)
  if digits > 0 then
    text = text:gsub("0+$", ""):gsub("%.$", "")
  end
  if text == "-0" then
    text = "0"
  end
  return text
end

return numerals
