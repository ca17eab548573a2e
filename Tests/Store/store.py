#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# What the store guarantees, checked through the program alone: Tests/Store/store.py [--all] [NAME...]
#
# Needs VTLUA_BINARY. With --all, 1,000 processes are killed instead of 100.
import json, os, random, shutil, signal, sqlite3, subprocess, sys, tempfile, time
from pathlib import Path

vtlua = os.environ["VTLUA_BINARY"]
everything = "--all" in sys.argv
chosen = [name for name in sys.argv[1:] if name != "--all"]
os.environ.pop("VTLUA_STORE", None)
random.seed(7)
LIMIT = 120  # seconds of each wait; the bound only ends a test that hangs

HELPER = """
local H = { scale = 2 }
function H.twice(x)
  return x * H.scale
end
return H
"""
LATE = """
return function(x) return x + 1 end
"""
MODULE = """
local helper = require "helper"
local M = vt.module {
  name = "t.a", version = "1",
  inputs = { x = "number", f = "function", file = "file", d = { "integer", default = 1 } },
  outputs = { y = "number" },
}
function M:compute(i)
  print("computing")
  local y = math.same(i.f(helper.twice(i.x))) + i.d
  for line in io.lines(i.file) do y = y + #line end
  self:annotate { seen = "yes" }
  return { y = require("late")(y) }
end
return M
"""
NEXT = """
local M = vt.module {
  name = "t.b", inputs = { p = "number", q = "number" }, outputs = { z = "number", list = "list" },
}
function M:compute(i)
  local list = {}
  for k = 1, 5000 do list[k] = k * i.p + i.q end
  return { z = i.p * 10 + i.q, list = list }
end
return M
"""
FLOW = """
function math.same(x) return x end
local flow = vt.workflow { name = "t", params = { x = { "number", default = 3 } } }
local k = 5
local a = flow:add("a", "a", { x = flow.params.x, f = function(v) return v + k end, file = "in.txt" })
local b = flow:add("b", "b", { p = a.y, q = 1 })
return flow:outputs { z = b.z, list = b.list }
"""


class Project:
    def __init__(self):
        self.path = Path(tempfile.mkdtemp())
        (self.path / "modules").mkdir()
        for name, text in {
            "modules/helper.lua": HELPER, "modules/late.lua": LATE, "modules/a.lua": MODULE,
            "modules/b.lua": NEXT, "flow.lua": FLOW, "in.txt": "hello\n",
        }.items():
            (self.path / name).write_text(text)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path)

    def call(self, *arguments, code=0, **more):
        done = subprocess.run(
            [vtlua, *arguments], cwd=self.path, capture_output=True, text=True, errors="backslashreplace",
            timeout=LIMIT, **more)
        assert done.returncode == code, (arguments, done)
        return done

    def run(self, *arguments, **more):
        return json.loads(self.call("run", "flow.lua", "--json", *arguments, **more).stdout)

    def states(self, *arguments, **more):
        return {n["name"]: n["status"] for n in self.run(*arguments, **more)["nodes"]}

    def plan(self, *arguments):
        found = json.loads(self.call("plan", "flow.lua", "--json", *arguments).stdout)
        return {n["name"]: n["reason"] for n in found["nodes"]}

    def key(self, node):
        newest = json.loads(self.call("log", "--json").stdout)["runs"][0]["run"]
        return json.loads(self.call("show", f"{newest}/{node}", "--json").stdout)["key"]

    def shown(self, run="last"):
        return json.loads(self.call("show", run, "--json").stdout)

    def change(self, sql):
        database = sqlite3.connect(self.path / ".vtlua/store.sqlite")
        with database:
            database.execute(sql)
        database.close()

    def edit(self, name, before, after):
        text = (self.path / name).read_text()
        assert before in text, (name, before)
        (self.path / name).write_text(text.replace(before, after))


def eventually(condition):
    """Waits until the condition holds; returns its value."""
    end = time.time() + LIMIT
    while not (found := condition()):
        assert time.time() < end, "the condition does not come true"
        time.sleep(0.01)
    return found


def equal(found, expected):
    def brief(value):
        text = repr(value)
        return text if len(text) < 800 else text[:100] + " ... " + text[-700:]
    assert found == expected, f"got      {brief(found)}\nexpected {brief(expected)}"


CACHED = {"a": None, "b": None}


def key_changes():
    """Every change that can affect a result changes the key; a comment does not."""
    after = {"b": "after `a`, if that gives another result"}
    with Project() as p:
        equal(p.plan(), {"a": "has no result yet"} | after)
        first = p.run()
        equal(p.plan(), CACHED)
        for name, before, text, expected in [
            ("modules/a.lua", "\nlocal helper", "\n-- a comment\n\nlocal helper", CACHED),
            ("modules/a.lua", "i.x))) + i.d", "i.x))) - i.d", "the code at modules/a.lua:8 was changed"),
            ("modules/a.lua", '"t.a"', '"t.c"', "the module's name: t.a -> t.c"),
            ("modules/a.lua", 'version = "1"', 'version = "2"', "the module's version: 1 -> 2"),
            ("modules/a.lua", 'x = "number"', 'x = "any"', "the module's ports were changed"),
            ("modules/a.lua", "default = 1", "default = 2", "the module's ports were changed"),
            ("modules/helper.lua", "x * H", "1 + x * H", "the code at modules/helper.lua:3 was changed"),
            ("modules/helper.lua", "scale = 2", "scale = 3", "the value `helper.scale` in modules/a.lua: 2 -> 3"),
            ("modules/helper.lua", "scale = 2", "scale = 2, more = 1", "the value `helper.more` in modules/a.lua is new"),
            ("modules/helper.lua", "scale = 2", "scale = { 2 }", "the value `helper.scale` in modules/a.lua: 2 -> list of 1"),
            ("modules/a.lua", "function M:compute", "M.factor = 3\nfunction M:compute", "the value `self.factor` in modules/a.lua is new"),
            ("flow.lua", "return x end", "return x + 0 end", "the value `math.same` was changed"),
            ("modules/late.lua", "x + 1", "x + 2", "the module `late`, which it requires, was changed"),
            ("flow.lua", "k = 5", "k = 6", "the value `k` in flow.lua: 5 -> 6"),
            ("flow.lua", "v + k", "v - k", "the code at flow.lua:5 was changed"),
            ("flow.lua", "default = 3", "default = 4", "input `x`: 3 -> 4"),
            ("in.txt", "hello", "hullo", "input `file` (\"in.txt\") was changed"),
        ]:
            p.edit(name, before, text)
            equal(p.plan(), expected if expected is CACHED else {"a": expected} | after)
            p.edit(name, text, before)
        p.edit("flow.lua", "{ p = a.y, q = 1 }", "{ p = 1, q = a.y }")
        equal(p.plan(), {"a": None, "b": "input `p`: `y` of `a` -> 1"})
        p.edit("flow.lua", "{ p = 1, q = a.y }", "{ p = a.y, q = 1 }")
        second = p.run()
        equal(second["outputs"], first["outputs"])
        equal([(n["status"], n.get("printed"), n.get("annotations")) for n in second["nodes"]],
              [("cached", "computing\n", {"seen": "yes"}), ("cached", None, None)])
        p.call("plan", "flow.lua", "--check")
        p.call("plan", "flow.lua", "--check", "-p", "x=5", code=7)


