-- SPDX-License-Identifier: BSD-3-Clause
--- Compares a year of hourly temperatures in two cities: which is warmer, by how much, and when?
--
--     vtlua run flow.lua
--     vtlua run flow.lua -p out=/tmp/climate -p resamples=10000 -p block_days=14

local flow = vt.workflow {
  name   = "climate",
  params = {
    seattle    = { "file", default = "data/seattle-temps.csv", doc = "hourly °F of Seattle" },
    sf         = { "file", default = "data/sf-temps.csv", doc = "hourly °F of San Francisco" },
    out        = { "string", default = "results", doc = "directory for the results" },
    resamples  = { "integer", default = 2000, min = 100, max = 100000,
                   doc = "number of years that the bootstrap generates" },
    block_days = { "integer", default = 30, min = 1, max = 180,
                   doc = "length of the bootstrap's blocks in days" },
    seed       = { "integer", default = 2010, doc = "seed of the bootstrap's random numbers" },
    confidence = { "number", default = 0.95, min = 0.5, max = 0.999,
                   doc = "confidence level of the interval for the difference" },
    pool       = { "string", default = "threads",
                   choices = { "serial", "threads", "processes", "cluster" },
                   doc = "where the bootstrap runs; the results are the same everywhere" },
    workers    = { "integer", optional = true, min = 1, max = 1000,
                   doc = "number of workers of the pool; default: the number of cores" },
  },
}
local params = flow.params

-- Read the files, which differ in the order of their columns and in their date formats.
local temp = { temp = "number" }
local seattle_csv = flow:add("seattle_csv", "csv.read", { path = params.seattle, types = temp })
local sf_csv = flow:add("sf_csv", "csv.read", { path = params.sf, types = temp })
local seattle_raw = flow:add("seattle_raw", "time_series", {
  columns = seattle_csv.columns, time = "date", value = "temp", format = "%Y/%m/%d %H:%M",
})
local sf_raw = flow:add("sf_raw", "time_series", {
  columns = sf_csv.columns, time = "date", value = "temp", format = "%Y/%m/%d %H:%M:%S",
})
local hours = flow:add("hours", "align", {
  a_times = seattle_raw.times, a_values = seattle_raw.values,
  b_times = sf_raw.times, b_values = sf_raw.values,
})

-- Describe each city: its mean, its days, its yearly and daily cycle.
local seattle = flow:add("seattle", "summary", { values = hours.a })
local sf = flow:add("sf", "summary", { values = hours.b })
local seattle_days = flow:add("seattle_days", "daily", { times = hours.times, values = hours.a })
local sf_days = flow:add("sf_days", "daily", { times = hours.times, values = hours.b })
local seattle_fit = flow:add("seattle_fit", "cycles", { times = hours.times, values = hours.a })
local sf_fit = flow:add("sf_fit", "cycles", { times = hours.times, values = hours.b })

-- Compare: the difference of each day, and the interval of its mean.
local gap = flow:add("gap", "difference", { a = sf_days.means, b = seattle_days.means })
local mean_gap = flow:add("mean_gap", "block_bootstrap", {
  values = gap.values, weights = seattle_days.counts, block = params.block_days,
  resamples = params.resamples, seed = params.seed, confidence = params.confidence,
  pool = params.pool, workers = params.workers,
})

-- Write the results.
local dir = flow:add("dir", "files.mkdir", { path = params.out })
local columns = flow:add("columns", "daily_columns", {
  days = seattle_days.days, hours = seattle_days.counts, seattle = seattle_days.means,
  sf = sf_days.means, difference = gap.values,
})
local daily_csv = flow:add("daily_csv", "csv.write", {
  columns = columns.columns, names = columns.names, dir = dir.path, path = "daily.csv",
})
local report = flow:add("report", "report", {
  hours = hours.count, unmatched = hours.unmatched,
  a_name = "Seattle", a_mean = seattle.mean, a_sd = seattle.sd,
  a_terms = seattle_fit.terms, a_coefficients = seattle_fit.coefficients,
  a_errors = seattle_fit.errors, a_r2 = seattle_fit.r2, a_sigma = seattle_fit.sigma,
  b_name = "San Francisco", b_mean = sf.mean, b_sd = sf.sd,
  b_coefficients = sf_fit.coefficients, b_errors = sf_fit.errors,
  b_r2 = sf_fit.r2, b_sigma = sf_fit.sigma,
  difference = mean_gap.mean, low = mean_gap.low, high = mean_gap.high,
  standard_error = mean_gap.standard_error, autocorrelation = mean_gap.autocorrelation,
  resamples = params.resamples, block_days = params.block_days, seed = params.seed,
  confidence = params.confidence,
})
local report_txt = flow:add("report_txt", "text.write", {
  text = report.text, dir = dir.path, path = "report.txt",
})
local temperature_figure = flow:add("temperature_figure", "temperature_figure", {
  days = seattle_days.days,
  a_name = "Seattle", a_means = seattle_days.means,
  a_lows = seattle_days.lows, a_highs = seattle_days.highs,
  b_name = "San Francisco", b_means = sf_days.means,
  b_lows = sf_days.lows, b_highs = sf_days.highs,
})
local difference_figure = flow:add("difference_figure", "difference_figure", {
  a_name = "Seattle", b_name = "San Francisco",
  days = seattle_days.days, values = gap.values, mean = mean_gap.mean,
  low = mean_gap.low, high = mean_gap.high, confidence = params.confidence,
  block_days = params.block_days,
})
local temperature_plot = flow:add("temperature_plot", "plot.lines", {
  figure = temperature_figure.figure,
})
local difference_plot = flow:add("difference_plot", "plot.lines", {
  figure = difference_figure.figure,
})
local temperatures_svg = flow:add("temperatures_svg", "text.write", {
  text = temperature_plot.svg, dir = dir.path, path = "temperatures.svg",
})
local difference_svg = flow:add("difference_svg", "text.write", {
  text = difference_plot.svg, dir = dir.path, path = "difference.svg",
})

return flow:outputs {
  hours            = hours.count,
  seattle_mean     = seattle.mean,
  sf_mean          = sf.mean,
  difference       = mean_gap.mean,
  low              = mean_gap.low,
  high             = mean_gap.high,
  standard_error   = mean_gap.standard_error,
  seattle_r2       = seattle_fit.r2,
  sf_r2            = sf_fit.r2,
  seattle_cycle    = seattle_fit.coefficients,
  sf_cycle         = sf_fit.coefficients,
  seattle_errors   = seattle_fit.errors,
  sf_errors        = sf_fit.errors,
  daily_csv        = daily_csv.path,
  report           = report_txt.path,
  temperatures_svg = temperatures_svg.path,
  difference_svg   = difference_svg.path,
}
