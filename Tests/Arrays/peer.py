# SPDX-License-Identifier: BSD-3-Clause
"""A Lua state beside the test, which evaluates code on arrays. See peer.lua for the frames."""

import os
import struct
import subprocess

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))


class LuaError(ValueError):
    """An error that the Lua code has raised."""


class Peer:
    def __init__(self):
        program = os.environ.get("VTLUA_BINARY", "vtlua").split()
        self.process = subprocess.Popen(
            program + [os.path.join(HERE, "peer.lua")], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE)

    def read(self, count):
        data = self.process.stdout.read(count)
        if len(data) != count:
            raise RuntimeError("the Lua process has ended: status %s" % self.process.wait())
        return data

    def unpack(self, form):
        return struct.unpack(form, self.read(struct.calcsize(form)))[0]

    def read_array(self):
        dtype = self.read(self.unpack("<B")).decode()
        shape = [self.unpack("<q") for _ in range(self.unpack("<B"))]
        data = self.read(self.unpack("<Q"))
        return None if dtype == "nil" else np.frombuffer(data, dtype).reshape(shape)

    def all(self, code, *arrays):
        """Returns the list of results of the code, which has the arrays as a[1], a[2], ..."""
        code = code.encode()
        frame = [struct.pack("<I", len(code)), code, struct.pack("<I", len(arrays))]
        for array in arrays:
            name, data = array.dtype.name.encode(), np.ascontiguousarray(array).tobytes()
            frame += [struct.pack("<B", len(name)), name, struct.pack("<B", array.ndim)]
            frame += [struct.pack("<q", length) for length in array.shape]
            frame += [struct.pack("<Q", len(data)), data]
        self.process.stdin.write(b"".join(frame))
        self.process.stdin.flush()
        if self.unpack("<B"):
            return [self.read_array() for _ in range(self.unpack("<I"))]
        raise LuaError(self.read(self.unpack("<I")).decode())

    def one(self, code, *arrays):
        results = self.all(code, *arrays)
        assert len(results) == 1, results
        return results[0]

    def text(self, code, *arrays):
        return self.one(code, *arrays).tobytes().decode()

    def error(self, code, *arrays):
        """Returns the message of the error that the code must raise."""
        try:
            results = self.all(code, *arrays)
        except LuaError as error:
            return str(error).removeprefix("code:1: ")
        raise AssertionError("no error, but %r" % (results,))


peer = Peer()


def same(mine, theirs):
    """True if shape, dtype and elements are equal; NaN equals NaN, and zeros have signs."""
    theirs = np.asarray(theirs)
    if mine.shape != theirs.shape or mine.dtype != theirs.dtype:
        return False
    if mine.dtype.kind in "fc":
        parts = [(mine.real, theirs.real), (mine.imag, theirs.imag)]
        return all(
            np.array_equal(x, y, equal_nan=True)
            and np.array_equal(np.signbit(x) & ~np.isnan(x), np.signbit(y) & ~np.isnan(y))
            for x, y in parts)
    return np.array_equal(mine, theirs)


def check(mine, theirs):
    assert same(mine, theirs), "got %s %s\n%r\nexpected %s %s\n%r" % (
        mine.dtype, mine.shape, mine, np.asarray(theirs).dtype, np.asarray(theirs).shape, theirs)
