-- SPDX-License-Identifier: BSD-3-Clause
---@meta _

---The sum.
---@param a array.Values
---@param axis? integer|integer[]|array.Reduction
---@param options? array.Reduction
---@return any
function array.sum(a, axis, options) end

---The product.
---@param a array.Values
---@param axis? integer|integer[]|array.Reduction
---@param options? array.Reduction
---@return any
function array.prod(a, axis, options) end

---The mean.
---@param a array.Values
---@param axis? integer|integer[]|array.Reduction
---@param options? array.Reduction
---@return any
function array.mean(a, axis, options) end

---The variance; the divisor is the count less `correction`, by default 0.
---@param a array.Values
---@param axis? integer|integer[]|array.Reduction
---@param options? array.Reduction
---@return any
function array.var(a, axis, options) end

---The standard deviation, as `var`.
---@param a array.Values
---@param axis? integer|integer[]|array.Reduction
---@param options? array.Reduction
---@return any
function array.std(a, axis, options) end

---The least element.
---@param a array.Values
---@param axis? integer|integer[]|array.Reduction
---@param options? array.Reduction
---@return any
function array.min(a, axis, options) end

---The greatest element.
---@param a array.Values
---@param axis? integer|integer[]|array.Reduction
---@param options? array.Reduction
---@return any
function array.max(a, axis, options) end

---Whether an element is not 0.
---@param a array.Values
---@param axis? integer|integer[]|array.Reduction
---@param options? array.Reduction
---@return any
function array.any(a, axis, options) end

---Whether no element is 0.
---@param a array.Values
---@param axis? integer|integer[]|array.Reduction
---@param options? array.Reduction
---@return any
function array.all(a, axis, options) end

---The number of elements that are not 0.
---@param a array.Values
---@param axis? integer|integer[]|array.Reduction
---@param options? array.Reduction
---@return any
function array.count_nonzero(a, axis, options) end

---The index of the least element.
---@param a array.Values
---@param axis? integer|integer[]|array.Reduction
---@param options? array.Reduction
---@return any
function array.argmin(a, axis, options) end

---The index of the greatest element.
---@param a array.Values
---@param axis? integer|integer[]|array.Reduction
---@param options? array.Reduction
---@return any
function array.argmax(a, axis, options) end

---The sums of the elements up to each.
---@param a array.Values
---@param axis? integer|table
---@param options? { skipnan?: boolean, dtype?: array.DType, include_initial?: boolean }
---@return array
function array.cumulative_sum(a, axis, options) end

---The products of the elements up to each.
---@param a array.Values
---@param axis? integer|table
---@param options? { skipnan?: boolean, dtype?: array.DType, include_initial?: boolean }
---@return array
function array.cumulative_prod(a, axis, options) end

---The sums of products over axes: a number of the last of `a` and first of `b` (2), or a list of the axes of
---both.
---@param a array.Values
---@param b array.Values
---@param axes? integer|table
---@return any
function array.tensordot(a, b, axes) end
