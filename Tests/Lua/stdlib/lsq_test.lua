-- SPDX-License-Identifier: BSD-3-Clause

local lsq = require "lsq"
local random = require "random"
local expect = dofile(arg[0]:match("^(.*/)") .. "expect.lua")
local equal, near, fails = expect.equal, expect.near, expect.fails

-- A straight line through points off it; checked by hand.
local ones, x, y = { 1, 1, 1, 1 }, { 0, 1, 2, 3 }, { 1, 3, 2, 5 }
local fit = lsq.fit({ ones, x }, y)
near(fit.coefficients[1], 1.1, 1e-14)
near(fit.coefficients[2], 1.1, 1e-14)
near(fit.sigma, math.sqrt(1.35), 1e-14)
near(fit.errors[1], math.sqrt(1.35 * 14 / 20), 1e-14)
near(fit.errors[2], math.sqrt(1.35 / 5), 1e-14)
near(fit.r2, 1 - 2.7 / 8.75, 1e-14)
equal(fit.dof, 2)
for i, residual in ipairs { -0.1, 0.8, -1.3, 0.6 } do
  near(fit.residuals[i], residual, 1e-14)
  near(fit.fitted[i], y[i] - residual, 1e-14)
end
equal({ ones, x, y }, { { 1, 1, 1, 1 }, { 0, 1, 2, 3 }, { 1, 3, 2, 5 } })

-- Columns of very different size, nearly parallel: normal equations lose all digits here.
local e = 1e-8
local lauchli = lsq.fit({ { 1, e, 0, 0 }, { 1, 0, e, 0 } }, { 2, e, e, 0 })
near(lauchli.coefficients[1], 1, 1e-7)
near(lauchli.coefficients[2], 1, 1e-7)

-- Exact data give back their coefficients; residuals are orthogonal to the columns.
local generator = random.new(5)
for _ = 1, 30 do
  local p = generator:integer(1, 6)
  local n = p + generator:integer(1, 20)
  local columns, truth, exact, noisy = {}, {}, {}, {}
  for i = 1, n do
    exact[i] = 0.0
  end
  for j = 1, p do
    columns[j], truth[j] = {}, generator:normal()
    for i = 1, n do
      columns[j][i] = generator:normal() * 10.0 ^ j
      exact[i] = exact[i] + truth[j] * columns[j][i]
    end
  end
  local clean = lsq.fit(columns, exact)
  for j = 1, p do
    near(clean.coefficients[j], truth[j], 1e-6)
  end
  for i = 1, n do
    noisy[i] = exact[i] + generator:normal()
  end
  local residuals = lsq.fit(columns, noisy).residuals
  for j = 1, p do
    local dot, size = 0.0, 0.0
    for i = 1, n do
      dot = dot + residuals[i] * columns[j][i]
      size = size + math.abs(residuals[i] * columns[j][i])
    end
    near(dot / size, 0, 1e-7)
  end
end

local function bad(message, columns, values)
  fails(message, lsq.fit, columns, values)
end
bad("columns: expected at least one", {}, { 1 })
bad("column 2 has 1 values, but y has 3", { { 1, 1, 1 }, { 1 } }, { 1, 2, 3 })
bad("2 observations cannot determine 2 coefficients and their errors; "
  .. "give more observations or fewer columns", { { 1, 1 }, { 0, 1 } }, { 1, 2 })
bad("y[2] is inf; expected a finite number", { { 1, 1 } }, { 1, math.huge })
local dependent = "column 3 is zero, not finite, or a combination of the columns before it; "
  .. "leave it out"
bad(dependent, { { 1, 1, 1, 1 }, { 1, 2, 3, 4 }, { 3, 5, 7, 9 } }, { 1, 2, 3, 4 })
bad(dependent, { { 1, 1, 1, 1 }, { 1, 2, 3, 4 }, { 0, 0, 0, 0 } }, { 1, 2, 3, 4 })
bad(dependent, { { 1, 1, 1, 1 }, { 1, 2, 3, 4 }, { 0, 0 / 0, 0, 1 } }, { 1, 2, 3, 4 })
