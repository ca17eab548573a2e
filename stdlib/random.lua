-- SPDX-License-Identifier: BSD-3-Clause
--- Seeded random numbers that are the same on every machine and in every worker.
--
-- The generator is xoshiro256** (Blackman and Vigna, 2018), its state filled by splitmix64, with
-- Lua's 64-bit integers. A generator is determined by a seed and a stream. Give each task its own
-- stream, so that the result does not depend on the worker and the order.

local number_lists = require "number_lists"

local random = {}

local GOLDEN <const> = 0x9E3779B97F4A7C15

--- A generator. A copy of the table is an independent generator with the same state.
local Generator = {}
Generator.__index = Generator
Generator.__name = "random.Generator"
random.Generator = Generator

--- The finaliser of splitmix64: a bijection that spreads every bit over all others.
local function mix(z)
  z = (z ~ (z >> 30)) * 0xBF58476D1CE4E5B9
  z = (z ~ (z >> 27)) * 0x94D049BB133111EB
  return z ~ (z >> 31)
end

local function check_integer(name, value)
  local integer = math.tointeger(value)
  if not integer then
    error(("%s: expected an integer, got %s"):format(name, tostring(value)), 3)
  end
  return integer
end

--- Creates a generator. Equal arguments produce equal numbers.
--- @param seed integer chosen by the user
--- @param stream integer|nil the number of an independent stream of that seed, default 0
--- @return random.Generator generator
function random.new(seed, stream)
  seed = check_integer("seed", seed)
  stream = check_integer("stream", stream or 0)
  local z = mix(seed + GOLDEN) ~ mix(mix(stream + GOLDEN) + GOLDEN)
  local generator = random.from_state(
    mix(z + GOLDEN), mix(z + 2 * GOLDEN), mix(z + 3 * GOLDEN), mix(z + 4 * GOLDEN))
  generator[5], generator[6] = seed, stream
  return generator
end

--- Creates a generator from the four words of its state, not all of them zero.
--- @return random.Generator generator
function random.from_state(a, b, c, d)
  if a | b | c | d == 0 then
    error("state: expected at least one word that is not zero", 2)
  end
  -- seed and stream of the fills, and how many of their numbers were used
  return setmetatable({ a, b, c, d, mix(a ~ mix(b ~ mix(c ~ mix(d)))), 0, 0 }, Generator)
end

--- The next 64 random bits, as an integer that may be negative.
--- @return integer
function Generator:next()
  local s0, s1, s2, s3 = self[1], self[2], self[3], self[4]
  local x = s1 * 5
  x = ((x << 7) | (x >> 57)) * 9
  s2 = s2 ~ s0
  s3 = s3 ~ s1
  self[1] = s0 ~ s3
  self[2] = s1 ~ s2
  self[3] = s2 ~ (s1 << 17)
  self[4] = (s3 << 45) | (s3 >> 19)
  return x
end

--- A float in [0, 1), one of 2^53 equally likely values.
--- @return number
function Generator:float()
  return (self:next() >> 11) * 0x1p-53
end

--- An integer between two inclusive bounds, all equally likely.
-- Values above the last whole multiple of the range are rejected and drawn again.
--- @param low integer
--- @param high integer at least `low`, less than 2^63 - 1 above it
--- @return integer
function Generator:integer(low, high)
  local n = high - low + 1
  if high < low or n <= 0 then
    error(("integer: expected low <= high, less than 2^63 - 1 apart, got %s and %s"):format(
      low, high), 2)
  end
  local last = math.maxinteger - (math.maxinteger % n + 1) % n
  local x
  repeat
    x = self:next() >> 1
  until x <= last
  return low + x % n
end

--- A normally distributed float, mean 0 and standard deviation 1.
-- Uses Marsaglia's polar method. `log` is the C library's, so the last digit can differ between
-- machines, unlike that of the other methods.
--- @return number
function Generator:normal()
  local u, v, s
  repeat
    u, v = 2 * self:float() - 1, 2 * self:float() - 1
    s = u * u + v * v
  until s > 0 and s < 1
  return u * math.sqrt(-2 * math.log(s) / s)
end

-- Checks that a value has elements.
local function check_elements(name, list)
  local is_array = number_lists.is_array(list)
  if is_array and list.ndim == 0 or not is_array and type(list) ~= "table" then
    error(("%s: expected a list or an array, got %s"):format(name,
      is_array and "an array without axes" or type(list)), 3)
  end
end

--- Shuffles a list in place, or an array along its first axis.
--- @param list table
--- @return table list the same one
function Generator:shuffle(list)
  check_elements("shuffle", list)
  if number_lists.is_array(list) then
    local order = {}
    for i = 1, #list do
      order[i] = i
    end
    list[{ {} }] = list:take(self:shuffle(order), 1)
    return list
  end
  for i = #list, 2, -1 do
    local j = self:integer(1, i)
    list[i], list[j] = list[j], list[i]
  end
  return list
end

-- The arrays, which Lua without VTLua does not have.
local function arrays(level)
  if not array then
    error("arrays need the program vtlua", level or 3)
  end
  return array
end

-- Fills an array; an error has the line of the caller's caller.
local function fill(generator, shape, distribution, first, second, dtype)
  local ok, filled, used = pcall(arrays(4)._fill, generator[5], generator[6], generator[7],
    shape, distribution, first, second, dtype)
  if not ok then
    error(filled, 3)
  end
  generator[7] = used
  return filled
end

-- Checks the number of elements that a function gives.
local function check_number(name, n)
  local count = type(n) == "number" and math.tointeger(n)
  if not count or count < 0 then
    error(("%s: the number of elements must be an integer of at least 0, got %s")
      :format(name, tostring(n)), 3)
  end
end

--- Fills an array with random numbers, the same on any number of threads.
-- The numbers are those of Philox4x32-10, a sequence of its own: `fill` and `float` do not change
-- what the other gives.
-- The distributions: "uniform" from 0 to 1, or between two bounds; "normal" with a mean and a
-- standard deviation, by default 0 and 1; "exponential" with a mean, by default 1; "integer"
-- between two inclusive bounds.
--- @param shape integer|integer[]|array the shape of a new array, or an array to fill
--- @param distribution string|nil by default "uniform"
--- @param first number|nil the lower bound, or the mean
--- @param second number|nil the upper bound, or the standard deviation
--- @param dtype string|nil of a new array: "float64" or "int64" if it is left out
--- @return array
function Generator:fill(shape, distribution, first, second, dtype)
  local filled = fill(self, shape, distribution, first, second, dtype)
  return filled
end

--- The integers from 1 to n in random order.
--- @param n integer
--- @return array
function Generator:permutation(n)
  check_number("permutation", n)
  local keys = fill(self, n, "integer", 0, 0x1p64 - 2048, "uint64")
  return keys:argsort()
end

--- Chooses n elements of a list or of an array along its first axis; with replacement, unless
--- `unique` is true.
--- @param a array|table
--- @param n integer
--- @param unique boolean|nil each element at most once
--- @return array
function Generator:choice(a, n, unique)
  check_elements("choice", a)
  a = arrays().asarray(a)
  check_number("choice", n)
  if not unique then
    local places = fill(self, n, "integer", 1, #a)
    return a:take(places, 1)
  elseif n > #a then
    error(("choice: %d of %d elements cannot be different"):format(n, #a), 2)
  end
  return a:take(self:permutation(#a)({ 1, n }), 1)
end

return random
