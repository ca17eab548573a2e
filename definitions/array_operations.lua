-- SPDX-License-Identifier: BSD-3-Clause
---@meta _

---The sum.
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return any
function array.add(a, b, options) end

---The angle of the point (b, a).
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return any
function array.atan2(a, b, options) end

---The bits that both have.
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return any
function array.bitwise_and(a, b, options) end

---Bits shifted to the left.
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return any
function array.bitwise_left_shift(a, b, options) end

---The bits that one has.
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return any
function array.bitwise_or(a, b, options) end

---Bits shifted to the right; the sign is kept.
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return any
function array.bitwise_right_shift(a, b, options) end

---The bits that one of them has.
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return any
function array.bitwise_xor(a, b, options) end

---The size of `a` with the sign of `b`.
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return any
function array.copysign(a, b, options) end

---The quotient; of integers a float.
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return any
function array.divide(a, b, options) end

---Whether elements are equal.
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return any
function array.equal(a, b, options) end

---The quotient rounded down, as `//`.
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return any
function array.floor_divide(a, b, options) end

---Whether a > b.
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return any
function array.greater(a, b, options) end

---Whether a >= b.
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return any
function array.greater_equal(a, b, options) end

---sqrt(a * a + b * b) without overflow.
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return any
function array.hypot(a, b, options) end

---Whether a < b.
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return any
function array.less(a, b, options) end

---Whether a <= b.
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return any
function array.less_equal(a, b, options) end

---log(exp(a) + exp(b)) without overflow.
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return any
function array.logaddexp(a, b, options) end

---Whether both are not 0.
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return any
function array.logical_and(a, b, options) end

---Whether one is not 0.
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return any
function array.logical_or(a, b, options) end

---Whether exactly one is not 0.
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return any
function array.logical_xor(a, b, options) end

---The larger element; NaN if one is.
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return any
function array.maximum(a, b, options) end

---The smaller element; NaN if one is.
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return any
function array.minimum(a, b, options) end

---The product.
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return any
function array.multiply(a, b, options) end

---The float next to `a` in the direction of `b`.
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return any
function array.nextafter(a, b, options) end

---Whether elements differ.
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return any
function array.not_equal(a, b, options) end

---The power; of integers an integer.
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return any
function array.pow(a, b, options) end

---The remainder of `//`, as `%`.
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return any
function array.remainder(a, b, options) end

---The difference.
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return any
function array.subtract(a, b, options) end

---The same as `equal`.
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return any
function array.eq(a, b, options) end

---The same as `not_equal`.
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return any
function array.ne(a, b, options) end

---The same as `less`.
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return any
function array.lt(a, b, options) end

---The same as `less_equal`.
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return any
function array.le(a, b, options) end

---The same as `greater`.
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return any
function array.gt(a, b, options) end

---The same as `greater_equal`.
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return any
function array.ge(a, b, options) end
