-- SPDX-License-Identifier: BSD-3-Clause
---@meta array

---@alias array.DType "bool"|"int8"|"int16"|"int32"|"int64"|"uint8"|"uint16"|"uint32"|"uint64"|"float32"|"float64"|"complex64"|"complex128"
---@alias array.Shape integer|integer[]
---@alias array.Values array|number|boolean|table
---@alias array.Out { out?: array, array?: boolean }
---@alias array.Reduction { axis?: integer|integer[], keepdims?: boolean, skipnan?: boolean, dtype?: array.DType, correction?: number, array?: boolean }

---Typed n-dimensional arrays: numbers at the machine's speed.
---
---Indices and axes count from 1, or from the end (-1 is the last). Ranges have both ends. Ranges and
---rows are views, everything else is a copy. Every function is also a method: `a:sum()`.
---@class array
---@field shape integer[] the length of each axis
---@field dtype array.DType the type of the elements
---@field ndim integer the number of axes
---@field size integer the number of elements
---@field nbytes integer the bytes of all elements
---@field T array the matrix with rows and columns exchanged
---@field mT array the last two axes exchanged
---@field newaxis any an index that adds an axis of length 1
---@field rest any an index that stands for as many `{}` as are missing
---@field fft array.FFT Fourier transforms
---@field linalg array.Linalg linear algebra
---@field [integer | boolean | table] any
---@operator add(any): array
---@operator sub(any): array
---@operator mul(any): array
---@operator div(any): array
---@operator idiv(any): array
---@operator mod(any): array
---@operator pow(any): array
---@operator unm: array
---@operator band(any): array
---@operator bor(any): array
---@operator bxor(any): array
---@operator bnot: array
---@operator shl(any): array
---@operator shr(any): array
---@operator len: integer
---@operator concat(any): string
---@operator call(...): any
array = {}

---An array of zeros.
---@param shape array.Shape
---@param dtype? array.DType
---@return array
function array.zeros(shape, dtype) end

---An array of ones.
---@param shape array.Shape
---@param dtype? array.DType
---@return array
function array.ones(shape, dtype) end

---The same as `zeros`: no memory is uninitialised.
---@param shape array.Shape
---@param dtype? array.DType
---@return array
function array.empty(shape, dtype) end

---An array of one value.
---@param shape array.Shape
---@param value number|boolean
---@param dtype? array.DType
---@return array
function array.full(shape, value, dtype) end

---Zeros in the shape of another array.
---@param a array
---@param dtype? array.DType
---@return array
function array.zeros_like(a, dtype) end

---Ones in the shape of another array.
---@param a array
---@param dtype? array.DType
---@return array
function array.ones_like(a, dtype) end

---The same as `zeros_like`.
---@param a array
---@param dtype? array.DType
---@return array
function array.empty_like(a, dtype) end

---One value in the shape of another array.
---@param a array
---@param value number|boolean
---@param dtype? array.DType
---@return array
function array.full_like(a, value, dtype) end

---A new array of nested lists, of a number, or of another array. Integers make int64, floats anywhere float64, booleans bool.
---@param x array.Values
---@param dtype? array.DType
---@return array
function array.from(x, dtype) end

---The same, but an array of the type itself is returned.
---@param x array.Values
---@param dtype? array.DType
---@return array
function array.asarray(x, dtype) end

---Numbers from `first` up to `last`, which is left out. With one argument, from 0.
---@param first number
---@param last? number
---@param step? number
---@param dtype? array.DType
---@return array
function array.arange(first, last, step, dtype) end

---Numbers from `first` to `last`, both included, as in `for`. With one argument, from 1.
---@param first number
---@param last? number
---@param step? number
---@param dtype? array.DType
---@return array
function array.range(first, last, step, dtype) end

---Evenly spaced numbers, of which the ends may be complex.
---@param first number|array
---@param last number|array
---@param count integer
---@param options? { endpoint?: boolean, dtype?: array.DType }
---@return array
function array.linspace(first, last, count, options) end

