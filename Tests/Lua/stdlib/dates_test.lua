-- SPDX-License-Identifier: BSD-3-Clause

local dates = require "dates"
local expect = dofile(arg[0]:match("^(.*/)") .. "expect.lua")
local equal, fails = expect.equal, expect.fails

equal(dates.days(1970, 1, 1), 0)
equal(dates.days(2000, 3, 1), 11017)
equal(dates.days(1969, 12, 31), -1)
equal({ dates.civil(11016) }, { 2000, 2, 29 })
equal({ dates.civil(-719528) }, { 0, 1, 1 })
-- five centuries, both ways
local year, month, day = 1600, 1, 1
for days = dates.days(1600, 1, 1), dates.days(2100, 12, 31) do
  equal({ dates.civil(days) }, { year, month, day })
  equal(dates.days(year, month, day), days)
  day = day + 1
  if day > dates.days_in_month(year, month) then
    day, month = 1, month + 1
  end
  if month > 12 then
    month, year = 1, year + 1
  end
end

equal(dates.is_leap(2000), true)
equal(dates.is_leap(1900), false)
equal(dates.days_in_month(2024, 2), 29)
equal(dates.day_of_year(2010, 12, 31), 365)
equal(dates.day_of_year(2024, 12, 31), 366)
equal(dates.weekday(0), 4)
equal(dates.weekday(dates.days(2024, 7, 28)), 7)
equal(dates.seconds(1970, 1, 2, 3, 4, 5), 86400 + 3 * 3600 + 4 * 60 + 5)

local parse = dates.parser "%Y/%m/%d %H:%M"
equal(parse "2010/03/14 02:30", dates.seconds(2010, 3, 14, 2, 30))
equal({ parse "2010-03-14 02:30" },
  { nil, "`2010-03-14 02:30` is not a date of the format `%Y/%m/%d %H:%M`" })
equal({ parse "2010/03/14 02:30:00" },
  { nil, "`2010/03/14 02:30:00` is not a date of the format `%Y/%m/%d %H:%M`" })
equal({ parse "2010/02/29 00:00" },
  { nil, "`2010/02/29 00:00` is not a valid date or time" })
equal({ parse "2010/01/01 24:00" },
  { nil, "`2010/01/01 24:00` is not a valid date or time" })
equal(dates.parser "%d.%m.%Y (%%Y)" "31.12.1999 (%Y)", dates.seconds(1999, 12, 31))
equal(dates.parser "%H:%M" "01:01", 3660)
fails("format `%y`: `%y` is not one of %Y %m %d %H %M %S", dates.parser, "%y")

local instant = dates.seconds(2010, 3, 4, 5, 6, 7)
equal(dates.format(instant), "2010-03-04 05:06:07")
equal(dates.format(instant + 0.9, "%a %A %e %b %B %j %%"), "Thu Thursday 4 Mar March 063 %")
equal(dates.format(-1, "%Y-%m-%d %H:%M:%S"), "1969-12-31 23:59:59")
fails("format `%q`: `%q` is not a known field", dates.format, 0, "%q")