def same_key_everywhere():
    """The same flow has the same key in fresh processes."""
    with Project() as p:
        p.run()
        key = p.key("b")
        for _ in range(1000 if everything else 30):
            equal(p.plan(), CACHED)
        shutil.rmtree(p.path / ".vtlua")
        p.run()
        equal(p.key("b"), key)


def not_cached_says_why():
    with Project() as p:
        p.edit("modules/a.lua", 'version = "1",', 'version = "1", cache = false,')
        p.run()
        equal(p.plan(), {"a": "is never cached: `cache` is false", "b": "after `a`, if that gives another result"})
        # The result of `a` is the same.
        equal(p.states(), {"a": "computed", "b": "cached"})
    with Project() as p:
        p.edit("flow.lua", "local k = 5", "local k = coroutine.create(print)")
        p.edit("flow.lua", "v + k", "k and v")
        p.run()
        equal(p.plan()["a"], "cannot be cached: its input `f` holds flow.lua:5: `k` is a coroutine")


def forced():
    with Project() as p:
        p.run()
        equal(p.states("--force", "a"), {"a": "computed", "b": "cached"})
        equal(p.states("--force", "all"), {"a": "computed", "b": "computed"})
        equal(p.states("--no-cache"), {"a": "computed", "b": "computed"})
        equal(p.states("--store", "off"), {"a": "computed", "b": "computed"})
        equal(p.states(), {"a": "cached", "b": "cached"})


def record():
    with Project() as p:
        run = p.run("-p", "x=4")["run"]
        shown = json.loads(p.call("show", run, "--json").stdout)
        equal((shown["status"], shown["parameters"], [n["name"] for n in shown["nodes"]]),
              ("done", {"x": 4}, ["a", "b"]))
        equal(shown["nodes"][0]["inputs"],
              {"d": 1, "f": {"brief": "function"}, "file": "in.txt", "x": 4})
        equal(shown["nodes"][1]["inputs"], {"p": 20, "q": 1})
        equal(shown["nodes"][1]["outputs"]["z"], 201)
        equal(set(shown["nodes"][1]["outputs"]["list"]), {"brief", "bytes", "digest"})
        equal(shown["outputs"]["z"], {"node": "b", "port": "z", "type": "number", "value": 201})
        p.edit("modules/b.lua", "i.p * 10", "i.p * {}")
        failed = p.run("-p", "x=4", code=1)["run"]
        node = json.loads(p.call("show", f"{failed}/b", "--json").stdout)
        equal((node["status"], node["error"].split("\n")[0]),
              ("failed", "modules/b.lua:8: attempt to perform arithmetic on a table value"))
        equal(p.call("why", f"{failed}/a").stdout, "`a` cached: its key equals that of an earlier result\n")
        equal(p.call("why", f"{failed}/b").stdout,
              "`b` failed: the code at modules/b.lua:5 was changed\n")
        p.edit("modules/b.lua", "i.p * {}", "i.p * 10")
        third = p.run("-p", "x=6")["run"]
        equal(p.call("why", f"{third}/b").stdout,
              "`b` computed: its input `p` comes from `a`: input `x`: 4 -> 6\n")
        lines = p.call("diff", run, third).stdout.splitlines()
        equal(lines[0], "parameter  x: 4 -> 6")
        equal([line.split()[1] for line in lines if line.startswith("output")],
              ["a.y:", "b.list:", "b.z:"])
        equal([line for line in lines if line.startswith("key")],
              ["key        a: input `x`: 4 -> 6", "key        b: input `p` (`y` of `a`) was changed"])
        equal(p.call("diff", run).stdout.splitlines(), lines)
        for words in (("show",), ("show", "last")):
            equal(p.call(*words).stdout, p.call("show", third).stdout)
        equal(p.call("why", "last/b").stdout, p.call("why", f"{third}/b").stdout)
        equal(p.call("show", "nothing", code=2).stderr.splitlines(),
              ["error: no run `nothing` is recorded; to list the runs: vtlua log",
               "  See 'vtlua show --help' for more information."])
        equal(p.call("why", "b", code=2).stderr.splitlines()[0],
              "error: expected RUN/NODE, got 'b'; for the newest run: last/NODE")
        p.edit("flow.lua", 'flow:add("b"', 'flow:add("final"')
        renamed = p.run()["run"]
        lines = p.call("diff", third, renamed).stdout.splitlines()
        equal([line for line in lines if line.startswith("node")],
              ["node       final: - -> t.b", "node       b: t.b -> -"])
        # No name of a run begins with this one: it is longer than those.
        equal(p.call("show", "final", code=2).stderr.splitlines()[0],
              "error: no run `final` is recorded; did you mean last/final?")
        p.call("cache", "clear", "--record")
        equal(p.call("show", code=2).stderr.splitlines()[0],
              "error: no run is recorded; start with: vtlua run flow.lua")


PARALLEL = """
local M = vt.module { name = "t.p", inputs = { n = "integer" }, outputs = { sum = "number" } }
local function wait(x)
  local over = os.clock() + 0.01
  while os.clock() < over or x > 20 and io.open("endless") do end
  if x == 7 and not io.open("fine") then error("seven") end
  return x
end
function M:compute(i)
  local list = {}
  for k = 1, i.n do list[k] = k end
  local threads <close> = parallel.threads(2)
  threads:map(tostring, list, { label = "names" })
  local processes <close> = parallel.processes(2)
  local sum = 0
  for _, v in processes:imap(function(x) return x end, list) do sum = sum + v end
  threads:map(wait, list, { retries = 1 })
  return { sum = sum }
end
return M
"""


