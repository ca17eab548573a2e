# SPDX-License-Identifier: BSD-3-Clause
"""The Array API standard over Lua's arrays: what array_api_vtlua.py gives the standard's test-suite.

Every computation is done by the Lua program of peer.py (VTLUA_BINARY); an array of this namespace only
keeps the bytes between calls. Indices and axes are translated to Lua's, which count from 1, and
slices to ranges with both ends. The signatures are those of array_api_strict.
"""

import inspect
import math
import operator
import sys

import array_api_strict as strict
import numpy as np

from peer import LuaError, peer

NAMES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
         "float32", "float64", "complex64", "complex128"]
FLOATS, COMPLEX = NAMES[9:11], NAMES[11:]


class DType:
    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return self.name

    def __eq__(self, other):
        return isinstance(other, DType) and other.name == self.name

    def __hash__(self):
        return hash(self.name)


DTYPES = {name: DType(name) for name in NAMES}
DEFAULTS = {bool: DTYPES["bool"], int: DTYPES["int64"], float: DTYPES["float64"],
            complex: DTYPES["complex128"]}


# MARK: Lua code

def lua(value):
    """The value as Lua code."""
    if value is None:
        return "nil"
    if isinstance(value, DType):
        return '"%s"' % value
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"%s"' % value
    if isinstance(value, (tuple, list)):
        return "{%s}" % ", ".join(map(lua, value))
    if isinstance(value, dict):
        return "{%s}" % ", ".join(
            "%s = %s" % (k, lua(v)) for k, v in value.items() if v is not None)
    if isinstance(value, complex):
        return "array.complex(%s, %s)" % (lua(value.real), lua(value.imag))
    if isinstance(value, float):
        if value != value:
            return "(0/0)"
        return "math.huge" if value == math.inf else "-math.huge" if value == -math.inf else value.hex()
    return str(operator.index(value))


def run(code, *arrays):
    return [Array(x) for x in peer.all("return " + code, *[x.data for x in arrays])]


def one(code, *arrays):
    result, = run(code, *arrays)
    return result


def axis_of(axis):
    """An axis, or a tuple of them, as Lua counts."""
    if axis is None:
        return None
    if isinstance(axis, (tuple, list)):
        return tuple(map(axis_of, axis))
    return axis + 1 if axis >= 0 else axis


def lengths(shape):
    return tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)


def scalar(value, dtype=None):
    """A number as an array without axes, of the type of the other operand if it can be."""
    if isinstance(value, Array):
        return value
    kind = type(value)
    if dtype is None:
        dtype = DEFAULTS[kind]
    elif dtype.name == "bool" and kind is not bool or dtype.name != "bool" and kind is bool:
        raise TypeError("%r does not fit %s" % (value, dtype))
    elif kind is float and dtype.name not in FLOATS + COMPLEX:
        raise TypeError("%r does not fit %s" % (value, dtype))
    elif kind is complex and dtype.name in FLOATS:
        dtype = DTYPES[COMPLEX[FLOATS.index(dtype.name)]]
    elif kind is complex and dtype.name not in COMPLEX:
        raise TypeError("%r does not fit %s" % (value, dtype))
    return Array(np.array(value, dtype.name))


# MARK: Arrays

class Array:
    def __init__(self, data):
        self.data = np.asarray(data)

    dtype = property(lambda self: DTYPES[self.data.dtype.name])
    shape = property(lambda self: self.data.shape)
    ndim = property(lambda self: self.data.ndim)
    size = property(lambda self: self.data.size)
    device = property(lambda self: "cpu")
    T = property(lambda self: one("a[1].T", self))
    mT = property(lambda self: one("a[1].mT", self))

    def __array_namespace__(self, *, api_version=None):
        return sys.modules["array_api_vtlua"]

    def to_device(self, device, /, *, stream=None):
        return self

    def __dlpack__(self, *, stream=None, max_version=None, dl_device=None, copy=None):
        return self.data.__dlpack__(
            stream=stream, max_version=max_version, dl_device=dl_device, copy=copy)

    def __dlpack_device__(self):
        return self.data.__dlpack_device__()

    def __repr__(self):
        return "Array(%r)" % self.data

    def item(self):
        if self.ndim != 0:
            raise TypeError("an array with axes is no number")
        return self.data.item()

    def __bool__(self):
        return bool(self.item())

    def __int__(self):
        return int(self.item())

    def __float__(self):
        return float(self.item())

    def __complex__(self):
        return complex(self.item())

    def __index__(self):
        return operator.index(self.item())

    def __len__(self):
        return self.shape[0]

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    __hash__ = None

    def __getitem__(self, key):
        code, arrays = index(self, key)
        try:
            return one(code, self, *arrays)
        except LuaError as error:
            raise IndexError(str(error)) from error

    def __setitem__(self, key, value):
        value = scalar(value, self.dtype)
        code, arrays = index(self, key)
        target = code.removeprefix("a[1]")
        if target.startswith("("):  # a call only reads
            target = "[{%s}]" % target[1:-1]
        code = "a[1]%s = a[%d] return a[1]" % (target or "[{array.rest}]", len(arrays) + 2)
        self.data = peer.one(code, self.data, *[x.data for x in arrays], value.data)


