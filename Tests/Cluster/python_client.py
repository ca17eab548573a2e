# SPDX-License-Identifier: BSD-3-Clause
"""The client of ipyparallel on Lua engines, and on one of Python: whole values and texts are
compared. Arguments: the client's connection file, the engine's, the path of ipengine."""
import subprocess
import sys
import time

import ipyparallel as ipp
import numpy as np

client_file, engine_file, ipengine = sys.argv[1:]
LIMIT = 120  # seconds of each wait; the bound only ends a test that hangs
rc = ipp.Client(client_file, timeout=LIMIT)


def eventually(condition):
    end = time.time() + LIMIT
    while not condition():
        assert time.time() < end, "the condition does not come true"
        time.sleep(0.02)


def equal(got, wanted):
    assert got == wanted, f"got      {got!r}\nexpected {wanted!r}"


def failure(call):
    try:
        call()
    except ipp.error.CompositeError as error:
        return error.elist[0][0], error.elist[0][1]
    except ipp.error.RemoteError as error:
        return error.ename, error.evalue
    raise AssertionError("no error")


eventually(lambda: len(rc.ids) == 2)
first = rc.ids[0]
dv = rc[:]
dv.block = True

# Code, with its output and its values.
ar = rc[first].execute("print('a'); io.write('b\\n'); io.stderr:write('c\\n'); os.execute('echo d');"
                       " return 5, 'x'", silent=False, block=False)
reply = ar.get(LIMIT)
ar.wait_for_output(LIMIT)
equal(ar.stdout, "a\nb\nd\n")
equal(ar.stderr, "c\n")
equal(reply.execute_result["data"]["text/plain"], '5\t"x"')
equal(failure(lambda: rc[first].execute("error('boom')", block=True)), ("LuaError", "execute:1: boom"))

# Globals, by value and by reference.
dv.execute("function sq(x) return x * x end function named(a, t) return a + t.b end", block=True)
equal(dv.apply(ipp.Reference("sq"), 7), [49, 49])
equal(dv.apply(ipp.Reference("math.max"), 7, 9), [9, 9])
equal(dv.apply(ipp.Reference("named"), 7, b=9), [16, 16])
values = dict(a=1, b=[1, 2.5, "x"], c={"x": True}, d=b"\xff\x00")
dv.push(values)
for name, value in values.items():
    equal(dv[name], [value, value])
equal(dv.pull(("a", "b")), [[1, [1, 2.5, "x"]]] * 2)
dv.push(dict(array=np.arange(4.0), matrix=np.arange(4).reshape(2, 2)))
for name, value in dict(array=np.arange(4.0), matrix=np.arange(4).reshape(2, 2)).items():
    for got in dv[name]:
        equal((got.dtype, got.shape, got.tolist()), (value.dtype, value.shape, value.tolist()))
equal(failure(lambda: dv["nothing"]), ("LuaError", "there is no global 'nothing' on this engine"))
dv.scatter("part", list(range(10)))
equal(list(dv.gather("part")), list(range(10)))
dv.execute("big = ('x'):rep(3000000)", block=True)
equal([len(text) for text in dv["big"]], [3000000] * 2)

# Arrays in tasks of an engine of Lua.
dv.execute("function half(a) return a / 2 end function isarray(a) return array.is(a) end", block=True)
for value in [np.arange(6, dtype="i2").reshape(2, 3), np.ones((400, 300)).T, np.zeros((0, 2)),
              np.array([1 + 2j]), np.array([1.5, 2], dtype=">f4")]:
    got = rc[first].apply_sync(ipp.Reference("half"), value)
    equal((got.shape, (got == value / 2).all()), (value.shape, True))
equal(rc[first].apply_sync(ipp.Reference("isarray"), np.array([True])), True)

# Maps, balanced and broadcast.
squares = [x * x for x in range(20)]
equal(list(dv.map(ipp.Reference("sq"), range(20))), squares)

# References among the elements of a map, of every kind of view, and deeper in values.
dv.execute("x = 21 function twice(v) return 2 * v end function id(v) return v end", block=True)
R = ipp.Reference
equal(dv.map_sync(R("twice"), [R("x"), 1, R("x")]), [42, 2, 42])
equal(rc.load_balanced_view().map_sync(R("twice"), [R("x")] * 3), [42] * 3)
equal(rc.broadcast_view().map_sync(R("twice"), [R("x")] * 3), [42] * 3)
equal(dv.map_sync(R("id"), [[R("x"), 1], {"k": R("x")}]), [[21, 1], {"k": 21}])

# Tuples are tuples again.
for value in [(), (1, 2), (1, (2, [3, (4,)]), {"k": (5,)}), tuple(range(20)), [(1.5,), [2]]]:
    equal(rc[first].apply_sync(R("id"), value), value)
    dv.push(dict(value=value), block=True)
    equal(dv.pull("value", block=True), [value, value])
