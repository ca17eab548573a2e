-- SPDX-License-Identifier: BSD-3-Clause
-- Written by scripts/embed-stdlib from the comments in stdlib/.
---@meta lsq

---Linear least squares through Householder's QR decomposition.
---
---QR works on the design matrix itself. The normal equations would square its condition number and
---lose half of the digits.
---@class lsq
local lsq = {}

---Fits y as a linear combination of columns. A constant term is a column of ones.
---
---The result has
---`coefficients` and their standard `errors` (assuming independent errors of equal variance),
---`fitted`, `residuals` (y - fitted), `sigma` (standard deviation of the residuals, n - p
---degrees of freedom, in `dof`), and `r2` (1 - residual / total sum of squares, about y's mean;
---NaN when y is constant).
---
---Cost: about 2 n p^2 multiplications; the arguments are not changed. Where `y` is an array, so are
---`fitted` and `residuals`.
---@param columns number[][] the design matrix, a list or array for each of its p columns, or an
---array of shape (p, n)
---@param y number[] n observations, n > p
---@return table fit
function lsq.fit(columns, y) end

return lsq
