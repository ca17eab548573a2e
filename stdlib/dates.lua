-- SPDX-License-Identifier: BSD-3-Clause
--- Calendar dates of the proleptic Gregorian calendar, without time zones.
--
-- An instant is the number of seconds since 1970-01-01 00:00:00 in the data's own local time. A day
-- is the number of days since then; day 0 is a Thursday.

local dates = {}

--- Seconds in a day.
dates.DAY = 86400

local MONTHS <const> = {
  "January", "February", "March", "April", "May", "June", "July", "August", "September",
  "October", "November", "December",
}
local WEEKDAYS <const> = {
  "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
}
local LENGTHS <const> = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

--- Returns true if a year has a 29th of February.
--- @param year integer
--- @return boolean
function dates.is_leap(year)
  return year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
end

--- The number of days of a month.
--- @param year integer
--- @param month integer 1 to 12
--- @return integer
function dates.days_in_month(year, month)
  return month == 2 and dates.is_leap(year) and 29 or LENGTHS[month]
end

--- Days from 1970-01-01 to a calendar date. The date is not checked; days past the end of a month
-- count into the next one.
--- @param year integer
--- @param month integer 1 to 12
--- @param day integer
--- @return integer
function dates.days(year, month, day)
  -- years that start in March have the leap day last
  local y = month > 2 and year or year - 1
  local since_march = (153 * ((month + 9) % 12) + 2) // 5
  return 365 * y + y // 4 - y // 100 + y // 400 + since_march + day - 719469
end

--- The calendar date of a day.
--- @param days integer since 1970-01-01
--- @return integer year
--- @return integer month
--- @return integer day
function dates.civil(days)
  local z = days + 719468
  local era = z // 146097
  local of_era = z % 146097
  local y = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
  local of_year = of_era - (365 * y + y // 4 - y // 100)
  local march_month = (5 * of_year + 2) // 153
  local day = of_year - (153 * march_month + 2) // 5 + 1
  local month = march_month < 10 and march_month + 3 or march_month - 9
  return y + era * 400 + (month <= 2 and 1 or 0), month, day
end

--- The day of the year, 1 for the first of January.
--- @param year integer
--- @param month integer
--- @param day integer
--- @return integer
function dates.day_of_year(year, month, day)
  return dates.days(year, month, day) - dates.days(year, 1, 1) + 1
end

--- The day of the week of a day, 1 for Monday to 7 for Sunday (ISO 8601).
--- @param days integer since 1970-01-01
--- @return integer
function dates.weekday(days)
  return (days + 3) % 7 + 1
end

--- Seconds since 1970-01-01 00:00:00.
--- @param year integer
--- @param month integer
--- @param day integer
--- @param hour integer|nil default 0, as for minute and second
--- @param minute integer|nil
--- @param second integer|nil
--- @return integer
function dates.seconds(year, month, day, hour, minute, second)
  return dates.days(year, month, day) * dates.DAY
    + (hour or 0) * 3600 + (minute or 0) * 60 + (second or 0)
end

local FIELDS <const> = {
  Y = { "year", "(%d%d%d%d)" }, m = { "month", "(%d%d)" }, d = { "day", "(%d%d)" },
  H = { "hour", "(%d%d)" }, M = { "minute", "(%d%d)" }, S = { "second", "(%d%d)" },
}

--- Creates a function that parses dates of one format: `%Y %m %d %H %M %S`, `%%`, other text
-- literally. The function returns seconds since 1970-01-01, or nil and a message when the text does
-- not have the format or the date does not exist. Fields that are not in the format default to 1 or
-- 0.
--- @param format string for instance "%Y-%m-%d %H:%M"
--- @return fun(text: string): integer|nil, string|nil
function dates.parser(format)
  local places = {}
  local pattern = format:gsub("(%%?)(.)", function(mark, letter)
    if mark == "" or letter == "%" then
      return (letter:gsub("%W", "%%%0"))
    end
    local field = FIELDS[letter]
    if not field then
      error(("format `%s`: `%%%s` is not one of %%Y %%m %%d %%H %%M %%S"):format(format, letter), 4)
    end
    places[#places + 1] = field[1]
    return field[2]
  end)
  pattern = "^" .. pattern .. "$"
  local place = {}
  for i, name in ipairs(places) do
    place[name] = i
  end
  local year_at, month_at, day_at = place.year, place.month, place.day
  local hour_at, minute_at, second_at = place.hour, place.minute, place.second

  return function(text)
    local found = { text:match(pattern) }
    if not found[1] then
      return nil, ("`%s` is not a date of the format `%s`"):format(text, format)
    end
    for i = 1, #found do
      found[i] = tonumber(found[i])
    end
    local year, month, day = found[year_at] or 1970, found[month_at] or 1, found[day_at] or 1
    local hour, minute = found[hour_at] or 0, found[minute_at] or 0
    local second = found[second_at] or 0
    if month < 1 or month > 12 or day < 1 or day > dates.days_in_month(year, month)
      or hour > 23 or minute > 59 or second > 59 then
      return nil, ("`%s` is not a valid date or time"):format(text)
    end
    return dates.seconds(year, month, day, hour, minute, second)
  end
end

--- Formats an instant: `%Y %m %d %H %M %S`, `%j` day of the year, `%e` day without a leading zero,
-- `%b %B` and `%a %A` English names short and long, `%%`.
--- @param seconds number since 1970-01-01; fractions are dropped
--- @param format string|nil default "%Y-%m-%d %H:%M:%S"
--- @return string
function dates.format(seconds, format)
  local whole = math.floor(seconds)
  local days, clock = whole // dates.DAY, whole % dates.DAY
  local year, month, day = dates.civil(days)
  local text = (format or "%Y-%m-%d %H:%M:%S"):gsub("%%(.)", function(letter)
    if letter == "Y" then return ("%04d"):format(year)
    elseif letter == "m" then return ("%02d"):format(month)
    elseif letter == "d" then return ("%02d"):format(day)
    elseif letter == "e" then return ("%d"):format(day)
    elseif letter == "H" then return ("%02d"):format(clock // 3600)
    elseif letter == "M" then return ("%02d"):format(clock // 60 % 60)
    elseif letter == "S" then return ("%02d"):format(clock % 60)
    elseif letter == "j" then return ("%03d"):format(dates.day_of_year(year, month, day))
    elseif letter == "b" then return MONTHS[month]:sub(1, 3)
    elseif letter == "B" then return MONTHS[month]
    elseif letter == "a" then return WEEKDAYS[dates.weekday(days)]:sub(1, 3)
    elseif letter == "A" then return WEEKDAYS[dates.weekday(days)]
    elseif letter == "%" then return "%"
    end
    error(("format `%s`: `%%%s` is not a known field"):format(format, letter), 3)
  end)
  return text
end

return dates
