-- SPDX-License-Identifier: BSD-3-Clause
--- SVG elements as text, with sorted attributes and escaped values.

local number_lists = require "number_lists"
local numerals = require "numerals"

local svg = {}

local ESCAPES <const> = {
  ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;",
}

--- Escapes text for an element or an attribute. Control characters, U+FFFE and U+FFFF, which XML
-- forbids even when escaped, become U+FFFD.
--- @param text string UTF-8
--- @return string
function svg.escape(text)
  if not utf8.len(text) then
    error("text: expected UTF-8; convert it first", 2)
  end
  return (text:gsub("[&<>\"']", ESCAPES):gsub("[%z\1-\8\11\12\14-\31]", "\u{FFFD}")
    :gsub("\xEF\xBF[\xBE\xBF]", "\u{FFFD}"))
end

local function attribute(value)
  if type(value) == "number" then
    if value - value ~= 0 then
      error(("an attribute is %s; expected a finite number"):format(numerals.shortest(value)), 0)
    end
    return numerals.rounded(value, 2)
  end
  return svg.escape(tostring(value))
end

--- Formats an element.
--- @param name string
--- @param attributes table by name; numbers are rounded to 1/100
--- @param children string|string[]|nil SVG text, which is not escaped
--- @return string
function svg.element(name, attributes, children)
  local names = {}
  for key in pairs(attributes) do
    names[#names + 1] = key
  end
  table.sort(names)
  local parts = { "<", name }
  for _, key in ipairs(names) do
    parts[#parts + 1] = (' %s="%s"'):format(key, attribute(attributes[key]))
  end
  if children == nil then
    parts[#parts + 1] = "/>"
  else
    if type(children) == "table" then
      children = "\n" .. table.concat(children, "\n") .. "\n"
    end
    parts[#parts + 1] = (">%s</%s>"):format(children, name)
  end
  return table.concat(parts)
end

--- Formats a text element.
--- @param x number
--- @param y number of the baseline
--- @param text string plain text, which is escaped
--- @param attributes table|nil further attributes, such as `["font-size"]`
--- @return string
function svg.text(x, y, text, attributes)
  local all = { x = x, y = y }
  for key, value in pairs(attributes or {}) do
    all[key] = value
  end
  return svg.element("text", all, svg.escape(text))
end

--- Formats the data of a path through points; a NaN interrupts the line.
--- @param xs number[] a list, or an array of one axis
--- @param ys number[] as many
--- @return string for the attribute `d`
function svg.path(xs, ys)
  xs, ys = number_lists.of(xs, "xs: "), number_lists.of(ys, "ys: ")
  local parts, down = {}, false
  for i = 1, #xs do
    local x, y = xs[i], ys[i]
    if x - x ~= 0 or y - y ~= 0 then
      down = false
    else
      parts[#parts + 1] = ("%s%s %s"):format(
        down and "L" or "M", numerals.rounded(x, 2), numerals.rounded(y, 2))
      down = true
    end
  end
  return table.concat(parts)
end

--- Estimates the width of a text in a sans-serif font; SVG cannot measure it.
--- @param text string UTF-8
--- @param size number of the font
--- @return number
function svg.text_width(text, size)
  local width = 0.0
  for _, code in utf8.codes(text) do
    local char = code < 128 and string.char(code) or "n"
    if char:find("[ijlI%.,;:'|!%(%)%[%]tfr ]") then
      width = width + 0.32
    elseif char:find("[mwMW@%%]") then
      width = width + 0.87
    elseif char:find("%u") then
      width = width + 0.68
    else
      width = width + 0.56
    end
  end
  return width * size
end

--- Breaks a text at spaces into lines that fit a width.
--- @param text string UTF-8; line ends in it are kept
--- @param size number of the font
--- @param width number
--- @return string[] lines
function svg.wrap(text, size, width)
  local lines = {}
  for paragraph in (text .. "\n"):gmatch("(.-)\n") do
    local line = ""
    for word in paragraph:gmatch("%S+") do
      local longer = line == "" and word or line .. " " .. word
      if line ~= "" and svg.text_width(longer, size) > width then
        lines[#lines + 1] = line
        line = word
      else
        line = longer
      end
    end
    lines[#lines + 1] = line
  end
  return lines
end

return svg
