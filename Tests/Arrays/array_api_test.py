# SPDX-License-Identifier: BSD-3-Clause
"""The namespace array_api_vtlua beside array_api_strict: each function on a few arrays.

Types, shapes and values must be equal, floats up to a few units in the last place. The standard's own
test-suite, which is run on the same namespace, tests more.
"""

import inspect
import unittest

import array_api_strict as strict
import array_api_vtlua as lua
import numpy as np
from array_api_lua import BINARY, NAMES, UNARY

RANDOM = np.random.default_rng(3)


def samples(name, shape=(2, 3)):
    if name == "bool":
        return RANDOM.integers(0, 2, shape).astype(bool)
    if name.startswith(("int", "uint")):
        return RANDOM.integers(1, 5, shape).astype(name)
    data = RANDOM.uniform(1, 2, shape)
    return (data + 1j * RANDOM.uniform(1, 2, shape) if "complex" in name else data).astype(name)


class NamespaceTests(unittest.TestCase):
    def compare(self, code, *arrays):
        """Evaluates the expression over both namespaces as xp, and the arrays as a, b, ..."""
        results = []
        for xp in (strict, lua):
            names = dict(zip("abc", [
                xp.asarray(x, dtype=getattr(xp, x.dtype.name)) for x in arrays]), xp=xp)
            try:
                results.append(eval(code, names))
            except Exception as error:
                results.append(error)
        theirs, mine = results
        if isinstance(theirs, TypeError):
            return  # the standard leaves these types open
        if isinstance(theirs, Exception) or isinstance(mine, Exception):
            self.assertEqual(isinstance(theirs, Exception), isinstance(mine, Exception),
                             "%s: %r and %r" % (code, theirs, mine))
            return
        if not isinstance(theirs, tuple):
            theirs, mine = (theirs,), (mine,)
        self.assertEqual(len(theirs), len(mine), code)
        for x, y in zip(theirs, mine):
            x, y = np.asarray(x), y.data if hasattr(y, "data") else np.asarray(y)
            self.assertEqual((x.dtype, x.shape), (y.dtype, y.shape), code)
            np.testing.assert_allclose(
                y, x, rtol=1e-5 if x.dtype.name in ("float32", "complex64") else 1e-12,
                err_msg=code)

    def test_elementwise(self):
        for name in NAMES:
            a, b = samples(name), samples(name, (3,))
            for f in UNARY:
                with self.subTest(f, dtype=name):
                    if f in ("acos", "asin", "atanh"):
                        self.compare("xp.%s(a)" % f, (a * 0.25).astype(name))
                    else:
                        self.compare("xp.%s(a)" % f, a)
            for f in BINARY:
                with self.subTest(f, dtype=name):
                    self.compare("xp.%s(a, b)" % f, a, b)

    def test_scalars_and_operators(self):
        for name in ("int8", "int64", "uint16", "float32", "float64"):
            for code in ("a + 1", "2 - a", "a * 3", "7 // a", "a % 2", "a ** 2", "-a", "abs(a)",
                         "a < 3", "a == 2", "+a", "a >= 1"):
                with self.subTest(code, dtype=name):
                    if not (name == "uint16" and code == "-a"):
                        self.compare(code, samples(name))
        self.compare("a / 2", samples("float32"))
        self.compare("a * 2j", samples("float32"))
        self.compare("a << 1", samples("int32"))
        self.compare("(a & True) ^ ~a", samples("bool"))

    def test_indexing(self):
        for code in ("a[1, 2]", "a[0, ...]", "a[-1, ...]", "a[:, 1]", "a[::-1, ...]", "a[1:, :2]", "a[1:1, ...]",
                     "a[..., 0]", "a[None, ..., None]", "a[:, ::2]", "a[a > 3.5]",
                     "a[xp.asarray(True)]", "a[xp.zeros((0, 3), dtype=xp.bool)]",
                     "a[5, ...]",
                     "a[0, 0, 0]", "a[:, 2:0:-1]"):
            with self.subTest(code):
                self.compare(code, np.arange(6.0).reshape(2, 3))

    def test_reductions(self):
        for name in ("int8", "uint32", "int64", "float32", "float64"):
            for f in ("sum", "prod", "min", "max", "argmax", "argmin", "count_nonzero", "any",
                      "all"):
                none = ", axis=()" if f in ("sum", "min", "any") else ""
                for options in ("", none, ", axis=0", ", axis=-1", ", axis=1, keepdims=True"):
                    with self.subTest(f + options, dtype=name):
                        self.compare("xp.%s(a%s)" % (f, options), samples(name))
        for f in ("mean", "std", "var"):
            self.compare("xp.%s(a, axis=1)" % f, samples("float64"))
            self.compare("xp.%s(a)" % f, samples("float32"))
        self.compare("xp.var(a, correction=1)", samples("float64"))
        for f in ("sum", "prod", "cumulative_sum"):
            self.compare("xp.%s(a, axis=0, dtype=xp.uint8)" % f, 9 * samples("uint16"))
        self.compare("xp.cumulative_sum(a, axis=1)", samples("float32"))
        self.compare("xp.cumulative_prod(a, axis=0)", samples("int16"))

    def test_creation_and_types(self):
        for code in ("xp.zeros(3)", "xp.ones((2, 0), dtype=xp.int8)", "xp.zeros_like(a)",
                     "xp.full((2, 2), 3)", "xp.full(2, True)", "xp.full_like(a, 2)",
                     "xp.arange(5)", "xp.arange(1, 10, 3)", "xp.arange(0, 1, 0.25)",
                     "xp.eye(3, 4, k=1)", "xp.linspace(0, 1, 5)", "xp.tril(a)",
                     "xp.triu(a, k=1)", "xp.linspace(0, 1, 4, endpoint=False)",
                     "xp.astype(a, xp.int64)", "xp.astype(a, xp.complex64)",
                     "xp.linspace(1j, 2, 3)", "xp.iinfo(xp.uint64).max",
                     "xp.result_type(a, 1j) == xp.complex128",
                     "xp.can_cast(xp.int8, xp.int16)", "xp.isdtype(a.dtype, 'real floating')"):
            with self.subTest(code):
                self.compare(code, samples("float64"))

    def test_shapes_and_sorting(self):
        for code in ("xp.reshape(a, (3, 2))", "xp.reshape(a, (-1,))", "xp.permute_dims(a, (1, 0))",
                     "xp.expand_dims(a, axis=1)", "xp.expand_dims(a, axis=-1)",
                     "xp.squeeze(xp.expand_dims(a, axis=0), 0)", "xp.flip(a)",
                     "xp.flip(a, axis=1)", "xp.roll(a, 1, axis=0)", "xp.roll(a, 2)",
                     "xp.tile(a, (2, 1))", "xp.moveaxis(a, 0, 1)", "xp.concat([a, a], axis=1)",
                     "xp.concat([a, a], axis=None)", "xp.stack([a, a], axis=-1)",
                     "xp.unstack(a)", "xp.broadcast_to(a, (2, 2, 3))", "a.T", "a.mT",
                     "xp.matrix_transpose(a)", "xp.take(a, xp.asarray([1, 0]), axis=1)",
                     "xp.sort(a)", "xp.argsort(a, axis=0)", "xp.sort(a, descending=True)",
                     "xp.nonzero(a > 1.5)", "xp.unique_values(a)", "a @ a.T",
                     "xp.searchsorted(xp.asarray([1.0, 1.5, 2.0]), a)", "xp.clip(a, 1.2, 1.4)",
                     "xp.clip(a, max=1.5)", "xp.where(a > 1.5, a, 0.0)"):
            with self.subTest(code):
                self.compare(code, samples("float64"))

    def test_several_arrays(self):
        for code in ("xp.broadcast_arrays(a, b)", "xp.meshgrid(b, b)",
                     "xp.meshgrid(b, b, indexing='ij')", "xp.broadcast_shapes((2, 1), (3,))",
                     "xp.diff(a)", "xp.diff(a, axis=0, prepend=a)", "xp.isin(a, b)",
                     "xp.isin(a, b, invert=True)", "xp.repeat(a, 2)", "xp.repeat(a, 2, axis=1)",
                     "xp.take_along_axis(a, xp.asarray([[0], [1]]), axis=1)",
                     "tuple(xp.unique_counts(a))", "tuple(xp.unique_inverse(a))",
                     "xp.vecdot(a, b)", "xp.vecdot(b, b)",
                     "b @ b", "a @ b", "xp.finfo(xp.float32).eps", "xp.iinfo(xp.int8).max"):
            with self.subTest(code):
                self.compare(code, samples("float64"), samples("float64", (3,)))

    def test_extensions(self):
        square = samples("float64", (3, 3)) + 3 * np.eye(3)
        for code in ("xp.linalg.inv(a)", "xp.linalg.svdvals(a)", "xp.linalg.solve(a, b)",
                     "tuple(xp.linalg.slogdet(a))", "xp.linalg.slogdet(xp.astype(a, xp.float32))[0]",
                     "xp.linalg.outer(b * 0, -b)", "xp.linalg.eigvalsh(a + a.T)",
                     "xp.linalg.cholesky(a @ a.T)", "xp.linalg.outer(b, b)",
                     "xp.fft.rfft(a)", "xp.fft.irfft(a + 0j)", "xp.fft.fftn(a + 0j)",
                     "xp.fft.fft(a + 0j, axis=0)", "xp.fft.ifft(a + 0j, n=5, norm='ortho')",
                     "xp.fft.fftfreq(5)", "xp.fft.rfftfreq(6, d=0.5)", "xp.fft.fftshift(a)",
                     "xp.fft.ifftshift(b)"):
            with self.subTest(code):
                self.compare(code, square, samples("float64", (3,)))

    def test_linear_algebra(self):
        square = samples("float64", (3, 3)) + 3 * np.eye(3)
        for code in ("xp.linalg.det(a)", "xp.linalg.det(xp.stack([a, a]))", "xp.linalg.cross(a, b)",
                     "xp.linalg.cross(b, a)", "xp.linalg.cross(a, a, axis=-2)",
                     "xp.linalg.matrix_rank(a)", "xp.linalg.matrix_rank(a, rtol=0.9)",
                     "xp.linalg.pinv(a)", "xp.linalg.pinv(a, rtol=0.5)",
                     "xp.linalg.matrix_power(a, 0)", "xp.linalg.matrix_power(a, 3)",
                     "xp.linalg.matrix_power(a, -2)", "xp.linalg.diagonal(a, offset=1)",
                     "xp.linalg.diagonal(xp.stack([a, a]))", "xp.linalg.trace(a)",
                     "xp.linalg.trace(a, offset=-1, dtype=xp.float32)",
                     "xp.linalg.matrix_norm(a)", "xp.linalg.matrix_norm(a, ord='nuc')",
                     "xp.linalg.matrix_norm(a, ord=-2, keepdims=True)",
                     "xp.linalg.matrix_norm(xp.stack([a, a]), ord=1)",
                     "xp.linalg.vector_norm(a)", "xp.linalg.vector_norm(a, axis=0, ord=1)",
                     "xp.linalg.vector_norm(a, axis=(0, 1), keepdims=True, ord=3)",
                     "xp.linalg.svd(a)[1]", "xp.linalg.svd(a, full_matrices=False)[1]",
                     "xp.linalg.qr(a)[0].shape", "xp.linalg.qr(a, mode='complete')[1].shape",
                     "xp.tensordot(a, a)", "xp.tensordot(a, b, axes=1)",
                     "xp.tensordot(a, a, axes=((0,), (1,)))", "xp.tensordot(b, b, axes=0)",
                     "xp.linalg.tensordot(a, b, axes=((-1,), (0,)))",
                     "xp.abs(xp.linalg.eigvals(a + a.T))"):
            with self.subTest(code):
                self.compare(code, square, samples("float64", (3,)))

    def test_signatures(self):
        """Every function of the standard is there, with its parameters."""
        places = [("", strict, lua), ("linalg.", strict.linalg, lua.linalg),
                  ("fft.", strict.fft, lua.fft)]
        left_out = {"get_array_api_strict_flags", "set_array_api_strict_flags",
                    "reset_array_api_strict_flags", "ArrayAPIStrictFlags", "Device"}
        missing = []
        for prefix, theirs, mine in places:
            for name in theirs.__all__:
                function = getattr(theirs, name)
                if name in left_out or not inspect.isfunction(function):
                    continue
                if not hasattr(mine, name):
                    missing.append(prefix + name)
                    continue
                with self.subTest(prefix + name):
                    self.assertEqual(
                        [str(p).split(":")[0] for p in
                         inspect.signature(function).parameters.values()],
                        [str(p).split(":")[0] for p in
                         inspect.signature(getattr(mine, name)).parameters.values()])
        self.assertEqual(missing, [])

    def test_copies(self):
        """Later writes are seen without a copy only."""
        for xp in (strict, lua):
            for function in (xp.asarray, lambda x, copy: xp.astype(x, x.dtype, copy=copy)):
                a = xp.asarray([1.0, 2.0])
                copied, same = function(a, copy=True), function(a, copy=False)
                a[0] = 5.0
                self.assertEqual((float(copied[0]), float(same[0])), (1, 5))

    def test_assignment(self):
        for xp in (strict, lua):
            a = xp.asarray([[1.0, 2, 3], [4, 5, 6]])
            a[0, 1] = 9.0
            a[:, 2] = xp.asarray([7.0, 8.0])
            a[1, ...] = 0.0
            a[a == 9.0] = -1.0
            a += 1
            data = a.data if xp is lua else np.asarray(a)
            self.assertEqual(data.tolist(), [[2, 0, 8], [1, 1, 1]])


if __name__ == "__main__":
    unittest.main()
