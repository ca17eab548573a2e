# SPDX-License-Identifier: BSD-3-Clause
"""Compares the kernels of Sources/CArrays with NumPy: all types, layouts and special values."""

import ctypes
import itertools
import math
import os
import sys
import warnings

import numpy as np

from kernels import DTYPES, REDUCTIONS, Detail, Failure, Kernels, build, load

warnings.simplefilter("ignore")
rng = np.random.default_rng(1)
kernels = Kernels(load(sys.argv[1]) if len(sys.argv) > 1 else build())
REAL = DTYPES[:11]
NUMBERS = DTYPES[1:]
failures = 0


def special(dtype):
    """Values of a type at which functions are special."""
    kind = np.dtype(dtype).kind
    if kind == "b":
        return np.array([False, True, True, False])
    if kind in "iu":
        info = np.iinfo(dtype)
        values = [0, 1, 2, 3, 5, 7, 63, info.max, info.min, info.max - 1, info.max // 2]
        if info.min < 0:
            values += [-1, -2, -3, -7, info.min + 1]
        return np.array(values).astype(dtype) if info.max < 2**63 else np.array(values, dtype)
    real = "float32" if dtype in ("float32", "complex64") else "float64"
    info = np.finfo(real)
    values = [0.0, -0.0, np.inf, -np.inf, np.nan, 1, -1, 0.5, -0.5, 1.5, -1.5, 2.5, 3, -7, 1e-3,
              info.max, -info.max, info.tiny, -info.tiny, info.smallest_subnormal, 1e15, -1e15,
              2, 88.9, 89.5, 710, 709.5, -745, 1e10, 0.9999999, 1.0000001, 100.25, -20.5]
    values = np.array(values, real)
    if kind == "f":
        return values
    few = values[:12]
    return np.array([complex(a, b) for a in few for b in few], dtype)


def samples(dtype, n):
    """Special values and random ones."""
    kind = np.dtype(dtype).kind
    s = special(dtype)
    if kind == "b":
        r = rng.integers(0, 2, n).astype(bool)
    elif kind in "iu":
        info = np.iinfo(dtype)
        r = rng.integers(info.min, info.max, n, dtype=dtype, endpoint=True)
        r[: n // 2] = r[: n // 2] % 100
    else:
        r = (rng.standard_normal(n) * 10).astype(dtype)
        if kind == "c":
            r = (r + 1j * rng.standard_normal(n) * 10).astype(dtype)
    return np.concatenate([s, r])[:n]


def layouts(a):
    """Arrays with the same values in other orders of memory."""
    n = a.size
    wide = np.empty((n, 3), a.dtype)
    wide[:, 1] = a
    yield "contiguous", a.reshape(-1)
    yield "strided", wide[:, 1]
    yield "backwards", np.ascontiguousarray(a[::-1])[::-1]
    yield "3 columns", a[: n // 3 * 3].reshape(-1, 3)
    yield "transposed", np.asfortranarray(a[: n // 4 * 4].reshape(4, -1))
    block = np.zeros((8, n // 6 * 1 + 8, 6), a.dtype)
    part = block[1:3, 2:2 + n // 6 // 2 * 1, ::2]
    part[...] = a[: part.size].reshape(part.shape)
    yield "part of a block", part


def same(got, want, ulp=0):
    if got.dtype != want.dtype or got.shape != want.shape:
        return False
    if got.dtype.kind not in "fc":
        return np.array_equal(got, want)
    if got.dtype.kind == "c":
        return same(got.real.copy(), want.real.copy(), ulp) and \
            same(got.imag.copy(), want.imag.copy(), ulp)
    ok = (got == want) | (np.isnan(got) & np.isnan(want))
    if ulp:
        with np.errstate(all="ignore"):
            spacing = np.abs(np.spacing(want))
            ok |= np.abs(got.astype("longdouble") - want) <= ulp * spacing
    else:
        ok &= (np.signbit(got) == np.signbit(want)) | np.isnan(want)
    return bool(ok.all())


def report(ok, *what):
    global failures
    if not ok:
        failures += 1
        if failures < 40:
            print("FAILED", *what)


def floored(x, y):
    return np.floor(x / y).astype(x.dtype)


def remainder(x, y):
    m = np.fmod(x, y)
    r = np.where((m != 0) & ((m > 0) != (y > 0)), m + y, m).astype(x.dtype)
    return np.where(m == 0, np.copysign(np.zeros_like(x), y), r).astype(x.dtype)


def sign(x):
    return np.sign(x) + np.zeros_like(x)


UNARY = {
    "negative": np.negative, "abs": np.abs, "sign": sign, "square": np.square, "sqrt": np.sqrt,
    "ceil": np.ceil, "floor": np.floor, "trunc": np.trunc,
    "round": np.rint, "conj": np.conj, "real": np.real, "imag": np.imag, "isnan": np.isnan,
    "isinf": np.isinf, "isfinite": np.isfinite, "signbit": np.signbit, "positive": np.positive,
    "logical_not": np.logical_not, "bitwise_invert": np.invert,
}
BINARY = {
    "add": np.add, "subtract": np.subtract, "multiply": np.multiply, "minimum": np.minimum,
    "maximum": np.maximum, "equal": np.equal, "not_equal": np.not_equal, "less": np.less,
    "less_equal": np.less_equal, "greater": np.greater, "greater_equal": np.greater_equal,
    "logical_and": np.logical_and, "logical_or": np.logical_or, "logical_xor": np.logical_xor,
    "bitwise_and": np.bitwise_and, "bitwise_or": np.bitwise_or, "bitwise_xor": np.bitwise_xor,
    "copysign": np.copysign, "nextafter": np.nextafter, "divide": np.divide,
}
UNDEFINED = {("sign", "complex64"), ("sign", "complex128")}


def test_unary():
    for name, dtype in itertools.product(UNARY, DTYPES):
        result = kernels.result(name, dtype)
        if result is None:
            continue
        function = UNARY[name]
        for n in (0, 1, 7, 500, 5000):
            for layout, a in layouts(samples(dtype, n)):
                if name in ("ceil", "floor", "trunc", "round") and a.dtype.kind == "c":
                    want = (function(a.real) + 0j * 0).astype(dtype)
                    want.real, want.imag = function(a.real), function(a.imag)
                elif name == "sign" and a.dtype.kind == "c":
                    size = np.hypot(a.real, a.imag)
                    want = np.empty_like(a)
                    want.real = np.where(size == 0, 0, a.real / size)
                    want.imag = np.where(size == 0, 0, a.imag / size)
                elif name in ("ceil", "floor", "trunc", "round", "real") and a.dtype.kind in "iu":
                    want = a.copy()
                elif name == "square" and a.dtype.kind == "c":
                    want = np.empty_like(a)
                    want.real = a.real * a.real - a.imag * a.imag
                    want.imag = a.real * a.imag + a.imag * a.real
                else:
                    want = np.asarray(function(a))
                got = kernels.apply(name, a)
                report(same(got, want.astype(result), 4 if a.dtype.kind == "c" or name == "abs" else 0),
                       name, dtype, layout, n, kernels.result(name, dtype))


def test_binary():
    for name, dtype in itertools.product(BINARY, DTYPES):
        if kernels.result(name, dtype) is None:
            continue
        for n in (0, 1, 9, 300, 4000):
            a, b = samples(dtype, n), samples(dtype, n)
            rng.shuffle(b)
            for (layout, x), (_, y) in zip(layouts(a), layouts(b)):
                want = BINARY[name](x, y)
                ulp = 4 if x.dtype.kind == "c" else 0
                if name == "multiply" and x.dtype.kind == "c":
                    want = np.empty_like(x)
                    want.real = x.real * y.real - x.imag * y.imag
                    want.imag = x.real * y.imag + x.imag * y.real
                report(same(kernels.apply(name, x, y), want, ulp), name, dtype, layout, n)
                if x.size == 0:
                    continue
                if name == "multiply" and x.dtype.kind == "c":
                    continue
                one = y.reshape(-1)[:1].reshape((1,) * y.ndim)
                report(same(kernels.apply(name, x, one), BINARY[name](x, one), ulp), name, dtype,
                       layout, "scalar right")
                report(same(kernels.apply(name, one, x), BINARY[name](one, x), ulp), name, dtype,
                       layout, "scalar left")
                if x.ndim == 2:
                    row, column = y[:1], y[:, :1]
                    report(same(kernels.apply(name, x, row), BINARY[name](x, row), ulp), name,
                           dtype, layout, "row")
                    report(same(kernels.apply(name, column, row), BINARY[name](column, row), ulp),
                           name, dtype, layout, "outer")
            if n == 4000 and kernels.result(name, dtype) == dtype:
                x = a.copy()
                kernels.apply(name, x, b, out=x)
                report(same(x, kernels.apply(name, a, b)), name, dtype, "in place")


def test_division():
    for dtype in NUMBERS[:10]:
        for n in (1, 9, 400, 4000):
            a, b = samples(dtype, n), samples(dtype, n)
            rng.shuffle(b)
            if np.dtype(dtype).kind in "iu":
                b[b == 0] = 1
                quotient, rest = np.floor_divide(a, b), np.remainder(a, b)
            else:
                quotient, rest = floored(a, b), remainder(a, b)
            report(same(kernels.apply("floor_divide", a, b), quotient), "floor_divide", dtype, n)
            report(same(kernels.apply("remainder", a, b), rest), "remainder", dtype, n)
    for dtype in ("int32", "int64"):
        # Quotients that are nearly whole, at all magnitudes.
        bits = np.iinfo(dtype).bits - 1
        b = rng.integers(1, 2**rng.integers(1, bits, 200000), 200000).astype(dtype)
        a = b * rng.integers(-2**20, 2**20, 200000).astype(dtype) + rng.integers(-1, 2, 200000)
        a, b = a.astype(dtype), np.where(rng.random(200000) < 0.5, -b, b).astype(dtype)
        report(same(kernels.apply("floor_divide", a, b), np.floor_divide(a, b)), "//", dtype)
        report(same(kernels.apply("remainder", a, b), np.remainder(a, b)), "%", dtype)
        near = np.full(64, 2**50 - 1 if dtype == "int64" else 7).astype(dtype) + np.arange(64)
        near = near.astype(dtype)
        for y in (3, -3, 7, 1, -1):
            y = np.array([y], dtype)
            report(same(kernels.apply("floor_divide", near, y), near // y), "//", dtype, y)
            report(same(kernels.apply("floor_divide", -near, y), -near // y), "//", dtype, y)
    for dtype in DTYPES[1:9]:
        a = np.ones((50, 40), dtype)
        b = a.copy()
        b[31, 5] = b[40, 1] = 0
        for name in ("floor_divide", "remainder"):
            for x, y, place in ((a, b, 31 * 40 + 5), (a.T, b.T, 1 * 50 + 40),
                                (a, b[31:32], 5), (a, b[:, 5:6], 31 * 40)):
                try:
                    kernels.apply(name, x, y)
                    report(False, name, dtype, "no error")
                except Failure as failure:
                    report(failure.status == "by zero" and failure.detail.place == place, name,
                           dtype, failure.status, failure.detail.place, place)


def test_pow():
    for dtype in DTYPES[1:9]:
        a, b = samples(dtype, 500), np.abs(samples(dtype, 500)) % 9
        b = b.astype(dtype)
        report(same(kernels.apply("pow", a, b), np.power(a, b)), "pow", dtype)
        for e in (0, 1, 2, 3, 7):
            e = np.array([e], dtype)
            report(same(kernels.apply("pow", a, e), np.power(a, e)), "pow", dtype, e)
    for dtype in ("float32", "float64"):
        a = special(dtype)
        x, y = [v.copy() for v in np.meshgrid(a, a)]
        report(same(kernels.apply("pow", x, y), np.power(x, y), 2), "pow", dtype)
        for e in (0.5, -1, 2, 3, 1, 0, -0.5, np.inf, np.nan):
            e = np.array([e], dtype)
            many = np.full(a.shape, e[0])  # NumPy takes sqrt for a single 0.5, also of -inf
            report(same(kernels.apply("pow", a, e), np.power(a, many), 2), "pow", dtype, e)
    try:
        kernels.apply("pow", np.ones(5, "int8"), np.array([1, 2, -1, 3, 0], "int8"))
        report(False, "no error")
    except Failure as failure:
        report(failure.status == "negative power" and failure.detail.place == 2, "pow")


def test_shifts():
    for dtype in DTYPES[1:9]:
        bits = np.dtype(dtype).itemsize * 8
        a = samples(dtype, 300)
        for count in list(range(-70, 71)) + [np.iinfo(dtype).max, np.iinfo(dtype).min]:
            info = np.iinfo(dtype)
            if not info.min <= count <= info.max:
                continue
            y = np.array([count], dtype)
            unsigned = [int(v) % 2**bits for v in a]
            full = 2**bits

            def left(values, k):
                return [v << k if k < bits else 0 for v in values]

            def right(values, k):
                return [v >> k if k < bits else (-1 if v < 0 else 0) for v in values]

            def wrapped(values):
                return np.array([v % full for v in values], "uint64").astype(
                    dtype.replace("int", "uint").replace("uuint", "uint")).view(dtype)

            c = int(count)
            want = wrapped(left(unsigned, c) if c >= 0 else right(unsigned, -c))
            report(same(kernels.apply("bitwise_left_shift", a, y), want), "<<", dtype, c)
            want = wrapped(right(unsigned, c) if c >= 0 else left(unsigned, -c))
            report(same(kernels.apply(">>", a, y), want), ">>", dtype, c)
            want = wrapped(right([int(v) for v in a], c) if c >= 0 else left(unsigned, -c))
            report(same(kernels.apply("bitwise_right_shift", a, y), want), "right", dtype, c)


def test_three():
    for dtype in DTYPES:
        a, b = samples(dtype, 3000), samples(dtype, 3000)
        rng.shuffle(b)
        c = rng.integers(0, 2, 3000).astype(bool)
        report(same(kernels.apply("where", c, a, b), np.where(c, a, b)), "where", dtype)
        one = b[:1]
        report(same(kernels.apply("where", c[:2000].reshape(20, 100)[:, :1], a[:100], one),
                    np.where(c[:2000].reshape(20, 100)[:, :1], a[:100], one)), "where", dtype)
        if kernels.result("clip", dtype):
            low, high = np.minimum(a, b), np.maximum(a, b)
            x = samples(dtype, 3000)
            rng.shuffle(x)
            report(same(kernels.apply("clip", x, low, high) + np.zeros(1, dtype),
                        np.clip(x, low, high) + np.zeros(1, dtype)), "clip", dtype)


def test_cast():
    for source, target in itertools.product(DTYPES, DTYPES):
        a = samples(source, 2000)
        kind, to = np.dtype(source).kind, np.dtype(target).kind
        if kind == "c" and to not in "cb":
            try:
                kernels.cast(a, target)
                report(False, source, target)
            except Failure as failure:
                report(failure.status == "not defined", source, target)
            continue
        if to in "iu" and kind != "b":
            info = np.iinfo(target)
            exact = [int(v) if np.isfinite(v) else None for v in a.tolist()]
            fits = np.array([v is not None and info.min <= v <= info.max for v in exact])
            for layout, x in layouts(a[fits]):
                report(same(kernels.cast(x, target), x.astype(target)), source, target, layout)
            if not fits.all():
                try:
                    kernels.cast(a, target)
                    report(False, "no error", source, target)
                except Failure as failure:
                    place = int(np.argmin(fits))
                    status = "nan to integer" if np.isnan(a[place]) else "does not fit"
                    report(failure.status == status and failure.detail.place == place,
                           source, target, failure.status, failure.detail.place, place)
            b = a[~np.isnan(a)]
            want = [min(max(int(v) if np.isfinite(v) else (2**70 if v > 0 else -2**70),
                            info.min), info.max) for v in b.tolist()]
            report(same(kernels.cast(b, target, 1), np.array(want, target)), "saturate", source,
                   target)
            if kind in "iu":
                report(same(kernels.cast(a, target, 2), a.astype(target)), "wrap", source, target)
            continue
        for layout, x in layouts(a):
            report(same(kernels.cast(x, target), x.astype(target)), source, target, layout)


FUNCTIONS = {
    "exp": np.exp, "exp2": np.exp2, "expm1": np.expm1, "log": np.log, "log1p": np.log1p,
    "log2": np.log2, "log10": np.log10, "sin": np.sin, "cos": np.cos, "tan": np.tan,
    "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan, "sinh": np.sinh, "cosh": np.cosh,
    "tanh": np.tanh, "asinh": np.arcsinh, "acosh": np.arccosh, "atanh": np.arctanh,
    "cbrt": np.cbrt,
}


def test_functions():
    """Within one unit in the last place of the value in the next wider type; libm within four."""
    base = kernels.library.va_isa_name() == b"base"
    for name, function in FUNCTIONS.items():
        # Near overflow, `sinh` and `cosh` are those of libm.
        most = 4 if base else 1.5 if name in ("sinh", "cosh") else 1.01
        for dtype in ("float32", "float64"):
            wider = "float64" if dtype == "float32" else "longdouble"
            exponents = rng.uniform(-300 if dtype == "float64" else -37,
                                    300 if dtype == "float64" else 37, 3000)
            a = np.concatenate([special(dtype), samples(dtype, 3000),
                                (10.0**exponents * rng.choice([-1, 1], 3000)).astype(dtype),
                                rng.uniform(-1, 1, 3000).astype(dtype),
                                rng.uniform(-1000, 1000, 3000).astype(dtype)])
            for layout, x in layouts(a):
                exact = function(x.astype(wider))
                want = exact.astype(dtype)
                got = kernels.apply(name, x)
                spacing = np.maximum(np.abs(np.spacing(want)), np.finfo(dtype).smallest_subnormal)
                error = np.abs(got.astype(wider) - exact) / spacing
                ok = (got == want) | (np.isnan(got) & np.isnan(want)) | (error <= most)
                ok &= (np.signbit(got) == np.signbit(want)) | np.isnan(want)
                if not ok.all():
                    bad = np.flatnonzero(~ok.reshape(-1))[:4]
                    report(False, name, dtype, layout, x.reshape(-1)[bad], got.reshape(-1)[bad],
                           want.reshape(-1)[bad], error.reshape(-1)[bad], (~ok).sum())
    for name in ("erf", "erfc", "gamma", "lgamma"):
        function = getattr(math, name)
        for dtype in ("float32", "float64"):
            x = np.concatenate([special(dtype), rng.uniform(-30, 30, 3000).astype(dtype),
                                rng.uniform(0, 3, 3000).astype(dtype)])
            got = kernels.apply(name, x)
            want = np.empty_like(x)
            for i, value in enumerate(x.tolist()):
                try:
                    want[i] = function(value)
                except ValueError:  # gamma where it is infinite or not defined
                    want[i] = np.nan
                except OverflowError:
                    want[i] = np.inf
            poles = (x <= 0) & (x == np.floor(x)) if "gamma" in name else np.zeros(x.shape, bool)
            eps = np.finfo(dtype).eps
            ok = (got == want) | (np.isnan(got) & np.isnan(want)) | poles
            ok |= np.abs(got - want) <= (16 if "gamma" in name else 4) * eps * np.maximum(np.abs(want), name == "lgamma")
            report(ok.all(), name, dtype, x[~ok][:4], got[~ok][:4], want[~ok][:4])
    for name, function in {"hypot": np.hypot, "atan2": np.arctan2,
                           "logaddexp": np.logaddexp}.items():
        for dtype in ("float32", "float64"):
            a = special(dtype)
            x, y = [v.copy() for v in np.meshgrid(a, a)]
            got, want = kernels.apply(name, x, y), function(x, y)
            report(same(got, want, 2), name, dtype)
    for name, function in FUNCTIONS.items():
        for dtype in ("complex64", "complex128"):
            if kernels.result(name, dtype) is None:
                continue
            x = samples(dtype, 1000)[144:] / 4
            got, want = kernels.apply(name, x), function(x)
            close = np.abs(got - want) <= 8 * np.finfo(dtype).eps * np.abs(want)
            report(close.all(), name, dtype, x[~close][:3], got[~close][:3], want[~close][:3])


def test_threads():
    """The same bits on any number of threads."""
    for dtype, n in (("float64", 3_000_000), ("int64", 2_500_001), ("float32", 3_000_000)):
        a = samples(dtype, n)
        b = samples(dtype, n)
        for name in ("add", "multiply", "less", "sin", "pow"):
            inputs = [a, b] if name not in FUNCTIONS else [a]
            if kernels.result(name, dtype) is None or (name == "pow" and dtype == "int64"):
                continue
            results = [kernels.apply(name, *inputs, threads=t).tobytes() for t in (1, 2, 3, 7)]
            report(all(r == results[0] for r in results), "threads", name, dtype)
            part = [i[:n // 3 * 3].reshape(-1, 3)[:, :2] for i in inputs]
            results = [kernels.apply(name, *part, threads=t).tobytes() for t in (1, 2)]
            report(all(r == results[0] for r in results), "threads", name, dtype)


def reference(name, a, axes, skipnan):
    """NumPy's result, in the types of the kernels."""
    axes = tuple(axes)
    real = a.dtype.kind == "f"
    wide = {"f": "longdouble", "c": "clongdouble"}.get(a.dtype.kind)
    nan = {"sum": np.nansum, "prod": np.nanprod, "mean": np.nanmean, "var": np.nanvar,
           "std": np.nanstd, "min": np.nanmin, "max": np.nanmax}
    if name in ("argmin", "argmax"):
        kept = [i for i in range(a.ndim) if i not in axes]
        shape = [a.shape[i] for i in kept]
        flat = np.transpose(a, kept + list(axes)).reshape(
            shape + [int(np.prod([a.shape[i] for i in axes]))])
        if skipnan and real:
            return getattr(np, "nan" + name)(flat, -1)
        return getattr(np, name)(flat, -1)
    if name in ("any", "all", "count_nonzero"):
        if skipnan and a.dtype.kind in "fc":
            a = np.where(np.isnan(a), 1 if name == "all" else 0, a)
        return getattr(np, name)(a, axis=axes)
    function = nan[name] if skipnan and a.dtype.kind in "fc" else getattr(np, name)
    if name in ("min", "max"):
        return function(a, axis=axes)
    if wide:
        return function(a.astype(wide), axis=axes)
    if name in ("mean", "var", "std"):
        return function(a.astype("longdouble"), axis=axes)
    return function(a, axis=axes)


def close(got, want, dtype, scale):
    if got.dtype.kind not in "fc":
        return got.shape == want.shape and np.array_equal(got, want)
    if got.dtype.kind == "c":
        if not np.array_equal(np.isnan(got), np.isnan(want)):
            return False
        got, want = np.where(np.isnan(got), 0, got), np.where(np.isnan(want), 0, want)
        return close(got.real, want.real, dtype, scale) and \
            close(got.imag, want.imag, dtype, scale)
    eps = np.finfo(dtype).eps
    with np.errstate(all="ignore"):
        ok = (got == want.astype(got.dtype)) | (np.isnan(got) & np.isnan(want)) | \
            (np.abs(got - want) <= 16 * eps * scale) | \
            (np.abs(got - want) <= 16 * eps * np.abs(want))
    return got.shape == want.shape and bool(ok.all())


def test_reduce():
    for name, dtype in itertools.product(REDUCTIONS, DTYPES):
        kind = np.dtype(dtype).kind
        for shape, axes in [((1,), (0,)), ((33,), (0,)), ((5000,), (0,)), ((300000,), (0,)),
                            ((40, 70), (0,)), ((40, 70), (1,)), ((40, 70), (0, 1)),
                            ((3000, 40), (0,)), ((3, 2100, 20), (1,)), ((7, 5, 9, 4), (0, 2)),
                            ((7, 5, 9, 4), (1, 3)), ((4, 3), ()), ((), ()), ((0, 5), (0,)),
                            ((0, 5), (1,)), ((5, 0, 3), (1,))]:
            n = int(np.prod(shape))
            for nan, skip in ((False, False), (True, False), (True, True)):
                if kind not in "fc" and nan:
                    continue
                if kind in "fc":
                    a = rng.standard_normal(n).astype(dtype)
                    if kind == "c":
                        a = a + dtype_of(dtype)(1j) * rng.standard_normal(n).astype(dtype)
                        a = a.astype(dtype)
                    if name == "prod":
                        a = (a / np.abs(a) * (1 + 1e-5 * np.abs(a))).astype(dtype)
                    if nan and n:
                        a[rng.integers(0, n, max(n // 50, 1))] = np.nan
                else:
                    a = samples(dtype, n)
                    rng.shuffle(a)
                a = a.reshape(shape)
                for layout in ("C", "F", "reversed", "strided"):
                    x = a
                    if layout == "F":
                        x = np.asfortranarray(a)
                    elif layout == "reversed" and a.ndim:
                        x = np.ascontiguousarray(a[::-1])[::-1]
                    elif layout == "strided" and a.ndim:
                        x = np.empty(shape[:-1] + (2 * shape[-1],), dtype)[..., ::2]
                        x[...] = a
                    count = int(np.prod([shape[i] for i in axes]))
                    try:
                        got = kernels.reduce(name, x, axes, skip)
                    except Failure as failure:
                        undefined = kind == "c" and name in ("min", "max", "argmin", "argmax")
                        ordered = name in ("min", "max", "argmin", "argmax")
                        all_nan = skip and ordered and np.isnan(x).all(axis=tuple(axes)).any()
                        report(failure.status == "not defined" and undefined
                               or failure.status == "empty" and ordered and
                               (count == 0 or all_nan), name, dtype, shape, axes, failure.status)
                        continue
                    if count == 0 and name in ("min", "max", "argmin", "argmax"):
                        report(got.size == 0, name, dtype, shape, axes)
                        continue
                    want = np.asarray(reference(name, x, axes, skip))
                    scale = 1
                    if name == "sum" and kind in "fc":
                        scale = np.nansum(np.abs(x), axis=tuple(axes))
                    if name == "prod":
                        scale = 1e3
                    if name == "mean" and kind in "iu":
                        scale = np.abs(x.astype("float64")).max() if n else 1
                    real = got.dtype.name.replace("complex64", "float32").replace(
                        "complex128", "float64")
                    report(close(got, want, real if got.dtype.kind in "fc" else dtype, scale),
                           name, dtype, shape, axes, layout, nan, skip, got.reshape(-1)[:3],
                           want.reshape(-1)[:3])


def dtype_of(name):
    return np.dtype(name).type


def test_reduce_threads():
    """The same bits on any number of threads."""
    for dtype in ("float64", "float32", "complex128", "int16"):
        a = samples(dtype, 5_000_000)
        if a.dtype.kind in "fc":
            a = np.nan_to_num(a, posinf=1, neginf=2)
            a[np.abs(a) > 1e100] = 1
        for name in ("sum", "mean", "var", "argmax", "prod", "min"):
            if np.dtype(dtype).kind == "c" and name in ("argmax", "min"):
                continue
            for x, axes in ((a, (0,)), (a.reshape(1000, 5000), (0,)),
                            (a.reshape(1000, 5000), (1,)), (a[::2], (0,))):
                results = [kernels.reduce(name, x, axes, threads=t).tobytes()
                           for t in (1, 2, 3, 7)]
                report(all(r == results[0] for r in results), "threads", name, dtype, axes)
    report(kernels.reduce("var", np.full(100003, 0.1, "float64")) < 1e-30, "var of a constant")
    big = np.full(1000, 1e8) + np.arange(1000)
    report(abs(kernels.reduce("var", big) - np.var(np.arange(1000.0))) < 1e-6, "var, far from 0")
    first = np.array([3, np.nan, 1, np.nan])
    report(kernels.reduce("argmax", first) == 1 and kernels.reduce("argmin", first) == 1, "nan")


def test_cumulate():
    for name, dtype in itertools.product(("sum", "prod"), DTYPES):
        for shape in ((0,), (1,), (5,), (3000,), (3, 2050), (2050, 3), (4, 5, 6)):
            for axis in range(len(shape)):
                n = int(np.prod(shape))
                a = samples(dtype, n + 400)[-n - 1:-1].reshape(shape)
                if np.dtype(dtype).kind in "fc" and name == "prod":
                    a = (a / np.abs(a)).astype(dtype)
                for x in (a, np.asfortranarray(a), a[::-1]):
                    wide = {"f": "float64", "c": "complex128"}.get(x.dtype.kind, None)
                    function = np.cumsum if name == "sum" else np.cumprod
                    want = function(x.astype(wide) if wide else x, axis=axis)
                    got = kernels.cumulate(name, x, axis)
                    scale = np.abs(want).max() * 100 if want.size else 1
                    real = got.dtype.name.replace("complex64", "float32").replace(
                        "complex128", "float64")
                    report(close(got, want, real, scale), "cumulative", name, dtype, shape, axis)
    a = np.array([1, np.nan, 2, 3])
    report(same(kernels.cumulate("sum", a, 0, True), np.nancumsum(a)), "cumulative skipnan")
    report(same(kernels.cumulate("prod", a, 0, True), np.nancumprod(a)), "cumulative skipnan")
    report(same(kernels.cumulate("sum", a, 0, out=a), np.array([1, np.nan, np.nan, np.nan])),
           "in place")


def arrangements(dtype, n):
    """Elements in orders that are hard to sort."""
    a = samples(dtype, n)
    rng.shuffle(a)
    yield "random", a
    yield "sorted", np.sort(a)
    yield "backwards", np.sort(a)[::-1].copy()
    yield "equal", np.full(n, a[0] if n else 0, dtype)
    yield "few", rng.choice(a[:5], n) if n else a
    half = np.sort(a)[: n // 2]
    yield "organ pipe", np.concatenate([half, half[::-1]])
    if np.dtype(dtype).kind == "f":
        uniform = rng.random(n).astype(dtype)
        yield "uniform", uniform
        for density in (0.001, 0.1, 0.5, 0.999, 1):
            some = uniform.copy()
            some[rng.random(n) < density] = np.nan
            yield f"nan {density}", some
        yield "far apart", (10.0 ** rng.uniform(-37, 37, n)).astype(dtype)


def descending_order(a):
    """The stable order of descending elements with NaN last."""
    if a.dtype.kind == "b":
        a = a.astype("uint8")
    if a.dtype.kind == "c":
        return None
    order = len(a) - 1 - np.argsort(a[::-1], kind="stable")[::-1]
    if a.dtype.kind == "f":
        nan = np.isnan(a)
        order = np.concatenate([order[~nan[order]], np.flatnonzero(nan)])
    return order


def test_sort():
    for dtype in DTYPES:
        for n in (0, 1, 2, 3, 5, 41, 100, 1000, 5000, 40000, 300000):
            if n > 5000 and dtype in ("int8", "uint16", "bool", "complex64"):
                continue
            for kind, a in arrangements(dtype, n):
                n = len(a)
                order = np.argsort(a, kind="stable")
                report(np.array_equal(kernels.argsort(a), order), "argsort", dtype, n, kind)
                report(np.array_equal(kernels.sort(a), np.sort(a), equal_nan=a.dtype.kind in "fc"),
                       "sort", dtype, n, kind)
                down = descending_order(a)
                if down is not None:
                    report(np.array_equal(kernels.argsort(a, 0, True), down), "argsort down",
                           dtype, n, kind)
                    report(np.array_equal(kernels.sort(a, 0, True), a[down],
                                          equal_nan=a.dtype.kind == "f"), "sort down", dtype, n,
                           kind)
        a = samples(dtype, 6000)
        rng.shuffle(a)
        for x in (a.reshape(20, 300), a.reshape(300, 20).T, a.reshape(3, 20, 100)[:, ::-2]):
            for axis in range(x.ndim):
                nan = a.dtype.kind in "fc"
                report(np.array_equal(kernels.sort(x, axis), np.sort(x, axis), equal_nan=nan),
                       "sort axis", dtype, axis)
                report(np.array_equal(kernels.argsort(x, axis), np.argsort(x, axis, kind="stable")),
                       "argsort axis", dtype, axis)
                y = x.copy()
                kernels.sort(y, axis, out=y)
                report(np.array_equal(y, np.sort(x, axis), equal_nan=nan), "sort in place", dtype)
                k = min(7, x.shape[axis])
                values, places = kernels.topk(x, axis, k, False)
                order = np.argsort(x, axis, kind="stable").take(range(k), axis)
                report(np.array_equal(places, order) and np.array_equal(
                    values, np.take_along_axis(x, order, axis), equal_nan=nan), "topk", dtype)
        report(kernels.sort(np.empty((0, 4), dtype), 1).shape == (0, 4), "sort of nothing")
    zeros = np.array([0.0, -0.0, 1, -0.0, 0.0])
    report(np.array_equal(kernels.argsort(zeros), [0, 1, 3, 4, 2]), "zeros are equal")
    report(np.signbit(kernels.sort(zeros)).sum() == 2, "zeros keep their signs")


def test_unique():
    for dtype in DTYPES:
        for n in (0, 1, 10, 3000):
            a = samples(dtype, n)
            rng.shuffle(a)
            for x in (a, a[::2], a[::-1]):
                values, first, inverse, counts = kernels.unique(x)
                want = np.unique(x, True, True, True, equal_nan=False)
                report(np.array_equal(values, want[0], equal_nan=a.dtype.kind in "fc") and all(
                    np.array_equal(g, w) for g, w in zip((first, inverse, counts), want[1:])),
                    "unique", dtype, n)


def test_search():
    for dtype in DTYPES:
        a = np.sort(samples(dtype, 500))
        v = samples(dtype, 700)
        rng.shuffle(v)
        for right in (False, True):
            side = "right" if right else "left"
            for x, y in ((a, v), (np.repeat(a, 2)[::2], v.reshape(7, 100).T), (a[:0], v),
                         (a[:1], v[:0])):
                report(np.array_equal(kernels.searchsorted(x, y, right),
                                      np.searchsorted(x, y, side)), "searchsorted", dtype, right)


def test_compress():
    for dtype in DTYPES:
        for n in (0, 1, 1000, 200000):
            a = samples(dtype, n)
            for density in (0, 0.01, 0.5, 1):
                mask = rng.random(n) < density
                report(same(kernels.compress(mask, a), a[mask]), "compress", dtype, n, density)
        x = samples(dtype, 6000).reshape(60, 100)
        mask = rng.random((100, 60)) < 0.5
        report(same(kernels.compress(mask.T, x), x[mask.T]), "compress", dtype)
        report(same(kernels.compress(mask, x.T), x.T[mask]), "compress", dtype)


def test_random():
    # Known answers of Random123.
    ones, pi = [0xffffffff] * 4, [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344]
    for counter, key, want in (
            ([0] * 4, [0] * 2, [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]),
            (ones, ones[:2], [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]),
            (pi, [0xa4093822, 0x299f31d0], [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1])):
        report(kernels.philox(counter, key) == want, "philox")
    whole = kernels.random("integer", np.empty(8, "uint64"), 0, 0, least=0, greatest=-1)
    report(whole[0] == 0xe169c58d6627e8d5 and whole[1] == 0x9b00dbd8bc57ac4c, "philox, by words")
    n = 1_000_000
    for dtype in ("float64", "float32"):
        u = kernels.random("uniform", np.empty(n, dtype), first=-2, second=3)
        report(u.min() >= -2 and u.max() < 3 and abs(u.mean() - 0.5) < 0.01, "uniform", dtype)
        g = kernels.random("normal", np.empty(n, dtype), first=1, second=2).astype("float64")
        report(abs(g.mean() - 1) < 0.01 and abs(g.std() - 2) < 0.01 and
               abs((((g - 1) / 2)**4).mean() - 3) < 0.05 and
               abs(np.corrcoef(g[::2], g[1::2])[0, 1]) < 0.005, "normal", dtype)
        e = kernels.random("exponential", np.empty(n, dtype), first=2)
        report(e.min() >= 0 and abs(e.mean() - 2) < 0.02 and abs(e.std() - 2) < 0.03,
               "exponential", dtype)
    for dtype in DTYPES[1:9]:
        i = kernels.random("integer", np.empty(100000, dtype), least=3, greatest=12)
        report(i.min() == 3 and i.max() == 12 and np.bincount(i.astype("int64"))[3:].min() > 9500,
               "integer", dtype)
        info = np.iinfo(dtype)
        greatest = info.max if info.max < 2**63 else -1
        i = kernels.random("integer", np.empty(100000, dtype), least=info.min, greatest=greatest)
        report(abs(i.astype("float64").mean() / (float(info.max) - info.min) -
                   (0.5 if info.min == 0 else 0)) < 0.01, "integer", dtype)
    for name in ("uniform", "normal", "exponential"):
        for count in (0, 1, 2, 7, 1025, 70001):
            a = kernels.random(name, np.empty(count), threads=1)
            long = kernels.random(name, np.empty(3_000_000), threads=3)
            report(np.array_equal(a, long[:count]), "an element depends on its place", name, count)
            later = kernels.random(name, np.empty(max(count - 6, 0)), start=6)
            report(np.array_equal(later, a[6:]), "start", name, count)
            strided = kernels.random(name, np.empty((count, 2))[:, 0])
            report(np.array_equal(strided, a), "strided", name)
        other = kernels.random(name, np.empty(100), stream=3, first=1, second=4)
        same_stream = kernels.random(name, np.empty(100), first=1, second=4)
        report(not np.array_equal(other, same_stream), "stream")


def near(got, want):
    """Of one type and shape, with errors that are small beside the largest element."""
    eps = np.finfo(got.dtype).eps
    most = np.abs(want).max() if want.size else 0
    return got.dtype == want.dtype and got.shape == want.shape and \
        np.abs(got - want).max(initial=0) <= 10 * eps * most + 1e-300


def test_fft():
    lengths = list(range(1, 130)) + [
        243, 256, 343, 625, 997, 1000, 1009, 1024, 2047, 2 * 53, 53 * 59, 4096, 5000, 7919,
        2**16, 65537, 100000, 3**11, 2**17, 2**18]
    for n in lengths:
        a = rng.standard_normal(n) + 1j * rng.standard_normal(n)
        report(near(kernels.fft(a), np.fft.fft(a)), "fft", n)
        report(near(kernels.fft(a, inverse=True), np.fft.ifft(a)), "ifft", n)
        report(near(kernels.fft(a.real.copy(), kind="rfft"), np.fft.rfft(a.real)), "rfft", n)
        half = np.fft.rfft(a.real)
        report(near(kernels.fft(half, n=n, kind="irfft"), np.fft.irfft(half, n)), "irfft", n)
    for dtype in ("float32", "float64", "complex64", "complex128"):
        a = rng.standard_normal((7, 12, 10)).astype(dtype)
        for x in (a, a.T, a[::-1, ::2]):
            for axis in range(3):
                for n in (None, 3, 20):
                    report(near(kernels.fft(x, axis, n), np.fft.fft(x, n, axis)), "fft", dtype, n)
                    if x.dtype.kind == "f":
                        report(near(kernels.fft(x, axis, n, kind="rfft"),
                                    np.fft.rfft(x, n, axis)), "rfft", dtype)
                    else:
                        report(near(kernels.fft(x, axis, n, kind="irfft"),
                                    np.fft.irfft(x, n or x.shape[axis], axis)), "irfft", dtype)
    # Groups of lines: the bits are those of each line alone.
    for dtype in ("float32", "float64", "complex64", "complex128"):
        for shape in ((40, 37), (9, 250), (64, 8), (1000, 24), (3, 16, 33)):
            a = rng.standard_normal(shape).astype(dtype)
            for x in (a, a.T, a[::-1, 1:], np.asfortranarray(a), np.broadcast_to(a[:1], shape)):
                for axis in range(x.ndim):
                    for n in (None, 2, 7, 50):
                        for inverse in (False, True):
                            got = kernels.fft(x, axis, n, inverse)
                            want = (np.fft.ifft if inverse else np.fft.fft)(x, n, axis)
                            report(near(got, want), "groups", dtype, shape, axis, n, inverse)
                            lines = np.moveaxis(x, axis, -1).reshape(-1, x.shape[axis])
                            alone = kernels.fft(lines[5], 0, n, inverse)
                            together = np.moveaxis(got, axis, -1).reshape(-1, got.shape[axis])[5]
                            report(same(alone, together), "a line of a group", dtype, shape, axis)
    # Long lines, which are transformed as matrices: of every type, apart, filled up and cut.
    for n in (2**15, 3 * 2**14, 40000, 64 * 625, 11 * 2**13, 10**6):
        for dtype in ("float32", "float64", "complex64", "complex128"):
            a = rng.standard_normal((n, 2)).astype(dtype)
            for x, axis in ((a, 0), (a.T, 1), (a.T.copy()[:, ::-1], 1)):
                for length in (n, n + 64, n - 64):
                    for inverse in (False, True):
                        want = (np.fft.ifft if inverse else np.fft.fft)(x, length, axis)
                        report(near(kernels.fft(x, axis, length, inverse), want),
                               "long fft", dtype, n, length, inverse)
                if n == 10**6:
                    break
    report(kernels.fft(np.empty((0, 4)), 1).shape == (0, 4), "fft of nothing")
    for n in (2**17, 2**20, 99991):
        a = rng.standard_normal(n) + 0j
        results = []
        for threads in (1, 2, 3, 70):
            kernels.library.va_set_threads(threads)
            results.append(kernels.fft(a).tobytes())
        kernels.library.va_set_threads(0)
        report(all(result == results[0] for result in results), "fft on threads", n)


FLOATING = ("float32", "float64", "complex64", "complex128")


def matrices(dtype, *shape):
    a = rng.standard_normal(shape)
    if np.dtype(dtype).kind == "c":
        a = a + 1j * rng.standard_normal(shape)
    return a.astype(dtype)


def real_of(dtype):
    return {"complex64": "float32", "complex128": "float64"}.get(dtype, dtype)


def complex_of(dtype):
    return {"float32": "complex64", "float64": "complex128"}.get(dtype, dtype)


def test_matmul():
    for dtype in NUMBERS:
        for n, k, m in ((1, 1, 1), (3, 4, 5), (1, 7, 1), (0, 3, 2), (3, 0, 2), (70, 65, 129),
                        (300, 400, 10)):
            if np.dtype(dtype).kind in "iu":
                a, b = samples(dtype, n * k).reshape(n, k), samples(dtype, k * m).reshape(k, m)
                if n > 100:
                    continue
            else:
                a, b = matrices(dtype, n, k), matrices(dtype, k, m)
            want = a @ b
            wide = np.asfortranarray(b)
            part = np.zeros((2 * n, 3 * k), dtype)[::2, ::3]
            part[...] = a
            for x, y in ((a, b), (np.asfortranarray(a), b), (a, wide), (part, b),
                         (a[::-1][::-1], b), (np.ascontiguousarray(a[::-1])[::-1], wide)):
                got = kernels.matmul(x, y)
                report(same(got, want) if a.dtype.kind in "iu" else near(got, want), "matmul",
                       dtype, n, k, m)
        a, b = samples(dtype, 24).reshape(2, 3, 4), samples(dtype, 8).reshape(1, 4, 2)
        if a.dtype.kind not in "iu":
            a, b = matrices(dtype, 2, 3, 4), matrices(dtype, 1, 4, 2)
        report(np.allclose(kernels.matmul(a, b), a @ b), "matmul of batches", dtype)
    a, b = matrices("float64", 1000, 600), matrices("float64", 600, 500)
    results = []
    for threads in (1, 2, 3):
        kernels.library.va_set_threads(threads)
        results.append(kernels.matmul(a, b).tobytes())
    kernels.library.va_set_threads(0)
    report(results[0] == results[1] == results[2], "matmul on threads")
    report(near(kernels.matmul(a, b), a @ b), "matmul 1000")


def test_large_systems():
    """Equations that are solved by blocks: the same bits on any number of threads."""
    for dtype in FLOATING:
        tolerance = 1e-2 if real_of(dtype) == "float32" else 1e-9
        for n, columns in ((255, 3), (256, 1), (300, 70), (520, 130), (1000, 1)):
            a, b = matrices(dtype, n, n), matrices(dtype, n, columns)
            results = []
            for threads in (1, 2, 3):
                kernels.library.va_set_threads(threads)
                x, inverse = np.empty_like(b), np.empty_like(a)
                kernels.linear("va_solve", a, b, x)
                kernels.linear("va_inverse", a.T, inverse)
                results.append(x.tobytes() + inverse.tobytes())
            kernels.library.va_set_threads(0)
            report(results[0] == results[1] == results[2], "bits of large systems", dtype, n)
            report(np.abs(a @ x - b).max() < tolerance, "large solve", dtype, n, columns)
            report(np.abs(a.T @ inverse - np.eye(n)).max() < tolerance, "large inverse", dtype, n)
        for row in (0, 63, 64, 200, 299):
            a = np.eye(300).astype(dtype)
            a[:, row] = a[:, 0] if row else 0
            try:
                kernels.linear("va_solve", a, matrices(dtype, 300, 2), np.empty((300, 2), dtype))
                report(False, "singular", row, "no error")
            except Failure as failure:
                report(failure.status == "singular" and failure.detail.place == row,
                       "singular", row, failure.status, failure.detail.place)


def test_linear():
    for dtype in FLOATING:
        tolerance = 1e-4 if real_of(dtype) == "float32" else 1e-10
        for batch, n in itertools.product(((), (3,), (2, 2), (0,)), (0, 1, 2, 5, 40)):
            a, b = matrices(dtype, *batch, n, n), matrices(dtype, *batch, n, 3)
            a = np.swapaxes(np.ascontiguousarray(np.swapaxes(a, -1, -2)), -1, -2)
            def close(got, want):
                return got.shape == want.shape and \
                    np.allclose(got, want, tolerance * 10, tolerance * 10)
            x = np.empty_like(b)
            kernels.linear("va_solve", a, b, x)
            report(close(a @ x, b), "solve", dtype, batch, n)
            inverse = np.empty_like(a)
            kernels.linear("va_inverse", a, inverse)
            report(close(a @ inverse, np.broadcast_to(np.eye(n), a.shape)), "inverse", dtype, n)
            det, sign = np.empty(batch, dtype), np.empty(batch, dtype)
            log = np.empty(batch, real_of(dtype))
            kernels.linear("va_determinant", a, det, sign, log)
            want = np.linalg.slogdet(a)
            report(close(sign, want[0]) and close(log, want[1]), "slogdet", dtype, batch, n)
            report(np.allclose(det, np.linalg.det(a), 1e-3, 1e-5), "det", dtype, batch, n)
            positive = a @ np.conj(np.swapaxes(a, -1, -2)) + np.eye(n).astype(dtype) * 3
            triangle = np.empty_like(a)
            kernels.linear("va_cholesky", positive, False, triangle)
            report(close(triangle, np.linalg.cholesky(positive)), "cholesky", dtype, batch, n)
            kernels.linear("va_cholesky", positive, True, triangle)
            report(close(triangle, np.conj(np.swapaxes(np.linalg.cholesky(positive), -1, -2))),
                   "cholesky, upper", dtype)
            values = np.empty(batch + (n,), real_of(dtype))
            vectors = np.empty_like(a)
            kernels.linear("va_eigh", positive, values, vectors)
            report(close(positive @ vectors / (1 + n), vectors * values[..., None, :] / (1 + n)),
                   "eigh", dtype, batch, n)
            kernels.linear("va_eigh", positive, values, None)
            report(np.allclose(values, np.linalg.eigvalsh(positive), tolerance * 10), "eigvalsh")
            values = np.empty(batch + (n,), complex_of(dtype))
            vectors = np.empty(a.shape, complex_of(dtype))
            kernels.linear("va_eig", a, values, vectors)
            report(close(a @ vectors, vectors * values[..., None, :]), "eig", dtype, batch, n)
        for m, n in ((4, 4), (7, 3), (3, 7), (1, 5), (5, 1), (30, 20), (0, 3), (3, 0)):
            least = min(m, n)
            a = matrices(dtype, 2, m, n)
            for full in (False, True):
                q = np.empty((2, m, m if full else least), dtype)
                r = np.empty((2, m if full else least, n), dtype)
                kernels.linear("va_qr", a, q, r)
                eye = np.swapaxes(q.conj(), -1, -2) @ q
                report(np.allclose(q @ r, a, tolerance, tolerance) and
                       np.allclose(eye, np.eye(eye.shape[-1]), tolerance, tolerance) and
                       np.allclose(r, np.triu(r)), "qr", dtype, m, n, full)
                u = np.empty((2, m, m if full else least), dtype)
                v = np.empty((2, n if full else least, n), dtype)
                s = np.empty((2, least), real_of(dtype))
                kernels.linear("va_svd", a, u, s, v)
                report(np.allclose((u[..., :least] * s[:, None, :]) @ v[:, :least], a, tolerance,
                                   tolerance), "svd", dtype, m, n, full)
                report(np.allclose(np.swapaxes(u.conj(), -1, -2) @ u, np.eye(u.shape[-1]),
                                   tolerance, tolerance), "svd, u", dtype, m, n, full)
            s = np.empty((2, least), real_of(dtype))
            kernels.linear("va_svd", a, None, s, None)
            report(np.allclose(s, np.linalg.svd(a, compute_uv=False), tolerance, tolerance),
                   "svdvals", dtype, m, n)
            if m and n:
                b, x = matrices(dtype, 2, m, 2), np.empty((2, n, 2), dtype)
                rank, s = np.empty(2, "int64"), np.empty((2, least), real_of(dtype))
                kernels.linear("va_lstsq", a, b, 1e-12, x, rank, s)
                want = np.stack([np.linalg.lstsq(a[i], b[i], rcond=None)[0] for i in range(2)])
                report(np.allclose(x, want, tolerance * 100, tolerance * 100) and
                       (rank == least).all(), "lstsq", dtype, m, n)
    for function, matrix, status, place in (
            ("va_solve", np.array([[1.0, 2], [2, 4]]), "singular", 1),
            ("va_inverse", np.zeros((2, 2)), "singular", 0)):
        out = np.empty((2, 2))
        try:
            arguments = (matrix, np.eye(2), out) if function == "va_solve" else (matrix, out)
            kernels.linear(function, *arguments)
            report(False, function)
        except Failure as failure:
            report(failure.status == status and failure.detail.place == place, function)
    try:
        bad = np.diag([1.0, 1, -1, 1])
        kernels.linear("va_cholesky", bad, False, np.empty((4, 4)))
        report(False, "cholesky")
    except Failure as failure:
        report(failure.status == "not positive" and failure.detail.place == 2, "cholesky")
    for function in ("va_eigh", "va_eig"):
        try:
            kernels.linear(function, np.full((3, 3), np.nan), np.empty(3, "complex128"), None)
            report(False, function)
        except Failure as failure:
            report(failure.status == "not converged", function)


def test_fuse():
    gauss = [("multiply", 0, 0), ("multiply", 1, 1), ("add", 3, 4), ("divide", 5, 2), ("exp", 6)]
    count = [("less", 0, 1), ("cast", 2, "int64"), ("add", 3, 3), ("where", 2, 4, 3)]
    for shape in ((0,), (1,), (1000,), (70, 31), (400000,), (3, 5, 1100)):
        x, y = rng.random(shape), rng.random(shape)
        two = np.array([-2.0])
        for a, b in ((x, y), (x.T, y.T), (x[..., ::-1], y)):
            want = kernels.apply("exp", kernels.apply("divide", a * a + b * b, two))
            report(same(kernels.fuse(gauss, a, b, two), want), "fuse", shape)
            less = (a < b).astype("int64")
            report(same(kernels.fuse(count, a, b), np.where(a < b, less * 2, less)), "fuse", shape)
            for name in ("sum", "mean", "max", "std", "any", "prod"):
                try:
                    got = kernels.fuse(gauss, a, b, two, reduction=name)
                    report(np.allclose(got, getattr(np, name)(want), 1e-12, equal_nan=True),
                           "fuse", shape, name)
                except Failure as failure:
                    report(failure.status == "empty" and a.size == 0, "fuse", name)
    x, y = rng.random((3, 1)), rng.random((1, 400))
    report(same(kernels.fuse([("add", 0, 1), ("square", 2)], x, y), (x + y)**2), "fuse, outer")
    a = rng.random(3_000_000)
    for reduction in (None, "sum", "std"):
        results = [kernels.fuse(gauss, a, a[::-1], np.array([3.0]), reduction=reduction,
                                threads=t).tobytes() for t in (1, 2, 3)]
        report(results[0] == results[1] == results[2], "fuse on threads", reduction)
    many = [("add", 0, 0)] + [("add", i, 0) for i in range(1, 40)]
    report(same(kernels.fuse(many, a[:5000]), kernels.fuse(many, a[:5000].copy())), "many steps")
    small = [("less", 0, 1), ("logical_not", 2), ("cast", 3, "float64"), ("add", 4, 0),
             ("isnan", 5), ("cast", 6, "float32"), ("add", 7, 7)]
    report(same(kernels.fuse(small, a, a), np.zeros(a.shape, "float32")), "sizes of registers")
    power = [("pow", 0, 1), ("pow", 2, 1)]
    report(same(kernels.fuse(power, a[:2000], np.array([2.0])), (a[:2000]**2)**2), "powers")
    try:
        kernels.fuse([("subtract", 0, 0), ("floor_divide", 0, 1)], np.arange(10))
        report(False, "no error")
    except Failure as failure:
        report(failure.status == "by zero" and failure.detail.place == 0, "fuse by zero")
    try:
        kernels.fuse([("add", 0, 0)], np.array([True]))
        report(False, "no error")
    except (Failure, ValueError):
        pass


def test_series():
    n = 300_000
    x = rng.standard_normal(n)
    weights = rng.standard_normal(n)
    edges = np.linspace(-3, 3, 101)
    expected = np.histogram(x, edges)[0]
    for regular in (False, True):
        report(same(kernels.histogram(x, edges, regular), expected), "histogram", regular)
    sums = [kernels.histogram(x, edges, True, weights, threads=t) for t in (1, 2, 3, 7)]
    report(all(same(s, sums[0]) for s in sums), "histogram, threads")
    report(np.allclose(sums[0], np.histogram(x, edges, weights=weights)[0]), "histogram, weights")
    few = rng.standard_normal(300)
    for dtype in NUMBERS:
        a, b = samples(dtype, 5000), samples(dtype, 37)[::-1].copy()
        if np.dtype(dtype).kind in "fc":
            a, b = few.astype(dtype), few[:37].astype(dtype)
        got = [kernels.convolve(a, b, threads=t) for t in (1, 2, 3, 7)]
        report(all(same(g, got[0]) for g in got), "convolve, threads", dtype)
        want = np.convolve(a, b)
        ok = same(got[0], want) if np.dtype(dtype).kind in "iu" else np.allclose(
            got[0], want, rtol=1e-4 if dtype in ("float32", "complex64") else 1e-12, atol=1e-4)
        report(ok, "convolve", dtype)
    long = [kernels.convolve(x, few, threads=t) for t in (1, 2, 7)]
    report(all(same(g, long[0]) for g in long), "convolve, long")
    places = np.sort(rng.standard_normal(500))
    report(np.allclose(kernels.interpolate(x, places, few[:1].repeat(500) + places ** 2),
                       np.interp(x, places, few[0] + places ** 2)), "interpolate")
    for dtype in DTYPES:
        a = samples(dtype, 3000)
        for chosen in ([0], [1499], [2999], [7, 8, 2000]):
            got, want = kernels.partition(a, chosen), np.sort(a)
            report(np.array_equal(np.sort(got), want, equal_nan=np.dtype(dtype).kind in "fc")
                   and np.array_equal(got[chosen], want[chosen],
                                      equal_nan=np.dtype(dtype).kind in "fc"),
                   "partition", dtype, chosen)
        # Long ones are split around a sample, which may mislead.
        wide = samples(dtype, 200_000)
        for a in (wide, np.sort(wide), np.sort(wide)[::-1].copy(), np.tile(wide[:4096], 40)):
            place = [len(a) // 3]
            got, want = kernels.partition(a, place), np.sort(a)
            is_float = np.dtype(dtype).kind in "fc"
            report(np.array_equal(np.sort(got), want, equal_nan=is_float)
                   and np.array_equal(np.sort(got[:place[0]]), want[:place[0]], equal_nan=is_float),
                   "partition, long", dtype)


def test_stops():
    """Each kernel that may run long ends when the flag is set, and says so."""
    n = 1 << 20
    x, whole = rng.standard_normal(n), rng.integers(0, 99, n)
    matrix = rng.standard_normal((450, 450))
    symmetric = matrix @ matrix.T
    vector, empty = np.empty(450), np.empty((450, 450))
    values = np.empty(450, "complex128")
    long = [
        ("add", lambda: kernels.apply("add", x, x)),
        ("sin", lambda: kernels.apply("sin", x)),
        ("cast", lambda: kernels.cast(x, "float32")),
        ("random", lambda: kernels.random("normal", x.copy())),
        ("sum", lambda: kernels.reduce("sum", x)),
        ("max of columns", lambda: kernels.reduce("max", x.reshape(-1, 64), [0])),
        ("argmin of rows", lambda: kernels.reduce("argmin", x.reshape(-1, 64), [1])),
        ("cumulate", lambda: kernels.cumulate("sum", x, 0)),
        ("cumulate lines", lambda: kernels.cumulate("prod", x.reshape(-1, 64), 1)),
        ("sort", lambda: kernels.sort(x)),
        ("sort of integers", lambda: kernels.sort(whole)),
        ("sort of complex numbers", lambda: kernels.sort(x.astype("complex128"))),
        ("sort of lines", lambda: kernels.sort(x.reshape(-1, 64), 1)),
        ("argsort", lambda: kernels.argsort(x)),
        ("topk", lambda: kernels.topk(x, 0, 9)),
        ("partition", lambda: kernels.partition(x, [5])),
        ("unique", lambda: kernels.unique(whole)),
        ("searchsorted", lambda: kernels.searchsorted(np.sort(x), x)),
        ("compress", lambda: kernels.compress(x > 0, x)),
        ("histogram", lambda: kernels.histogram(x, np.linspace(-1, 1, 9))),
        ("convolve", lambda: kernels.convolve(x, x)),
        ("interpolate", lambda: kernels.interpolate(x, np.sort(x[:99]), x[:99])),
        ("fft", lambda: kernels.fft(x)),
        ("fft of a prime", lambda: kernels.fft(x[:1048573])),
        ("rfft", lambda: kernels.fft(x, kind="rfft")),
        ("irfft", lambda: kernels.fft(x, kind="irfft")),
        ("fft of lines", lambda: kernels.fft(x.reshape(-1, 64), 1)),
        ("matmul of integers", lambda: kernels.matmul(whole[:1 << 18].reshape(512, 512),
                                                      whole[:1 << 18].reshape(512, 512))),
        ("fuse", lambda: kernels.fuse([("add", 0, 0), ("sin", 1)], x)),
        ("fuse, sum", lambda: kernels.fuse([("add", 0, 0)], x, reduction="sum")),
    ]
    if kernels.library.va_has_openblas(None):
        long += [
            ("matmul", lambda: kernels.matmul(matrix, matrix)),
            ("solve", lambda: kernels.linear("va_solve", matrix, matrix, empty)),
            ("inverse", lambda: kernels.linear("va_inverse", matrix, empty)),
            ("determinant", lambda: kernels.linear("va_determinant", matrix, np.empty(()), None,
                                                   None)),
            ("cholesky", lambda: kernels.linear("va_cholesky", symmetric, False, empty)),
            ("qr", lambda: kernels.linear("va_qr", matrix, empty.copy(), empty)),
            ("svd", lambda: kernels.linear("va_svd", matrix, None, vector, None)),
            ("eigh", lambda: kernels.linear("va_eigh", symmetric, vector, None)),
            ("eig", lambda: kernels.linear("va_eig", matrix, values, None)),
            ("lstsq", lambda: kernels.linear("va_lstsq", matrix, matrix, 1e-9, empty, None, None)),
        ]
    flag = ctypes.c_int(1)
    Detail.stop_flag = ctypes.addressof(flag)
    try:
        for name, call in long:
            try:
                call()
                report(False, name, "ran to its end")
            except Failure as failure:
                report(failure.status == "stopped", name, failure.status)
        # With a flag that is not set, a decomposition on a thread of its own has the same bits.
        flag.value = 0
        if kernels.library.va_has_openblas(None):
            large = rng.standard_normal((500, 500))
            apart, here = np.empty(500), np.empty(500)
            kernels.linear("va_svd", large, None, apart, None)
            Detail.stop_flag = None
            kernels.linear("va_svd", large, None, here, None)
            report(same(apart, here), "svd on a thread of its own")
    finally:
        Detail.stop_flag = None


def main():
    for name, test in list(globals().items()):
        if name.startswith("test_") and (len(sys.argv) < 3 or name in sys.argv[2:]):
            before = failures
            test()
            print(name, "failed" if failures > before else "passed", flush=True)
    print(f"{failures} failures, instructions {kernels.library.va_isa_name().decode()}")
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