---A matrix with ones on a diagonal, `k` above the main one.
---@param rows integer
---@param columns? integer
---@param k? integer
---@param dtype? array.DType
---@return array
function array.eye(rows, columns, k, dtype) end

---The matrix with this diagonal; of a matrix, its diagonal.
---@param a array.Values
---@param k? integer
---@return array
function array.diag(a, k) end

---A copy without what is above a diagonal.
---@param a array.Values
---@param k? integer
---@return array
function array.tril(a, k) end

---A copy without what is below a diagonal.
---@param a array.Values
---@param k? integer
---@return array
function array.triu(a, k) end

---One array for each argument: its values along one axis of the grid. The last argument may be `{ indexing = "ij" }`.
---@param ... array.Values
---@return array
function array.meshgrid(...) end

---The results of a function of the indices.
---@param shape array.Shape
---@param f fun(...: integer): number|boolean
---@param dtype? array.DType
---@return array
function array.generate(shape, f, dtype) end

---Complex numbers of two parts.
---@param real array.Values
---@param imaginary? array.Values
---@return array
function array.complex(real, imaginary) end

---An array of row-major little-endian bytes.
---@param bytes string
---@param dtype? array.DType
---@param shape? array.Shape
---@return array
function array.frombytes(bytes, dtype, shape) end

---A copy of another type. Floats are truncated to integers. What does not fit is an error; with `saturate` the nearest value, with `wrap` the lowest bits.
---@param a array
---@param dtype array.DType
---@param options? { saturate?: boolean, wrap?: boolean }
---@return array
function array.astype(a, dtype, options) end

---The common type of arrays, types and numbers.
---@param ... any
---@return array.DType
function array.result_type(...) end

---Whether the second type has all values of the first.
---@param from array|array.DType
---@param to array|array.DType
---@return boolean
function array.can_cast(from, to) end

---Whether a type is of a kind: "bool", "integral", "signed integer", "unsigned integer", "real floating", "complex floating", "numeric", or a type.
---@param dtype array|array.DType
---@param kind string|string[]
---@return boolean
function array.isdtype(dtype, kind) end

---Limits of a type of floats: `bits`, `eps`, `max`, `min`, `smallest_normal`.
---@param dtype array|array.DType
---@return table
function array.finfo(dtype) end

---Limits of a type of integers: `bits`, `max`, `min`. With `array`, `max` and `min` are arrays of
---the type, since no number of Lua is the greatest `uint64`.
---@param dtype array|array.DType
---@param options? { array?: boolean }
---@return table
function array.iinfo(dtype, options) end

---The same elements in another shape; one length may be -1.
---@param a array
---@param shape array.Shape
---@return array
function array.reshape(a, shape) end

---All elements along one axis.
---@param a array
---@return array
function array.flatten(a) end

---An independent copy.
---@param a array
---@return array
function array.copy(a) end

---The array itself if its elements lie one after another, otherwise a copy.
---@param a array
---@return array
function array.contiguous(a) end

---The axes in another order.
---@param a array
---@param axes integer[]
---@return array
function array.permute_dims(a, axes) end

---Moves axes to other places.
---@param a array
---@param from integer|integer[]
---@param to integer|integer[]
---@return array
function array.moveaxis(a, from, to) end

---Exchanges the last two axes.
---@param a array
---@return array
function array.matrix_transpose(a) end

---Adds an axis of length 1.
---@param a array
---@param axis? integer
---@return array
function array.expand_dims(a, axis) end

---Removes axes of length 1.
---@param a array
---@param axes? integer|integer[]
---@return array
function array.squeeze(a, axes) end

---The array in a larger shape, its elements repeated.
---@param a array
---@param shape array.Shape
---@return array
function array.broadcast_to(a, shape) end

---The arrays in their common shape.
---@param ... array.Values
---@return array
function array.broadcast_arrays(...) end

---The common shape.
---@param ... array.Shape
---@return integer[]
function array.broadcast_shapes(...) end

---The elements in reverse order.
---@param a array
---@param axes? integer|integer[]
---@return array
function array.flip(a, axes) end

---Moves elements along an axis, those at the end to the beginning.
---@param a array
---@param shift integer|integer[]
---@param axes? integer|integer[]
---@return array
function array.roll(a, shift, axes) end

