-- SPDX-License-Identifier: BSD-3-Clause
-- Written by scripts/embed-stdlib from the comments in stdlib/.
---@meta numerals

---Numbers as text: the shortest decimal that reads back as the same number.
---@class numerals
local numerals = {}

---Writes a number so that reading it gives the same number again.
---An integer has no point, a float always has a point or an exponent, so the two stay apart:
---`1` is the integer, `1.0` the float. NaN and the infinities are `nan`, `inf` and `-inf`.
---@param value number
---@return string
function numerals.shortest(value) end

---Writes a number with at most `digits` decimals and no trailing zeros; never `-0`.
---@param value number finite
---@param digits integer most decimals kept
---@return string
function numerals.rounded(value, digits) end

return numerals