def parallel_tasks():
    """Every task of a module is recorded, whether the module is done, failed or was stopped."""
    with Project() as p:
        (p.path / "modules/p.lua").write_text(PARALLEL)
        (p.path / "flow.lua").write_text(
            'local flow = vt.workflow { name = "t" }\n'
            'return flow:outputs { sum = flow:add("p", "p", { n = 60 }).sum }\n')

        def calls():
            found = json.loads(p.call("log", "-n", "1", "--json").stdout)["runs"][0]
            return found, json.loads(p.call("show", found["run"] + "/p", "--json").stdout)["calls"]

        def outcomes(call):
            return {name: call[name] for name in ["done", "failed", "cancelled", "unfinished"]
                    if call[name]}

        said = p.call("run", "flow.lua", code=1).stderr.splitlines()
        run, found = calls()
        equal(said[-1], f"  vtlua show {run['run']}/p for the full traceback")
        equal(run["status"], "failed")
        equal([(c["backend"], c["label"], c["place"]) for c in found], [
            ("threads", "names", "modules/p.lua:13"), ("processes", None, "modules/p.lua:16"),
            ("threads", None, "modules/p.lua:17")])
        equal([outcomes(c) for c in found[:2]], [{"done": 60}, {"done": 60}])
        failed = [task for task in found[2]["tasks"] if task["outcome"] == "failed"]
        equal([(task["index"], task["attempts"]) for task in failed], [(7, 2)])
        for call in found[:2]:
            tasks = call["tasks"]
            equal([task["index"] for task in tasks], list(range(1, 61)))
            equal({task["outcome"] for task in tasks}, {"done"})
            equal({task["attempts"] for task in tasks}, {1})
            equal({task["host"] for task in tasks}, {run["host"]})
            assert {task["worker"] for task in tasks} <= {1, 2}
            pids = {task["pid"] for task in tasks}
            assert (pids == {run["pid"]}) == (call["backend"] == "threads"), pids
            for task in tasks:
                end = run["started"] + run["seconds"]
                times = [run["started"], task["queued"], task["started"], task["ended"], end]
                assert all(a <= b + 0.01 for a, b in zip(times, times[1:])), times

        (p.path / "fine").write_text("")
        p.run()
        run, found = calls()
        equal([outcomes(c) for c in found], [{"done": 60}] * 3)
        spent = sum(task["ended"] - task["started"] for task in found[2]["tasks"])
        assert 0.29 < spent < 2 * run["seconds"], (spent, run["seconds"])

        (p.path / "endless").write_text("")
        child = subprocess.Popen([vtlua, "run", "flow.lua", "--force", "p", "--progress", "json"],
                                 cwd=p.path, stderr=subprocess.PIPE, text=True)
        for line in child.stderr:
            event = json.loads(line)
            if event["event"] == "tasks" and event["call"] == 3 and event["done"] > 0:
                break
        child.send_signal(signal.SIGINT)
        equal(child.wait(LIMIT), 130)
        run, found = calls()
        equal(run["status"], "cancelled")
        assert found[2]["done"] > 0 and found[2]["cancelled"] > 0, outcomes(found[2])
        equal(sum(outcomes(found[2]).values()), 60)


def dead_worker():
    """A task that ends its process is recorded without a process."""
    with Project() as p:
        (p.path / "flow.lua").write_text("""
local M = vt.module { name = "t.d", outputs = { n = "number" } }
function M:compute()
  local pool <close> = parallel.processes(2)
  local list = {}
  for k = 1, 40 do list[k] = k end
  local done, errors = pool:map(function(x)
    if x % 13 == 0 then os.exit(3) end
    local over = os.clock() + 0.002
    while os.clock() < over do end
    return x
  end, list, { on_error = "collect" })
  return { n = #errors }
end
local flow = vt.workflow { name = "t" }
return flow:outputs { n = flow:add("d", M).n }
""")
        equal(p.run()["outputs"], {"n": 3})
        tasks = json.loads(p.call("show", "last/d", "--json").stdout)["calls"][0]["tasks"]
        equal([(t["index"], t["pid"]) for t in tasks if t["outcome"] == "failed"],
              [(13, None), (26, None), (39, None)])
        # Tasks of a process that is gone have none either; no process did tasks of two workers.
        workers = {t["pid"]: t["worker"] for t in tasks if t["pid"]}
        assert workers and all(workers[t["pid"]] == t["worker"] for t in tasks if t["pid"]), tasks


def trace():
    """--trace writes every event and every task, each on a line."""
    with Project() as p:
        (p.path / "modules/p.lua").write_text(PARALLEL)
        (p.path / "fine").write_text("")
        (p.path / "flow.lua").write_text(
            'local flow = vt.workflow { name = "t" }\n'
            'return flow:outputs { sum = flow:add("p", "p", { n = 60 }).sum }\n')
        p.run("--trace", "t.jsonl")
        events = [json.loads(line) for line in (p.path / "t.jsonl").read_text().splitlines()]
        equal([e["event"] for e in events if e["event"] not in ("tasks", "task")],
              ["run_started", "module_started", "module_finished", "run_finished"])
        equal(len([e for e in events if e["event"] == "task"]), 180)
        equal(events[0]["expected"], {})
        p.run("--trace", "t.jsonl", "--force", "p")
        first = json.loads((p.path / "t.jsonl").read_text().splitlines()[0])
        equal(list(first["expected"]), ["p"])
        assert first["expected"]["p"] > 0.1
        found = p.call("run", "flow.lua", "--trace", "none/t.jsonl", code=2)
        equal(found.stderr,
              "error: cannot write the trace 'none/t.jsonl': No such file or directory\n")


def interrupted():
    """A run stopped by Ctrl-C is recorded, and so is one whose process was killed."""
    with Project() as p:
        mark = p.path / "computing"
        endless = "io.open('computing', 'w'):close() while true do end "
        p.edit("modules/b.lua", "local list = {}", endless + "local list = {}")
        for number, status, expected in [(signal.SIGINT, 130, "cancelled"), (signal.SIGKILL, -9, "killed")]:
            child = subprocess.Popen([vtlua, "run", "flow.lua"], cwd=p.path, stderr=subprocess.DEVNULL)
            eventually(mark.exists)
            mark.unlink()
            child.send_signal(number)
            equal(child.wait(LIMIT), status)
            newest = json.loads(p.call("log", "--json").stdout)["runs"][0]
            equal(newest["status"], expected)
        p.edit("modules/b.lua", endless, "error('no') ")
        said = p.call("run", "flow.lua", code=1).stderr.splitlines()[-1]
        newest = json.loads(p.call("log", "--json").stdout)["runs"][0]["run"]
        equal(said, f"  `a` is cached; a new run starts at `b`.   vtlua show {newest}/b for the full "
                    "traceback")
        p.edit("modules/b.lua", "error('no') ", "")
        equal(p.states(), {"a": "cached", "b": "computed"})


