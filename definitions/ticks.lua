-- SPDX-License-Identifier: BSD-3-Clause
-- Written by scripts/embed-stdlib from the comments in stdlib/.
---@meta ticks

---Positions and labels of the ticks of an axis.
---@class ticks
local ticks = {}

---Ticks for numbers: steps of 1, 2 or 5 times a power of ten, inside the range.
---@param low number
---@param high number
---@param count? integer about how many steps, default 5
---@return table[] ticks `{ value =, label = }`; all labels have the same number of decimals
function ticks.linear(low, high, count) end

---Ticks for numbers, with the range extended so that it starts and ends at a tick.
---@param low number
---@param high number
---@param count? integer about how many steps, default 5
---@return table[] ticks `{ value =, label = }`
---@return number low the first tick
---@return number high the last tick
function ticks.covering(low, high, count) end

---Ticks for a logarithmic axis: powers of ten, with 2 and 5 times these where there is room, and
---ticks without a label between them. A range that is too short for these has the ticks of
---`ticks.linear`.
---@param low number above 0
---@param high number
---@param count? integer about how many labels at most, default 6
---@return table[] ticks `{ value =, label = }`; `label` is nil for ticks in between
function ticks.log(low, high, count) end

---Ticks for instants (seconds since 1970-01-01): whole hours, days, months or years.
---@param low number
---@param high number
---@param count? integer the approximate maximum number of ticks, default 12
---@return table[] ticks `{ value =, label =, below = }`: `below` is the larger unit, such as the
---year under a month, at the first tick and where it changes
function ticks.dates(low, high, count) end

return ticks
