# SPDX-License-Identifier: BSD-3-Clause
"""Functions of array_api_vtlua.py: products, several arrays, information, linalg and fft."""

import collections
import inspect
import types

import array_api_strict as strict
import numpy as np

from array_api_functions import astype, converted, joined, on_axis
from array_api_lua import (
    DTYPES, FUNCTIONS, Array, axis_of, function, lua, one, run, scalar)
from peer import peer


# MARK: Linear algebra

@function
def matmul(x1, x2):
    if x1.ndim == x2.ndim == 1:
        return one("array.matmul(a[1]:expand_dims(1), a[2]):squeeze(1)", x1, x2)
    return one("array.matmul(a[1], a[2])", x1, x2)


@function
def vecdot(x1, x2, axis):
    if axis >= 0 or axis < -min(x1.ndim, x2.ndim):
        raise ValueError("the axis must count from the end")
    return one("array.vecdot(a[1]:expand_dims(1), a[2]:expand_dims(1), %d):squeeze(1)" % axis,
               x1, x2)


@function
def tensordot(x1, x2, axes):
    # With an axis more, the result is an array: a number of Lua is an int64 or a float64.
    if not isinstance(axes, int):
        first, second = [axis_of(tuple(x)) for x in axes]
        axes = [[i + 1 if i > 0 else i for i in first], second]
    return one("array.tensordot(a[1]:expand_dims(1), a[2], %s):squeeze(1)" % lua(axes), x1, x2)


# MARK: Functions of several arrays

FUNCTIONS["broadcast_arrays"] = lambda *arrays: tuple(run("array.broadcast_arrays(%s)" % ", ".join(
    "a[%d]" % (i + 1) for i in range(len(arrays))), *arrays))
FUNCTIONS["broadcast_arrays"].__signature__ = inspect.signature(strict.broadcast_arrays)


def meshgrid(*arrays, indexing="xy"):
    if len({x.dtype for x in arrays}) > 1:
        raise ValueError("the arrays have different types")
    return tuple(run("array.meshgrid(%s)" % ", ".join(
        ["a[%d]" % (i + 1) for i in range(len(arrays))] + [lua({"indexing": indexing})]),
        *arrays))


meshgrid.__signature__ = inspect.signature(strict.meshgrid)
FUNCTIONS["meshgrid"] = meshgrid


def broadcast_shapes(*shapes):
    result = run("array.from(array.broadcast_shapes(%s))" % ", ".join(map(lua, shapes)))
    return tuple(result[0].data.tolist())


broadcast_shapes.__signature__ = inspect.signature(strict.broadcast_shapes)
FUNCTIONS["broadcast_shapes"] = broadcast_shapes


@function
def diff(x, axis, n, prepend, append):
    parts = [y for y in (prepend, x, append) if y is not None]
    if len(parts) > 1:
        x = joined("concat")(parts, axis)
    return one("array.diff(a[1], %s)" % lua({"axis": axis_of(axis), "n": n}), x)


@function
def isin(x1, x2, invert):
    x1 = scalar(x1, x2.dtype if isinstance(x2, Array) else None)
    return one("array.isin(a[1], a[2], %s)" % lua({"invert": invert}), x1, scalar(x2, x1.dtype))


@function
def take_along_axis(x, indices, axis):
    return one("array.take_along_axis(a[1], a[2] + 1, %s)" % lua(axis_of(axis)), x, indices)


@function
def repeat(x, repeats, axis):
    times = repeats.data.tolist() if isinstance(repeats, Array) else repeats
    return one("array.repeat_elements(a[1], %s, %s)" % (lua(times), lua(axis_of(axis))), x)


def several(name, fields, *indices, options=""):
    """A function whose results are the fields of a named tuple. Places are translated."""
    results = collections.namedtuple(name.split(".")[-1] + "_result", fields)
    path = "array." + name

    def call(x, **given):
        values = run("%s(a[1]%s)" % (path, options), x)
        return results(*[one("a[1] - 1", v) if f in indices else v
                         for f, v in zip(fields, values)])
    function(call, name)


several("unique_counts", ["values", "counts"])
several("unique_inverse", ["values", "inverse_indices"], "inverse_indices")
several("unique_all", ["values", "indices", "inverse_indices", "counts"],
        "indices", "inverse_indices")


def limits(name, fields):
    """The fields of a type's limits, and the type. A number of Lua cannot hold uint64's maximum."""
    whole = ", {array = true}" if name == "iinfo" else ""

    def call(type):
        *values, dtype = peer.all("local t = array.%s(%s%s) return %s, t.dtype" % (
            name, lua(type.dtype if isinstance(type, Array) else type), whole,
            ", ".join("t.%s" % f for f in fields)))
        return types.SimpleNamespace(dtype=DTYPES[dtype.tobytes().decode()],
                                     **{f: v.item() for f, v in zip(fields, values)})
    function(call, name)


limits("finfo", ["bits", "eps", "max", "min", "smallest_normal"])
limits("iinfo", ["bits", "max", "min"])


@function
def from_dlpack(x, copy):
    return Array(np.from_dlpack(x).copy())


