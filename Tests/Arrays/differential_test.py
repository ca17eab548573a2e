# SPDX-License-Identifier: BSD-3-Clause
"""Compares arrays of Lua with NumPy's: Tests/Arrays/differential_test.py [name...]

VTLUA_BINARY is the program that runs peer.lua. EXAMPLES is the number of examples of each test.
"""

import os
import sys
import traceback
import warnings

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from peer import check, peer

warnings.simplefilter("ignore")
settings.register_profile(
    "peer", max_examples=int(os.environ.get("EXAMPLES", "100")), deadline=None,
    # In CI the examples are the same each time.
    derandomize="CI" in os.environ,
    suppress_health_check=list(HealthCheck))
settings.load_profile("peer")

INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
FLOATS = ["float32", "float64"]
COMPLEX = ["complex64", "complex128"]
DTYPES = ["bool"] + INTEGERS + FLOATS + COMPLEX

shapes = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5)


def arrays(dtypes=DTYPES, shape=shapes):
    return st.sampled_from(dtypes).flatmap(
        lambda dtype: hnp.arrays(dtype, shape, elements=hnp.from_dtype(np.dtype(dtype))))


def words(x):
    """The text of Lua for the text of NumPy."""
    return x.replace("True", "true").replace("False", "false").replace("j", "i")


# MARK: Text

@given(arrays(shape=hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=7)))
def test_text(x):
    assert peer.text("return tostring(a[1])", x) == words(str(x))


@given(arrays(["float32", "float64", "int64", "bool", "complex128"],
              hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4)),
       st.integers(0, 12), st.integers(10, 100))
def test_format(x, digits, width):
    text = peer.text("return a[1]:format{ digits = %d, width = %d }" % (digits, width), x)
    assert text == words(np.array2string(x, precision=digits, max_line_width=width))


@given(st.lists(st.floats(width=64), min_size=1, max_size=20),
       st.integers(0, 6).map(lambda n: 10.0 ** -n))
def test_text_of_short_numbers(numbers, unit):
    x = np.round(np.array(numbers) % 1000, 3) * unit
    assert peer.text("return tostring(a[1])", x) == words(str(x))


@given(st.integers(1001, 3000), st.sampled_from(["float64", "int32", "bool"]), st.integers(1, 3))
def test_text_of_many(count, dtype, axes):
    x = (np.arange(count) * 1.25).astype(dtype)
    if axes > 1:
        x = np.stack([x, x + x]) if dtype != "bool" else np.stack([x, ~x])
    if axes > 2:
        x = np.stack([x] * 9)
    assert peer.text("return tostring(a[1])", x) == words(str(x))


@given(arrays(["float32", "float64", "int8", "uint64", "bool"], st.just(())))
def test_text_of_one(x):
    assert peer.text("return tostring(a[1])", x) == words(str(x))


# MARK: Indexing

@st.composite
def indexed(draw, dtypes=DTYPES):
    """An array, an index as Lua writes it inside the braces, and the same for NumPy."""
    x = draw(arrays(dtypes, hnp.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=5)))
    lua, numpy = [], []
    for length in x.shape[:draw(st.integers(0, x.ndim))]:
        kind = draw(st.sampled_from(["integer", "all", "range", "empty", "newaxis"]))
        if kind == "newaxis":
            lua.append("array.newaxis")
            numpy.append(None)
        if kind == "integer":
            at = draw(st.integers(-length, length - 1))
            lua.append(str(at + 1 if at >= 0 else at))
            numpy.append(at)
        elif kind == "range":
            first, last = draw(st.integers(1, length)), draw(st.integers(1, length))
            step = draw(st.integers(1, 3)) * (1 if last >= first else -1)
            negative = draw(st.booleans())
            lua.append("{%d, %d, %d}" % (first - length - 1 if negative else first, last, step))
            stop = last if step > 0 else last - 2
            numpy.append(slice(first - 1, None if stop < 0 else stop, step))
        elif kind == "empty":
            first = draw(st.integers(1, length + 1))
            lua.append("{%d, %d}" % (first, first - 1))
            numpy.append(slice(first - 1, first - 1))
        else:
            lua.append("{}")
            numpy.append(slice(None))
    if draw(st.booleans()):
        at = draw(st.integers(0, len(lua)))
        rest = x.ndim - sum(1 for part in numpy if part is not None)
        if at == len(lua) or rest >= 0:
            lua.append("array.rest")
            numpy.append(Ellipsis)
    return x, ", ".join(lua), tuple(numpy)


@given(indexed())
def test_reading(example):
    x, lua, numpy = example
    got = peer.one("return a[1][{ %s }]" % lua, x)
    expected = x[numpy]
    # An element is a Lua value, unless the index says that it takes the rest of the axes.
    if got.ndim == 0 and x.dtype.kind != "c" and not any(i is Ellipsis for i in numpy):
        expected = np.asarray(expected)
        expected = expected.astype({"b": bool, "i": "int64", "u": "int64", "f": "float64"}[
            x.dtype.kind] if not (x.dtype == "uint64" and expected >= 2**63) else "float64")
        if np.isnan(expected):
            assert np.isnan(got)
            return
    check(got, expected)
    check(peer.one("return a[1](%s)" % lua, x), got)


