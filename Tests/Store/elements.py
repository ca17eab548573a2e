#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# Results of elements: when they are used again, and what stays of a run that ended early:
# Tests/Store/elements.py [NAME...]
#
# Needs VTLUA_BINARY.
import json, os, re, shutil, signal, subprocess, sys, tempfile, time
from pathlib import Path

from checks import check, end, equal

vtlua = os.environ["VTLUA_BINARY"]
os.environ.pop("VTLUA_STORE", None)
LIMIT = 120  # seconds of each wait; the bound only ends a test that hangs
PLACES = ["interpreter", "threads", "processes"]

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
        # The text is kept with the result, wherever that was computed.
        answer, computed = folder.run()
        equal((computed, answer["nodes"][0]["printed"]), ([], "got\t1\ngot\t2\ngot\t3\n"))
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


def lasting(text):
    """A text without times, names of runs and keys."""
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "DATE", text)
    text = re.sub(r"\b\d+(\.\d+)? (µs|ms|s)\b", "TIME", text)
    text = re.sub(r"\b[0-9a-f]{64,}\b", "KEY", text)
    return re.sub(r"\b[rR]un [0-9A-Z]{4}\b", "run RRRR", text)


@check
def elements_are_shown():
    for place in PLACES:
        folder = Folder(place)
        (folder.path / "m.lua").write_text(MODULE.replace(
            "return { y = i.x }", "print('got', i.x) self:annotate { seen = i.x } return { y = i.x }"))
        folder.write("{ 'a', 'bad', 'c', 'a' }", ", on_error = 'collect'", ", kept = node.kept")
        folder.run()
        on = "on the interpreter" if place == "interpreter" else "on worker N"
        show = lambda what: re.sub("worker \\d+", "worker N", lasting(folder.call("show", what)[0]))
        lines = show("last/node").splitlines()
        equal(lines[2:9], [
            "  key      KEY", "  input    k = 1", '  input    x = ["a", "bad", "c", "a"]',
            '  output   errors = [{"index": 2, "message": "bad input"}]', "  output   kept = [1, 3, 4]",
            '  output   y = ["a", "c", "a"]', "  4 elements: 1 cached, 2 computed, 1 failed"])
        equal(lines[9], f"  [2]  failed    TIME  {on}  bad input")
        equal(sorted(lines[10:13]), ["  [1]  computed  TIME  " + on, "  [3]  computed  TIME  " + on,
                                     "  [4]  cached"])
        assert "computed  node  TIME  m 0  4 elements: 1 cached, 2 computed, 1 failed\n" in show("last")
        equal(show("last/node[1]"), f"""node[1]  m 0  computed
  started  DATE, took TIME {on}
  key      KEY
  input    k = 1
  input    x = "a"
  output   y = "a"
  note     seen = "a"
got\ta
""")
        equal(show("last/node[2]"), f"""node[2]  m 0  failed
  started  DATE, took TIME {on}
  input    k = 1
  input    x = "bad"
bad input
""")
        # An equal element has the result of the first one.
        equal(show("last/node[4]").splitlines()[:2], ["node[4]  m 0  cached", "  key      KEY"])
        equal(show("last/node[4]/y"), "a\n")
        folder.call("show", "last/node[3]/y", "-o", "out")
        equal((folder.path / "out").read_text(), "c")
        equal(json.loads(folder.call("show", "last/node/y", "--json")[0])["value"], ["a", "c", "a"])
        found = json.loads(folder.call("show", "last/node", "--json")[0])
        equal(found["elements"], {"total": 4, "computed": 2, "cached": 1, "failed": 1})
        equal([(e["index"], e["status"]) for e in found["element_list"]],
              [(1, "computed"), (2, "failed"), (3, "computed"), (4, "cached")])
        found = json.loads(folder.call("show", "last/node[3]", "--json")[0])
        equal((found["name"], found["inputs"], found["outputs"], found["annotations"]),
              ("node[3]", {"k": 1, "x": "c"}, {"y": "c"}, {"seen": "c"}))
        for what, message in [
            ("last/node[5]", "error: run RRRR has no element `node[5]`: 4 elements of `node` are on record\n"),
            ("last/node[1]/z", "error: `node` has no output `z`; there are errors, kept, y\n"),
            ("last/nod[1]", "error: run RRRR has no node `nod[1]`; did you mean `node`?\n"),
        ]:
            equal(lasting(folder.call("show", what, code=2)[1]),
                  message + "  See 'vtlua show --help' for more information.\n")
        folder.remove()


