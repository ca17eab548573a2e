# SPDX-License-Identifier: BSD-3-Clause
"""Compares functions of Lua's arrays that differential_test.py does not have with NumPy's:
Tests/Arrays/functions_test.py [name...]
"""

import sys

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import differential_test
from differential_test import COMPLEX, DTYPES, FLOATS, INTEGERS, arrays, close, normal
from peer import check, peer

REAL = INTEGERS + FLOATS
NUMBERS = REAL + COMPLEX


def numbers(data, shape, dtype):
    """Small numbers of any type; integers whose products do not overflow."""
    x = normal(data, shape, "float64" if dtype in INTEGERS else dtype)
    return np.abs(x).astype(dtype) if dtype in INTEGERS else x


def laid_out(data, x):
    """The code of an array that is a view with other strides, and its value."""
    kind = data.draw(st.sampled_from(["plain", "flipped", "transposed"]))
    if kind == "flipped":
        return "a[1]:flip()", np.flip(x)
    if kind == "transposed" and x.ndim > 1:
        order = list(range(x.ndim))[::-1]
        return "a[1]:permute_dims{%s}" % ", ".join(str(i + 1) for i in order), x.transpose(order)
    return "a[1]", x


def result_type(dtype):
    return "float64" if dtype in INTEGERS else dtype


def near(mine, theirs, dtype, bound=1e-9):
    theirs = np.asarray(theirs)
    assert mine.dtype == dtype, (mine.dtype, dtype)
    assert mine.shape == theirs.shape, (mine, theirs)
    single = np.dtype(dtype).name in ("float32", "complex64")
    scale = np.abs(theirs[np.isfinite(theirs)]).max(initial=1)
    np.testing.assert_allclose(
        mine, theirs, rtol=3e-4 if single else bound, atol=scale * (3e-5 if single else bound))


def real_of(dtype):
    return {"complex64": "float32", "complex128": "float64"}.get(dtype, result_type(dtype))


# MARK: Medians

@given(st.lists(st.sampled_from([-np.inf, -1.5e308, -2.0, 0.5, 3.0, 1.5e308, np.inf]),
                min_size=1, max_size=7), st.sampled_from(FLOATS))