@given(indexed(), st.data())
def test_assignment(example, data):
    x, lua, numpy = example
    shape = np.shape(x[numpy])
    part = tuple(data.draw(st.sampled_from([n, 1])) for n in shape)
    value = data.draw(arrays([x.dtype.name], st.just(part[data.draw(st.integers(0, 1)):])))
    expected = x.copy()
    expected[numpy] = value
    check(peer.one("a[1][{ %s }] = a[2] return a[1]" % lua, x, value), expected)


@given(indexed(["int16", "float64", "bool"]))
def test_views_write_through(example):
    x, lua, numpy = example
    y = x[numpy]
    if np.ndim(y) == 0:
        return
    expected = x.copy()
    expected[numpy] = np.zeros((), x.dtype)
    zero = "false" if x.dtype == bool else "0"
    check(peer.one("local v = a[1][{ %s }] v[{}] = %s return a[1]" % (lua, zero), x), expected)


@given(arrays(shape=hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=5)), st.data())
def test_masks(x, data):
    axes = data.draw(st.integers(1, x.ndim))
    mask = data.draw(hnp.arrays(bool, x.shape[:axes]))
    check(peer.one("return a[1][a[2]]", x, mask), x[mask])
    check(peer.one("return a[1]:flip()[a[2]]", x, mask), np.flip(x)[mask])
    value = data.draw(arrays([x.dtype.name], st.just(x[mask].shape)))
    expected = x.copy()
    expected[mask] = value
    check(peer.one("a[1][a[2]] = a[3] return a[1]", x, mask, value), expected)


@given(arrays(shape=hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=5)), st.data())
def test_index_arrays(x, data):
    length = x.shape[0]
    index = data.draw(hnp.arrays(
        data.draw(st.sampled_from(["int8", "int64", "int32"])),
        hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=4),
        elements=st.integers(-length, length - 1)))
    lua = np.where(index >= 0, index + 1, index).astype(index.dtype)
    check(peer.one("return a[1][a[2]]", x, lua), x[index])
    value = data.draw(arrays([x.dtype.name], st.just(x[index].shape)))
    expected = x.copy()
    expected[index] = value
    check(peer.one("a[1][a[2]] = a[3] return a[1]", x, lua, value), expected)
    axis = data.draw(st.integers(0, x.ndim - 1))
    near = index % x.shape[axis]
    check(peer.one("return a[1]:take(a[2], %d)" % (axis + 1), x, near + 1),
          np.take(x, near, axis))


@given(arrays(shape=hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=5)), st.data())
def test_take_along_axis(x, data):
    axis = data.draw(st.integers(0, x.ndim - 1))
    shape = list(x.shape)
    shape[axis] = data.draw(st.integers(0, 4))
    index = data.draw(hnp.arrays("int64", tuple(shape), elements=st.integers(0, x.shape[axis] - 1)))
    check(peer.one("return a[1]:take_along_axis(a[2], %d)" % (axis + 1), x, index + 1),
          np.take_along_axis(x, index, axis))


@given(arrays(shape=hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=5)))
def test_nonzero(x):
    for mine, theirs in zip(peer.all("return a[1]:nonzero()", x), np.nonzero(x), strict=True):
        check(mine, theirs + 1)


# MARK: Shapes

def lua_list(numbers):
    return "{%s}" % ", ".join(str(number) for number in numbers)


