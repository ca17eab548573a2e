-- SPDX-License-Identifier: BSD-3-Clause

local dates = require "dates"
local random = require "random"
local ticks = require "ticks"
local expect = dofile(arg[0]:match("^(.*/)") .. "expect.lua")
local equal, fails = expect.equal, expect.fails

local function labels(list)
  local result = {}
  for i, tick in ipairs(list) do
    result[i] = tick.label .. (tick.below and "/" .. tick.below or "")
  end
  return table.concat(result, " ")
end

equal(labels(ticks.linear(0, 10)), "0 2 4 6 8 10")
equal(labels(ticks.linear(-1.2, 1.3)), "\u{2212}1.0 \u{2212}0.5 0.0 0.5 1.0")
equal(labels(ticks.linear(0.001, 0.0042)), "0.0010 0.0015 0.0020 0.0025 0.0030 0.0035 0.0040")
equal(labels(ticks.linear(0, 3e7)), "0 0.5·10⁷ 1.0·10⁷ 1.5·10⁷ 2.0·10⁷ 2.5·10⁷ 3.0·10⁷")
equal(labels(ticks.linear(-1e-8, 2e-8, 3)), "−1·10⁻⁸ 0 1·10⁻⁸ 2·10⁻⁸")

-- Logarithmic ticks: powers of ten, those between without a label; 2 and 5 where there is room.
local function marked(list)
  local parts = {}
  for i, tick in ipairs(list) do
    parts[i] = tick.label or "."
  end
  return table.concat(parts, " ")
end
equal(marked(ticks.log(1, 100)), "1 2 . . 5 . . . . 10 20 . . 50 . . . . 100")
equal(marked(ticks.log(0.5, 2000)),
  ". . . . . 1 . . . . . . . . 10 . . . . . . . . 100 . . . . . . . . 1000 .")
equal(marked(ticks.log(1e-9, 1e12)), ". 10⁻⁸ . . . 10⁻⁴ . . . 10⁰ . . . 10⁴ . . . 10⁸ . . . 10¹²")
equal(marked(ticks.log(3, 7)), "3 4 5 6 7")
for _, range in ipairs { { 1e-300, 1e300 }, { 5e-324, 1 }, { 1, 1.7e308 }, { 7, 7.0001 } } do
  local list = ticks.log(range[1], range[2])
  equal(#list > 1 and #list < 500, true)
  for i = 2, #list do
    equal(list[i].value > list[i - 1].value, true)
  end
end
fails("range: a logarithmic axis needs numbers above 0, got 0", ticks.log, 0, 5)
fails("range: expected low < high, both finite, got 5 and 1", ticks.log, 5, 1)
equal(labels(ticks.linear(98, 102, 2)), "98 100 102")
local list, low, high = ticks.covering(-4.6, 10.6)
equal({ labels(list), low, high },
  { "\u{2212}6 \u{2212}4 \u{2212}2 0 2 4 6 8 10 12", -6.0, 12.0 })

local function spell(from, to, count)
  return labels(ticks.dates(dates.seconds(table.unpack(from)), dates.seconds(table.unpack(to)),
    count))
end
equal(spell({ 2010, 1, 1 }, { 2010, 12, 31 }),
  "Jan/2010 Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec")
equal(spell({ 2009, 11, 5 }, { 2010, 8, 1 }, 5), "Jan/2010 Apr Jul")
equal(spell({ 1998, 5, 1 }, { 2004, 2, 1 }, 8), "1999 2000 2001 2002 2003 2004")
equal(spell({ 2024, 2, 27 }, { 2024, 3, 3 }, 6), "27/Feb 2024 28 29 1/Mar 2024 2 3")
equal(spell({ 2024, 2, 28, 18 }, { 2024, 2, 29, 12 }, 4), "18:00/28 Feb 2024 00:00/29 Feb 2024 "
  .. "06:00 12:00")
equal(spell({ 1900, 1, 1 }, { 2020, 1, 1 }, 6), "1900 1920 1940 1960 1980 2000 2020")

fails("range: expected low < high, both finite, got 1 and 1", ticks.linear, 1, 1)
fails("range: expected low < high, both finite, got 1 and inf",
  ticks.covering, 1, math.huge)

-- Whatever the range, the ticks are inside, in order, and not too many.
local generator = random.new(12)
for _ = 1, 500 do
  local from = (generator:float() - 0.5) * 10.0 ^ generator:integer(-8, 8)
  local to = from + generator:float() * 10.0 ^ generator:integer(-3, 8) + 1e-4
  local last = -math.huge
  local found = ticks.linear(from, to)
  for _, tick in ipairs(found) do
    local slack = 1e-6 * (to - from)
    equal(tick.value >= from - slack and tick.value <= to + slack and tick.value > last, true)
    last = tick.value
  end
  equal(#found >= 2 and #found <= 11, true)
end

-- Dates in milliseconds to nanoseconds: about as many ticks as were asked for, in bounded time.
for _, range in ipairs {
  { 0, 1.7e9 }, { 0, 1.7e12 }, { 0, 1.7e15 }, { 0, 1.7e18 }, { 1.7e18, 1.7e18 + 86400e9 },
  { -4e18, 4e18 }, { 1.7e18, 1.7e18 + 512 },
} do
  local found = ticks.dates(range[1], range[2], 12)
  equal(#found <= 13, true)
  for i = 2, #found do
    equal(found[i].value > found[i - 1].value, true)
  end
end
fails("range: 0 to 1e+19 is no range of dates; dates are seconds since 1970-01-01, so divide "
  .. "milliseconds by 1e3 and nanoseconds by 1e9", ticks.dates, 0, 1e19)
fails("count: expected a positive number, got 0", ticks.linear, 0, 1, 0)
equal(#ticks.linear(0, 1, 1e9) <= 1001, true)
