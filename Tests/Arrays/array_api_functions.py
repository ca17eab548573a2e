# SPDX-License-Identifier: BSD-3-Clause
"""Functions of array_api_vtlua.py: reductions, creation, types, shapes, sorting and sets."""

import numpy as np

from array_api_lua import (
    COMPLEX, DTYPES, FUNCTIONS, NAMES, Array, axis_of, function, lengths, lua, one, run, scalar)
from peer import peer


# MARK: Reductions

def converted(x, dtype):
    """The array of the type of a sum. Lua's own conversion is an error for a number that does not fit."""
    return astype(x, dtype) if dtype is not None else x


def reduction(name):
    def reduce(x, axis=None, keepdims=False, dtype=None, correction=None):
        options = {"axis": axis_of(axis), "keepdims": keepdims, "dtype": dtype,
                   "correction": correction, "array": True}
        minus = " - 1" if name.startswith("arg") else ""
        return one("array.%s(a[1], %s)%s" % (name, lua(options), minus), converted(x, dtype))
    return reduce


for name in "sum prod mean std var min max any all count_nonzero argmax argmin".split():
    function(reduction(name), name)


def cumulative(name):
    def cumulate(x, axis, dtype, include_initial):
        options = {"axis": axis_of(axis), "dtype": dtype, "include_initial": include_initial}
        return one("array.%s(a[1], %s)" % (name, lua(options)), converted(x, dtype))
    return cumulate


for name in ("cumulative_sum", "cumulative_prod"):
    function(cumulative(name), name)


# MARK: Creation and types

@function
def asarray(obj, dtype, copy):
    if isinstance(obj, Array):
        return astype(obj, dtype or obj.dtype, copy)
    data = np.asarray(lists(obj), dtype.name if dtype else None)
    if data.dtype == object:
        raise OverflowError("the numbers do not fit int64")
    return Array(data)


def lists(obj):
    if isinstance(obj, Array):
        return obj.data
    return [lists(x) for x in obj] if isinstance(obj, (list, tuple)) else obj


@function
def astype(x, dtype, copy=True):
    if x.dtype == dtype:
        return Array(x.data.copy()) if copy else x
    if x.dtype.name in COMPLEX and dtype.name not in COMPLEX:
        raise TypeError("complex numbers do not become real ones")
    integers = dtype.name in NAMES[1:9] and x.dtype.name in NAMES[1:9]
    return one("a[1]:astype(%s%s)" % (lua(dtype), ", {wrap = true}" if integers else ""), x)


def filled(name):
    return lambda shape, dtype: one(
        "array.%s(%s, %s)" % (name, lua(lengths(shape)), lua(dtype or DTYPES["float64"])))


for name in ("zeros", "ones", "empty"):
    function(filled(name), name)
    function(lambda x, dtype, name=name: FUNCTIONS[name](x.shape, dtype=dtype or x.dtype),
             name + "_like")


@function
def full(shape, fill_value, dtype):
    value = scalar(fill_value, dtype)
    return one("array.broadcast_to(a[1], %s):copy()" % lua(lengths(shape)), value)


@function
def full_like(x, fill_value, dtype):
    return full(x.shape, fill_value, dtype or x.dtype)


@function
def arange(start, stop, step, dtype):
    if stop is None:
        start, stop = 0, start
    if dtype is None:
        floats = any(isinstance(x, float) for x in (start, stop, step))
        dtype = DTYPES["float64" if floats else "int64"]
    return one("array.arange(%s, %s, %s, %s)" % (lua(start), lua(stop), lua(step), lua(dtype)))


@function
def eye(n_rows, n_cols, k, dtype):
    return one("array.eye(%d, %s, %d, %s)"
               % (n_rows, lua(n_cols), k, lua(dtype or DTYPES["float64"])))


@function
def linspace(start, stop, num, dtype, endpoint):
    options = {"endpoint": endpoint, "dtype": dtype}
    return one("array.linspace(%s, %s, %d, %s)" % (
        lua(start), lua(stop), num, lua(options)))


@function
def tril(x, k):
    return one("array.tril(a[1], %d)" % k, x)