@given(arrays(), st.data())
def test_shapes(x, data):
    view = data.draw(st.sampled_from(["a[1]", "a[1]:flip()", "a[1]:permute_dims(%s)" % lua_list(
        range(x.ndim, 0, -1))]))
    y = {"a": x, "f": np.flip(x), "p": x.T}[view[5:6] if len(view) > 4 else "a"]
    check(peer.one("return %s:copy()" % view, x), y)
    check(peer.one("return %s:flatten()" % view, x), y.flatten())
    check(peer.one("return %s:reshape{-1, 1}" % view, x) if x.size else y.reshape(x.size, 1),
          y.reshape(x.size, 1))
    check(peer.one("return %s:squeeze()" % view, x), y.squeeze())
    order = data.draw(st.permutations(range(x.ndim)))
    check(peer.one("return %s:permute_dims(%s)" % (view, lua_list(i + 1 for i in order)), x),
          np.transpose(y, order))
    at = data.draw(st.integers(0, x.ndim))
    check(peer.one("return %s:expand_dims(%d)" % (view, at + 1), x), np.expand_dims(y, at))
    if x.ndim:
        axis = data.draw(st.integers(0, x.ndim - 1))
        to = data.draw(st.integers(0, x.ndim - 1))
        shift = data.draw(st.integers(-7, 7))
        check(peer.one("return %s:flip(%d)" % (view, axis + 1), x), np.flip(y, axis))
        check(peer.one("return %s:moveaxis(%d, %d)" % (view, axis + 1, to + 1), x),
              np.moveaxis(y, axis, to))
        check(peer.one("return %s:roll(%d, %d)" % (view, shift, axis + 1), x),
              np.roll(y, shift, axis))
        check(peer.one("return %s:roll(%d)" % (view, shift), x), np.roll(y, shift))
        times = data.draw(st.integers(0, 3))
        check(peer.one("return %s:repeat_elements(%d, %d)" % (view, times, axis + 1), x),
              np.repeat(y, times, axis))
        counts = data.draw(hnp.arrays("int64", y.shape[axis], elements=st.integers(0, 3)))
        check(peer.one("return %s:repeat_elements(a[2], %d)" % (view, axis + 1), x, counts),
              np.repeat(y, counts, axis))
        parts = peer.all("return %s:unstack(%d)" % (view, axis + 1), x)
        for mine, theirs in zip(parts, np.moveaxis(y, axis, 0), strict=True):
            check(mine, theirs)
        parts = peer.all("return table.unpack(%s:split(3, %d))" % (view, axis + 1), x)
        for mine, theirs in zip(parts, np.array_split(y, 3, axis), strict=True):
            check(mine, theirs)
    if x.ndim > 1:
        check(peer.one("return %s.mT" % view, x), y.mT)
        k = data.draw(st.integers(-6, 6))
        check(peer.one("return %s:tril(%d)" % (view, k), x), np.tril(y, k))
        check(peer.one("return %s:triu(%d)" % (view, k), x), np.triu(y, k))
    times = data.draw(st.lists(st.integers(0, 2), min_size=1, max_size=4))
    check(peer.one("return %s:tile(%s)" % (view, lua_list(times)), x), np.tile(y, times))


@given(arrays(shape=hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4)), st.data())
def test_pad_and_windows(x, data):
    mode = data.draw(st.sampled_from(["constant", "edge", "reflect", "symmetric", "wrap"]))
    widths = [data.draw(st.tuples(st.integers(0, 6), st.integers(0, 6))) for _ in x.shape]
    lua = lua_list(lua_list(pair) for pair in widths)
    if mode == "wrap" or x.dtype.kind in "biufc":
        check(peer.one("return a[1]:pad(%s, { mode = '%s' })" % (lua, mode), x),
              np.pad(x, widths, mode=mode))
    size = [data.draw(st.integers(1, length)) for length in x.shape]
    check(peer.one("return a[1]:windows(%s)" % lua_list(size), x),
          np.lib.stride_tricks.sliding_window_view(x, size))


@given(st.sampled_from(DTYPES), st.sampled_from(DTYPES), st.integers(0, 2), st.data())
def test_joining(first, second, axis, data):
    shape = [2, 3, 2]
    x = data.draw(arrays([first], st.just(tuple(shape))))
    shape[axis] = 4
    y = data.draw(arrays([second], st.just(tuple(shape))))
    code = "return array.concat({a[1], a[2], a[1]}, %d)" % (axis + 1)
    if common_type(first, second) is None:
        assert "have no common type" in peer.error(code, x, y)
        return
    check(peer.one(code, x, y), np.concatenate([x, y, x], axis))
    y = data.draw(arrays([second], st.just((2, 3, 2))))
    check(peer.one("return array.stack({a[1], a[2]}, %d)" % (axis + 1), x, y),
          np.stack([x, y], axis))


@given(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=4), st.data())
def test_broadcasting(both, data):
    x, y = (data.draw(arrays(["int32"], st.just(shape))) for shape in both.input_shapes)
    check(peer.one("return a[1]:broadcast_to(%s)" % lua_list(both.result_shape), x),
          np.broadcast_to(x, both.result_shape))
    for mine, theirs in zip(peer.all("return array.broadcast_arrays(a[1], a[2])", x, y),
                            np.broadcast_arrays(x, y), strict=True):
        check(mine, theirs)
    check(peer.one("return array.add(a[1], a[2], { array = true })", x, y), np.asarray(x + y))


# MARK: Types

def common_type(first, second):
    """The dtype of two arrays together; None: they have none."""
    if (first == "bool") != (second == "bool") or {first, second} == {"int64", "uint64"}:
        return None
    if first in INTEGERS and second in INTEGERS and {first[0], second[0]} == {"i", "u"}:
        signed, unsigned = sorted([first, second])
        if unsigned == "uint64":
            return None
    return np.result_type(first, second).name


