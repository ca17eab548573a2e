-- SPDX-License-Identifier: BSD-3-Clause
-- Written by scripts/embed-stdlib from the comments in stdlib/.
---@meta random

---Seeded random numbers that are the same on every machine and in every worker.
---
---The generator is xoshiro256** (Blackman and Vigna, 2018), its state filled by splitmix64, with
---Lua's 64-bit integers. A generator is determined by a seed and a stream. Give each task its own
---stream, so that the result does not depend on the worker and the order.
---@class random
---@field Generator random.Generator
local random = {}

---A generator. A copy of the table is an independent generator with the same state.
---@class random.Generator
local Generator = {}

---The next 64 random bits, as an integer that may be negative.
---@return integer
function Generator:next() end

---A float in [0, 1), one of 2^53 equally likely values.
---@return number
function Generator:float() end

---An integer between two inclusive bounds, all equally likely.
---Values above the last whole multiple of the range are rejected and drawn again.
---@param low integer
---@param high integer at least `low`, less than 2^63 - 1 above it
---@return integer
function Generator:integer(low, high) end

---A normally distributed float, mean 0 and standard deviation 1.
---Uses Marsaglia's polar method. `log` is the C library's, so the last digit can differ between
---machines, unlike that of the other methods.
---@return number
function Generator:normal() end

---Shuffles a list in place, or an array along its first axis.
---@param list table
---@return table list the same one
function Generator:shuffle(list) end

---Fills an array with random numbers, the same on any number of threads.
---The numbers are those of Philox4x32-10, a sequence of its own: `fill` and `float` do not change
---what the other gives.
---The distributions: "uniform" from 0 to 1, or between two bounds; "normal" with a mean and a
---standard deviation, by default 0 and 1; "exponential" with a mean, by default 1; "integer"
---between two inclusive bounds.
---@param shape integer|integer[]|array the shape of a new array, or an array to fill
---@param distribution? string by default "uniform"
---@param first? number the lower bound, or the mean
---@param second? number the upper bound, or the standard deviation
---@param dtype? string of a new array: "float64" or "int64" if it is left out
---@return array
function Generator:fill(shape, distribution, first, second, dtype) end

---The integers from 1 to n in random order.
---@param n integer
---@return array
function Generator:permutation(n) end

---Chooses n elements of a list or of an array along its first axis; with replacement, unless
---`unique` is true.
---@param a array|table
---@param n integer
---@param unique? boolean each element at most once
---@return array
function Generator:choice(a, n, unique) end

---Creates a generator. Equal arguments produce equal numbers.
---@param seed integer chosen by the user
---@param stream? integer the number of an independent stream of that seed, default 0
---@return random.Generator generator
function random.new(seed, stream) end

---Creates a generator from the four words of its state, not all of them zero.
---@return random.Generator generator
function random.from_state(a, b, c, d) end

return random
