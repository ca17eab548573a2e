-- SPDX-License-Identifier: BSD-3-Clause
-- Written by scripts/embed-stdlib from the comments in stdlib/.
---@meta random

---Seeded random numbers that are the same on every machine and in every worker.
---
---The generator is xoshiro256** (Blackman and Vigna, 2018), its state filled by splitmix64,
---in Lua's 64-bit integers. A seed and a stream make a generator: give each task its own
---stream, and the result does not depend on which worker runs it or in what order.
---@class random
---@field Generator random.Generator
local random = {}

---One generator. Tables of this class may be copied; the copy goes on by itself.
---@class random.Generator
local Generator = {}

---The next 64 random bits, as an integer that may be negative.
---@return integer
function Generator:next() end

---A float in [0, 1), one of 2^53 equally likely ones.
---@return number
function Generator:float() end

---An integer between two bounds, both included, all equally likely.
---Bits above the last whole multiple of the range are thrown away and drawn again.
---@param low integer
---@param high integer at least `low`, less than 2^63 - 1 above it
---@return integer
function Generator:integer(low, high) end

---A normally distributed float, mean 0 and standard deviation 1.
---Marsaglia's polar method. `log` comes from the C library: the last digit may differ between
---machines, which does not happen to the other methods.
---@return number
function Generator:normal() end

---Puts a list in random order, in place.
---@param list table
---@return table list the same one
function Generator:shuffle(list) end

---Makes a generator. Equal arguments give equal numbers.
---@param seed integer chosen by the user
---@param stream? integer which of the independent streams of that seed, default 0
---@return random.Generator generator
function random.new(seed, stream) end

---Makes a generator from the four words of its state, not all of them zero.
---@return random.Generator generator
function random.from_state(a, b, c, d) end

return random