def test_promotion():
    for first in DTYPES:
        for second in DTYPES:
            code = "return array.result_type('%s', '%s')" % (first, second)
            expected = common_type(first, second)
            if expected is None:
                assert "have no common type" in peer.error(code), (first, second)
            else:
                assert peer.text(code) == expected, (first, second)
                x, y = np.ones(2, first), np.ones(2, second)
                op = "bitwise_or" if expected == "bool" else "maximum"
                if expected in COMPLEX:
                    op = "multiply"
                assert peer.one("return array.%s(a[1], a[2])" % op, x, y).dtype == expected


def test_weak_numbers():
    for dtype in DTYPES[1:]:
        x = np.array([1, 2], dtype)
        assert peer.one("return a[1] * 2", x).dtype == dtype
        assert peer.one("return 2 - a[1]", x).dtype == dtype
        expected = "float64" if dtype in INTEGERS else dtype
        assert peer.one("return a[1] * 0.5", x).dtype == expected
        assert peer.one("return a[1] / 2", x).dtype == expected
        assert peer.one("return a[1] ^ 2", x).dtype == expected
        if dtype not in COMPLEX:
            assert peer.one("return a[1] // 2", x).dtype == dtype
        if dtype in INTEGERS:
            info = np.iinfo(dtype)
            for value in (int(info.max) + 1, int(info.min) - 1):
                if -2**63 <= value < 2**63:
                    assert peer.error("return a[1] + %d" % value, x) == (
                        "%d does not fit %s (%d to %d)" % (value, dtype, info.min, info.max))


@given(arrays(DTYPES), st.sampled_from(DTYPES))
def test_astype(x, dtype):
    code = "return a[1]:astype '%s'" % dtype
    kind, to = x.dtype.kind, np.dtype(dtype).kind
    if kind == "c" and to != "c":
        assert "has no conversion" in peer.error(code, x)
        return
    if to in "iu" and kind in "iuf":
        info = np.iinfo(dtype)
        truncated = [None if value != value else value if abs(value) == float("inf") else int(value)
                     for value in x.ravel().tolist()]
        if any(value is None or not info.min <= value <= info.max for value in truncated):
            assert "does not fit" in (message := peer.error(code, x)) or "is no" in message
            return
    check(peer.one(code, x), x.astype(dtype))


@given(arrays(INTEGERS), st.sampled_from(INTEGERS))
def test_wrap_and_saturate(x, dtype):
    info = np.iinfo(dtype)
    check(peer.one("return a[1]:astype('%s', { wrap = true })" % dtype, x), x.astype(dtype))
    clipped = np.array([min(max(int(value), info.min), info.max) for value in x.ravel()],
                       dtype).reshape(x.shape)
    check(peer.one("return a[1]:astype('%s', { saturate = true })" % dtype, x), clipped)


# MARK: Values

@given(arrays(), arrays())
def test_equality(x, y):
    for one, other in ((x, x), (x, y), (x, x.astype("complex128"))):
        expected = one.shape == other.shape and (
            one.size == 0 or (one.dtype == bool) == (other.dtype == bool)) and bool(
                np.all(one == other))
        if one.dtype.kind in "iu" and other.dtype.kind in "fc" and np.any(np.abs(one.astype(
                "float64")) >= 2.0**53):
            continue  # NumPy compares integers as floats
        assert peer.one("return a[1] == a[2]", one, other) == expected


@given(arrays())
def test_lists(x):
    expected = x
    if x.dtype.kind in "iu":
        if x.dtype == "uint64" and np.any(x >= 2**63):
            return
        expected = x.astype("int64")
    elif x.dtype.kind == "f":
        expected = x.astype("float64")
    if x.ndim == 0 or (x.size == 0):
        return
    got = peer.one("return array.from(a[1]:tolist())", x)
    check(got, expected.astype("complex128") if x.dtype.kind == "c" else expected)


@given(st.integers(-50, 50), st.integers(-50, 50), st.integers(-9, 9).filter(bool))
def test_sequences(first, last, step):
    check(peer.one("return array.arange(%d, %d, %d)" % (first, last, step)),
          np.arange(first, last, step, dtype="int64"))
    check(peer.one("return array.range(%d, %d, %d)" % (first, last, step)),
          np.array(range(first, last + (1 if step > 0 else -1), step), "int64"))
    check(peer.one("return array.arange(%d, %d, %r)" % (first, last, step / 4)),
          np.arange(first, last, step / 4, dtype="float64"))
    check(peer.one("return array.linspace(%d, %d, %d)" % (first, last, abs(step))),
          np.linspace(first, last, abs(step)))
    check(peer.one("return array.linspace(%d, %d, %d, { endpoint = false })"
                   % (first, last, abs(step))),
          np.linspace(first, last, abs(step), endpoint=False))
    check(peer.one("return array.eye(%d, %d, %d)" % (abs(first) % 6, abs(last) % 6, step)),
          np.eye(abs(first) % 6, abs(last) % 6, step))


@given(arrays(shape=hnp.array_shapes(min_dims=1, max_dims=2, max_side=5)), st.integers(-6, 6))
def test_diag(x, k):
    check(peer.one("return array.diag(a[1], %d)" % k, x), np.diag(x, k))