---Repeats each element (`repeat` of the standard, which is a keyword of Lua).
---@param a array
---@param times integer|integer[]
---@param axis? integer
---@return array
function array.repeat_elements(a, times, axis) end

---Repeats the whole array.
---@param a array
---@param times integer|integer[]
---@return array
function array.tile(a, times) end

---Adds elements at the edges.
---@param a array
---@param widths integer|integer[]|integer[][]
---@param options? { mode?: "constant"|"edge"|"reflect"|"symmetric"|"wrap", value?: number }
---@return array
function array.pad(a, widths, options) end

---All parts of a size, one after another; the axes inside a part come last.
---@param a array
---@param size integer|integer[]
---@param axes? integer|integer[]
---@return array
function array.windows(a, size, axes) end

---Joins arrays along an axis, by default the first.
---@param list array.Values[]
---@param axis? integer
---@return array
function array.concat(list, axis) end

---Joins arrays along a new axis.
---@param list array.Values[]
---@param axis? integer
---@return array
function array.stack(list, axis) end

---The parts along an axis, as several results.
---@param a array
---@param axis? integer
---@return array
function array.unstack(a, axis) end

---A list of parts: of a number of them, or of those that begin at the given indices.
---@param a array
---@param parts integer|integer[]
---@param axis? integer
---@return array[]
function array.split(a, parts, axis) end

---The elements with these indices, which count from 1.
---@param a array
---@param indices array.Values
---@param axis? integer
---@return array
function array.take(a, indices, axis) end

---For each place, the element along the axis that the index names.
---@param a array
---@param indices array.Values
---@param axis? integer
---@return array
function array.take_along_axis(a, indices, axis) end

---The indices of the elements that are not 0, one array for each axis.
---@param a array
---@return array
function array.nonzero(a) end

---The elements in an order in which element `k`, or each of several, is where sorting would put it, with
---no greater element before it.
---@param a array.Values
---@param k integer|integer[]
---@param axis? integer|{ axis?: integer }
---@return array
function array.partition(a, k, axis) end

---The index before which each value belongs.
---@param sorted array.Values
---@param values array.Values
---@param options? { side?: "left"|"right" }
---@return any
function array.searchsorted(sorted, values, options) end

---Elements of `a` where the condition is true, of `b` elsewhere.
---@param condition array.Values
---@param a array.Values
---@param b array.Values
---@return array
function array.where(condition, a, b) end

---The elements in order along an axis, by default the last. NaN is last.
---@param a array
---@param axis? integer
---@param options? { descending?: boolean, out?: array }
---@return array
function array.sort(a, axis, options) end

---The indices of the elements in order. Equal elements keep their order.
---@param a array
---@param axis? integer
---@param options? { descending?: boolean }
---@return array
function array.argsort(a, axis, options) end

---The `k` greatest elements, and their indices.
---@param a array
---@param k integer
---@param axis? integer
---@param options? { least?: boolean }
---@return array
function array.topk(a, k, axis, options) end

---The different elements, in order.
---@param a array
---@return array
function array.unique_values(a) end

---The different elements, and how often each occurs.
---@param a array
---@return array
function array.unique_counts(a) end

---The different elements, and which of them each element is.
---@param a array
---@return array
function array.unique_inverse(a) end

---The different elements, the index of the first of each, which of them each element is, and the counts.
---@param a array
---@return array
function array.unique_all(a) end

---Whether each element is one of the values.
---@param a array
---@param values array.Values
---@param options? { invert?: boolean }
---@return array
function array.isin(a, values, options) end

---Whether elements differ by less than a tolerance.
---@param a array.Values
---@param b array.Values
---@param options? { rtol?: number, atol?: number, nan?: boolean }
---@return array
function array.isclose(a, b, options) end

---Whether all elements differ by less than a tolerance.
---@param a array.Values
---@param b array.Values
---@param options? { rtol?: number, atol?: number, nan?: boolean }
---@return boolean
function array.allclose(a, b, options) end