def test_medians_of_infinite_numbers(x, dtype):
    with np.errstate(all="ignore"):
        x = np.array(x).astype(dtype)
        median = np.median(x)
        middle = np.sort(x)[[(x.size - 1) // 2, x.size // 2]]
    if np.isfinite(middle).all() and np.isinf(median):
        median = middle[0] / 2 + middle[1] / 2
    np.testing.assert_equal(float(peer.one("return a[1]:median()", x)), float(median))
    least, most = peer.one("return a[1]:quantile{ 0, 1 }", x)
    assert least == x.min() and most == x.max(), (least, most)


# MARK: Products

@given(st.sampled_from(NUMBERS), st.lists(st.integers(0, 3), min_size=0, max_size=3),
       st.lists(st.integers(0, 3), max_size=2), st.lists(st.integers(0, 3), max_size=2),
       st.data())
def test_tensordot(dtype, shared, left, right, data):
    x, y = numbers(data, left + shared, dtype), numbers(data, shared + right, dtype)
    mine = peer.one("return array.asarray(array.tensordot(a[1], a[2], %d), '%s')" % (
        len(shared), dtype), x, y)
    close(mine, np.tensordot(x, y, len(shared)).astype(dtype), dtype)
    # The same axes in another order, named one by one.
    order = data.draw(st.permutations(range(x.ndim)))
    x2 = x.transpose(order)
    in_a = [order.index(len(left) + i) for i in range(len(shared))]
    code = "{ {%s}, {%s} }" % (
        ", ".join(str(i + 1) for i in in_a), ", ".join(str(i + 1) for i in range(len(shared))))
    mine = peer.one("return array.asarray(array.tensordot(a[1], a[2], %s), '%s')" % (code, dtype),
                    x2, y)
    expected = np.tensordot(x2, y, (in_a, list(range(len(shared))))).astype(dtype)
    close(mine, expected, dtype)


@given(st.sampled_from(NUMBERS), st.integers(0, 4), st.sampled_from([(), (2,), (0,), (2, 3)]),
       st.integers(-3, 6), st.data())
def test_matrix_power(dtype, n, batch, power, data):
    x = numbers(data, batch + (n, n), dtype)
    if dtype not in INTEGERS or power < 0:
        x = (x + 9 * np.eye(n)).astype(result_type(dtype) if power < 0 else dtype)
    got = peer.one("return array.linalg.matrix_power(a[1], %d)" % power, x)
    theirs = np.linalg.matrix_power(x, power)
    if x.dtype.kind in "iu" and power >= 0:
        check(got, theirs)
    else:
        near(got, theirs, x.dtype)


@given(st.sampled_from(NUMBERS), hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3),
       st.data())
def test_cross(dtype, shapes, data):
    at = data.draw(st.integers(1, 1 + min(map(len, shapes.input_shapes))))
    x, y = (numbers(data, s[:len(s) + 1 - at] + (3,) + s[len(s) + 1 - at:], dtype)
            for s in shapes.input_shapes)
    mine = peer.one("return array.linalg.cross(a[1], a[2], { axis = %d })" % -at, x, y) \
        if x.ndim == y.ndim else None
    if mine is not None:
        close(mine, np.linalg.cross(x, y, axis=-at), dtype)


@given(arrays(shape=hnp.array_shapes(min_dims=2, max_dims=4, min_side=0, max_side=4)),
       st.integers(-5, 5), st.data())
def test_diagonals(x, offset, data):
    code, y = laid_out(data, x)
    check(peer.one("return array.linalg.diagonal(%s, { offset = %d })" % (code, offset), x),
          np.linalg.diagonal(y, offset=offset))
    if x.dtype.kind in "iu":
        mine = peer.one("return array.asarray(array.linalg.trace(%s, %d))" % (code, offset), x)
        wide = "uint64" if x.dtype.kind == "u" else "int64"
        # A number of Lua is an int64.
        theirs = np.linalg.trace(y, offset=offset, dtype=wide)
        check(mine.astype(wide), np.asarray(theirs))


# MARK: Norms and inverses

@given(st.sampled_from(NUMBERS), hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=4),
       st.sampled_from([2, 1, 0, 3, -1, -2, 0.5, np.inf, -np.inf]), st.booleans(), st.data())
def test_vector_norm(dtype, shape, order, keepdims, data):
    x = numbers(data, shape, dtype)
    axes = data.draw(st.sampled_from([None] + list(range(x.ndim)) + [tuple(range(x.ndim))]))
    if x.size == 0 and (order < 0 or np.isinf(order)):
        return
    code, y = laid_out(data, x)
    options = ["ord = %s" % str(order).replace("inf", "math.huge"),
               "keepdims = %s" % str(keepdims).lower(), "array = true"]
    if axes is not None:
        some = axes if isinstance(axes, tuple) else (axes,)
        options.append("axis = {%s}" % ", ".join(str(i + 1) for i in some))
    mine = peer.one("return array.linalg.vector_norm(%s, { %s })" % (code, ", ".join(options)), x)
    theirs = np.linalg.vector_norm(
        y.astype(result_type(dtype)), axis=axes, ord=order, keepdims=keepdims)
    near(mine, theirs, real_of(dtype))


@given(st.sampled_from(NUMBERS), st.sampled_from([(), (2,), (2, 3)]), st.integers(1, 5),
       st.integers(1, 5), st.sampled_from(["'fro'", "'nuc'", "1", "-1", "2", "-2", "math.huge",
                                           "-math.huge"]), st.booleans(), st.data())
def test_matrix_norm(dtype, batch, m, n, order, keepdims, data):
    x = numbers(data, batch + (m, n), dtype)
    code, y = laid_out(data, x)
    mine = peer.one("return array.linalg.matrix_norm(%s, { ord = %s, keepdims = %s, array = true })"
                    % (code, order, str(keepdims).lower()), x)
    kind = eval(order.replace("math.huge", "np.inf"))
    theirs = np.linalg.matrix_norm(y.astype(result_type(dtype)), ord=kind, keepdims=keepdims)
    near(mine, theirs, real_of(dtype))