@given(st.lists(arrays(["int8", "float32"], hnp.array_shapes(max_dims=1, max_side=3)), min_size=1,
                max_size=3), st.sampled_from(["xy", "ij"]))
def test_meshgrid(parts, indexing):
    names = ", ".join("a[%d]" % (i + 1) for i in range(len(parts)))
    mine = peer.all("return array.meshgrid(%s, { indexing = '%s' })" % (names, indexing), *parts)
    for one, other in zip(mine, np.meshgrid(*parts, indexing=indexing), strict=True):
        check(one, other)


BINARY = ["add", "subtract", "multiply", "divide", "maximum", "minimum", "equal", "not_equal",
          "less", "less_equal", "greater", "greater_equal", "hypot", "copysign", "bitwise_and",
          "bitwise_or", "bitwise_xor"]


COMPARISONS = ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")


@given(st.sampled_from(BINARY), arrays(), arrays(), st.booleans())
def test_binary(name, x, y, flip):
    """Types, shapes and layouts; the kernels' own tests compare more values."""
    code = "return array.%s(a[1]%s, a[2], { array = true })" % (name, ":flip()" if flip else "")
    first = np.flip(x) if flip else x
    try:
        np.broadcast_shapes(x.shape, y.shape)
    except ValueError:
        peer.error(code, x, y)
        return
    common = common_type(x.dtype.name, y.dtype.name)
    bad = common is None
    if not bad and common == "bool":
        bad = name not in ("bitwise_and", "bitwise_or", "bitwise_xor") + COMPARISONS
    elif not bad and common in COMPLEX:
        bad = name not in ("add", "subtract", "multiply", "divide", "equal", "not_equal")
    elif not bad and common in FLOATS:
        bad = name.startswith("bitwise")
    if bad:
        peer.error(code, x, y)
        return
    a, b = first.astype(common), y.astype(common)
    if name in ("divide", "hypot", "copysign") and common in INTEGERS:
        a, b = a.astype("float64"), b.astype("float64")
    if common in COMPLEX and name in ("multiply", "divide"):
        return  # compared with a tolerance in the kernels' tests
    expected = getattr(np, name)(a, b)
    mine = peer.one(code, x, y)
    if name == "hypot":
        assert mine.dtype == expected.dtype and mine.shape == expected.shape
        np.testing.assert_allclose(mine, expected, rtol=1e-6 if common == "float32" else 1e-15)
        return
    if name in ("maximum", "minimum"):
        mine, expected = mine + 0, expected + 0  # the sign of a zero is not specified
    check(mine, expected)


@given(arrays(["float64"], hnp.array_shapes(min_dims=1, max_dims=2, min_side=2, max_side=5)))
def test_out(x):
    assert len(peer.all("local x = a[1] array.add(x, 1, { out = x }) return x", x)) == 1
    check(peer.one("local x = a[1] array.add(x, 1, { out = x }) return x", x), x + 1)
    y = x.copy()
    y[1:] = x[:-1] * 2
    check(peer.one("local x = a[1] local n = #x array.multiply(x({1, n - 1}), 2, "
                   "{ out = x({2, n}) }) return x", x), y)


@given(arrays(INTEGERS + FLOATS), st.data())
def test_where_and_clip(x, data):
    mask = data.draw(hnp.arrays(bool, x.shape))
    check(peer.one("return array.where(a[1], a[2], 1, { array = true })", mask, x),
          np.where(mask, x, np.ones((), x.dtype)))
    check(peer.one("return array.clip(a[1], 1, 3, { array = true })", x), np.clip(x, 1, 3))


REDUCTIONS = ["sum", "prod", "mean", "var", "std", "min", "max", "any", "all", "count_nonzero",
              "argmin", "argmax"]


@given(st.sampled_from(REDUCTIONS), arrays(), st.booleans(), st.data())
def test_reductions(name, x, keepdims, data):
    """Types, shapes and axes; the kernels' own tests compare more values."""
    one = name.startswith("arg")
    axes = None
    if x.ndim and data.draw(st.booleans()):
        axes = data.draw(st.lists(st.integers(0, x.ndim - 1), unique=True, min_size=1,
                                  max_size=1 if one else x.ndim))
    options = "keepdims = %s, array = true" % str(keepdims).lower()
    if axes:
        options += ", axis = " + lua_list(axis + 1 for axis in axes)
    code = "return a[1]:%s{ %s }" % (name, options)
    axis = None if axes is None else axes[0] if one else tuple(axes)
    if name in ("min", "max", "argmin", "argmax") and x.dtype.kind == "c":
        assert "not defined for complex" in peer.error(code, x)
        return
    try:
        expected = getattr(np, name)(x, axis=axis, keepdims=keepdims)
    except ValueError:
        assert "without elements" in peer.error(code, x)
        return
    mine = peer.one(code, x)
    expected = np.asarray(expected)
    if one:
        check(mine, expected + 1)
        return
    if name in ("mean", "var", "std") and x.dtype.kind in "biu":
        expected = expected.astype("float64")
    if name == "count_nonzero":
        expected = expected.astype("int64")
    if x.dtype.kind in "iub" and name in ("sum", "prod", "min", "max", "any", "all"):
        check(mine, expected)
        return
    assert mine.shape == expected.shape and mine.dtype == expected.dtype, (mine, expected)
    if x.dtype.kind in "biu":
        np.testing.assert_allclose(mine, expected, rtol=1e-9)