@function
def triu(x, k):
    return one("array.triu(a[1], %d)" % k, x)


@function
def result_type(*arrays_and_dtypes):
    raise NotImplementedError


def text_of_operand(x):
    """A type or a number for result_type; a complex number has the least complex type."""
    if isinstance(x, complex):
        return lua(DTYPES["complex64"])
    return lua(x.dtype if isinstance(x, Array) else x)


FUNCTIONS["result_type"] = lambda *arrays_and_dtypes: DTYPES[peer.text(
    "return array.result_type(%s)" % ", ".join(map(text_of_operand, arrays_and_dtypes)))]


def text_of_type(x):
    return lua(x.dtype if isinstance(x, Array) else x)


@function
def can_cast(from_, to):
    return bool(peer.one("return array.can_cast(%s, %s)" % (text_of_type(from_), lua(to))))


@function
def isdtype(dtype, kind):
    return bool(peer.one("return array.isdtype(%s, %s)" % (lua(dtype), lua(kind))))


# MARK: Shapes

@function
def reshape(x, shape, copy):
    return one("a[1]:reshape(%s)" % lua(tuple(shape)), x)


@function
def permute_dims(x, axes):
    return one("a[1]:permute_dims(%s)" % lua(axis_of(tuple(axes))), x)


@function
def expand_dims(x, axis):
    if not -x.ndim - 1 <= axis <= x.ndim:
        raise IndexError("there is no such axis")
    return one("a[1]:expand_dims(%s)" % lua(axis_of(axis)), x)


@function
def matrix_transpose(x):
    return one("a[1]:matrix_transpose()", x)


@function
def broadcast_to(x, shape):
    return one("array.broadcast_to(a[1], %s)" % lua(tuple(shape)), x)


def on_axis(code, *names):
    """A function of an array and of numbers: code with %s for each."""
    def call(x, **given):
        values = [axis_of(given[n]) if n in ("axis", "axes", "source", "destination") else given[n]
                  for n in names]
        return one(code % tuple(map(lua, values)), x)
    return call


function(on_axis("a[1]:squeeze(%s)", "axis"), "squeeze")
function(on_axis("a[1]:flip(%s)", "axis"), "flip")
function(on_axis("a[1]:roll(%s, %s)", "shift", "axis"), "roll")
function(on_axis("a[1]:tile(%s)", "repetitions"), "tile")
function(on_axis("a[1]:moveaxis(%s, %s)", "source", "destination"), "moveaxis")


def joined(name):
    def join(arrays, axis):
        items = ", ".join("a[%d]" % (i + 1) for i in range(len(arrays)))
        return one("array.%s({%s}, %s)" % (name, items, lua(axis_of(axis))), *arrays)
    return join


@function
def concat(arrays, axis):
    if axis is None:
        arrays, axis = [x.__class__(x.data.ravel()) for x in arrays], 0
    return joined("concat")(arrays, axis)


function(joined("stack"), "stack")


@function
def unstack(x, axis):
    return tuple(run("a[1]:unstack(%s)" % lua(axis_of(axis)), x))


@function
def take(x, indices, axis):
    return one("a[1]:take(a[2] + 1, %s)" % lua(axis_of(0 if axis is None else axis)), x, indices)


@function
def nonzero(x):
    return tuple(y - 1 for y in run("a[1]:nonzero()", x))


# MARK: Sorting and sets

@function
def sort(x, axis, descending, stable):
    options = lua({"descending": descending})
    return one("array.sort(a[1], %s, %s)" % (lua(axis_of(axis)), options), x)


@function
def argsort(x, axis, descending, stable):
    options = lua({"descending": descending})
    return one("array.argsort(a[1], %s, %s) - 1" % (lua(axis_of(axis)), options), x)


@function
def unique_values(x):
    return one("array.unique_values(a[1])", x)


@function
def searchsorted(x1, x2, side, sorter):
    if sorter is not None:
        x1 = take(x1, sorter, 0)
    return one("array.searchsorted(a[1], a[2], %s) - 1" % lua({"side": side}), x1,
               scalar(x2, x1.dtype))