@given(st.sampled_from(FLOATS + COMPLEX), st.sampled_from([(), (2,), (2, 3)]), st.integers(1, 5),
       st.integers(1, 5), st.integers(1, 3), st.data())
def test_ranks_and_inverses(dtype, batch, m, n, rank, data):
    x = normal(data, batch + (m, rank), dtype) @ normal(data, batch + (rank, n), dtype)
    got = peer.one("return array.linalg.matrix_rank(a[1], { array = true })", x)
    check(got, np.linalg.matrix_rank(x))
    check(peer.one("return array.linalg.matrix_rank(a[1], { rtol = 0.5, array = true })", x),
          np.linalg.matrix_rank(x, rtol=0.5))
    epsilon = np.finfo(x.dtype).eps * max(m, n)
    theirs = np.linalg.pinv(x, rtol=epsilon)
    near(peer.one("return array.linalg.pinv(a[1])", x), theirs, dtype, 1e-7)
    near(peer.one("return array.linalg.pinv(a[1], { rtol = 0.01 })", x),
         np.linalg.pinv(x, rtol=0.01), dtype, 1e-7)


# MARK: Statistics

@given(arrays(["bool"] + REAL, hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=20)),
       st.integers(1, 12), st.sampled_from(["plain", "range", "edges", "weights", "density"]),
       st.data())
def test_histogram(x, bins, kind, data):
    if x.dtype.kind == "f":
        # NumPy refuses bins that are narrower than the distance of two numbers.
        x = np.where(np.isfinite(x) & (np.abs(x) < 1e12), x, 0).astype(x.dtype)
    if x.dtype.kind in "iu":
        x = np.clip(x, 0, 100) if x.dtype.kind == "u" else np.clip(x, -100, 100)
    if x.dtype == "float32":
        x = x.astype("float64")
    lua, given = ["%d" % bins], {"bins": bins}
    options = []
    weights = None
    if kind == "range":
        low = data.draw(st.integers(-50, 50))
        given["range"] = (low, low + 16)
        options.append("range = {%d, %d}" % given["range"])
    elif kind == "edges":
        edges = sorted(data.draw(st.lists(st.integers(-50, 50), min_size=2, max_size=9)))
        given["bins"] = edges
        lua = ["{%s}" % ", ".join(map(str, edges))]
    elif kind == "weights":
        weights = np.round(normal(data, x.shape, "float64"), 2)
        given["weights"] = weights
        options.append("weights = a[2]")
    elif kind == "density":
        given["density"] = True
        options.append("density = true")
    code = "return array.histogram(a[1], %s, { %s })" % (lua[0], ", ".join(options))
    counts, edges = peer.all(code, x, *([] if weights is None else [weights]))
    expected, theirs = np.histogram(x.astype("uint8") if x.dtype == bool else x, **given)
    np.testing.assert_allclose(edges, theirs, rtol=1e-12)
    if kind in ("weights", "density"):
        np.testing.assert_allclose(counts, expected, rtol=1e-9, atol=1e-9)
        assert counts.dtype == "float64"
    else:
        check(counts, expected)


@given(st.sampled_from(NUMBERS), st.integers(1, 4), st.integers(2, 8), st.booleans(),
       st.booleans(), st.integers(0, 2), st.data())
def test_covariances(dtype, variables, count, columns, second, correction, data):
    x = numbers(data, (count, variables) if columns else (variables, count), dtype)
    y = numbers(data, x.shape, dtype) if second else None
    if count <= correction:
        return
    options = "{ columns = %s, correction = %d, array = true }" % (str(columns).lower(), correction)
    given = [x] + ([y] if second else [])
    argument = "a[1], a[2]" if second else "a[1]"
    wide = "complex128" if dtype in COMPLEX else "float64"
    theirs = np.cov(x.astype(wide), None if y is None else y.astype(wide), rowvar=not columns,
                    ddof=correction)
    near(peer.one("return array.cov(%s, %s)" % (argument, options), *given), theirs,
         result_type(dtype))
    deviations = np.sqrt(np.diag(np.atleast_2d(theirs)).real)
    if np.all(deviations > 1e-3):
        near(peer.one("return array.corrcoef(%s, { columns = %s, array = true })" % (
            argument, str(columns).lower()), *given),
            np.corrcoef(x.astype(wide), None if y is None else y.astype(wide),
                        rowvar=not columns), result_type(dtype))