@given(st.sampled_from(["sum", "prod"]), arrays(INTEGERS + ["float64"]), st.booleans(), st.data())
def test_cumulative(name, x, initial, data):
    if x.ndim == 0:
        return
    axis = data.draw(st.integers(0, x.ndim - 1))
    x = x if x.dtype.kind != "f" else np.nan_to_num(x) % 8
    code = "return a[1]:cumulative_%s(%d, { include_initial = %s })" % (
        name, axis + 1, str(initial).lower())
    expected = getattr(np, "cumulative_" + name)(x, axis=axis, include_initial=initial)
    mine = peer.one(code, x)
    if x.dtype.kind == "f":
        np.testing.assert_allclose(mine, expected, rtol=1e-12)
    else:
        check(mine, expected)


@given(arrays(["bool"] + INTEGERS + ["float64"]), st.integers(0, 4), st.data())
def test_diff(x, n, data):
    if x.ndim == 0:
        return
    axis = data.draw(st.integers(0, x.ndim - 1))
    check(peer.one("return a[1]:diff{ axis = %d, n = %d }" % (axis + 1, n), x),
          np.diff(x, n, axis))


# MARK: Order

@given(arrays(shape=hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=6)), st.data())
def test_sorting(x, data):
    if x.dtype.kind == "c":
        x = np.nan_to_num(x)  # NumPy orders complex NaN in a way of its own
    axis = data.draw(st.integers(0, x.ndim - 1))
    view, y = ("a[1]:flip()", np.flip(x)) if data.draw(st.booleans()) else ("a[1]", x)
    expected = np.sort(y, axis, stable=True)
    mine = peer.one("return %s:sort(%d)" % (view, axis + 1), x)
    assert mine.dtype == x.dtype
    np.testing.assert_array_equal(mine, expected)
    places = peer.one("return %s:argsort(%d)" % (view, axis + 1), x)
    check(places, np.argsort(y, axis, stable=True) + 1)
    k = data.draw(st.integers(0, x.shape[axis]))
    values, places = peer.all("return %s:topk(%d, %d, { least = true })" % (view, k, axis + 1), x)
    np.testing.assert_array_equal(values, np.take(expected, range(k), axis))
    if x.shape[axis]:
        np.testing.assert_array_equal(np.take_along_axis(y, places - 1, axis), values)


@given(arrays(), st.booleans())
def test_sets(x, flip):
    if x.dtype.kind in "fc":
        x = np.nan_to_num(x)
    view, y = ("a[1]:flip()", np.flip(x)) if flip and x.ndim else ("a[1]", x)
    theirs = np.unique_all(y)
    mine = peer.all("return %s:unique_all()" % view, x)
    np.testing.assert_array_equal(mine[0], theirs.values)
    check(mine[1], theirs.indices + 1)
    check(mine[2], theirs.inverse_indices + 1)
    check(mine[3], theirs.counts)
    check(peer.one("return %s:unique_values()" % view, x), mine[0])
    for name, second in (("counts", mine[3]), ("inverse", mine[2])):
        both = peer.all("return %s:unique_%s()" % (view, name), x)
        check(both[0], mine[0])
        check(both[1], second)


@given(arrays(INTEGERS + FLOATS, hnp.array_shapes(max_dims=1)), st.data())
def test_searching(x, data):
    y = data.draw(arrays([x.dtype.name]))
    if x.dtype.kind == "f":
        x, y = np.nan_to_num(x), np.nan_to_num(y)
    x = np.sort(x)
    for side in ("left", "right"):
        check(peer.one("return array.searchsorted(a[1], a[2], { side = '%s', array = true })" % side,
                       x, y), np.asarray(np.searchsorted(x, y, side)) + 1)
    check(peer.one("return array.isin(a[2], a[1], { array = true })", x, y), np.isin(y, x))
    check(peer.one("return array.isin(a[2], a[1], { array = true, invert = true })", x, y),
          np.isin(y, x, invert=True))


@given(arrays(["int8", "uint64", "float32", "float64"],
              hnp.array_shapes(min_dims=1, max_dims=3, max_side=6)),
       st.lists(st.floats(0, 1), min_size=1, max_size=3), st.booleans(), st.data())
