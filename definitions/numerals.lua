-- SPDX-License-Identifier: BSD-3-Clause
-- Written by scripts/embed-stdlib from the comments in stdlib/.
---@meta numerals

---Formatting of numbers: the shortest decimal that reads back as the same number.
---@class numerals
local numerals = {}

---Formats one number like `string.format`, with a decimal point in any locale.
---@param format string one conversion, such as "%.3f"
---@param value number
---@return string
function numerals.format(format, value) end

---Formats a number as the shortest text that reads back as the same number.
---An integer has no decimal point, a float always has a point or an exponent: `1` is the integer,
---`1.0` the float. NaN and the infinities are `nan`, `inf` and `-inf`.
---@param value number
---@return string
function numerals.shortest(value) end

---Formats a number with at most `digits` decimals, without trailing zeros, and never as `-0`.
---@param value number finite
---@param digits integer maximum number of decimals
---@return string
function numerals.rounded(value, digits) end

return numerals
