-- SPDX-License-Identifier: BSD-3-Clause
-- Written by scripts/embed-stdlib from the comments in stdlib/.
---@meta svg

---SVG elements as text, with sorted attributes and escaped values.
---@class svg
local svg = {}

---Escapes text for an element or an attribute. Control characters, U+FFFE and U+FFFF, which XML
---forbids even when escaped, become U+FFFD.
---@param text string UTF-8
---@return string
function svg.escape(text) end

---Formats an element.
---@param name string
---@param attributes table by name; numbers are rounded to 1/100
---@param children? string|string[] SVG text, which is not escaped
---@return string
function svg.element(name, attributes, children) end

---Formats a text element.
---@param x number
---@param y number of the baseline
---@param text string plain text, which is escaped
---@param attributes? table further attributes, such as `["font-size"]`
---@return string
function svg.text(x, y, text, attributes) end

---Formats the data of a path through points; a NaN interrupts the line.
---@param xs number[] a list, or an array of one axis
---@param ys number[] as many
---@return string for the attribute `d`
function svg.path(xs, ys) end

---Estimates the width of a text in a sans-serif font; SVG cannot measure it.
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