def killed_at_random():
    """After a kill, no result is incomplete or wrong, and the store opens without repair."""
    with Project() as p:
        expected = {x: p.run("-p", f"x={x}", "--store", "off")["outputs"] for x in range(5)}
        hits = 0
        for attempt in range(1000 if everything else 100):
            x = attempt % 5
            if attempt % 50 == 0:
                shutil.rmtree(p.path / ".vtlua", ignore_errors=True)
            child = subprocess.Popen([vtlua, "run", "flow.lua", "-p", f"x={x}"], cwd=p.path,
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(random.random() * 0.025)
            child.kill()
            child.wait()
            if attempt % 5 == 4:
                for x in range(5):
                    result = p.run("-p", f"x={x}")
                    equal(result["outputs"], expected[x])
                    hits += sum(n["status"] == "cached" for n in result["nodes"])
                equal(json.loads(p.call("cache", "verify", "--json").stdout)["damaged"], 0)
        assert hits > 0


def two_at_once():
    with Project() as p:
        expected = p.run("--store", "off")["outputs"]
        for _ in range(10):
            shutil.rmtree(p.path / ".vtlua", ignore_errors=True)
            runs = [subprocess.Popen([vtlua, "run", "flow.lua", "--json"], cwd=p.path,
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                    for _ in range(4)]
            for run in runs:
                out, err = run.communicate(timeout=LIMIT)
                equal((run.returncode, json.loads(out)["outputs"]), (0, expected))
                assert "warning" not in err, err
            equal(p.states(), {"a": "cached", "b": "cached"})


def no_lock_while_computing():
    """A reader keeps its lock for the next read, but not while a module computes."""
    inner = """local inner = vt.workflow { name = "inner" }
inner:add("a", "a", { x = 3, f = function(v) return v end, file = "../in.txt" })
function M:compute"""
    for runs_another in False, True:
        with Project() as p:
            p.edit("modules/b.lua", "local list = {}",
                   ("inner:run {} " if runs_another else "")
                   + "if os.getenv 'LONG' then io.open('computing', 'w'):close() "
                     "while true do end end local list = {}")
            if runs_another:
                p.edit("modules/b.lua", "function M:compute", inner)
            p.run()
            p.edit("modules/b.lua", "i.p * 10", "i.p * 11")
            child = subprocess.Popen([vtlua, "run", "flow.lua"], cwd=p.path, stderr=subprocess.DEVNULL,
                                     env=os.environ | {"LONG": "1"})
            try:
                eventually((p.path / "computing").exists)
                database = sqlite3.connect(p.path / ".vtlua/store.sqlite")
                equal(database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone(), (0, 0, 0))
                database.close()
            finally:
                child.kill()
                child.wait()


def damaged():
    with Project() as p:
        expected = p.run()["outputs"]
        blobs = [f for f in (p.path / ".vtlua/blobs").rglob("*") if f.is_file()]
        equal(len(blobs), 1)
        for change in (lambda b: b[:-5], lambda b: b[:100] + bytes(x ^ 255 for x in b[100:]), lambda b: b""):
            whole = blobs[0].read_bytes()
            blobs[0].write_bytes(change(whole))
            done = p.call("run", "flow.lua", "--json")
            result = json.loads(done.stdout)
            equal((result["outputs"], [n["status"] for n in result["nodes"]]),
                  (expected, ["cached", "computed"]))
            assert "warning: the stored result" in done.stderr, done.stderr
            equal(p.states(), {"a": "cached", "b": "cached"})
        # A damaged database.
        for part in "-wal", "-shm":
            (p.path / f".vtlua/store.sqlite{part}").unlink(missing_ok=True)
        (p.path / ".vtlua/store.sqlite").write_bytes(b"nonsense" * 1000)
        done = p.call("run", "flow.lua", "--json")
        equal(json.loads(done.stdout)["outputs"], expected)
        equal(done.stderr.splitlines()[0],
              "warning: './.vtlua/store.sqlite' is damaged (file is not a database); remove "
              "'./.vtlua' to start over; continuing without a store".replace("./", ""))
        equal(p.call("log", code=4).stderr,
              "error: '.vtlua/store.sqlite' is damaged (file is not a database); remove '.vtlua' "
              "to start over\n")


def damaged_annotations():
    """The hash of the outputs does not cover annotations; damaged ones are computed again."""
    with Project() as p:
        expected = p.run()["outputs"]
        p.change("UPDATE results SET annotations = x'ff00' WHERE annotations != x''")
        done = p.call("run", "flow.lua", "--json")
        result = json.loads(done.stdout)
        equal((result["outputs"], [n["status"] for n in result["nodes"]]),
              (expected, ["computed", "cached"]))
        assert "is damaged; computing it again" in done.stderr, done.stderr
        equal(p.states(), {"a": "cached", "b": "cached"})
        # The live lines are cleared before a warning.
        p.change("UPDATE results SET annotations = x'ff00' WHERE annotations != x''")
        drawn = p.call("run", "flow.lua", "--progress", "bar").stderr
        assert "\x1b[2Kwarning: the stored result" in drawn, drawn


def any_number():
    """A record with any number is shown."""
    with Project() as p:
        p.edit("modules/a.lua", 'print("computing")',
               "local pool <close> = parallel.threads(2) pool:map(math.abs, { 1, 2, 3 })")
        run = p.run()["run"]
        most = 2 ** 63 - 1
        for number in ("9e999", "-9e999", "1e300", f"{most}", f"-{most}"):
            for change in (
                f"runs SET started = {number}, seconds = {number}, pid = {number}, "
                f"modules = {number}, status = 'running'",
                f"nodes SET started = {number}, seconds = {number}, processor = {number}, "
                f"peak = {number}, attempts = {number}",
                f"calls SET began = {number}, done = {number}, failed = {number}, "
                f"cancelled = {number}, unfinished = {number}, size = {number}",
                f"results SET size = {number}, seconds = {number}, made = {number}, used = {number}",
            ):
                p.change("UPDATE " + change)
            for what in (["log"], ["show", run], ["show", f"{run}/a"], ["show", f"{run}/a", "--json"],
                         ["report", run], ["report", run, "--json"], ["export", run, "-f", "prov"],
                         ["export", run, "-f", "ro-crate"], ["cache", "ls"], ["plan", "flow.lua"]):
                p.call(*what)
        size = 38
        p.change(f"UPDATE calls SET size = {size}, tasks = x'00ffff3f00" + "13" + "ff" * (size - 6) + "'")
        p.call("report", run)


def runs_inside():
    """A run inside a module is part of the module in every form of progress."""
    with Project() as p:
        (p.path / "flow.lua").write_text("""
            local one = vt.module { name = "one", inputs = { x = "number" }, outputs = { y = "number" } }
            function one:compute(i) return { y = i.x } end
            local all = vt.module { name = "all", outputs = { y = "number" } }
            function all:compute()
              local inner = vt.workflow { name = "inner" }
              for x = 1, 12 do inner:add("n" .. x, one, { x = x }) end
              inner:run()
              self:progress(0.5, "half\\nof\\27it")
              while not io.open("go") do end
              return { y = 1 }
            end
            local flow = vt.workflow { name = "outer" }
            local first, second = flow:add("first", all), flow:add("second", one, { x = 2 })
            return flow:outputs { y = first.y, z = second.y }
        """)
        go = p.path / "go"
        go.touch()
        lines = p.call("run", "flow.lua", "--progress", "plain").stderr.splitlines()
        equal([line.split("  ")[0] for line in lines[:2]], ["[1/2] first", "[2/2] second"])
        equal(len(lines), 3)
        go.unlink()
        child = subprocess.Popen([vtlua, "run", "flow.lua", "--progress", "bar", "--force", "all"],
                                 cwd=p.path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        drawn = b""
        while b"half of it" not in drawn:
            assert (block := child.stderr.read1()), drawn
            drawn += block
        go.touch()
        drawn = (drawn + child.stderr.read()).decode()
        equal(child.wait(LIMIT), 0)
        assert "half of it" in drawn and "/2" in drawn and "13/" not in drawn, drawn
        equal(drawn.count("done: "), 1)
        assert "done: 2 modules in " in drawn, drawn


def newer():
    with Project() as p:
        expected = p.run()["outputs"]
        with sqlite3.connect(p.path / ".vtlua/store.sqlite") as database:
            [(form,)] = database.execute("PRAGMA user_version")
            database.execute("PRAGMA user_version = 99")
        done = p.call("run", "flow.lua", "--json")
        equal(json.loads(done.stdout)["outputs"], expected)
        said = (f"'.vtlua' was created by a newer vtlua (format 99; this version supports up to {form}); "
                "use that version, or another --store")
        equal(done.stderr.splitlines()[0], f"warning: {said}; continuing without a store")
        equal(p.call("log", code=4).stderr, f"error: {said}\n")


def unknown_states():
    """States that a later version may write are shown as they are on record."""
    with Project() as p:
        p.run()
        with sqlite3.connect(p.path / ".vtlua/store.sqlite") as database:
            database.execute("UPDATE runs SET status = 'paused'")
            database.execute("UPDATE nodes SET status = 'postponed' WHERE node = 'b'")
        [run] = json.loads(p.call("log", "--json").stdout)["runs"]
        equal(run["status"], "paused")
        assert " paused " in p.call("log").stdout
        shown = json.loads(p.call("show", run["run"], "--json").stdout)
        equal([n["status"] for n in shown["nodes"]], ["computed", "postponed"])
        p.call("report", run["run"], "-o", "out.html")
        page = (p.path / "out.html").read_text()
        assert '<span class="badge waiting">paused</span>' in page
        equal(p.states(), {"a": "cached", "b": "cached"})


def with_named_parts(database):
    """Makes the parts of keys and the durations of nodes what they were up to form 5."""
    for table in "elements", "element_packs", "suspended":
        database.execute(f"DROP TABLE {table}")
    for run, position, parts in database.execute("SELECT run, position, parts FROM nodes").fetchall():
        name = f"{run}-{position}"
        database.execute("INSERT INTO parts VALUES (?, ?)", (name, parts.decode()))
        database.execute("UPDATE nodes SET parts = ? WHERE run = ? AND position = ?", (name, run, position))
    database.execute("DROP INDEX runs_sweep")
    for column in "durations", "sweep":
        database.execute(f"ALTER TABLE runs DROP COLUMN {column}")
    database.execute("CREATE INDEX nodes_computed ON nodes (run, node, seconds) WHERE status = 'computed'")


def previous():
    """The results and the records of a store of form 5 stay, with the parts of keys and durations."""
    with Project() as p:
        first = p.run()["run"]
        database = sqlite3.connect(p.path / ".vtlua/store.sqlite")
        with database:
            with_named_parts(database)
            for column in "arrays", "array_bytes":
                database.execute(f"ALTER TABLE results DROP COLUMN {column}")
            database.execute("UPDATE nodes SET seconds = 90 WHERE node = 'a'")
            database.execute("PRAGMA user_version = 5")
        database.close()
        equal(p.states(), {"a": "cached", "b": "cached"})
        equal(p.plan("-p", "x=4")["a"], "input `x`: 3 -> 4")
        begun = p.call("run", "flow.lua", "--progress", "json").stderr.splitlines()[0]
        equal(json.loads(begun)["expected"]["a"], 90)
        # The record of a node with named parts stays as long as a later run refers to it.
        p.call("cache", "gc", "--records", "0", "--keep", "1")
        equal(p.plan("-p", "x=4")["a"], "input `x`: 3 -> 4")
        equal(p.shown()["nodes"][0]["computed_in"], first)


def older():
    """Stores of earlier forms are converted to the present one, with their content."""
    for form in 1, 2, 3:
        with Project() as p:
            first = p.run()["run"]
            with sqlite3.connect(p.path / ".vtlua/store.sqlite") as database:
                [(newest,)] = database.execute("PRAGMA user_version")
                # Rows of earlier forms have lists of texts where there is CBOR now.
                database.execute("UPDATE runs SET parameters = 'x\x1f3', flow_source = 'the script'")
                database.execute("UPDATE nodes SET inputs = '', annotations = 'seen\x1f\"yes\"', "
                                 "outputs = 'y\x1f30', files = ''")
                for table in "packs", "cached", "libraries", "observations", "digests":
                    database.execute(f"DROP TABLE {table}")
                for table, column in [("runs", "outputs"), ("runs", "source"), ("runs", "began"),
                                      ("runs", "boot"), ("runs", "space"), ("nodes", "libraries")]:
                    database.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
                with_named_parts(database)
                if form < 3:
                    database.execute("DROP INDEX nodes_computed")
                    database.execute("CREATE INDEX nodes_node ON nodes (node, run)")
                    for table, column in [("runs", "directory"), ("nodes", "files")]:
                        database.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
                if form == 1:
                    database.execute("DROP TABLE calls")
                    for table, column in [("runs", "machine"), ("runs", "connections"), ("nodes", "inputs")]:
                        database.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
                database.execute(f"PRAGMA user_version = {form}")
            database.close()
            # Results of earlier forms have other keys.
            equal(p.states(), {"a": "computed", "b": "computed"})
            again = json.loads(p.call("log", "--json").stdout)["runs"][0]["run"]
            equal(p.states(), {"a": "cached", "b": "cached"})
            shown = json.loads(p.call("show", first, "--json").stdout)
            equal((shown["status"], shown["parameters"], shown["outputs"]),
                  ("done", {"x": {"brief": "3"}}, {}))
            node = shown["nodes"][0]
            equal((node["inputs"], node["outputs"], node["annotations"]),
                  ({name: {"brief": text} for name, text in [
                      ("x", "3"), ("f", "function"), ("file", '"in.txt"'), ("d", "1")]},
                   {"y": {"brief": "30"}}, {"seen": {"brief": '"yes"'}}))
            assert "  output   y = 30\n" in p.call("show", f"{first}/a").stdout
            newest_run = json.loads(p.call("show", "--json").stdout)
            equal([(n["status"], n["computed_in"]) for n in newest_run["nodes"]],
                  [("cached", again), ("cached", again)])
            p.call("report", first)
            p.call("export", first, "-f", "prov")
            equal(len(json.loads(p.call("log", "--json").stdout)["runs"]), 3)
            with sqlite3.connect(p.path / ".vtlua/store.sqlite") as database:
                equal(database.execute("PRAGMA user_version").fetchone(), (newest,))
            database.close()


def cannot_write():
    with Project() as p:
        expected = p.run("--store", "off")["outputs"]
        done = p.call("run", "flow.lua", "--json", "--store", "/proc/store")
        equal(json.loads(done.stdout)["outputs"], expected)
        equal(done.stderr.splitlines()[0],
              "warning: cannot create '/proc/store': No such file or directory; continuing without a "
              "store")
        if os.geteuid() != 0:
            return print("not run: a full disk, which takes a mount and so root")
        disk = p.path / "disk"
        disk.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", disk],
                          capture_output=True).returncode:
            return print("not run: a full disk, for nothing can be mounted here")
        try:
            for size in (300, 200, 150, 120, 60):
                filler = disk / "filler"
                filler.write_bytes(bytes(1000 * (300 - size)))
                done = p.call("run", "flow.lua", "--json", "--store", str(disk / "store"))
                equal(json.loads(done.stdout)["outputs"], expected)
                shutil.rmtree(disk / "store", ignore_errors=True)
                filler.unlink()
            assert "warning: " in done.stderr and "continuing without" in done.stderr, done.stderr
            assert f"'{disk}/store" in done.stderr, done.stderr
        finally:
            subprocess.run(["umount", disk], check=True)


def upkeep():
    with Project() as p:
        p.call("log", code=4)
        p.run()
        equal(p.call("cache", "path").stdout, ".vtlua\n")
        found = json.loads(p.call("cache", "ls", "--json").stdout)["results"]
        equal([e["node"] for e in found], ["a", "b"])
        stray = p.path / ".vtlua/blobs/00"
        stray.mkdir(exist_ok=True)
        # A file with a name of the store; see safety.py for others.
        (stray / ("00" * 32)).write_bytes(b"x")
        os.utime(stray / ("00" * 32), (1, 1))
        equal(p.call("cache", "gc").stdout, "0 results removed, 1 B of files freed\n")
        equal(p.call("cache", "gc", "--days", "0").stdout.split()[0], "2")
        equal(p.states(), {"a": "computed", "b": "computed"})
        p.call("cache", "clear")
        equal(p.plan()["a"], "its result is no longer in the store")
        equal(len(json.loads(p.call("log", "--json").stdout)["runs"]), 2)
        p.call("cache", "clear", "--record")
        equal(json.loads(p.call("log", "--json").stdout)["runs"], [])


VALUES = """
local Vec = require "vec"
local M = vt.module {
  name = "t.v", inputs = { l = "list<number>", s = "string" },
  outputs = { text = "string", bytes = "string", path = "file", list = "list<integer>", any = "any",
              object = "any", pi = "number" },
}
function M:compute(i)
  local json = require "json"
  print("printed \\27[31m")
  io.open("out.txt", "w"):write("content\\n"):close()
  local list = {}
  for k = 1, 3000 do list[k] = k end
  return { text = "out.txt", bytes = "\\xff\\0\\n", path = "out.txt", list = list, pi = 0.5,
           any = { null = json.null, empty = json.array {}, deep = { 1, { x = "y" } } },
           object = Vec.new(3, 4) }
end
local flow = vt.workflow { name = "values", params = {
  l = { "list<number>", default = { 1, 2, 3 } }, s = { "string", default = "a\\27[2Jb" } } }
local n = flow:add("n", M, { l = flow.params.l, s = flow.params.s })
return flow:outputs { first = n.text, bytes = n.bytes }
"""
VEC = """
local Vec = {} Vec.__index = Vec
Vec.__tostring = function() error("code of the user runs") end
function Vec.new(x, y) return setmetatable({ x = x, y = y }, Vec) end
return Vec
"""


def values():
    """Values are recorded as data, and shown without the modules of their classes."""
    with Project() as p:
        (p.path / "flow.lua").write_text(VALUES)
        (p.path / "vec.lua").write_text(VEC)
        first = p.call("run", "flow.lua", "-p", "l=[1,2,3]") and p.shown()["run"]
        p.call("run", "flow.lua", "--force", "all", "-p", "l=[1,2,4]")
        equal(p.call("diff", first).stdout,
              "parameter  l: [1, 2, 3] -> [1, 2, 4]\n"
              "key        n: input `l` (list of 3) was changed\n")
        equal(p.call("diff", first, first).stdout, "no difference\n")
        expected = {
            "text": "out.txt", "bytes": {"base64": "/wAK"}, "path": "out.txt", "pi": 0.5,
            "any": {"null": None, "empty": [], "deep": [1, {"x": "y"}]}, "object": {"x": 3, "y": 4}}
        (p.path / "vec.lua").write_text("error 'not loaded'")
        for state in "computed", "cached":
            shown = p.shown()
            [node] = shown["nodes"]
            equal((node["status"], node["printed"]), (state, "printed \x1b[31m\n"))
            equal((shown["parameters"], node["inputs"]),
                  ({"l": [1, 2, 4], "s": "a\x1b[2Jb"}, {"l": [1, 2, 4], "s": "a\x1b[2Jb"}))
            long = node["outputs"].pop("list")
            equal((long["brief"], sorted(long)), ("list of 3000", ["brief", "bytes", "digest"]))
            equal(node["outputs"], expected)
            equal(shown["outputs"], {
                "first": {"node": "n", "port": "text", "type": "string", "value": "out.txt"},
                "bytes": {"node": "n", "port": "bytes", "type": "string", "value": {"base64": "/wAK"}}})
            for port, value in expected.items():
                equal(json.loads(p.call("show", f"last/n/{port}", "--json").stdout)["value"], value)
            for port, content in [("text", b"out.txt"), ("bytes", b"\xff\0\n"), ("path", b"content\n"),
                                  ("pi", b"0.5\n"), ("list", None)]:
                p.call("show", f"last/n/{port}", "-o", "value")
                found = (p.path / "value").read_bytes()
                equal(found if content else json.loads(found), content or list(range(1, 3001)))
            equal(p.call("show", "last/n/object").stdout, 'vec {"x": 3, "y": 4}\n')
            text = p.call("show").stdout
            assert '  -p l=[1, 2, 4]\n  -p s="a\\u{1b}[2Jb"\n' in text, text
            assert '  output   bytes = "\\xFF\\x00\\x0A"  (n.bytes)\n' in text, text
            for command in (["log"], ["report"], ["export", "last", "-f", "prov"]):
                p.call(*command)
            outputs = json.loads(p.call("report", "--json", "-o", "-").stdout)["nodes"][0]["outputs"]
            # The type decides what is a file.
            equal((outputs["text"]["text"], outputs["path"]["size"]), ("out.txt", 8))
            (p.path / "vec.lua").write_text(VEC)
            p.call("run", "flow.lua", "-p", "l=[1,2,4]")
            (p.path / "vec.lua").write_text("error 'not loaded'")
        (p.path / "out.txt").write_text("changed")
        equal(p.call("show", "last/n/path", "-o", "value", code=4).stderr,
              f"error: the file '{p.path}/out.txt' was changed after run {p.shown()['run']}; run the "
              "workflow again\n")
        equal(p.call("show", "last", "-o", "value", code=2).stderr.splitlines()[0],
              "error: -o needs an output to write: RUN/NODE/PORT, got 'last'")


CHAIN = """
local M = vt.module { name = "m", inputs = { x = "integer" }, outputs = { y = "integer" } }
function M:compute(i) return { y = i.x + 1 } end
local flow = vt.workflow { name = "chain" }
local last = flow:add("n1", M, { x = 1 })
for k = 2, 1000 do last = flow:add("n" .. k, M, { x = last.y }) end
return flow:outputs { y = last.y }
"""


def cached_runs_are_small():
    """A cached run of 1,000 nodes adds less than 20 kB, and its record is complete."""
    with Project() as p:
        (p.path / "flow.lua").write_text(CHAIN)
        p.run()
        first = p.shown()

        def size():
            with sqlite3.connect(p.path / ".vtlua/store.sqlite") as database:
                database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            database.close()
            return sum(f.stat().st_size for f in (p.path / ".vtlua").rglob("*")
                       if f.is_file() and not f.name.endswith("-shm"))

        before = size()
        for _ in range(5):
            p.run()
            grown, before = size() - before, size()
            assert grown < 20_000, grown
        shown = p.shown()
        for old, new in zip(first["nodes"], shown["nodes"]):
            equal((new["status"], new["computed_in"]), ("cached", first["run"]))
            assert shown["started"] <= new["started"] <= shown["started"] + shown["seconds"]
            for field in "name", "module", "key", "inputs", "outputs":
                equal(new[field], old[field])
        equal(len(shown["nodes"]), 1000)
        # A run that computes some nodes refers to earlier ones for the others.
        p.edit("flow.lua", 'flow:add("n" .. k, M,', 'flow:add(k == 500 and "new" or "n" .. k, M,')
        p.run("--force", "n1000")
        equal([n["status"] for n in p.shown()["nodes"]], ["cached"] * 999 + ["computed"])
        equal(p.call("diff", first["run"]).stdout.splitlines()[1:4], [
            "status     n1: computed -> cached", "status     n2: computed -> cached",
            "status     n3: computed -> cached"])


def removed_records():
    """`cache gc` removes records by age and keeps the newest; what others refer to stays."""
    with Project() as p:
        runs = [p.run()["run"] for _ in range(3)] + [p.run("-p", "x=9")["run"]]

        def left():
            return [r["run"] for r in reversed(json.loads(p.call("log", "--json").stdout)["runs"])]

        equal(p.call("cache", "gc").stdout, "0 results removed, 0 B of files freed\n")
        equal(p.call("cache", "gc", "--records", "1").stdout,
              "0 results and 0 records of runs removed, 0 B of files freed\n")
        equal(left(), runs)
        p.change(f"UPDATE runs SET started = started - 9 * 86400 WHERE run IN ('{runs[0]}', '{runs[1]}')")
        equal(json.loads(p.call("cache", "gc", "--records", "1", "--keep", "3", "--json").stdout)["records"], 1)
        equal(left(), runs[1:])
        # The nodes of the first run stay, because others refer to them.
        node = json.loads(p.call("show", f"{runs[1]}/a", "--json").stdout)
        equal((node["status"], node["outputs"], node["printed"]), ("cached", {"y": 18}, "computing\n"))
        equal(p.call("cache", "gc", "--keep", "1").stdout.split(" of runs")[0],
              "0 results and 2 records")
        equal(left(), runs[3:])
        equal(p.states(), CACHED_STATES)
        equal(p.shown()["nodes"][0]["outputs"], {"y": 18})
        p.call("cache", "gc", "--days", "0", "--keep", "0")
        with sqlite3.connect(p.path / ".vtlua/store.sqlite") as database:
            for table in "runs", "nodes", "calls", "parts", "cached", "packs", "libraries", "results":
                equal(database.execute(f"SELECT count(*) FROM {table}").fetchone(), (0,))
        database.close()
        equal(p.call("cache", "gc", "--keep=-1", code=2).stderr.splitlines()[0],
              "error: --keep must be at least 0, got -1")


CACHED_STATES = {"a": "cached", "b": "cached"}


def identified_processes():
    """A run is going on as long as its process is there, whoever has its number now."""
    with Project() as p:
        p.edit("modules/b.lua", "local list = {}",
               "io.open('computing', 'w'):close() while not io.open('go') do end local list = {}")
        child = subprocess.Popen([vtlua, "run", "flow.lua"], cwd=p.path, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        eventually((p.path / "computing").exists)

        def status():
            return json.loads(p.call("log", "--json").stdout)["runs"][0]["status"]

        equal(status(), "running")
        for change, expected in [
            ("began = began - 1", "killed"), ("began = began + 1", "running"),
            ("boot = boot || 'x'", "killed"), ("boot = rtrim(boot, 'x')", "running"),
            # A process of another container that cannot be seen from here.
            ("space = 'pid:[1]', began = began - 1", "killed"), ("host = 'other'", "running"),
        ]:
            p.change("UPDATE runs SET " + change)
            equal(status(), expected)
        (p.path / "go").write_text("")
        equal(child.wait(LIMIT), 0)
        equal(status(), "done")


def stopped_nodes():
    with Project() as p:
        p.edit("modules/b.lua", "local list = {}",
               "io.open('computing', 'w'):close() while true do end local list = {}")
        child = subprocess.Popen([vtlua, "run", "flow.lua"], cwd=p.path, stderr=subprocess.DEVNULL)
        eventually((p.path / "computing").exists)
        child.send_signal(signal.SIGINT)
        equal(child.wait(LIMIT), 130)
        equal([(n["status"], n["because"]) for n in p.shown()["nodes"]],
              [("computed", None), ("stopped", "the run was stopped")])
        p.call("report", "-o", "out.html")
        assert "The run was stopped while this node was computing." in (p.path / "out.html").read_text()


def runs_of_scripts():
    """`flow:run` keeps results and a record as `vtlua run` does."""
    with Project() as p:
        text = (p.path / "flow.lua").read_text().replace(
            "return flow:outputs { z = b.z, list = b.list }",
            "flow:outputs { z = b.z } local found = flow:run { store = STORE } "
            "print(found.outputs.z, found.nodes.b.status)")
        (p.path / "script").mkdir()
        (p.path / "script/in.txt").write_text("hello\n")
        (p.path / "script/s.lua").write_text("package.path = './modules/?.lua;' .. package.path " + text)

        def states(code="", **more):
            return p.call("-e", code, "script/s.lua", **more).stdout.splitlines()[-1].split()[1]

        equal([states(), states()], ["computed", "cached"])
        runs = json.loads(p.call("log", "--json", "--store", "script/.vtlua").stdout)["runs"]
        equal([(r["workflow"], r["status"], r["flow"]) for r in runs], [("t", "done", "script/s.lua")] * 2)
        equal(states("STORE = false"), "computed")
        equal([states("STORE = 'other'"), states("STORE = 'other'")], ["computed", "cached"])
        equal(len(json.loads(p.call("log", "--json", "--store", "other").stdout)["runs"]), 2)
        equal(states(env=os.environ | {"VTLUA_STORE": "off"}), "computed")
        assert not (p.path / ".vtlua").exists()
        equal(p.call("-e", "STORE = 5", "script/s.lua", code=1).stderr.splitlines()[0].split(": ", 2)[2],
              "flow:run: `store` must be a directory, true or false, got 5")
        # A prompt keeps them in the working directory.
        p.call("-", input="package.path = './modules/?.lua;' .. package.path " + text)
        equal(json.loads(p.call("log", "--json").stdout)["runs"][0]["flow"], "")
        # A run inside a module is part of the outer run.
        (p.path / "flow.lua").write_text("""
            local one = vt.module { name = "one", outputs = { y = "number" } }
            function one:compute() return { y = 1 } end
            local all = vt.module { name = "all", outputs = { y = "number" } }
            function all:compute()
              local inner = vt.workflow { name = "inner" }
              inner:outputs { y = inner:add("one", one).y }
              return { y = inner:run({ store = "inside" }).outputs.y }
            end
            local flow = vt.workflow { name = "outer" }
            return flow:outputs { y = flow:add("all", all).y }""")
        p.run()
        assert not (p.path / "inside").exists()


def libraries():
    """Libraries from outside the project are on record, with their versions and digests."""
    with Project() as p:
        rocks = p.path / "tree"
        for name, text in {
            "share/lua/5.4/stated.lua": "return { _VERSION = 'stated 1.2' }",
            "share/lua/5.4/rock.lua": "return {}", "share/lua/5.4/plain.lua": "return true",
            "lib/luarocks/rocks-5.4/rock/3.1-1/rock_manifest": "",
        }.items():
            (rocks / name).parent.mkdir(parents=True, exist_ok=True)
            (rocks / name).write_text(text)
        p.edit("modules/a.lua", 'local helper =',
               "require 'stated' require 'rock' require 'plain' require 'csv' local helper =")
        path = {"LUA_PATH": f"{rocks}/share/lua/5.4/?.lua;;"}
        p.run(env=os.environ | path)
        expected = [("plain", None), ("rock", "3.1-1"), ("stated", "stated 1.2")]
        for _ in range(2):
            node = p.shown()["nodes"][0]
            equal([(l["name"], l["version"]) for l in node["libraries"]], expected)
            equal(node["libraries"][0]["file"], f"{rocks}/share/lua/5.4/plain.lua")
            equal(len(node["libraries"][0]["digest"]), 64)
            p.run(env=os.environ | path)
        assert f"  library  rock 3.1-1 ({rocks}/share/lua/5.4/rock.lua)\n" in p.call("show", "last/a").stdout
        found = json.loads(p.call("export", "last", "-f", "prov").stdout)["entity"]
        equal(sorted(e["prov:label"] for e in found.values() if e["prov:type"]["$"] == "vtlua:Library"),
              ["plain", "rock", "stated"])


def killed_before_the_record():
    """A result whose node is not on record is recorded by the run that finds it."""
    with Project() as p:
        p.run()
        p.change("DELETE FROM nodes")
        second = p.run()["run"]
        third = p.run()["run"]
        equal([(n["status"], n["computed_in"]) for n in p.shown()["nodes"]],
              [("cached", second), ("cached", second)])
        equal([n["name"] for n in json.loads(p.call("show", second, "--json").stdout)["nodes"]], ["a", "b"])
        equal(p.call("why", f"{third}/a").stdout, "`a` cached: its key equals that of an earlier result\n")


for check in (values, cached_runs_are_small, removed_records, identified_processes, stopped_nodes,
              runs_of_scripts, libraries, killed_before_the_record, key_changes, same_key_everywhere, not_cached_says_why, forced, record,
              parallel_tasks, dead_worker, trace, previous, older, interrupted,
              killed_at_random, two_at_once, no_lock_while_computing, runs_inside,
              damaged, damaged_annotations, any_number, newer, unknown_states, cannot_write, upkeep):
    if chosen and check.__name__ not in chosen:
        continue
    began = time.time()
    check()
    print(f"ok   {check.__name__} ({time.time() - began:.1f} s)")
print("store: ok")
