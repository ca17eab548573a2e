-- SPDX-License-Identifier: BSD-3-Clause
-- Written by scripts/embed-stdlib from the comments in stdlib/.
---@meta dates

---Calendar dates of the proleptic Gregorian calendar, without time zones.
---
---An instant is the number of seconds since 1970-01-01 00:00:00 in the data's own local time. A day
---is the number of days since then; day 0 is a Thursday.
---@class dates
---@field DAY number Seconds in a day.
local dates = {}

---Returns true if a year has a 29th of February.
---@param year integer
---@return boolean
function dates.is_leap(year) end

---The number of days of a month.
---@param year integer
---@param month integer 1 to 12
---@return integer
function dates.days_in_month(year, month) end

---Days from 1970-01-01 to a calendar date. The date is not checked; days past the end of a month
---count into the next one.
---@param year integer
---@param month integer 1 to 12
---@param day integer
---@return integer
function dates.days(year, month, day) end

---The calendar date of a day.
---@param days integer since 1970-01-01
---@return integer year
---@return integer month
---@return integer day
function dates.civil(days) end

---The day of the year, 1 for the first of January.
---@param year integer
---@param month integer
---@param day integer
---@return integer
function dates.day_of_year(year, month, day) end

---The day of the week of a day, 1 for Monday to 7 for Sunday (ISO 8601).
---@param days integer since 1970-01-01
---@return integer
function dates.weekday(days) end

---Seconds since 1970-01-01 00:00:00.
---@param year integer
---@param month integer
---@param day integer
---@param hour? integer default 0, as for minute and second
---@param minute? integer
---@param second? integer
---@return integer
function dates.seconds(year, month, day, hour, minute, second) end

---Creates a function that parses dates of one format: `%Y %m %d %H %M %S`, `%%`, other text
---literally. The function returns seconds since 1970-01-01, or nil and a message when the text does
---not have the format or the date does not exist. Fields that are not in the format default to 1 or
---0.
---@param format string for instance "%Y-%m-%d %H:%M"
---@return fun(text: string): integer|nil, string|nil
function dates.parser(format) end

---Formats an instant: `%Y %m %d %H %M %S`, `%j` day of the year, `%e` day without a leading zero,
---`%b %B` and `%a %A` English names short and long, `%%`.
---@param seconds number since 1970-01-01; fractions are dropped
---@param format? string default "%Y-%m-%d %H:%M:%S"
---@return string
function dates.format(seconds, format) end

return dates