@given(st.sampled_from(NUMBERS), hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=5),
       st.sampled_from(["plain", "dx", "x", "shape"]), st.data())
def test_trapezoid(dtype, shape, kind, data):
    y = numbers(data, shape, dtype)
    axis = data.draw(st.integers(-y.ndim, y.ndim - 1))
    lua_axis = axis + 1 if axis >= 0 else axis
    wide = y.astype(result_type(dtype))
    given = [y]
    if kind == "plain":
        code, theirs = "a[1], { axis = %d, array = true }" % lua_axis, np.trapezoid(wide, axis=axis)
    elif kind == "dx":
        code = "a[1], { axis = %d, dx = 0.5, array = true }" % lua_axis
        theirs = np.trapezoid(wide, dx=0.5, axis=axis)
    else:
        x = np.sort(normal(data, (y.shape[axis],) if kind == "x" else y.shape, real_of(dtype)))
        given.append(x)
        code = "a[1], a[2], { axis = %d, array = true }" % lua_axis
        theirs = np.trapezoid(wide, x, axis=axis)
    near(peer.one("return array.trapezoid(%s)" % code, *given), theirs, result_type(dtype))


# MARK: Series

@given(st.sampled_from(NUMBERS), st.integers(1, 40), st.integers(1, 40),
       st.sampled_from(["full", "same", "valid"]), st.data())
def test_convolve(dtype, n, m, mode, data):
    x = data.draw(hnp.arrays(dtype, n)) if dtype in INTEGERS else normal(data, (n,), dtype)
    y = data.draw(hnp.arrays(dtype, m)) if dtype in INTEGERS else normal(data, (m,), dtype)
    code, z = laid_out(data, x)
    mine = peer.one("return array.convolve(%s, a[2], { mode = '%s' })" % (code, mode), x, y)
    theirs = np.convolve(z, y, mode)
    if dtype in INTEGERS:
        check(mine, theirs)
    else:
        near(mine, theirs, dtype)


@given(st.integers(1, 12), hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=9),
       st.booleans(), st.data())
def test_interp(n, shape, ends, data):
    special = st.sampled_from([0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 0.5, 2.25])
    values = data.draw(hnp.arrays("float64", n, elements=special | st.floats(-9, 9)))
    places = np.sort(data.draw(hnp.arrays("float64", n, elements=st.floats(-9, 9))))
    x = data.draw(hnp.arrays("float64", shape, elements=special | st.floats(-10, 10)))
    options = "left = -5, right = 7, array = true" if ends else "array = true"
    mine = peer.one("return array.interp(a[1], a[2], a[3], { %s })" % options, x, places, values)
    theirs = np.interp(x, places, values, *((-5, 7) if ends else ()))
    np.testing.assert_allclose(mine, theirs, rtol=1e-12)
    assert mine.shape == np.shape(theirs)


@given(arrays(shape=hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=80)), st.data())
def test_partition(x, data):
    if x.size > 5000:
        x = x.ravel()[:5000]
    axis = data.draw(st.integers(0, x.ndim - 1))
    length = x.shape[axis]
    places = data.draw(st.lists(st.integers(0, length - 1), min_size=1, max_size=4))
    code = "return array.partition(a[1], {%s}, %d)" % (
        ", ".join(str(p + 1 if data.draw(st.booleans()) else p - length) for p in places), axis + 1)
    mine = peer.one(code, x)
    expected = np.sort(x, axis)
    assert mine.dtype == x.dtype and mine.shape == x.shape
    np.testing.assert_array_equal(np.sort(mine, axis), expected)
    for place in places:
        np.testing.assert_array_equal(np.take(mine, place, axis), np.take(expected, place, axis))
        before = np.take(mine, range(place), axis)
        after = np.take(mine, range(place, length), axis)
        np.testing.assert_array_equal(np.sort(before, axis), np.take(expected, range(place), axis))
        np.testing.assert_array_equal(
            np.sort(after, axis), np.take(expected, range(place, length), axis))