def test_quantiles(x, q, skip, data):
    if x.dtype.kind == "f":
        x = np.where(np.isinf(x), 1, x) % 1000
    axis = data.draw(st.integers(0, x.ndim - 1))
    median, quantile = (np.nanmedian, np.nanquantile) if skip else (np.median, np.quantile)
    bound = 1e-5 if x.dtype == "float32" else 1e-12
    options = "axis = %d, skipnan = %s" % (axis + 1, str(skip).lower())
    y = x if x.dtype == "float32" else x.astype("float64")

    def near(mine, theirs):
        theirs = np.asarray(theirs)
        assert mine.shape == theirs.shape, (mine, theirs)
        np.testing.assert_allclose(mine, theirs, rtol=bound, atol=bound)

    near(peer.one("return a[1]:median{ %s }" % options, x), median(y, axis))
    near(peer.one("return a[1]:median()", x), np.median(y))
    near(peer.one("return a[1]:quantile(a[2], { %s })" % options, x, np.array(q)),
         quantile(y, np.array(q), axis))


@given(arrays(["int32", "float64"], hnp.array_shapes(min_dims=1, max_dims=2, max_side=5)),
       st.data())
def test_counts(x, data):
    x = np.nan_to_num(x) % 100
    index = data.draw(hnp.arrays("int64", st.integers(0, 6),
                                 elements=st.integers(0, x.shape[0] - 1)))
    expected = x.copy()
    np.add.at(expected, index, x[index] + 1)
    check(peer.one("return a[1]:add_at(a[2], a[1]:copy()[a[2]] + 1)", x, index + 1), expected)
    check(peer.one("return array.bincount(a[1])", index + 1), np.bincount(index).astype("int64"))


# MARK: Fourier transforms

def close(mine, theirs, dtype):
    single = dtype in ("float32", "complex64")
    theirs = np.asarray(theirs)
    if single:
        theirs = theirs.astype("complex64" if theirs.dtype.kind == "c" else "float32")
    assert mine.dtype == theirs.dtype and mine.shape == theirs.shape, (mine, theirs)
    bound = 1e-5 if single else 1e-12
    assert np.allclose(mine, theirs, rtol=bound, atol=bound * (1 + np.abs(theirs).max(initial=0)))


@given(st.sampled_from(["fft", "ifft", "rfft", "irfft", "hfft", "ihfft"]),
       st.sampled_from(INTEGERS[:3] + FLOATS + COMPLEX), hnp.array_shapes(max_dims=3, max_side=9),
       st.sampled_from(["backward", "ortho", "forward"]), st.data())
def test_fourier(name, dtype, shape, norm, data):
    if name in ("rfft", "ihfft") and dtype in COMPLEX:
        return
    random = np.random.default_rng(data.draw(st.integers(0, 99)))
    x = random.normal(0, 9, shape)
    x = (x + (1j * random.normal(0, 9, shape) if dtype in COMPLEX else 0)).astype(dtype)
    axis = data.draw(st.integers(0, x.ndim - 1))
    n = data.draw(st.integers(1, 12))
    close(peer.one("return array.fft.%s(a[1], %d, { n = %d, norm = '%s' })" % (
        name, axis + 1, n, norm), x), getattr(np.fft, name)(x, n, axis, norm), dtype)
    if x.shape[axis] > 1:
        close(peer.one("return array.fft.%s(a[1], { axis = %d })" % (name, axis + 1), x),
              getattr(np.fft, name)(x, axis=axis), dtype)
    for name in ("fftn", "ifftn", "rfftn", "irfftn"):
        if name == "rfftn" and dtype in COMPLEX or name == "irfftn" and x.shape[-1] == 1:
            continue
        close(peer.one("return array.fft.%s(a[1], { norm = '%s' })" % (name, norm), x),
              getattr(np.fft, name)(x, norm=norm), dtype)
    check(peer.one("return array.fft.fftshift(a[1])", x), np.fft.fftshift(x))
    check(peer.one("return array.fft.ifftshift(a[1], %d)" % (axis + 1), x),
          np.fft.ifftshift(x, axis))
    check(peer.one("return array.fft.fftfreq(%d, 0.5)" % n), np.fft.fftfreq(n, 0.5))
    check(peer.one("return array.fft.rfftfreq(%d, 0.5)" % n), np.fft.rfftfreq(n, 0.5))


# MARK: Matrices

def normal(data, shape, dtype):
    random = np.random.default_rng(data.draw(st.integers(0, 99)))
    x = random.normal(0, 3, shape)
    return (x + (1j * random.normal(0, 3, shape) if dtype in COMPLEX else 0)).astype(dtype)


@given(hnp.mutually_broadcastable_shapes(signature="(n?,k),(k,m?)->(n?,m?)", max_side=6),
       st.sampled_from(INTEGERS + FLOATS + COMPLEX), st.booleans(), st.data())
