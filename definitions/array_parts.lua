-- SPDX-License-Identifier: BSD-3-Clause
---@meta _

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
