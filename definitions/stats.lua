-- SPDX-License-Identifier: BSD-3-Clause
-- Written by scripts/embed-stdlib from the comments in stdlib/.
---@meta stats

---Descriptive statistics of lists of numbers.
---
---Lists have no holes. A NaN in the list makes the result NaN, except for what sorts, which
---refuses it: there is no right place for a NaN.
---@class stats
---@field Running stats.Running
local stats = {}

---Mean and variance of values that come one at a time, or in parts from several workers.
---@class stats.Running
local Running = {}

---Takes one more value.
---@param x number
---@return table self
function Running:add(x) end

---Takes all that another accumulator has seen (Chan, Golub and LeVeque).
---@param other table
---@return table self
function Running:merge(other) end

---The variance of the sample seen so far; NaN below two values.
---@return number
function Running:variance() end

---The sum, with Neumaier's compensation: the error does not grow with the length.
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

---A sorted copy; refuses NaN.
---@param list number[]
---@return number[]
function stats.sorted(list) end

---The quantile that R and NumPy take by default (type 7 of Hyndman and Fan).
---Order statistics stand at (i - 1) / (n - 1), with straight lines between them.
---@param list number[] at least one, in any order
---@param p number|number[] from 0 to 1, or a list of such
---@return number|number[] as many as there were in `p`
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
---@param bins? integer how many; default: the square root of the count, rounded up
---@return table histogram `counts`, and `edges`, one more than counts
function stats.histogram(list, bins) end

---Starts an empty accumulator (Welford's recurrence).
---@return table running with `count`, `mean`, and the methods `add`, `merge`, `variance`
function stats.running() end

return stats
