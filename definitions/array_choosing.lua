-- SPDX-License-Identifier: BSD-3-Clause
---@meta _

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