class Info:
    """What __array_namespace_info__ returns."""

    def capabilities(self):
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": 16}

    def default_device(self):
        return "cpu"

    def devices(self):
        return ["cpu"]

    def default_dtypes(self, *, device=None):
        return {"real floating": DTYPES["float64"], "complex floating": DTYPES["complex128"],
                "integral": DTYPES["int64"], "indexing": DTYPES["int64"]}

    def dtypes(self, *, device=None, kind=None):
        if kind is None:
            return dict(DTYPES)
        return {n: d for n, d in DTYPES.items() if FUNCTIONS["isdtype"](d, kind)}


FUNCTIONS["__array_namespace_info__"] = Info


# MARK: Extensions

def linear(name, options=""):
    function(lambda x: one("array.linalg.%s(a[1]%s)" % (name, options), x), "linalg." + name)


for name in ("inv", "svdvals", "eigvalsh"):
    linear(name)
linear("det", ", {array = true}")
several("linalg.eigh", ["eigenvalues", "eigenvectors"])
several("linalg.slogdet", ["sign", "logabsdet"], options=", {array = true}")
function(lambda x, upper: one("array.linalg.cholesky(a[1], %s)" % lua({"upper": upper}), x),
         "linalg.cholesky")
function(lambda x1, x2: one("array.linalg.solve(a[1], a[2])", x1, x2), "linalg.solve")
function(lambda x1, x2: one("array.linalg.outer(a[1], a[2])", x1, x2), "linalg.outer")


def cross(x1, x2, axis):
    if axis >= 0 or axis < -min(x1.ndim, x2.ndim):
        raise ValueError("the axis must count from the end")
    if x1.ndim < x2.ndim:
        x1 = one("a[1]:reshape(%s)" % lua((1,) * (x2.ndim - x1.ndim) + x1.shape), x1)
    return one("array.linalg.cross(a[1], a[2], %d)" % axis, x1, x2)


def tolerance(name):
    """A function of the singular values above a tolerance, a number or an array."""
    def call(x, rtol):
        more = ", array = true" if name == "matrix_rank" else ""
        if isinstance(rtol, Array):
            return one("array.linalg.%s(a[1], { rtol = a[2]%s })" % (name, more), x, rtol)
        return one("array.linalg.%s(a[1], { rtol = %s%s })" % (name, lua(rtol), more), x)
    function(call, "linalg." + name)


def qr(x, mode):
    names = collections.namedtuple("qr_result", ["Q", "R"])
    return names(*run("array.linalg.qr(a[1], %s)" % lua({"mode": mode}), x))


def svd(x, full_matrices):
    names = collections.namedtuple("svd_result", ["U", "S", "Vh"])
    return names(*run("array.linalg.svd(a[1], %s)" % lua({"full": full_matrices}), x))


def trace(x, offset, dtype):
    return one("array.linalg.trace(a[1], %s)" % lua(
        {"offset": offset, "dtype": dtype, "array": True}), converted(x, dtype))


def matrix_norm(x, keepdims, ord):
    return one("array.linalg.matrix_norm(a[1], %s)" % lua(
        {"keepdims": keepdims, "ord": ord, "array": True}), x)


def vector_norm(x, axis, keepdims, ord):
    return one("array.linalg.vector_norm(a[1], %s)" % lua(
        {"axis": axis_of(axis), "keepdims": keepdims, "ord": ord, "array": True}), x)


function(cross, "linalg.cross")
function(qr, "linalg.qr")
function(svd, "linalg.svd")
function(trace, "linalg.trace")
function(matrix_norm, "linalg.matrix_norm")
function(vector_norm, "linalg.vector_norm")
for name in ("matrix_rank", "pinv"):
    tolerance(name)
function(lambda x, n: one("array.linalg.matrix_power(a[1], %d)" % n, x), "linalg.matrix_power")
function(lambda x, offset: one("array.linalg.diagonal(a[1], %d)" % offset, x), "linalg.diagonal")
several("linalg.eig", ["eigenvalues", "eigenvectors"])
linear("eigvals")
for name in ("matmul", "matrix_transpose", "tensordot", "vecdot"):
    FUNCTIONS["linalg." + name] = FUNCTIONS[name]


def transform(name):
    function(lambda x, n, axis, norm: one("array.fft.%s(a[1], %s, %s)" % (
        name, lua(axis_of(axis)), lua({"n": n, "norm": norm})), x), "fft." + name)


def transforms(name):
    function(lambda x, s, axes, norm: one("array.fft.%s(a[1], %s)" % (
        name, lua({"s": s, "axes": axis_of(axes), "norm": norm})), x), "fft." + name)


for name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft"):
    transform(name)
for name in ("fftn", "ifftn", "rfftn", "irfftn"):
    transforms(name)
for name in ("fftshift", "ifftshift"):
    function(on_axis("array.fft.%s(a[1], %%s)" % name, "axes"), "fft." + name)


def frequencies(name):
    def call(n, d, dtype=None):
        result = one("array.fft.%s(%d, %s)" % (name, n, lua(float(d))))
        return astype(result, dtype) if dtype else result
    function(call, "fft." + name)


for name in ("fftfreq", "rfftfreq"):
    frequencies(name)
