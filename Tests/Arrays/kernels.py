# SPDX-License-Identifier: BSD-3-Clause
"""The kernels of Sources/CArrays as a shared library, called from Python on NumPy's arrays.

kernels_test.py compares them with NumPy; both need clang and NumPy.
"""

import ctypes
import pathlib
import subprocess
import tempfile

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
DTYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
          "float32", "float64", "complex64", "complex128"]
STATUS = ["ok", "no memory", "stopped", "does not fit", "nan to integer", "by zero",
          "not defined", "negative power", "singular", "not positive", "no library", "empty",
          "not converged"]


class View(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("dtype", ctypes.c_int), ("axes", ctypes.c_int),
                ("shape", ctypes.c_int64 * 16), ("strides", ctypes.c_int64 * 16)]


class Detail(ctypes.Structure):
    _fields_ = [("place", ctypes.c_int64), ("value", ctypes.c_double),
                ("integer", ctypes.c_int64), ("library", ctypes.c_char_p),
                ("package", ctypes.c_char_p), ("stop", ctypes.c_void_p),
                ("threads", ctypes.c_int)]

    # The address of the flag that stops all kernels, or None.
    stop_flag = None

    def __init__(self, **fields):
        super().__init__(stop=Detail.stop_flag, **fields)


REDUCTIONS = ["sum", "prod", "mean", "var", "std", "min", "max", "any", "all", "count_nonzero",
              "argmin", "argmax"]


class Options(ctypes.Structure):
    _fields_ = [("axes", ctypes.c_uint32), ("skipnan", ctypes.c_bool),
                ("correction", ctypes.c_double)]


class Step(ctypes.Structure):
    _fields_ = [("operation", ctypes.c_int), ("dtype", ctypes.c_int), ("result", ctypes.c_int),
                ("inputs", ctypes.c_int * 3)]


class Program(ctypes.Structure):
    _fields_ = [("steps", ctypes.POINTER(Step)), ("count", ctypes.c_int),
                ("inputs", ctypes.c_int)]


class Random(ctypes.Structure):
    _fields_ = [("seed", ctypes.c_uint64), ("stream", ctypes.c_uint64), ("start", ctypes.c_int64),
                ("first", ctypes.c_double), ("second", ctypes.c_double),
                ("least", ctypes.c_int64), ("greatest", ctypes.c_int64)]


def build(compiler="clang", flags=()):
    """Compiles the sources and loads the library."""
    sources = sorted((ROOT / "Sources/CArrays").glob("*.c"))
    sources += [ROOT / "Sources/CSystem" / name for name in ("library.c", "memory.c", "sandbox.c", "thread.c")]
    target = pathlib.Path(tempfile.mkdtemp()) / "libarrays.so"
    subprocess.run(
        [compiler, "-std=gnu2x", "-O2", "-fPIC", "-shared", *flags, "-o", str(target),
         f"-I{ROOT}/Sources/CArrays/include", f"-I{ROOT}/Sources/CSystem/include",
         *map(str, sources), "-lm", "-lpthread", "-ldl"], check=True)
    return load(target)


def load(path):
    library = ctypes.CDLL(str(path))
    library.va_operation_name.restype = ctypes.c_char_p
    library.va_isa_name.restype = ctypes.c_char_p
    return library


def view(a):
    v = View()
    v.data = a.ctypes.data
    v.dtype = DTYPES.index(a.dtype.name)
    v.axes = a.ndim
    for i in range(a.ndim):
        v.shape[i] = a.shape[i]
        v.strides[i] = a.strides[i]
    return v


class Failure(Exception):
    def __init__(self, status, detail):
        super().__init__(status)
        self.status, self.detail = status, detail


def check(status, detail):
    if status != 0:
        raise Failure(STATUS[status], detail)


