-- SPDX-License-Identifier: BSD-3-Clause
-- Written by scripts/embed-stdlib from the comments in stdlib/.
---@meta svg

---SVG elements as text: attributes in a fixed order, everything escaped.
---@class svg
local svg = {}

---Makes text safe inside an element or an attribute. Control characters, which XML forbids even
---when escaped, become U+FFFD.
---@param text string UTF-8
---@return string
function svg.escape(text) end

---Writes one element.
---@param name string
---@param attributes table by name; numbers are rounded to 1/100
---@param children? string|string[] text that is SVG already
---@return string
function svg.element(name, attributes, children) end

---Writes a text element.
---@param x number
---@param y number of the baseline
---@param text string plain, is escaped
---@param attributes? table more attributes, for instance `["font-size"]`
---@return string
function svg.text(x, y, text, attributes) end

---Writes the data of a path through points; a NaN lifts the pen.
---@param xs number[]
---@param ys number[]
---@return string for the attribute `d`
function svg.path(xs, ys) end

---About how wide a text is in a sans-serif face; SVG has no way to measure it.
---@param text string UTF-8
---@param size number of the font
---@return number
function svg.text_width(text, size) end

---Breaks a text at spaces into lines that fit a width.
---@param text string UTF-8; line ends in it are kept
---@param size number of the font
---@param width number
---@return string[] lines
function svg.wrap(text, size, width) end

return svg