equal(dv.map_sync(R("id"), [(1, 2), (3,)]), [(1, 2), (3,)])

# What Lua has no counterpart for is refused with its type, and no int becomes a float.
def refused(value):
    try:
        rc[first].apply_sync(R("id"), value)
    except Exception as error:
        return error.evalue.replace("an argument cannot go to Lua: ", "")
    return None
NO = " has no counterpart in Lua; send its tolist()"
BIG = " does not fit into the 64 bits of Lua's integers; send a float or a string"
equal(refused(2 ** 63), "the int 9223372036854775808" + BIG)
equal(refused([1, -2 ** 63 - 1]), "the int -9223372036854775809" + BIG)
equal(refused(np.uint64(2 ** 63)), "the int 9223372036854775808" + BIG)
equal(rc[first].apply_sync(R("id"), np.array([2 ** 63], dtype="u8")).tolist(), [2 ** 63])
equal([refused(2 ** 63 - 1), refused(-2 ** 63)], [None, None])
equal(refused(np.array(["a", "bc"])), "a numpy array of '<U2'" + NO)
equal(refused([np.array([b"abc"])]), "a numpy array of '|S3'" + NO)
equal(refused(np.array([1, "x"], dtype=object)), "a numpy array of '|O'" + NO)
record = np.array([(1, 2.0)], dtype=[("a", "<i4"), ("b", "<f8")])
equal(refused(record), "a numpy array of [('a', '<i4'), ('b', '<f8')]" + NO)
equal(refused([record]), "a numpy array of [('a', '<i4'), ('b', '<f8')]" + NO)
equal(refused(record[0]), "a numpy scalar of [('a', '<i4'), ('b', '<f8')]" + NO)
equal(refused(np.datetime64("2020-01-01")), "a numpy scalar of '<M8' has no counterpart in Lua")
lv = rc.load_balanced_view()
lv.block = True
equal(list(lv.map(ipp.Reference("sq"), range(20))), squares)
equal(rc.broadcast_view().apply_sync(ipp.Reference("sq"), 3), [9, 9])
equal(rc.broadcast_view(is_coalescing=True).apply_sync(ipp.Reference("sq"), 4), [16, 16])

# A function of Python is refused.
refusal = ("TypeError", "this is a Lua engine, which cannot run Python functions: call a "
           "global of the engine with ipyparallel.Reference(\"name\"), or send the task to a Python "
           "engine")
equal(failure(lambda: dv.apply(lambda: 1)), refusal)
equal(failure(lambda: lv.apply(lambda: 1)), refusal)

# Abort and interrupt.
rc[first].execute("function forever() while true do end end", block=True)
endless = rc[first].apply_async(ipp.Reference("forever"))
waiting = rc[first].apply_async(ipp.Reference("sq"), 2)
eventually(lambda: rc.queue_status()[first]["queue"] == 2)
rc.abort(waiting.msg_ids)
try:
    waiting.get(LIMIT)
    raise AssertionError("not aborted")
except ipp.error.TaskAborted:
    pass
rc.send_signal("SIGINT", targets=first, block=True)
equal(failure(lambda: endless.get(LIMIT)), ("KeyboardInterrupt", "interrupted"))
rc.clear(block=True)
equal(failure(lambda: dv["a"]), ("LuaError", "there is no global 'a' on this engine"))
eventually(lambda: all(row["queue"] == 0 for id, row in rc.queue_status().items()
                       if isinstance(id, int)))

# With an engine of Python in the cluster, each engine gets its own tasks.
python = subprocess.Popen([ipengine, f"--file={engine_file}"], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL)
try:
    eventually(lambda: len(rc.ids) == 3)
    equal(list(rc.load_balanced_view().map_sync(lambda x: x * x, range(20))), squares)
    rc.shutdown(targets=rc.ids[-1:], block=True)
    python.wait(LIMIT)
finally:
    python.kill()
eventually(lambda: len(rc.ids) == 2)

# An engine whose worker ends reports it, and another takes its place. The second text is the
# client's own, for the case that it reads of the engine's end before it reads the reply.
task = rc[first].execute("os.exit(3)", block=False)
name, text = failure(lambda: task.get(LIMIT))
equal(name, "EngineError")
equal(text.split(" (pid")[0] in (
    "the worker's process ended with exit code 3",
    f"Engine {first} died while running task {task.msg_ids[0]!r}"), True)
eventually(lambda: first not in rc.ids and len(rc.ids) == 2)
equal(rc[:].apply_sync(ipp.Reference("math.abs"), -1), [1, 1])
rc.shutdown(targets=rc.ids[:1], block=True)
eventually(lambda: len(rc.ids) == 1)
print("python_client: ok")