class Kernels:
    def __init__(self, library):
        self.library = library
        self.operations = {}
        while "where" not in self.operations:  # the last one
            number = len(self.operations)
            self.operations[library.va_operation_name(number).decode()] = number

    def result(self, name, dtype):
        number = self.library.va_operation_result(self.operations[name], DTYPES.index(dtype))
        return None if number >= len(DTYPES) else DTYPES[number]

    def apply(self, name, *inputs, out=None, threads=0):
        shape = np.broadcast_shapes(*(i.shape for i in inputs))
        inputs = [np.broadcast_to(i, shape) for i in inputs]
        dtype = inputs[1 if name == "where" else 0].dtype.name
        if out is None:
            out = np.empty(shape, self.result(name, dtype) or dtype)
        views = [view(i) for i in inputs]
        pointers = (ctypes.POINTER(View) * len(views))(*(ctypes.pointer(v) for v in views))
        detail = Detail(threads=threads)
        check(self.library.va_apply(self.operations[name], pointers, ctypes.byref(view(out)),
                                    ctypes.byref(detail)), detail)
        return out

    def cast(self, a, dtype, mode=0):
        out = np.empty(a.shape, dtype)
        detail = Detail()
        check(self.library.va_cast(ctypes.byref(view(a)), ctypes.byref(view(out)), mode,
                                   ctypes.byref(detail)), detail)
        return out

    def reduce(self, name, a, axes=None, skipnan=False, correction=0, threads=0):
        number = REDUCTIONS.index(name)
        axes = range(a.ndim) if axes is None else axes
        kept = [n for i, n in enumerate(a.shape) if i not in axes]
        dtype = self.library.va_reduction_result(number, DTYPES.index(a.dtype.name))
        out = np.empty(kept, DTYPES[dtype] if dtype < len(DTYPES) else a.dtype)
        options = Options(sum(1 << i for i in axes), skipnan, correction)
        detail = Detail(threads=threads)
        check(self.library.va_reduce(number, ctypes.byref(view(a)), ctypes.byref(options),
                                     ctypes.byref(view(out)), ctypes.byref(detail)), detail)
        return out

    def cumulate(self, name, a, axis, skipnan=False, out=None):
        number = REDUCTIONS.index(name)
        dtype = self.library.va_reduction_result(number, DTYPES.index(a.dtype.name))
        if out is None:
            out = np.empty(a.shape, DTYPES[dtype])
        detail = Detail()
        check(self.library.va_cumulate(number, ctypes.byref(view(a)), axis,
                                       ctypes.c_bool(skipnan), ctypes.byref(view(out)),
                                       ctypes.byref(detail)), detail)
        return out

    def lines(self, function, a, axis, *flags, out=None, dtype=None):
        """A function of a view, an axis and flags that gives an array of the same shape."""
        if out is None:
            out = np.empty(a.shape, dtype or a.dtype)
        detail = Detail()
        check(getattr(self.library, function)(
            ctypes.byref(view(a)), axis, *(ctypes.c_bool(f) for f in flags),
            ctypes.byref(view(out)), ctypes.byref(detail)), detail)
        return out

    def sort(self, a, axis=0, descending=False, out=None):
        return self.lines("va_sort", a, axis, descending, out=out)

    def argsort(self, a, axis=0, descending=False):
        return self.lines("va_argsort", a, axis, descending, dtype="int64")

    def topk(self, a, axis, k, greatest=True):
        shape = list(a.shape)
        shape[axis] = k
        values, places = np.empty(shape, a.dtype), np.empty(shape, "int64")
        detail = Detail()
        check(self.library.va_topk(ctypes.byref(view(a)), axis, ctypes.c_int64(k),
                                   ctypes.c_bool(greatest), ctypes.byref(view(values)),
                                   ctypes.byref(view(places)), ctypes.byref(detail)), detail)
        return values, places

    def unique(self, a):
        results = [np.empty(a.shape, a.dtype)] + [np.empty(a.shape, "int64") for _ in range(3)]
        found, detail = ctypes.c_int64(), Detail()
        check(self.library.va_unique(ctypes.byref(view(a)),
                                     *(ctypes.byref(view(r)) for r in results),
                                     ctypes.byref(found), ctypes.byref(detail)), detail)
        n = found.value
        return results[0][:n], results[1][:n], results[2], results[3][:n]

    def searchsorted(self, a, values, right=False):
        out, detail = np.empty(values.shape, "int64"), Detail()
        check(self.library.va_searchsorted(
            ctypes.byref(view(a)), ctypes.byref(view(values)), ctypes.c_bool(right),
            ctypes.byref(view(out)), ctypes.byref(detail)), detail)
        return out

    def compress(self, mask, a):
        out, detail = np.empty(int(mask.sum()), a.dtype), Detail()
        check(self.library.va_compress(ctypes.byref(view(mask)), ctypes.byref(view(a)),
                                       ctypes.byref(view(out)), ctypes.byref(detail)), detail)
        return out

    def random(self, name, out, seed=1, stream=2, start=0, first=0.0, second=1.0, least=0,
               greatest=9, threads=0):
        number = ["uniform", "normal", "exponential", "integer"].index(name)
        settings = Random(seed, stream, start, first, second, least, greatest)
        detail = Detail(threads=threads)
        check(self.library.va_random_fill(number, ctypes.byref(settings), ctypes.byref(view(out)),
                                          ctypes.byref(detail)), detail)
        return out

    def philox(self, counter, key):
        out = np.empty(4, "uint32")
        counter, key = np.array(counter, "uint32"), np.array(key, "uint32")
        self.library.va_philox(*(ctypes.c_void_p(a.ctypes.data) for a in (counter, key, out)))
        return out.tolist()

    def fft(self, a, axis=0, n=None, inverse=False, kind="fft"):
        n = a.shape[axis] if n is None else n
        single = a.dtype.name in ("float32", "complex64")
        shape = list(a.shape)
        shape[axis] = n // 2 + 1 if kind == "rfft" else n
        out = np.empty(shape, {"irfft": ["float64", "float32"]}.get(
            kind, ["complex128", "complex64"])[single])
        detail = Detail()
        scale = ctypes.c_double(1 / n if inverse or kind == "irfft" else 1)
        va, vo, d = (ctypes.byref(x) for x in (view(a), view(out), detail))
        if kind == "fft":
            status = self.library.va_fft(va, axis, ctypes.c_bool(inverse), scale, vo, d)
        elif kind == "rfft":
            status = self.library.va_rfft(va, axis, ctypes.c_int64(n), scale, vo, d)
        else:
            status = self.library.va_irfft(va, axis, scale, vo, d)
        check(status, detail)
        return out

    def linear(self, function, *arguments):
        """A function of arrays (None: not wanted) and numbers."""
        detail = Detail()
        given = [ctypes.byref(view(a)) if isinstance(a, np.ndarray) else
                 ctypes.c_bool(a) if isinstance(a, bool) else
                 ctypes.c_double(a) if isinstance(a, float) else None for a in arguments]
        check(getattr(self.library, function)(*given, ctypes.byref(detail)), detail)

    def matmul(self, a, b):
        batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
        a = np.broadcast_to(a, batch + a.shape[-2:])
        b = np.broadcast_to(b, batch + b.shape[-2:])
        out = np.empty(batch + (a.shape[-2], b.shape[-1]), a.dtype)
        self.linear("va_matmul", a, b, out)
        return out

    def partition(self, a, places, axis=0):
        out, detail = np.empty(a.shape, a.dtype), Detail()
        wanted = (ctypes.c_int64 * len(places))(*sorted(places))
        check(self.library.va_partition(
            ctypes.byref(view(a)), axis, wanted, len(places), ctypes.byref(view(out)),
            ctypes.byref(detail)), detail)
        return out

    def histogram(self, a, edges, regular=False, weights=None, threads=0):
        bins = len(edges) - 1
        out, detail = np.empty(bins, "int64" if weights is None else "float64"), Detail(
            threads=threads)
        check(self.library.va_histogram(
            ctypes.byref(view(a)), None if weights is None else ctypes.byref(view(weights)),
            ctypes.c_void_p(edges.ctypes.data), ctypes.c_int64(bins), ctypes.c_bool(regular),
            ctypes.byref(view(out)), ctypes.byref(view(out)), ctypes.byref(detail)), detail)
        return out

    def convolve(self, a, b, threads=0):
        out, detail = np.empty(len(a) + len(b) - 1, a.dtype), Detail(threads=threads)
        check(self.library.va_convolve(
            ctypes.byref(view(a)), ctypes.byref(view(b)), ctypes.c_int64(0),
            ctypes.byref(view(out)), ctypes.byref(detail)), detail)
        return out

    def interpolate(self, x, places, values, threads=0):
        out, detail = np.empty(x.shape), Detail(threads=threads)
        check(self.library.va_interpolate(
            ctypes.byref(view(x)), ctypes.c_void_p(places.ctypes.data),
            ctypes.c_void_p(values.ctypes.data), ctypes.c_int64(len(places)),
            ctypes.c_double(values[0]), ctypes.c_double(values[-1]), ctypes.byref(view(out)),
            ctypes.byref(detail)), detail)
        return out

    def fuse(self, steps, *inputs, reduction=None, skipnan=False, threads=0):
        """Steps are (name, value, ...), or ("cast", value, dtype)."""
        shape = np.broadcast_shapes(*(i.shape for i in inputs))
        views = [view(np.broadcast_to(i, shape)) for i in inputs]
        dtypes = [i.dtype.name for i in inputs]
        made = (Step * len(steps))()
        for step, (name, *values) in zip(made, steps):
            if name == "cast":
                step.operation, target = 1000, values.pop()
                dtype = dtypes[values[0]]
            else:
                step.operation = self.operations[name]
                dtype = dtypes[values[1 if name == "where" else 0]]
                target = self.result(name, dtype) or "bool"
            step.dtype, step.result = DTYPES.index(dtype), DTYPES.index(target)
            for k, value in enumerate(values):
                step.inputs[k] = value
            dtypes.append(target)
        program = Program(made, len(steps), len(inputs))
        pointers = (ctypes.POINTER(View) * len(views))(*(ctypes.pointer(v) for v in views))
        detail = Detail(threads=threads)
        if reduction is None:
            out = np.empty(shape, dtypes[-1])
            check(self.library.va_fuse(ctypes.byref(program), pointers, ctypes.byref(view(out)),
                                       ctypes.byref(detail)), detail)
            return out
        number = REDUCTIONS.index(reduction)
        out = np.empty((), DTYPES[self.library.va_reduction_result(
            number, DTYPES.index(dtypes[-1]))])
        options = Options(0, skipnan, 0)
        check(self.library.va_fuse_reduce(
            ctypes.byref(program), pointers, number, ctypes.byref(options),
            ctypes.byref(view(out)), ctypes.byref(detail)), detail)
        return out