---Elements between two bounds.
---@param a array.Values
---@param least? array.Values
---@param greatest? array.Values
---@param options? array.Out
---@return array
function array.clip(a, least, greatest, options) end

---The product of matrices, or of a matrix and a vector.
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return array
function array.matmul(a, b, options) end

---The same as `matmul`.
---@param a array.Values
---@param b array.Values
---@param options? array.Out
---@return array
function array.dot(a, b, options) end

---The same as `array.linalg.solve`.
---@param a array.Values
---@param b array.Values
---@return array
function array.solve(a, b) end

---The scalar product of vectors.
---@param a array.Values
---@param b array.Values
---@param axis? integer
---@return array
function array.vecdot(a, b, axis) end

---The differences of neighbours.
---@param a array
---@param options? { axis?: integer, n?: integer }
---@return array
function array.diff(a, options) end

---The array as nested lists.
---@param a array
---@return any
function array.tolist(a) end

---The elements as row-major little-endian bytes.
---@param a array
---@return string
function array.tobytes(a) end

---The array as text, in NumPy's layout.
---@param a array.Values
---@param options? { digits?: integer, width?: integer, all?: boolean, suppress?: boolean }
---@return string
function array.format(a, options) end

---Iterates over all elements in row-major order.
---@param a array
---@return fun(): any
function array.iter(a) end

---Iterates over the parts along the first axis.
---@param a array
---@return fun(): any
function array.rows(a) end

---The results of a function of Lua for each element.
---@param a array
---@param f fun(x: any): any
---@param dtype? array.DType
---@return array
function array.map(a, f, dtype) end

---The numbers of elements in `bins` intervals of equal width, or between edges; and the edges. An interval
---includes its lower edge, and the last one both.
---@param a array.Values
---@param bins? integer|number[]|array the number of intervals (10), or their edges
---@param options? { range?: number[], weights?: array.Values, density?: boolean, skipnan?: boolean }
---@return any
function array.histogram(a, bins, options) end

---The covariances of variables, which are the rows of `a` and `b`; a number for one variable.
---@param a array.Values
---@param b? array.Values
---@param options? { correction?: number, columns?: boolean, array?: boolean }
---@return any
function array.cov(a, b, options) end

---The correlations of variables, which are the rows of `a` and `b`.
---@param a array.Values
---@param b? array.Values
---@param options? { columns?: boolean, array?: boolean }
---@return any
function array.corrcoef(a, b, options) end

---The area under straight lines through the elements, along an axis: the last one by default.
---@param y array.Values
---@param x? array.Values their places; without them the option `dx` is their distance
---@param options? integer|{ axis?: integer, dx?: number, array?: boolean }
---@return any
function array.trapezoid(y, x, options) end

---The convolution of two vectors.
---@param a array.Values
---@param b array.Values
---@param options? { mode?: "full"|"same"|"valid" }
---@return array
function array.convolve(a, b, options) end

---The values at `x` of the straight lines through points whose places increase.
---@param x array.Values
---@param places array.Values
---@param values array.Values
---@param options? { left?: number, right?: number, array?: boolean }
---@return any
function array.interp(x, places, values, options) end

---Quantiles, from 0 to 1, of all elements or along an axis.
---@param a array
---@param q array.Values
---@param axis? integer|table
---@param options? { axis?: integer, skipnan?: boolean }
---@return any
function array.quantile(a, q, axis, options) end

---The median of all elements or along an axis.
---@param a array
---@param axis? integer|table
---@param options? { axis?: integer, skipnan?: boolean }
---@return any
function array.median(a, axis, options) end

---The number of times that each integer from 1 on occurs.
---@param a array.Values
---@param n? integer
---@return array
function array.bincount(a, n) end

---Adds to the rows with these indices; to one of them several times if it is named several times.
---@param a array
---@param indices array.Values
---@param x array.Values
---@return array
function array.add_at(a, indices, x) end

---Radians as degrees.
---@param a array.Values
---@return any
function array.deg(a) end

---Degrees as radians.
---@param a array.Values
---@return any
function array.rad(a) end