def test_products(shapes, dtype, flip, data):
    x, y = (normal(data, shape, "float64" if dtype in INTEGERS else dtype) for shape
            in shapes.input_shapes)
    if dtype in INTEGERS:
        x, y = np.abs(x).astype(dtype), np.abs(y).astype(dtype)
    first = "a[1]:flip()" if flip else "a[1]"
    z = np.flip(x) if flip else x
    mine = peer.one("return array.asarray(%s:matmul(a[2]), '%s')" % (first, dtype), x, y)
    close(mine, np.matmul(z, y).astype(dtype), dtype)
    if x.shape == y.shape:
        axis = data.draw(st.integers(0, x.ndim - 1))
        close(peer.one("return array.asarray(%s:vecdot(a[2], %d), '%s')" % (
            first, axis - x.ndim, dtype), x, y), np.vecdot(z, y, axis=axis).astype(dtype), dtype)


@given(st.sampled_from(["float64", "complex128", "float32"]), st.integers(1, 6),
       st.integers(1, 6), st.sampled_from([(), (2,), (2, 3)]), st.data())
def test_linear_algebra(dtype, m, n, batch, data):
    square = normal(data, batch + (n, n), dtype) + 9 * np.eye(n, dtype=dtype)
    tall = normal(data, batch + (m, n), dtype)
    right = normal(data, batch + (n, 2), dtype)
    bound = 2e-4 if dtype == "float32" else 1e-9

    def near(mine, theirs):
        theirs = np.asarray(theirs)
        assert mine.shape == theirs.shape, (mine, theirs)
        np.testing.assert_allclose(mine, theirs, rtol=bound, atol=bound * 10)

    near(peer.one("return array.linalg.solve(a[1], a[2])", square, right),
         np.linalg.solve(square, right))
    near(peer.one("return array.linalg.inv(a[1])", square), np.linalg.inv(square))
    determinant = np.linalg.det(square)
    near(peer.one("return array.linalg.det(a[1])", square) / determinant, determinant / determinant)
    sign, logarithm = peer.all("return array.linalg.slogdet(a[1])", square)
    near(sign, np.linalg.slogdet(square).sign)
    near(logarithm, np.linalg.slogdet(square).logabsdet)
    symmetric = square @ square.mT.conj()
    factor = peer.one("return array.linalg.cholesky(a[1])", symmetric)
    near(factor, np.linalg.cholesky(symmetric))
    values, vectors = peer.all("return array.linalg.eigh(a[1])", symmetric)
    scale = np.abs(symmetric).max()
    near(values / scale, np.linalg.eigvalsh(symmetric) / scale)
    near(vectors @ (values[..., None] * vectors.mT.conj()) / scale, symmetric / scale)
    values, vectors = peer.all("return array.linalg.eig(a[1])", square)
    near(square @ vectors, vectors * values[..., None, :])
    for mode, full in (("reduced", "false"), ("complete", "true")):
        q, r = peer.all("return array.linalg.qr(a[1], { mode = '%s' })" % mode, tall)
        assert q.shape == np.linalg.qr(tall, mode).Q.shape
        near(q @ r, tall)
        u, s, vh = peer.all("return array.linalg.svd(a[1], { full = %s })" % full, tall)
        near(s, np.linalg.svd(tall, compute_uv=False))
        k = min(m, n)
        near(u[..., :, :k] @ (s[..., None] * vh[..., :k, :]), tall)
    if not batch:
        x, rank, singular = peer.all("return array.linalg.lstsq(a[1], a[2])", tall,
                                     normal(data, (m,), dtype))
        assert int(rank) == np.linalg.matrix_rank(tall)
        near(singular, np.linalg.svd(tall, compute_uv=False))


@given(arrays(), st.booleans(), st.integers(0, 1))
def test_files(x, compress, form):
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        for name in ("x.npy", "x.npz"):
            path = os.path.join(folder, name)
            if name == "x.npy":
                peer.all("array.save('%s', a[1])" % path, x)
                check(np.load(path), x)
                np.save(path, x.copy(order="F") if form else x.astype(x.dtype.newbyteorder(">")))
                check(peer.one("return array.load('%s')" % path, x), x)
            else:
                peer.all("array.save('%s', { x = a[1], y = a[2] }, { compress = %s })" % (
                    path, str(compress).lower()), x, x)
                with np.load(path) as both:
                    check(both["x"], x)
                    check(both["y"], x)
                (np.savez_compressed if compress else np.savez)(path, x=x, y=x)
                for mine in peer.all("local t = array.load('%s') return t.x, t.y" % path):
                    check(mine, x)


def main(tests, chosen):
    """Runs the tests with the chosen names, or all."""
    failed = 0
    for name, test in tests.items():
        if chosen and name not in chosen:
            continue
        try:
            test()
            print("ok", name, flush=True)
        except Exception as error:
            failed += 1
            print("FAILED", name)
            traceback.print_exception(error, limit=-2)
    print("%d passed, %d failed" % ((len(chosen) or len(tests)) - failed, failed))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main({name: test for name, test in globals().items() if name.startswith("test_")},
         sys.argv[1:])
