#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes Fixtures.swift anew: what a genuine ipyparallel and numpy send.

It needs both, and starts a controller with two engines on loopback:

    python3 make_fixtures.py > Fixtures.swift
"""

import collections
import functools
import operator
import pickle
import secrets
import sys

import ipyparallel
import numpy
from ipyparallel.serialize import serialize_object
from ipyparallel.util import _execute

print("// SPDX-License-Identifier: BSD-3-Clause")
print("//")
print("// Made by make_fixtures.py, with Python", sys.version.split()[0] + ",",
      "ipyparallel", ipyparallel.__version__, "and numpy", numpy.__version__ + ".")
print("// swift-format-ignore-file")
print()
print("enum Fixtures {")


names = []


def fixture(name, buffers):
    names.append(name)
    print(f"    static let {name} = bytes([")
    for buffer in buffers:
        digits = bytes(buffer).hex()
        print('        """')
        for start in range(0, len(digits), 92):
            print("        " + digits[start:start + 92])
        print('        """,')
    print("    ])")


# Pickles, one for each protocol from some on.

PLAIN = [
    None, True, False, 0, 1, -1, 255, 256, 65535, 65536, -129, 2**31, -(2**31) - 1,
    2**63 - 1, -(2**63), 2**63, -(2**64), 10**30, 0.0, -1.5, 1e300, float("inf"), "",
    "h\u00e9\u4e16\U0001f600\n\\", "x" * 260, b"", b"\x00\xff", b"y" * 260,
    bytearray(b"z"), [], [1, [2]], (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), {},
    {"a": 1, 2: [None]}, set(), {7}, frozenset(), frozenset([8]), range(3),
    range(10, 0, -3), range(0), collections.OrderedDict([("b", 1), ("a", 2)]),
    collections.defaultdict(list, {"k": [1]}), collections.Counter("aa"),
    collections.deque([1, 2]),
]
for protocol in range(6):
    fixture(f"plain{protocol}", [pickle.dumps(PLAIN, protocol)])

table = numpy.arange(6).reshape(2, 3)
ARRAYS = [
    numpy.array([0.5, -1.5]), numpy.array([], dtype="f8"), numpy.array(2.5), table,
    numpy.asfortranarray(table), numpy.asfortranarray(numpy.arange(24).reshape(2, 3, 4)),
    numpy.array([1, -2], dtype="i2"), numpy.array([1, 2], dtype=">u4"),
    numpy.array([True, False]), numpy.array([1.5, -0.25, 65504], dtype="f2"),
    numpy.array([1 + 2j]), numpy.array(["a", "b"]), numpy.array([None]),
]
SCALARS = [
    numpy.float64(1.5), numpy.float32(0.25), numpy.int64(-7), numpy.uint8(200),
    numpy.bool_(True), numpy.uint64(2**64 - 1), numpy.complex128(1j),
]
for protocol in range(2, 6):
    fixture(f"arrays{protocol}", [pickle.dumps(ARRAYS, protocol)])
fixture("scalars", [pickle.dumps(SCALARS, 4)])
outside = []
fixture("outOfBand", [pickle.dumps([table, pickle.PickleBuffer(b"abc")], 5,
                                   buffer_callback=outside.append),
                      *[buffer.raw() for buffer in outside]])

# Calls, as a client sends them, and what engines answer.

sent = []
received = []


def record(client):
    send, handle = client._send, client._handle_apply_reply

    def recording_send(socket, kind, content=None, **rest):
        if kind == "apply_request":
            sent.append([bytes(buffer) for buffer in rest["buffers"]])
        return send(socket, kind, content, **rest)

    def recording_handle(message):
        received.append([bytes(buffer) for buffer in message["buffers"]])
        return handle(message)

    client._send, client._handle_apply_reply = recording_send, recording_handle
    client._queue_handlers["apply_reply"] = recording_handle


def calls(name, call, only=1):
    del sent[:]
    try:
        call()
    except Exception as error:
        print(name, repr(error).splitlines()[0], file=sys.stderr)
    for index, buffers in enumerate(sent[:only]):
        fixture(name + (str(index) if only > 1 else ""), buffers)