---A function that computes what `f` does in one pass over memory. `f` runs with symbols for the arrays; it may use elementwise functions, operators, `where`, and one reduction at the end.
---@param f fun(...: any): any
---@return fun(...: any): any
function array.fuse(f) end

---Reads a .npy file, or a .npz file as a table by name.
---@param path string
---@return any
function array.load(path) end

---Writes a .npy file, or a table of arrays as a .npz file.
---@param path string
---@param a array.Values|table
---@param options? { compress?: boolean }
function array.save(path, a, options) end

---Whether a value is an array.
---@param x any
---@return boolean
function array.is(x) end

---Whether several workers write to the array's memory.
---@param a array
---@return boolean
function array.is_shared(a) end

---Sets the number of threads that a function uses; returns it.
---@param count? integer
---@return integer
function array.threads(count) end

---What is used: `instructions`, `threads`, `functions`.
---@return table
function array.config() end

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

---Fourier transforms. The table can be called, as its `fft`.
---@class array.FFT
---@overload fun(a: array.Values, axis?: integer, options?: table): array
local FFT = {}

---The discrete Fourier transform along an axis, by default the last.
---@param a array.Values
---@param axis? integer
---@param options? { n?: integer, norm?: "backward"|"ortho"|"forward" }
---@return array
function FFT.fft(a, axis, options) end

---The inverse of `fft`.
---@param a array.Values
---@param axis? integer
---@param options? { n?: integer, norm?: "backward"|"ortho"|"forward" }
---@return array
function FFT.ifft(a, axis, options) end

---The transform of real numbers: the first n / 2 + 1 results.
---@param a array.Values
---@param axis? integer
---@param options? { n?: integer, norm?: "backward"|"ortho"|"forward" }
---@return array
function FFT.rfft(a, axis, options) end

---The inverse of `rfft`.
---@param a array.Values
---@param axis? integer
---@param options? { n?: integer, norm?: "backward"|"ortho"|"forward" }
---@return array
function FFT.irfft(a, axis, options) end

---The real transform of Hermitian numbers.
---@param a array.Values
---@param axis? integer
---@param options? { n?: integer, norm?: "backward"|"ortho"|"forward" }
---@return array
function FFT.hfft(a, axis, options) end

---The inverse of `hfft`.
---@param a array.Values
---@param axis? integer
---@param options? { n?: integer, norm?: "backward"|"ortho"|"forward" }
---@return array
function FFT.ihfft(a, axis, options) end

---The transform along several axes.
---@param a array.Values
---@param options? { axes?: integer[], s?: integer[], norm?: "backward"|"ortho"|"forward" }
---@return array
function FFT.fftn(a, options) end

---The inverse of `fftn`.
---@param a array.Values
---@param options? { axes?: integer[], s?: integer[], norm?: "backward"|"ortho"|"forward" }
---@return array
function FFT.ifftn(a, options) end

---The transform of real numbers along several axes.
---@param a array.Values
---@param options? { axes?: integer[], s?: integer[], norm?: "backward"|"ortho"|"forward" }
---@return array
function FFT.rfftn(a, options) end

---The inverse of `rfftn`.
---@param a array.Values
---@param options? { axes?: integer[], s?: integer[], norm?: "backward"|"ortho"|"forward" }
---@return array
function FFT.irfftn(a, options) end

---The frequencies of the results of `fft`.
---@param n integer
---@param spacing? number
---@return array
function FFT.fftfreq(n, spacing) end

---The frequencies of the results of `rfft`.
---@param n integer
---@param spacing? number
---@return array
function FFT.rfftfreq(n, spacing) end

---Moves the frequency 0 to the middle.
---@param a array.Values
---@param axes? integer|integer[]
---@return array
function FFT.fftshift(a, axes) end

---The inverse of `fftshift`.
---@param a array.Values
---@param axes? integer|integer[]
---@return array
function FFT.ifftshift(a, axes) end

---Linear algebra. Matrices are the last two axes.
---@class array.Linalg
local Linalg = {}

---The solution of the equations a * x = b.
---@param a array.Values
---@param b array.Values
---@return array
function Linalg.solve(a, b) end

