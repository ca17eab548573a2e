-- SPDX-License-Identifier: BSD-3-Clause

local random = require "random"
local stats = require "stats"
local expect = dofile(arg[0]:match("^(.*/)") .. "expect.lua")
local equal, near, fails = expect.equal, expect.near, expect.fails

-- The authors' test values of xoshiro256**.
local known = random.from_state(1, 2, 3, 4)
for _, wanted in ipairs { 11520, 0, 1509978240, 1215971899390074240, 1216172134540287360 } do
  equal(known:next(), wanted)
end

-- Lua's own generator is the same one; it starts with 16 numbers thrown away.
math.randomseed(7, 9)
local own = random.from_state(7, 0xFF, 9, 0)
for _ = 1, 16 do
  own:next()
end
for _ = 1, 1000 do
  equal(own:next(), math.random(0))
end

-- A seed and a stream fix everything, for good: these must never change.
local function first(seed, stream)
  local generator = random.new(seed, stream)
  return { generator:next(), generator:integer(1, 365), generator:float() }
end
equal(first(42), first(42, 0))
equal(first(42.0, 7.0), first(42, 7))
equal(first(0), { -4469199922622859260, 78, 0.4185728865910592 })
equal(first(42, 7), { -4264787355115108890, 263, 0.15721006465757326 })
equal(first(-1, math.maxinteger), { -5429884959492547375, 43, 0.7360439837353551 })

-- Streams of one seed, and seeds with one stream, have nothing in common.
local seen = {}
for seed = -20, 20 do
  for stream = -20, 20 do
    local bits = random.new(seed, stream):next()
    equal(seen[bits], nil)
    seen[bits] = true
  end
end

-- Neighbouring streams are not correlated, and all bits are as often set as not.
local ones, pairs_of = {}, 0.0
for bit = 0, 63 do
  ones[bit] = 0
end
for stream = 1, 4000 do
  local a, b = random.new(1, stream), random.new(1, stream + 1)
  pairs_of = pairs_of + (a:float() - 0.5) * (b:float() - 0.5)
  local bits = a:next()
  for bit = 0, 63 do
    ones[bit] = ones[bit] + (bits >> bit & 1)
  end
end
near(pairs_of / 4000 * 12, 0, 0.08)
for bit = 0, 63 do
  near(ones[bit] / 4000, 0.5, 0.04)
end

-- Integers: bounds included, each as often as another.
local generator = random.new(3)
local counts = {}
for _ = 1, 60000 do
  local face = generator:integer(-2, 3)
  counts[face] = (counts[face] or 0) + 1
end
local faces = 0
for face, count in pairs(counts) do
  equal(face >= -2 and face <= 3, true)
  near(count, 10000, 400)
  faces = faces + 1
end
equal(faces, 6)
equal(generator:integer(5, 5), 5)
local large = generator:integer(1, math.maxinteger)
equal(large >= 1, true)
fails("integer: expected low <= high, less than 2^63 - 1 apart, got 2 and 1",
  generator.integer, generator, 2, 1)
fails("integer: expected low <= high, less than 2^63 - 1 apart, "
  .. "got -9223372036854775808 and 9223372036854775807",
  generator.integer, generator, math.mininteger, math.maxinteger)

-- Floats and normals.
local floats, normals = {}, {}
for i = 1, 20000 do
  floats[i], normals[i] = generator:float(), generator:normal()
  equal(floats[i] >= 0 and floats[i] < 1, true)
end
near(stats.mean(floats), 0.5, 0.01)
near(stats.variance(floats), 1 / 12, 0.003)
near(stats.mean(normals), 0, 0.03)
near(stats.variance(normals), 1, 0.05)
near(stats.quantile(normals, 0.975), 1.95996, 0.08)

-- Shuffling keeps the elements.
local list = { 1, 2, 3, 4, 5, 6, 7, 8 }
equal(generator:shuffle(list), list)
table.sort(list)
equal(list, { 1, 2, 3, 4, 5, 6, 7, 8 })

fails("seed: expected an integer, got 1.5", random.new, 1.5)
fails("stream: expected an integer, got x", random.new, 1, "x")
fails("state: expected at least one word that is not zero",
  random.from_state, 0, 0, 0, 0)

-- Wrong arguments are errors of the caller's line. Lua without VTLua has no arrays.
if array then
  local one = random.new(1)
  local function line_of(f, ...)
    local line = debug.getinfo(1, "l").currentline + 1
    local ok, text = pcall(function(...) local result = f(...) return result end, ...)
    equal({ ok, text:match "random_test%.lua:(%d+): " }, { false, tostring(line) })
    return (text:gsub("^.-:%d+: ", ""))
  end
  equal(line_of(one.permutation, one, -1),
    "permutation: the number of elements must be an integer of at least 0, got -1")
  equal(line_of(one.permutation, one, 1 << 45),
    "not enough memory for an array of 256 TiB, shape (35184372088832)")
  equal(line_of(one.choice, one, { 1, 2 }, 2.5),
    "choice: the number of elements must be an integer of at least 0, got 2.5")
  equal(line_of(one.fill, one, -1), "fill: a length must be at least 0, got -1")
  equal(line_of(one.shuffle, one, "x"),
    "shuffle: expected a list or an array, got string")
  equal(line_of(one.shuffle, one, array.from(2)),
    "shuffle: expected a list or an array, got an array without axes")
  equal(line_of(one.choice, one, 3, 1), "choice: expected a list or an array, got number")
end
