#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# Results of elements: when they are used again, and what stays of a run that ended early:
# Tests/Store/elements.py [NAME...]
#
# Needs VTLUA_BINARY.
import json, os, shutil, signal, subprocess, sys, tempfile, time
from pathlib import Path

vtlua = os.environ["VTLUA_BINARY"]
os.environ.pop("VTLUA_STORE", None)
LIMIT = 120  # seconds of each wait; the bound only ends a test that hangs
PLACES = ["interpreter", "threads", "processes"]
passed = failed = 0

# Each computation appends its input to a file by another program's output, which no key covers.
MODULE = """
local M = vt.module { name = 'm', inputs = { x = 'any', k = { 'any', default = 1 } }, outputs = { y = 'any' } }
function M:compute(i)
  if i.x == 'bad' then self:fail('bad input') end
  os.execute("echo '" .. tostring(i.x) .. "' >>" .. os.getenv("LOG"))
  if i.x == 'slow' then os.execute('sleep 0.2') end
  return { y = i.x }
end
return M
"""
FLOW = """
local flow = vt.workflow { name = 'f', params = { k = { 'any', default = 1 } } }
local node = flow:add('node', 'm', { x = vt.each(%s), k = flow.params.k }, { on = '%s'%s })
return flow:outputs { y = node.y%s }
"""


class Folder:
    def __init__(self, place="interpreter"):
        self.path = Path(tempfile.mkdtemp(prefix="elements-"))
        self.place = place
        (self.path / "m.lua").write_text(MODULE)

    def write(self, values, more="", outputs=""):
        (self.path / "flow.lua").write_text(FLOW % (values, self.place, more, outputs))

    def start(self, *arguments):
        return subprocess.Popen([vtlua, *arguments], cwd=self.path, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True,
                                env={**os.environ, "NO_COLOR": "1", "LOG": str(self.path / "log")})

    def call(self, *arguments, code=0):
        process = self.start(*arguments)
        out, errors = process.communicate(timeout=LIMIT)
        if process.returncode != code:
            raise AssertionError(f"{arguments}: exit {process.returncode}\n{out}{errors}")
        return out, errors

    def run(self, *options, code=0):
        """The answer of a run, and the elements that were computed, in any order."""
        (self.path / "log").unlink(missing_ok=True)
        out, _ = self.call("run", "flow.lua", "--json", "--progress", "none", *options, code=code)
        return json.loads(out), self.computed()

    def computed(self):
        log = self.path / "log"
        return sorted(log.read_text().split()) if log.exists() else []

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)


def equal(found, expected):
    if found != expected:
        raise AssertionError(f"got      {found!r}\nexpected {expected!r}")


def check(test):
    global passed, failed
    if len(sys.argv) > 1 and test.__name__ not in sys.argv[1:]:
        return test
    try:
        test()
        passed += 1
        print(f"ok      {test.__name__}")
    except AssertionError as error:
        failed += 1
        print(f"FAILED  {test.__name__}: {error}")
    return test


def elements(answer):
    (node,) = answer["nodes"]
    return node["elements"]


@check
def lists_that_grow_and_change_order():
    for place in PLACES:
        folder = Folder(place)
        folder.write("{ 'a', 'b', 'c' }")
        answer, computed = folder.run()
        equal((answer["outputs"]["y"], computed), (["a", "b", "c"], ["a", "b", "c"]))
        folder.write("{ 'a', 'b', 'c', 'd' }")
        answer, computed = folder.run()
        equal((answer["outputs"]["y"], computed), (["a", "b", "c", "d"], ["d"]))
        equal(elements(answer), {"total": 4, "computed": 1, "cached": 3, "failed": 0})
        folder.write("{ 'd', 'b', 'a' }")
        answer, computed = folder.run()
        equal((answer["outputs"]["y"], computed), (["d", "b", "a"], []))
        equal(answer["nodes"][0]["status"], "cached")
        # A shared input is part of each key.
        equal(folder.run("-p", "k=2")[1], ["a", "b", "d"])
        # The code, too.
        (folder.path / "m.lua").write_text(MODULE.replace("y = i.x }", "y = i.x .. '!' }"))
        answer, computed = folder.run()
        equal((answer["outputs"]["y"], computed), (["d!", "b!", "a!"], ["a", "b", "d"]))
        folder.remove()


@check
def equal_elements():
    for place in PLACES:
        folder = Folder(place)
        folder.write("{ 'a', 'b', 'a', 'a', { 1 }, { 1 } }")
        answer, computed = folder.run()
        equal(answer["outputs"]["y"], ["a", "b", "a", "a", [1], [1]])
        equal(len(computed), 4)  # `table: 0x...` is two words
        folder.remove()


@check
def results_are_those_of_a_plain_node():
    folder = Folder()
    folder.write("{ 'a', 'b' }")
    folder.run()
    (folder.path / "flow.lua").write_text(
        "local flow = vt.workflow { name = 'g' }\nlocal n = flow:add('n', 'm', { x = 'b' })\n"
        "return flow:outputs { y = n.y }\n")
    equal(folder.run()[1], [])
    folder.remove()


