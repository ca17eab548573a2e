-- SPDX-License-Identifier: BSD-3-Clause
--- Fits the yearly and the daily cycle of a series by least squares.
--
-- With w the angle of the time in its year and h that in its day, both from 0 to 2 pi, the model
-- is a constant and
--
--     cos(k w), sin(k w)     k = 1 .. yearly    the seasons
--     cos(k h), sin(k h)     k = 1 .. daily     day and night
--     cos w cos h, cos w sin h, sin w cos h, sin w sin h
--                                               day and night differ by season, if `coupled`

local dates = require "dates"
local lsq = require "lsq"

local M = vt.module {
  name    = "cycles",
  version = "1.0.0",
  doc     = "Fits the yearly and the daily cycle of a series by least squares.",
  inputs  = {
    times   = { "list<integer>", doc = "seconds since 1970-01-01" },
    values  = { "list<number>", doc = "the value at each time" },
    yearly  = { "integer", default = 3, min = 0, max = 12, doc = "harmonics of the year" },
    daily   = { "integer", default = 3, min = 0, max = 11, doc = "harmonics of the day" },
    coupled = { "boolean", default = true, doc = "let the daily cycle differ by season" },
  },
  outputs = {
    terms        = { "list<string>", doc = "the term of each coefficient" },
    coefficients = { "list<number>", doc = "coefficients in the unit of the values" },
    errors       = { "list<number>",
                     doc = "standard errors, assuming independent residuals" },
    fitted       = { "list<number>", doc = "the model at each time" },
    r2           = { "number", doc = "fraction of the variance explained by the model" },
    sigma        = { "number", doc = "standard deviation of the residuals" },
  },
}

--- The angles of a time in its year and in its day.
local function angles(time)
  local day, second = time // dates.DAY, time % dates.DAY
  local year = dates.civil(day)
  local first, after = dates.days(year, 1, 1), dates.days(year + 1, 1, 1)
  local of_day = second / dates.DAY
  return 2 * math.pi * (day - first + of_day) / (after - first), 2 * math.pi * of_day
end

--- One column for each term.
local function design(times, yearly, daily, coupled)
  local columns, terms = {}, {}
  local function column(term, values)
    terms[#terms + 1], columns[#columns + 1] = term, values
  end

  local w, h = array.zeros(#times), array.zeros(#times)
  for i, time in ipairs(times) do
    w[i], h[i] = angles(time)
  end
  column("mean", array.ones(#times))
  for k = 1, yearly do
    column(("year cos %d"):format(k), array.cos(k * w))
    column(("year sin %d"):format(k), array.sin(k * w))
  end
  for k = 1, daily do
    column(("day cos %d"):format(k), array.cos(k * h))
    column(("day sin %d"):format(k), array.sin(k * h))
  end
  if coupled then
    column("year cos x day cos", array.cos(w) * array.cos(h))
    column("year cos x day sin", array.cos(w) * array.sin(h))
    column("year sin x day cos", array.sin(w) * array.cos(h))
    column("year sin x day sin", array.sin(w) * array.sin(h))
  end
  return columns, terms
end

function M:compute(inputs)
  local columns, terms = design(inputs.times, inputs.yearly, inputs.daily, inputs.coupled)
  self:progress(0.4, ("fitting %d terms to %d values"):format(#terms, #inputs.values))
  local ok, fit = pcall(lsq.fit, columns, inputs.values)
  if not ok then
    self:fail("%s; the terms are: %s", fit, table.concat(terms, ", "))
  end
  self:annotate { r2 = fit.r2, sigma = fit.sigma }
  return {
    terms = terms, coefficients = fit.coefficients, errors = fit.errors, fitted = fit.fitted,
    r2 = fit.r2, sigma = fit.sigma,
  }
end

return M
