-- SPDX-License-Identifier: BSD-3-Clause
-- Written by scripts/embed-stdlib from the comments in stdlib/.
---@meta stats

---Descriptive statistics of lists of numbers.
---
---Lists must not have holes. A NaN in the list makes the result NaN. Functions that sort raise an
---error instead, because NaN cannot be sorted.
---
---An array of one axis is taken as a list of its elements, and gives the same results. Where the
---result has a value for each element of an argument that is an array, it is an array.
---@class stats
---@field Running stats.Running
local stats = {}

---Accumulates mean and variance of values that arrive one at a time, or from several workers.
---@class stats.Running
local Running = {}

---Adds a value.
---@param x number
---@return table self
function Running:add(x) end

---Adds the values of another accumulator (Chan, Golub and LeVeque).
---@param other table
---@return table self
function Running:merge(other) end

---The variance of the values so far; NaN for fewer than two values.
---@return number
function Running:variance() end

---The sum, with Neumaier's compensation, whose error does not grow with the length.
---@param list number[]
---@return number
function stats.sum(list) end

---The arithmetic mean.
---@param list number[] at least one
---@return number
function stats.mean(list) end

---The variance of a sample (divided by n - 1), in two passes with a correction.
---@param list number[] at least two
---@return number variance
---@return number mean
function stats.variance(list) end

---The standard deviation of a sample.
---@param list number[] at least two
---@return number
function stats.sd(list) end

---The smallest and the largest value.
---@param list number[] at least one
---@return number low
---@return number high
function stats.range(list) end

---A sorted copy. NaN is an error.
---@param list number[]
---@return number[]
function stats.sorted(list) end

---The quantile that R and NumPy use by default (type 7 of Hyndman and Fan).
---Order statistics are at (i - 1) / (n - 1), with linear interpolation between them.
---@param list number[] at least one, in any order
---@param p number|number[] from 0 to 1, or a list of such numbers
---@return number|number[] one quantile for each element of `p`
function stats.quantile(list, p) end

---The median.
---@param list number[] at least one
---@return number
function stats.median(list) end

---The correlation of a list with itself, `lag` values later.
---@param list number[] longer than `lag`
---@param lag integer
---@return number from -1 to 1; NaN when all values are equal
function stats.autocorrelation(list, lag) end

---Counts values in equal bins; the last bin includes its upper edge.
---@param list number[] at least one
---@param bins? integer number of bins, default the square root of the count, rounded up
---@return table histogram `counts`, and `edges`, which has one element more
function stats.histogram(list, bins) end

---Creates an empty accumulator (Welford's recurrence).
---@return table running with `count`, `mean`, and the methods `add`, `merge`, `variance`
function stats.running() end

return stats