@check
def elements_of_two_levels():
    folder = Folder()
    folder.write("vt.each { { 'a', 'b' }, {}, { 'c' } }")
    folder.run()
    equal(folder.call("show", "last/node[3][1]/y")[0], "c\n")
    equal(lasting(folder.call("show", "last/node[1][2]")[0]).splitlines()[4], '  input    x = "b"')
    equal(json.loads(folder.call("show", "last/node/y", "--json")[0])["value"], [["a", "b"], {}, ["c"]])
    found = json.loads(folder.call("show", "last/node", "--json")[0])
    equal([e["index"] for e in found["element_list"]], [[1, 1], [1, 2], [3, 1]])
    # A long list is not in the record of the node: it is read from the results of elements.
    folder.write("{ ('x'):rep(3000), ('y'):rep(3000) }")
    folder.run()
    equal(json.loads(folder.call("show", "last/node/y", "--json")[0])["value"], ["x" * 3000, "y" * 3000])
    equal(lasting(folder.call("show", "last/node")[0]).splitlines()[5], "  output   y = list of 2")
    folder.remove()


@check
def why_elements_were_computed():
    folder = Folder()
    why = lambda what: lasting(folder.call("why", what)[0]).rstrip("\n")
    folder.write("{ 'a', 'b' }")
    folder.run()
    equal(why("last/node"), "`node` computed: 2 of 2 elements had no result; the first, `node[1]`: "
                            "it had no earlier result")
    folder.write("{ 'a', 'c', 'd' }")
    folder.run()
    equal(why("last/node"), "`node` computed: 2 of 3 elements had no result; the first, `node[2]`: its "
                            "element of input `x` (from list of 3) was changed")
    equal(why("last/node[1]"), "`node[1]` cached: its key equals that of an earlier result")
    equal(why("last/node[3]"), "`node[3]` computed: it is new: run RRRR had 2 elements")
    folder.run("-p", "k=2")
    equal(why("last/node[1]"), "`node[1]` computed: input `k`: 1 -> 2")
    (folder.path / "m.lua").write_text(MODULE.replace("y = i.x }", "y = i.x .. '!' }"))
    folder.run("-p", "k=2")
    equal(why("last/node[1]"), "`node[1]` computed: the code at m.lua:3 was changed")
    folder.run("-p", "k=2", "--force", "node[2]")
    equal(why("last/node"), "`node` computed: 1 of 3 elements had no result; the first, `node[2]`: its key "
                            "had not changed; its result was missing, its files had changed, or it was forced")
    folder.run("-p", "k=2")
    equal(why("last/node"), "`node` cached: its key equals that of an earlier result")
    equal(lasting(folder.call("why", "last/node[1]/y", code=2)[1]).splitlines()[0],
          "error: `y` is an output of `node`; ask for the node: vtlua why last/node[1]")
    folder.remove()


