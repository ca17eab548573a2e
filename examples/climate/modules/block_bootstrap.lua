-- SPDX-License-Identifier: BSD-3-Clause
--- Confidence interval of the mean of a series with correlated neighbours.
--
-- The plain bootstrap draws single values and assumes that they are independent. Consecutive hours
-- and days are not, so its interval would be far too narrow. The circular block bootstrap draws
-- blocks of consecutive values instead, which keeps the correlation. It treats the series as a
-- ring, so that every value is drawn equally often.

local random = require "random"
local stats = require "stats"

local M = vt.module {
  name    = "block_bootstrap",
  version = "1.0.0",
  doc     = "Confidence interval of a weighted mean, by the circular block bootstrap.",
  inputs  = {
    values     = { "list<number>", doc = "a series in order, such as one value a day" },
    weights    = { "list<number>", doc = "the weight of each value, such as its hours" },
    block      = { "integer", default = 30, min = 1, doc = "length of a block" },
    resamples  = { "integer", default = 2000, min = 100, doc = "number of means to draw" },
    seed       = { "integer", default = 1, doc = "the same seed produces the same interval" },
    confidence = { "number", default = 0.95, min = 0.5, max = 0.999,
                   doc = "confidence level of the interval, from quantiles of the drawn means" },
    pool       = { "string", default = "threads",
                   choices = { "serial", "threads", "processes", "cluster" },
                   doc = "where the resamples are drawn; the results are the same everywhere" },
    workers    = { "integer", optional = true, min = 1, max = 1000,
                   doc = "number of workers of the pool; default: the number of cores" },
  },
  outputs = {
    mean            = { "number", doc = "the weighted mean of the values themselves" },
    low             = { "number", doc = "lower end of the interval" },
    high            = { "number", doc = "upper end of the interval" },
    standard_error  = { "number", doc = "standard deviation of the drawn means" },
    autocorrelation = { "number", doc = "correlation of the values with their next neighbour" },
  },
  requires = { "threads" },   -- the default pool; others are optional
}

--- The weighted mean of resample number i. It depends only on its arguments: each resample has its
-- own stream of random numbers, so it can run on any worker and in any order. Its only upvalue is
-- the library `random`, which is sent to a worker by its name.
local function resample(i, seed, block, values, weights)
  local generator = random.new(seed, i)
  local n, drawn = #values, 0
  local sum, total = 0.0, 0.0
  while drawn < n do
    local start = generator:integer(1, n)
    local length = math.min(block, n - drawn)
    for k = start, start + length - 1 do
      local at = (k - 1) % n + 1
      sum = sum + weights[at] * values[at]
      total = total + weights[at]
    end
    drawn = drawn + length
  end
  return sum / total
end

local function weighted_mean(values, weights)
  local products = {}
  for i = 1, #values do
    products[i] = weights[i] * values[i]
  end
  return stats.sum(products) / stats.sum(weights)
end

local function make_pool(self, inputs)
  if inputs.pool ~= "cluster" then
    return parallel[inputs.pool](inputs.workers)
  end
  local view, reason = parallel.load_balanced_view()
  return view or self:fail("there is no cluster (%s); start one with: vtlua cluster start", reason)
end

function M:compute(inputs)
  local values, weights = inputs.values, inputs.weights
  if #weights ~= #values then
    self:fail("expected one weight for each value, got %d values and %d weights", #values, #weights)
  elseif inputs.block > #values then
    self:fail("a block of %d does not fit into %d values; give a smaller `block`",
      inputs.block, #values)
  end

  local numbers = {}
  for i = 1, inputs.resamples do
    numbers[i] = i
  end
  -- Each task gets its number; the other arguments are sent once to each worker.
  local pool <close> = make_pool(self, inputs)
  local means = pool:map(resample, numbers, {
    args = { inputs.seed, inputs.block, values, weights }, label = "resample", progress = self,
  })

  local tail = (1 - inputs.confidence) / 2
  local interval = stats.quantile(means, { tail, 1 - tail })
  self:annotate { resamples = inputs.resamples, block = inputs.block, seed = inputs.seed }
  return {
    mean = weighted_mean(values, weights),
    low = interval[1],
    high = interval[2],
    standard_error = stats.sd(means),
    autocorrelation = stats.autocorrelation(values, 1),
  }
end

return M