# MARK: Rules of the Array API standard

@given(arrays(INTEGERS, hnp.array_shapes(max_dims=2, min_side=0)), st.sampled_from(INTEGERS),
       st.sampled_from(["sum", "prod", "cumulative_sum", "cumulative_prod"]), st.data())
def test_sums_of_a_type(x, dtype, name, data):
    """The option `dtype` is the type of the result, which wraps like it."""
    x = (x % 100).astype(x.dtype)
    axis = data.draw(st.integers(0, x.ndim - 1))
    mine = peer.one("return array.%s(a[1], { axis = %d, dtype = '%s'%s })" % (
        name, axis + 1, dtype, "" if "_" in name else ", array = true"), x)
    numpys = {"cumulative_sum": np.cumsum, "cumulative_prod": np.cumprod}
    with np.errstate(all="ignore"):
        check(mine, numpys.get(name, getattr(np, name, None))(x, axis, dtype=dtype))


@given(st.sampled_from(INTEGERS + FLOATS), st.integers(-2, 2))
def test_trace_of_a_type(dtype, offset):
    x = np.arange(12).reshape(3, 4)
    check(peer.one("return array.linalg.trace(a[1], { offset = %d, dtype = '%s', array = true })"
                   % (offset, dtype), x), np.trace(x, offset, dtype=dtype))


@given(st.tuples(*[st.integers(-9, 9)] * 4), st.integers(0, 9), st.booleans(),
       st.sampled_from(COMPLEX))
def test_complex_linspace(ends, count, endpoint, dtype):
    first, last = complex(*ends[:2]), complex(*ends[2:])
    mine = peer.one("return array.linspace(array.complex(%d, %d), array.complex(%d, %d), %d, "
                    "{ endpoint = %s, dtype = '%s' })"
                    % (*ends, count, "true" if endpoint else "false", dtype))
    near(mine, np.linspace(first, last, count, endpoint=endpoint), dtype)


@given(st.sampled_from(FLOATS + COMPLEX),
       hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=3))
def test_determinants_as_arrays(dtype, batch):
    x = np.broadcast_to(np.array([[0, 2], [3, 0]], dtype), batch + (2, 2))
    near(peer.one("return array.linalg.det(a[1], { array = true })", x), np.linalg.det(x), dtype)
    sign, logarithm = peer.all("return array.linalg.slogdet(a[1], { array = true })", x)
    near(sign, np.linalg.slogdet(x)[0], dtype)
    near(logarithm, np.linalg.slogdet(x)[1], real_of(dtype))


@given(arrays(REAL, st.integers(0, 5)), st.data())
def test_outer(x, data):
    """Products of pairs, with the signs of zeros."""
    y = data.draw(arrays([x.dtype.name], st.integers(0, 5)))
    with np.errstate(all="ignore"):
        check(peer.one("return array.linalg.outer(a[1], a[2])", x, y), np.multiply.outer(x, y))


@given(arrays(shape=hnp.array_shapes(max_dims=3)), st.data())
def test_masks_without_elements(x, data):
    """Each length of a mask is the array's, or 0: it selects nothing."""
    lengths = [data.draw(st.sampled_from([0, n])) for n in x.shape[:data.draw(
        st.integers(1, x.ndim))]]
    mask = np.ones([0] + lengths[1:], bool)
    check(peer.one("return a[1][a[2]]", x, mask), x[mask])
    check(peer.one("a[1][a[2]] = a[1][a[2]] return a[1]", x, mask), x)


@given(st.sampled_from(INTEGERS))
def test_limits_as_arrays(dtype):
    least, greatest = peer.all(
        "local t = array.iinfo('%s', { array = true }) return t.min, t.max" % dtype)
    check(least, np.array(np.iinfo(dtype).min, dtype))
    check(greatest, np.array(np.iinfo(dtype).max, dtype))


if __name__ == "__main__":
    differential_test.main({name: test for name, test in globals().items()
                            if name.startswith("test_")}, sys.argv[1:])