def index(x, key):
    """The Lua code that reads x[key], and the arrays that it takes as a[2], ..."""
    if isinstance(key, Array):
        if key.dtype.name == "bool":
            return "a[1][a[2]]", [key]
        return "a[1]:take(a[2] + 1, 1)", [key]
    keys = key if isinstance(key, tuple) else (key,)
    if any(isinstance(k, Array) for k in keys):
        raise IndexError("arrays beside other indices are not supported")
    given = sum(k is not None and k is not Ellipsis for k in keys)
    if given > x.ndim:
        raise IndexError("too many indices")
    if Ellipsis not in keys:
        keys += (Ellipsis,)
    parts, axis = [], 0
    for k in keys:
        if k is None:
            parts.append("array.newaxis")
        elif k is Ellipsis:
            parts.append("array.rest")
            axis += x.ndim - given
        elif isinstance(k, slice):
            places = range(*k.indices(x.shape[axis]))
            parts.append("{%d, %d, %d}" % (places[0] + 1, places[-1] + 1, places.step)
                         if places else "{1, 0}")
            axis += 1
        else:
            k = operator.index(k)
            if not -x.shape[axis] <= k < x.shape[axis]:
                raise IndexError("%d is out of bounds" % k)
            parts.append(str(k + 1 if k >= 0 else k))
            axis += 1
    if x.ndim == 0 and parts == ["array.rest"]:
        return "a[1]", []
    return "a[1](%s)" % ", ".join(parts), []


# MARK: Functions. Each has the parameters of array_api_strict's function by name.

FUNCTIONS = {}


def function(f, name=None):
    """Adds a function, which gets every parameter of the standard."""
    name = name or f.__name__.rstrip("_")
    module = strict
    for part in name.split(".")[:-1]:
        module = getattr(module, part)
    signature = inspect.signature(getattr(module, name.split(".")[-1]))

    def call(*args, **options):
        bound = signature.bind(*args, **options)
        bound.apply_defaults()
        given = dict(bound.arguments)
        given.pop("device", None)
        return f(**given)

    call.__name__, call.__signature__ = name.split(".")[-1], signature
    FUNCTIONS[name] = call
    return f


UNARY = """abs acos acosh asin asinh atan atanh bitwise_invert ceil conj cos cosh exp expm1 floor imag
isfinite isinf isnan log log10 log1p log2 logical_not negative positive real reciprocal round sign
signbit sin sinh sqrt square tan tanh trunc""".split()
BINARY = """add atan2 bitwise_and bitwise_left_shift bitwise_or bitwise_right_shift bitwise_xor
copysign divide equal floor_divide greater greater_equal hypot less less_equal logaddexp logical_and
logical_or logical_xor maximum minimum multiply nextafter not_equal pow remainder
subtract""".split()


def elementwise(name, count):
    if count == 1:
        return lambda x: one("array.%s(a[1], {array = true})" % name, x)

    def binary(x1, x2):
        x1 = scalar(x1, x2.dtype if isinstance(x2, Array) else None)
        return one("array.%s(a[1], a[2], {array = true})" % name, x1, scalar(x2, x1.dtype))
    return binary


for name in UNARY:
    function(elementwise(name, 1), name)
for name in BINARY:
    function(elementwise(name, 2), name)

OPERATORS = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide",
    "floordiv": "floor_divide", "mod": "remainder", "pow": "pow", "and": "bitwise_and",
    "or": "bitwise_or", "xor": "bitwise_xor", "lshift": "bitwise_left_shift",
    "rshift": "bitwise_right_shift", "eq": "equal", "ne": "not_equal", "lt": "less",
    "le": "less_equal", "gt": "greater", "ge": "greater_equal"}


def add_operator(short, name):
    f = elementwise(name, 2)

    def forward(self, other):
        if not isinstance(other, (Array, bool, int, float, complex)):
            return NotImplemented
        return f(self, other)

    def backward(self, other):
        if not isinstance(other, (Array, bool, int, float, complex)):
            return NotImplemented
        return f(scalar(other, self.dtype), self)

    def in_place(self, other):
        result = forward(self, other)
        if result is not NotImplemented:
            if result.shape != self.shape or result.dtype != self.dtype:
                raise TypeError("the result does not fit into the array")
            self.data = result.data
            result = self
        return result

    setattr(Array, "__%s__" % short, forward)
    if name in ("equal", "not_equal") or short in ("lt", "le", "gt", "ge"):
        return
    setattr(Array, "__r%s__" % short, backward)
    setattr(Array, "__i%s__" % short, in_place)


for short, name in OPERATORS.items():
    add_operator(short, name)
for short, name in (("abs", "abs"), ("neg", "negative"), ("pos", "positive"),
                    ("invert", "bitwise_invert")):
    setattr(Array, "__%s__" % short, elementwise(name, 1))
Array.__matmul__ = lambda self, other: FUNCTIONS["matmul"](self, other)
Array.__rmatmul__ = lambda self, other: FUNCTIONS["matmul"](other, self)


@function
def clip(x, min, max):
    arrays = [scalar(y, x.dtype) for y in (min, max) if y is not None]
    code = ["a[2]" if min is not None else "nil", "nil"]
    if max is not None:
        code[1] = "a[%d]" % (len(arrays) + 1)
    return one("array.clip(a[1], %s, {array = true})" % ", ".join(code), x, *arrays)


@function
def where(condition, x1, x2):
    x1 = scalar(x1, x2.dtype if isinstance(x2, Array) else None)
    return one("array.where(a[1], a[2], a[3])", condition, x1, scalar(x2, x1.dtype))