---The `x` for which a * x is nearest to b; the rank, and the singular values.
---@param a array.Values
---@param b array.Values
---@param options? { smallest?: number }
---@return array
function Linalg.lstsq(a, b, options) end

---The inverse.
---@param a array.Values
---@return array
function Linalg.inv(a) end

---The determinant. With `array`, one number is an array without axes.
---@param a array.Values
---@param options? { array?: boolean }
---@return any
function Linalg.det(a, options) end

---The sign and the logarithm of the size of the determinant.
---@param a array.Values
---@param options? { array?: boolean }
---@return any
---@return any
function Linalg.slogdet(a, options) end

---The triangle whose product with its transpose is `a`.
---@param a array.Values
---@param options? { upper?: boolean }
---@return array
function Linalg.cholesky(a, options) end

---An orthogonal matrix and a triangle whose product is `a`.
---@param a array.Values
---@param options? { mode?: "reduced"|"complete" }
---@return array
function Linalg.qr(a, options) end

---The singular value decomposition: u, s, vh.
---@param a array.Values
---@param options? { full?: boolean }
---@return array
function Linalg.svd(a, options) end

---The singular values.
---@param a array.Values
---@return array
function Linalg.svdvals(a) end

---The eigenvalues, and the eigenvectors as columns; complex.
---@param a array.Values
---@return array
function Linalg.eig(a) end

---The eigenvalues; complex.
---@param a array.Values
---@return array
function Linalg.eigvals(a) end

---The eigenvalues, and the eigenvectors as columns, of a symmetric matrix.
---@param a array.Values
---@return array
function Linalg.eigh(a) end

---The eigenvalues of a symmetric matrix.
---@param a array.Values
---@return array
function Linalg.eigvalsh(a) end

---The product of matrices.
---@param a array.Values
---@param b array.Values
---@return array
function Linalg.matmul(a, b) end

---The scalar product of vectors.
---@param a array.Values
---@param b array.Values
---@param axis? integer
---@return array
function Linalg.vecdot(a, b, axis) end

---All products of two vectors' elements.
---@param a array.Values
---@param b array.Values
---@return array
function Linalg.outer(a, b) end

---The same as `array.tensordot`.
---@param a array.Values
---@param b array.Values
---@param axes? integer|table
---@return any
function Linalg.tensordot(a, b, axes) end

---The last two axes exchanged.
---@param a array.Values
---@return array
function Linalg.matrix_transpose(a) end

---The cross product of vectors of 3 elements along an axis, the last one by default.
---@param a array.Values
---@param b array.Values
---@param axis? integer|{ axis?: integer }
---@return array
function Linalg.cross(a, b, axis) end

---A diagonal of the last two axes; 1 is the one above the main diagonal.
---@param a array.Values
---@param offset? integer|{ offset?: integer }
---@return array
function Linalg.diagonal(a, offset) end

---The sum of a diagonal of the last two axes.
---@param a array.Values
---@param offset? integer|{ offset?: integer, dtype?: array.DType, array?: boolean }
---@return any
function Linalg.trace(a, offset) end

---The norm of the elements, as of a vector, or along axes.
---@param a array.Values
---@param axis? integer|integer[]|table
---@param options? { axis?: integer|integer[], ord?: number, keepdims?: boolean, array?: boolean }
---@return any
function Linalg.vector_norm(a, axis, options) end

---The norm of matrices: "fro" by default.
---@param a array.Values
---@param options? { ord?: number|"fro"|"nuc", keepdims?: boolean, array?: boolean }
---@return any
function Linalg.matrix_norm(a, options) end

---The number of singular values above `rtol` times the greatest one.
---@param a array.Values
---@param options? { rtol?: number|array, array?: boolean }
---@return any
function Linalg.matrix_rank(a, options) end

---The pseudo-inverse. Singular values up to `rtol` times the greatest one count as 0.
---@param a array.Values
---@param options? { rtol?: number|array }
---@return array
function Linalg.pinv(a, options) end

---A power of square matrices; of the inverse for a negative one.
---@param a array.Values
---@param n integer
---@return array
function Linalg.matrix_power(a, n) end

return array
