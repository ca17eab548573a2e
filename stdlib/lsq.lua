-- SPDX-License-Identifier: BSD-3-Clause
--- Linear least squares through Householder's QR decomposition.
--
-- QR works on the design matrix itself. The normal equations would square its condition number and
-- lose half of the digits.

local number_lists = require "number_lists"

local lsq = {}

local EPSILON <const> = 0x1p-52

--- The columns and y as tables, without arrays.
local function lists_of(columns, y)
  y = number_lists.of(y, "y: ", 3)
  if number_lists.is_array(columns) then
    local reason = number_lists.mismatch(columns, 2)
    if reason then
      error(("columns: expected a list of numbers for each column, got %s"):format(reason), 3)
    end
    local count, length = table.unpack(columns.shape)
    if length ~= #y and count == #y then
      error(("columns: expected a row for each column, got an array of shape (%d, %d), and y has "
        .. "%d values; write columns.T"):format(count, length, #y), 3)
    end
    return columns:tolist(), y
  end
  local lists = {}
  for j, column in ipairs(columns) do
    lists[j] = number_lists.of(column, ("column %d: "):format(j), 3)
  end
  return lists, y
end

local function check(columns, y)
  if #columns == 0 then
    error("columns: expected at least one", 3)
  end
  for j, column in ipairs(columns) do
    if #column ~= #y then
      error(("column %d has %d values, but y has %d"):format(j, #column, #y), 3)
    end
    for i = 1, #column do
      if not math.type(column[i]) then
        error(("column %d: %s"):format(j, number_lists.wrong(column[i], i)), 3)
      end
    end
  end
  for i, value in ipairs(y) do
    if not math.type(value) then
      error("y: " .. number_lists.wrong(value, i), 3)
    elseif value - value ~= 0 then
      error(("y[%d] is %s; expected a finite number"):format(i, value), 3)
    end
  end
  if #y <= #columns then
    error(("%d observations cannot determine %d coefficients and their errors; " ..
      "give more observations or fewer columns"):format(#y, #columns), 3)
  end
end

--- Sum of squares of x[from..], scaled so that it cannot overflow.
local function norm(x, from)
  local scale = 0.0
  for i = from, #x do
    scale = math.max(scale, math.abs(x[i]))
  end
  if scale == 0 then
    return 0.0
  end
  local sum = 0.0
  for i = from, #x do
    local v = x[i] / scale
    sum = sum + v * v
  end
  return scale * math.sqrt(sum)
end

--- Reflects x by the Householder vector v, from row k on.
local function reflect(v, half_square, x, k)
  local dot = 0.0
  for i = k, #x do
    dot = dot + v[i] * x[i]
  end
  local factor = dot / half_square
  for i = k, #x do
    x[i] = x[i] - factor * v[i]
  end
end

--- Turns the columns into R, in place above the diagonal, and y into Q'y.
local function triangulate(a, y)
  local diagonal = {}
  for k = 1, #a do
    local v = a[k]
    local whole, length = norm(v, 1), norm(v, k)
    if length ~= length or length <= EPSILON * #y * whole then
      error(("column %d is zero, not finite, or a combination of the columns before it; " ..
        "leave it out"):format(k), 3)
    end
    -- away from the sign of v[k]: nothing cancels
    local alpha = v[k] > 0 and -length or length
    v[k] = v[k] - alpha
    local half_square = -alpha * v[k]
    for j = k + 1, #a do
      reflect(v, half_square, a[j], k)
    end
    reflect(v, half_square, y, k)
    diagonal[k] = alpha
  end
  return diagonal
end

--- Solves R x = b by substitution from below, R's diagonal apart.
local function substitute(a, diagonal, b, size)
  local x = {}
  for i = size, 1, -1 do
    local sum = b[i]
    for j = i + 1, size do
      sum = sum - a[j][i] * x[j]
    end
    x[i] = sum / diagonal[i]
  end
  return x
end

--- The diagonal of (R'R)^-1: sums of squares along the rows of R^-1.
local function inverse_squares(a, diagonal)
  local squares = {}
  for i = 1, #a do
    squares[i] = 0.0
  end
  for j = 1, #a do
    local unit = {}
    for i = 1, j do
      unit[i] = i == j and 1.0 or 0.0
    end
    local column = substitute(a, diagonal, unit, j)
    for i = 1, j do
      squares[i] = squares[i] + column[i] * column[i]
    end
  end
  return squares
end

--- Fits y as a linear combination of columns. A constant term is a column of ones.
--
-- The result has
-- `coefficients` and their standard `errors` (assuming independent errors of equal variance),
-- `fitted`, `residuals` (y - fitted), `sigma` (standard deviation of the residuals, n - p
-- degrees of freedom, in `dof`), and `r2` (1 - residual / total sum of squares, about y's mean;
-- NaN when y is constant).
--
-- Cost: about 2 n p^2 multiplications; the arguments are not changed. Where `y` is an array, so are
-- `fitted` and `residuals`.
--- @param columns number[][] the design matrix, a list or array for each of its p columns, or an
--- array of shape (p, n)
--- @param y number[] n observations, n > p
--- @return table fit
function lsq.fit(columns, y)
  local is_array = number_lists.is_array(y)
  columns, y = lists_of(columns, y)
  check(columns, y)
  local n, p = #y, #columns
  local a = {}
  for j = 1, p do
    a[j] = table.move(columns[j], 1, n, 1, {})
  end
  local rotated = table.move(y, 1, n, 1, {})
  local diagonal = triangulate(a, rotated)
  local coefficients = substitute(a, diagonal, rotated, p)

  local fitted, residuals = {}, {}
  local mean = 0.0
  for i = 1, n do
    local sum = 0.0
    for j = 1, p do
      sum = sum + coefficients[j] * columns[j][i]
    end
    fitted[i], residuals[i] = sum, y[i] - sum
    mean = mean + y[i] / n
  end
  local rest, total = 0.0, 0.0
  for i = 1, n do
    rest = rest + residuals[i] ^ 2
    total = total + (y[i] - mean) ^ 2
  end

  local sigma = math.sqrt(rest / (n - p))
  local errors = inverse_squares(a, diagonal)
  for j = 1, p do
    errors[j] = sigma * math.sqrt(errors[j])
  end
  return {
    coefficients = coefficients,
    errors = errors,
    fitted = is_array and array.from(fitted, "float64") or fitted,
    residuals = is_array and array.from(residuals, "float64") or residuals,
    sigma = sigma,
    dof = n - p,
    r2 = total > 0 and 1 - rest / total or 0 / 0,
  }
end

return lsq