@check
def one_element_alone():
    folder = Folder()
    folder.write("{ 'a', 'b', 'c' }")
    answer, computed = folder.run("-t", "node[2]")
    equal((answer["outputs"], computed), ({"y": None}, ["b"]))
    equal(elements(answer), {"total": 1, "computed": 1, "cached": 0, "failed": 0})
    equal(folder.run("--force", "node[3]")[1], ["a", "c"])
    equal(folder.run("--force", "node[3]")[1], ["c"])
    equal(folder.run("--force", "node")[1], ["a", "b", "c"])
    _, errors = folder.call("run", "flow.lua", "-t", "node[4]", code=1)
    if "there is no element node[4]: the node has 3 elements" not in errors:
        raise AssertionError(errors)
    folder.remove()


@check
def failed_elements():
    for place in PLACES:
        folder = Folder(place)
        folder.write("{ 'a', 'bad', 'c' }")
        _, errors = folder.call("run", "flow.lua", "--progress", "none", code=1)
        equal([line.split("     ")[0] for line in errors.splitlines()[:3]], [
            "error: `node[2]` (m 0) failed in compute", "  bad input",
            '  inputs  k = 1   x = "bad"'])
        # What was computed before is kept.
        folder.write("{ 'a' }")
        equal(folder.run()[1], [])
        folder.write("{ 'bad', 'a', 'c', 'bad' }", ", on_error = 'collect'",
                     ", kept = node.kept, errors = node.errors")
        for _ in range(2):
            answer, _ = folder.run()
            equal(answer["outputs"], {
                "y": ["a", "c"], "kept": [2, 3],
                "errors": [{"index": 1, "message": "bad input"}, {"index": 4, "message": "bad input"}]})
            equal(answer["status"], "done")
        equal(elements(answer), {"total": 4, "computed": 0, "cached": 2, "failed": 2})
        folder.remove()


@check
def a_run_that_is_killed():
    for place in PLACES:
        folder = Folder(place)
        values = "(function() local t = {} for i = 1, 60 do t[i] = i % 5 == 0 and 'slow' or i end " \
                 "for i = 61, 70 do t[i] = i end t[5] = 5 t[10] = 10 return t end)()"
        folder.write(values.replace("'slow'", "'slow' .. i"))
        (folder.path / "m.lua").write_text(MODULE.replace("if i.x == 'slow'", "if tostring(i.x):find('slow')"))
        process = folder.start("run", "flow.lua", "--progress", "none")
        deadline = time.monotonic() + LIMIT
        while len(folder.computed()) < 35 and time.monotonic() < deadline:
            time.sleep(0.01)
        process.kill()
        process.communicate(timeout=LIMIT)
        # At most the elements of the last 0.2 s, and those that were under way, are computed again.
        time.sleep(0.3)
        first = folder.computed()
        answer, second = folder.run()
        equal(len(answer["outputs"]["y"]), 70)
        again = [x for x in second if x in first]
        if len(again) > 24 or len(second) > 60:
            raise AssertionError(f"{place}: {len(first)} computed, then {len(second)}, again {again}")
        folder.remove()


@check
def two_runs_at_once():
    for place in PLACES:
        folder = Folder(place)
        folder.write("{ 'a', 'b', 'slow', 'c', 'd', 'e' }")
        runs = [folder.start("run", "flow.lua", "--json", "--progress", "none") for _ in range(2)]
        for run in runs:
            out, errors = run.communicate(timeout=LIMIT)
            if run.returncode != 0:
                raise AssertionError(errors)
            equal(json.loads(out)["outputs"]["y"], ["a", "b", "slow", "c", "d", "e"])
        equal(folder.computed(), ["a", "b", "c", "d", "e", "slow"])
        folder.remove()


@check
def printed_text_is_in_order():
    for place in PLACES:
        folder = Folder(place)
        (folder.path / "m.lua").write_text(MODULE.replace(
            "os.execute(\"echo", "if i.x == 1 then os.execute('sleep 0.2') end print('got', i.x) "
            "self.log.warn('seen %s', i.x) os.execute(\"echo"))
        folder.write("{ 1, 2, 3 }")
        _, errors = folder.call("run", "flow.lua", "--progress", "none")
        equal([line for line in errors.splitlines() if line.startswith("node[")],
              [line for i in (1, 2, 3) for line in (f"node[{i}] | got\t{i}", f"node[{i}] | warn: seen {i}")])
        folder.remove()


@check
def damaged_results():
    folder = Folder()
    folder.write("{ ('a'):rep(20000), 'b' }")
    folder.run()
    for blob in (folder.path / ".vtlua" / "blobs").rglob("*"):
        if blob.is_file():
            blob.write_bytes(b"damaged")
    answer, computed = folder.run()
    equal([len(y) for y in answer["outputs"]["y"]], [20000, 1])
    equal(len(computed), 1)
    folder.remove()


print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