def result(name, view, value):
    del received[:]
    view.apply_sync(value)
    fixture(name, received[-1])


def double(x, y=5):
    """A function of the client's."""
    return 2 * x


def recursive(n):
    return n and recursive(n - 1)


big = numpy.arange(130.0)
reference = ipyparallel.Reference

with ipyparallel.Cluster(n=2, log_level=40) as client:
    record(client)
    one, all_of_them = client[0], client[:]
    balanced = client.load_balanced_view()
    broadcast = client.broadcast_view()
    for view in one, all_of_them, balanced:
        view.block = True

    one.execute("def anything(*args, **kwargs): pass")
    calls("push", lambda: one.push({"n": 1, "big": big, "text": "t", "raw": b"r" * 1030,
                                    "d": {"b": big, "a": b"s"}}))
    calls("pullOne", lambda: one.pull("n"))
    calls("pullSome", lambda: one.pull(["n", "text"]))
    calls("execute", lambda: one.apply(_execute, "q = 1"))
    calls("scatter", lambda: all_of_them.scatter("part", [1, 2, 3]), 2)
    calls("scatterFlat", lambda: all_of_them.scatter("part", [1, 2], flatten=True), 2)
    calls("scatterArray", lambda: all_of_them.scatter("part", big), 2)
    calls("gather", lambda: all_of_them.gather("part"))
    calls("update", lambda: one.__setitem__("m", numpy.array(1.5)))
    calls("applyReference", lambda: one.apply(
        reference("anything"), 3, 4.0, reference("n"), b"small", memoryview(b"m" * 1050),
        [big, b"x" * 1040, reference("n")], numpy.zeros((0, 3)), numpy.zeros(0),
        last={"z": reference("n"), "a": b"b" * 1025}, first=None))
    calls("applyFunction", lambda: one.apply(double, 3))
    calls("applyLambda", lambda: one.apply(lambda: 1))
    calls("applyBuiltin", lambda: one.apply(operator.add, 1, 2))
    calls("applyAbs", lambda: one.apply(abs, -1))
    calls("applyPartial", lambda: one.apply(functools.partial(double, y=big), 3))
    calls("applyDependent", lambda: balanced.apply(
        ipyparallel.dependent(double, recursive, 0), 3))
    calls("applyWithFunction", lambda: one.apply(reference("anything"), double, 1))
    calls("mapReference", lambda: all_of_them.map(reference("abs"), range(5)), 2)
    calls("mapFunction", lambda: balanced.map(double, [1, 2, 3], chunksize=2), 2)
    calls("mapTwo", lambda: all_of_them.map(reference("pow"), [1, 2], (3, 4)))
    calls("mapArray", lambda: all_of_them.map(reference("abs"), big))
    calls("imap", lambda: list(balanced.imap(reference("abs"), [1])))
    calls("parallel", lambda: all_of_them.parallel()(double)([1, 2]))
    calls("broadcastApply", lambda: broadcast.apply(reference("abs"), -1).get())
    secrets.token_hex = lambda size: "key"
    calls("broadcastMap", lambda: broadcast.map(reference("abs"), [1, 2]).get(), 3)
    calls("broadcastPush", lambda: broadcast.push({"n": 1}).get())

    one.execute("import numpy; arr = numpy.arange(130.0); r = range(3)")
    result("resultPlain", one, reference("lambda: {'a': [1, 2.5, None], 'b': (True, 'x')}"))
    result("resultArray", one, reference("lambda: arr"))
    result("resultArrays", one, reference("lambda: [arr, b'x' * 1040, arr[:2]]"))
    result("resultDict", one, reference("lambda: {'z': arr, 'a': b'q' * 1030}"))
    result("resultNumber", one, reference("lambda: arr.sum()"))
    result("resultFunction", one, reference("lambda: (lambda: 1)"))
    result("resultObject", one, reference("lambda: __import__('fractions').Fraction(1, 2)"))

fixture("longList", serialize_object([b"abc"] * 100))
print()
print("    static let all = [")
for name in names:
    print(f'        "{name}": {name},')
print("    ]")
print("}")
