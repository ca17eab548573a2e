-- SPDX-License-Identifier: BSD-3-Clause
---@meta _

---The absolute value.
---@param a array.Values
---@param options? array.Out
---@return any
function array.abs(a, options) end

---The arc cosine.
---@param a array.Values
---@param options? array.Out
---@return any
function array.acos(a, options) end

---The inverse hyperbolic cosine.
---@param a array.Values
---@param options? array.Out
---@return any
function array.acosh(a, options) end

---The arc sine.
---@param a array.Values
---@param options? array.Out
---@return any
function array.asin(a, options) end

---The inverse hyperbolic sine.
---@param a array.Values
---@param options? array.Out
---@return any
function array.asinh(a, options) end

---The arc tangent.
---@param a array.Values
---@param options? array.Out
---@return any
function array.atan(a, options) end

---The inverse hyperbolic tangent.
---@param a array.Values
---@param options? array.Out
---@return any
function array.atanh(a, options) end

---All bits inverted.
---@param a array.Values
---@param options? array.Out
---@return any
function array.bitwise_invert(a, options) end

---The cube root.
---@param a array.Values
---@param options? array.Out
---@return any
function array.cbrt(a, options) end

---Rounded up.
---@param a array.Values
---@param options? array.Out
---@return any
function array.ceil(a, options) end

---The complex conjugate.
---@param a array.Values
---@param options? array.Out
---@return any
function array.conj(a, options) end

---The cosine.
---@param a array.Values
---@param options? array.Out
---@return any
function array.cos(a, options) end

---The hyperbolic cosine.
---@param a array.Values
---@param options? array.Out
---@return any
function array.cosh(a, options) end

---The error function.
---@param a array.Values
---@param options? array.Out
---@return any
function array.erf(a, options) end

---The complementary error function.
---@param a array.Values
---@param options? array.Out
---@return any
function array.erfc(a, options) end

---The exponential function.
---@param a array.Values
---@param options? array.Out
---@return any
function array.exp(a, options) end

---2 to the power of each element.
---@param a array.Values
---@param options? array.Out
---@return any
function array.exp2(a, options) end

---exp(x) - 1, exact near 0.
---@param a array.Values
---@param options? array.Out
---@return any
function array.expm1(a, options) end

---Rounded down.
---@param a array.Values
---@param options? array.Out
---@return any
function array.floor(a, options) end

---The gamma function.
---@param a array.Values
---@param options? array.Out
---@return any
function array.gamma(a, options) end

---The imaginary part.
---@param a array.Values
---@param options? array.Out
---@return any
function array.imag(a, options) end

---Whether each element is finite.
---@param a array.Values
---@param options? array.Out
---@return any
function array.isfinite(a, options) end

---Whether each element is infinite.
---@param a array.Values
---@param options? array.Out
---@return any
function array.isinf(a, options) end

---Whether each element is NaN.
---@param a array.Values
---@param options? array.Out
---@return any
function array.isnan(a, options) end

---The logarithm of the gamma function.
---@param a array.Values
---@param options? array.Out
---@return any
function array.lgamma(a, options) end

---The natural logarithm.
---@param a array.Values
---@param options? array.Out
---@return any
function array.log(a, options) end

---The decimal logarithm.
---@param a array.Values
---@param options? array.Out
---@return any
function array.log10(a, options) end

---log(1 + x), exact near 0.
---@param a array.Values
---@param options? array.Out
---@return any
function array.log1p(a, options) end

---The binary logarithm.
---@param a array.Values
---@param options? array.Out
---@return any
function array.log2(a, options) end

---Whether each element is 0.
---@param a array.Values
---@param options? array.Out
---@return any
function array.logical_not(a, options) end

---The negated elements.
---@param a array.Values
---@param options? array.Out
---@return any
function array.negative(a, options) end

---A copy.
---@param a array.Values
---@param options? array.Out
---@return any
function array.positive(a, options) end

---The real part.
---@param a array.Values
---@param options? array.Out
---@return any
function array.real(a, options) end

---1 / x.
---@param a array.Values
---@param options? array.Out
---@return any
function array.reciprocal(a, options) end

---Rounded to the nearest integer, halves to the even one.
---@param a array.Values
---@param options? array.Out
---@return any
function array.round(a, options) end

----1, 0 or 1.
---@param a array.Values
---@param options? array.Out
---@return any
function array.sign(a, options) end

---Whether the sign bit is set.
---@param a array.Values
---@param options? array.Out
---@return any
function array.signbit(a, options) end

---The sine.
---@param a array.Values
---@param options? array.Out
---@return any
function array.sin(a, options) end

---The hyperbolic sine.
---@param a array.Values
---@param options? array.Out
---@return any
function array.sinh(a, options) end

---The square root.
---@param a array.Values
---@param options? array.Out
---@return any
function array.sqrt(a, options) end

---The square.
---@param a array.Values
---@param options? array.Out
---@return any
function array.square(a, options) end

---The tangent.
---@param a array.Values
---@param options? array.Out
---@return any
function array.tan(a, options) end

---The hyperbolic tangent.
---@param a array.Values
---@param options? array.Out
---@return any
function array.tanh(a, options) end

---Rounded towards 0.
---@param a array.Values
---@param options? array.Out
---@return any
function array.trunc(a, options) end
