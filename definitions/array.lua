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