@check
def plans_differences_and_exports():
    folder = Folder()
    plan = lambda *more, code=0: re.sub(
        "`node` computes on the interpreter.*\n", "", folder.call("plan", "flow.lua", *more, code=code)[0])
    folder.write("{ 'a', 'b' }")
    equal(plan(), "run      node  2 elements: 2 to compute\n1 of 1 would run\n")
    folder.run()
    equal(plan("--check"), "cached   node  2 elements: 2 cached\n0 of 1 would run\n")
    folder.write("{ 'b', 'c', 'c' }")
    equal(plan("--check", code=7), "run      node  3 elements: 2 cached, 1 to compute\n1 of 1 would run\n")
    (node,) = json.loads(plan("--json"))["nodes"]
    equal(node["elements"], {"total": 3, "looked_up": 3, "cached": 2, "to_compute": 1, "first": "node[2]"})
    equal(plan("-t", "node[1]"), "cached   node  1 element: 1 cached\n0 of 1 would run\n")
    folder.run()
    runs = [run["run"] for run in json.loads(folder.call("log", "--json")[0])["runs"]]
    equal([line for line in folder.call("diff", runs[1], runs[0])[0].splitlines() if "elements" in line],
          ["elements   node: 2 computed -> 2 cached, 1 computed"])
    prov = json.loads(folder.call("export", "last", "-f", "prov")[0])
    (about,) = [a for a in prov["activity"].values() if "vtlua:elements" in a]
    equal([about["vtlua:elements" + x] for x in ("", "Computed", "Cached", "Failed")], [3, 1, 2, 0])
    crate = folder.call("export", "last", "-f", "ro-crate")[0]
    assert '"description": "Computed. 3 elements: 2 cached, 1 computed."' in crate, crate
    # More elements than are looked up.
    folder.write("(function() local t = {} for i = 1, 12000 do t[i] = i end return t end)()")
    (folder.path / "m.lua").write_text(MODULE.replace("os.execute(", "(function() end)("))
    equal(plan(), "run      node  12,000 elements, more than the 10,000 that are looked up; of these "
                  "10,000 to compute\n1 of 1 would run\n")
    folder.run()
    equal(plan(), "may run  node  12,000 elements, more than the 10,000 that are looked up; of these "
                  "10,000 cached\n0 of 1 would run, and 1 may run\n")
    lines = folder.call("show", "last/node")[0].splitlines()
    equal((len(lines), lines[-1]), (28, "  and 11,980 more; --json lists all"))
    folder.remove()


@check
def lines_about_elements():
    for place in PLACES:
        folder = Folder(place)
        folder.write("{ 'a', 'b' }")
        run = lambda *more, code=0: lasting(folder.call("run", "flow.lua", *more, code=code)[1]).splitlines()
        equal(run("--progress", "plain")[0], "[1/1] node  2 elements: 2 computed  TIME")
        folder.write("{ 'a', 'b', 'c' }")
        equal(run("--progress", "plain")[0], "[1/1] node  3 elements: 2 cached, 1 computed  TIME")
        equal(run("--progress", "plain")[0], "[1/1] node  3 elements: 3 cached")
        folder.write("{ 'bad', 'a' }")
        equal(run("--progress", "plain", code=1)[0].split(":")[0], "[1/1] node  failed  2 elements")
        # Events are few, however many elements there are.
        folder.write("(function() local t = {} for i = 1, 5000 do t[i] = i end return t end)()")
        (folder.path / "m.lua").write_text(MODULE.replace("os.execute(", "(function() end)("))
        began = time.monotonic()
        events = [json.loads(line) for line in
                  folder.call("run", "flow.lua", "--progress", "json")[1].splitlines() if line[0] == "{"]
        tasks = [e for e in events if e["event"] == "tasks"]
        equal((tasks[-1]["done"], tasks[-1]["total"]), (5000, 5000))
        if len(tasks) > 3 + 20 * (time.monotonic() - began):
            raise AssertionError(f"{len(tasks)} events")
        folder.remove()


@check
def live_lines():
    folder = Folder()
    (folder.path / "flow.lua").write_text("""
local flow = vt.workflow { name = "live" }
local slow = vt.module { name = "slow", inputs = { x = "number" }, outputs = { y = "number" } }
function slow:compute(i) os.execute("sleep " .. i.x) return { y = i.x } end
local list = {}
for i = 1, 40 do list[i] = 0.1 + i * 1e-5 end
local a, b = flow:add("a", slow, { x = 4.2 }), flow:add("b", slow, { x = 4.3 })
local c = flow:add("c", slow, { x = vt.each(list) }, { on = "threads" })
return flow:outputs { a = a.y, b = b.y, c = c.y }
""")
    _, errors = folder.call("run", "flow.lua", "-j", "3", "--progress", "bar")
    lines = [re.sub("\x1b\\[[0-9;]*[A-Za-z]", "", line) for line in re.split("[\r\n]", errors)]
    # The elements of `c` compute while the others do.
    running = "3 running: a( \\d s)?, b( \\d s)?, c \\d+/40 on \\d+ threads?"
    assert any(re.fullmatch(running, line) for line in lines), lines
    folder.remove()


end()
