-- SPDX-License-Identifier: BSD-3-Clause
--- Describes the comparison as text.

local M = vt.module {
  name    = "report",
  version = "1.0.0",
  doc     = "Describes the comparison of two cities in a short text.",
  inputs  = {
    hours     = { "integer", doc = "hours that both cities have" },
    unmatched = { "integer", doc = "hours that only one of them has" },

    a_name         = { "string", doc = "the first city" },
    a_mean         = { "number", doc = "its mean temperature, °F" },
    a_sd           = { "number", doc = "its standard deviation, °F" },
    a_terms        = { "list<string>", doc = "terms of both fits" },
    a_coefficients = { "list<number>", doc = "coefficients of its fit, °F" },
    a_errors       = { "list<number>", doc = "their standard errors, °F" },
    a_r2           = { "number", doc = "R² of its fit" },
    a_sigma        = { "number", doc = "standard deviation of its residuals, °F" },

    b_name         = { "string", doc = "the second city" },
    b_mean         = { "number", doc = "its mean temperature, °F" },
    b_sd           = { "number", doc = "its standard deviation, °F" },
    b_coefficients = { "list<number>", doc = "coefficients of its fit, °F" },
    b_errors       = { "list<number>", doc = "their standard errors, °F" },
    b_r2           = { "number", doc = "R² of its fit" },
    b_sigma        = { "number", doc = "standard deviation of its residuals, °F" },

    difference      = { "number", doc = "second minus first, °F" },
    low             = { "number", doc = "lower end of the interval, °F" },
    high            = { "number", doc = "upper end of the interval, °F" },
    standard_error  = { "number", doc = "standard error of the difference, °F" },
    autocorrelation = { "number", doc = "correlation of the daily difference with the next day's" },
    confidence      = { "number", doc = "confidence level of the interval" },
    resamples       = { "integer", doc = "number of resamples of the bootstrap" },
    block_days      = { "integer", doc = "length of the bootstrap's blocks in days" },
    seed            = { "integer", doc = "seed of the bootstrap" },
  },
  outputs = { text = { "string", doc = "the report" } },
}

function M:compute(inputs)
  local lines = {}
  local function line(format, ...)
    lines[#lines + 1] = format:format(...)
  end
  local a, b = inputs.a_name, inputs.b_name
  local warmer = inputs.difference >= 0

  line("%s and %s, hourly temperatures in °F", a, b)
  line("")
  line("%d hours in both series, %d in only one", inputs.hours, inputs.unmatched)
  line("")
  line("%-16s %8s %8s", "", "mean", "sd")
  line("%-16s %8.2f %8.2f", a, inputs.a_mean, inputs.a_sd)
  line("%-16s %8.2f %8.2f", b, inputs.b_mean, inputs.b_sd)
  line("")
  line("%s is %.2f °F %s than %s over the year.", b, math.abs(inputs.difference),
    warmer and "warmer" or "colder", a)
  line("%g %% interval: %.2f to %.2f °F, standard error %.2f",
    inputs.confidence * 100, inputs.low, inputs.high, inputs.standard_error)
  line("(circular block bootstrap: %d resamples, blocks of %d days, seed %d)",
    inputs.resamples, inputs.block_days, inputs.seed)
  line("")
  line("The differences of consecutive days are correlated (%.3f) and change with the",
    inputs.autocorrelation)
  line("seasons. The interval describes how much the mean would change if the year were")
  line("composed of other blocks of %d days of it. It depends on the length of the blocks,",
    inputs.block_days)
  line("and it does not describe how one year differs from another.")
  line("")
  line("Yearly and daily cycle, by least squares")
  line("")
  line("%-19s %13s %7s   %13s %7s", "in degrees F", a, "error", b, "error")
  for i, term in ipairs(inputs.a_terms) do
    line("%-19s %13.3f %7.3f   %13.3f %7.3f", term, inputs.a_coefficients[i], inputs.a_errors[i],
      inputs.b_coefficients[i], inputs.b_errors[i])
  end
  line("%-19s %13.4f %7s   %13.4f", "R squared", inputs.a_r2, "", inputs.b_r2)
  line("%-19s %13.3f %7s   %13.3f", "residual sd", inputs.a_sigma, "", inputs.b_sigma)
  line("")
  line("The errors assume independent residuals; hours are not independent, so they are too small.")
  return { text = table.concat(lines, "\n") .. "\n" }
end

return M
