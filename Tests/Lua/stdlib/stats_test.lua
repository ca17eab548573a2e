-- SPDX-License-Identifier: BSD-3-Clause

local random = require "random"
local stats = require "stats"
local expect = dofile(arg[0]:match("^(.*/)") .. "expect.lua")
local equal, near, fails = expect.equal, expect.near, expect.fails

equal(stats.sum {}, 0.0)
equal(stats.sum { 1e100, 1.0, -1e100 }, 1.0)
equal(stats.sum { math.huge, 1 }, math.huge)
equal(stats.sum { 0 / 0, 1 }, 0 / 0)
local tenths = {}
for i = 1, 1000 do
  tenths[i] = 0.1
end
equal(stats.sum(tenths), 100.0)

equal(stats.mean { 1, 2, 6 }, 3.0)
fails("expected at least 1 value, got 0", stats.mean, {})
fails("expected a list of numbers, got nil", stats.mean, nil)

-- A large offset must not spoil the variance.
equal(stats.variance { 1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16 }, 30.0)
equal({ stats.variance { 1, 3 } }, { 2.0, 2.0 })
equal(stats.sd { 1, 3, 5, 7, 9, 11, 13, 15, 17 }, math.sqrt(30))
fails("expected at least 2 values, got 1", stats.variance, { 1 })

equal({ stats.range { 3, 1, 2 } }, { 1, 3 })
equal({ stats.range { 1, 0 / 0, 2 } }, { 0 / 0, 0 / 0 })
equal({ stats.range { 0 / 0, 1 } }, { 0 / 0, 0 / 0 })

-- Type 7, as R and NumPy.
equal(stats.quantile({ 3, 1, 2, 4 }, 0.5), 2.5)
local quantiles = stats.quantile({ 15, 20, 35, 40, 50 }, { 0, 0.05, 0.3, 0.4, 1 })
for i, wanted in ipairs { 15, 16, 23, 29, 50 } do
  near(quantiles[i], wanted, 1e-13)
end
equal(stats.quantile({ 7 }, { 0, 0.3, 1 }), { 7, 7, 7 })
equal(stats.median { 5, 1, 9 }, 5.0)
-- Lua without VTLua has no arrays.
for _, of in ipairs { function(list) return list end, array and array.from } do
  equal(stats.median(of { 1.0, 2.0, math.huge }), 2.0)
  equal(stats.median(of { 1.0, math.huge }), math.huge)
  equal(stats.median(of { -1e308, 1.7e308 }), (1.7e308 - 1e308) / 2)
  equal(stats.median(of { 1.6e308, 1.7e308 }), 1.6e308 / 2 + 1.7e308 / 2)
  equal(stats.quantile(of { 1.0, math.huge }, { 0, 0.5 }), { 1.0, math.huge })
  equal(stats.quantile(of { -1e308, 1.7e308 }, 0.5), (1.7e308 - 1e308) / 2)
end
fails("quantile: expected a number from 0 to 1, got 1.5", stats.quantile, { 1 }, 1.5)
fails("value 2 is NaN, which cannot be sorted; remove it first",
  stats.quantile, { 1, 0 / 0 }, 0.5)
-- Texts sort by their letters: the median of "10", "9" and "2" would be "2".
fails('value 1 is the text "10"; expected a number; a column of a CSV file needs the type '
  .. '"number", as in { types = { x = "number" } }', stats.median, { "10", "9", "2" })
fails('value 2 is the text "n/a"; expected a number', stats.mean, { 1, "n/a" })
fails("value 2 is nil; expected a number", stats.sum, { 1, nil, 3 })
local unsorted = { 3, 1, 2 }
stats.quantile(unsorted, 0.5)
equal(unsorted, { 3, 1, 2 })

near(stats.autocorrelation({ 1, 2, 3, 4, 5 }, 1), 0.4, 1e-15)
near(stats.autocorrelation({ 1, -1, 1, -1 }, 1), -0.75, 1e-15)
equal(stats.autocorrelation({ 1, 2 }, 0), 1.0)

equal(stats.histogram({ 0, 1, 2, 3, 4 }, 2), { counts = { 2, 3 }, edges = { 0.0, 2.0, 4 } })
equal(stats.histogram({ 5, 5 }, 1), { counts = { 2 }, edges = { 4.5, 5.5 } })
fails("bins: expected a positive integer, got 0", stats.histogram, { 1 }, 0)

-- What comes in parts is as what comes at once.
local generator = random.new(11)
for _ = 1, 50 do
  local all, left, right = {}, stats.running(), stats.running()
  for i = 1, generator:integer(2, 40) do
    all[i] = 1e6 + generator:normal()
    local side = generator:integer(1, 2) == 1 and left or right
    side:add(all[i])
  end
  left:merge(right)
  equal(left.count, #all)
  near(left.mean, stats.mean(all), 1e-8)
  near(left:variance(), stats.variance(all), 1e-8)
end
equal(stats.running():variance(), 0 / 0)
equal(stats.running():merge(stats.running()).count, 0)
