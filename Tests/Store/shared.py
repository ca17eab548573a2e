#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# Runs that share a store compute each key once: Tests/Store/shared.py [NAME...]
#
# Needs VTLUA_BINARY. Modules write their log by a program: a file that they append to themselves
# would keep their results out of the store.
import json, os, shutil, signal, subprocess, sys, tempfile, time
from pathlib import Path

vtlua = os.environ["VTLUA_BINARY"]
os.environ.pop("VTLUA_STORE", None)
LIMIT = 120  # seconds of each wait; the bound only ends a test that hangs

# `slow` logs that it has started, and ends when the file `go` is there. The file `bad` makes it fail.
SLOW = """
local M = vt.module { name = "slow", inputs = { x = "number" }, outputs = { y = "number", s = "string" } }
function M:compute(i)
  os.execute("echo " .. i.x .. " >> log")
  BODY
  if os.execute("test -e bad") then error("it is bad") end
  return { y = i.x * 2, s = ("s"):rep(50000) }
end
return M
"""
WAIT = 'assert(os.execute("until test -e go; do sleep 0.01; done"))'
FLOW = """
local flow = vt.workflow { name = "t", params = { x = { "number", default = 1 } } }
local n = flow:add("n", "slow", { x = flow.params.x })
return flow:outputs { y = n.y, length = flow:add("m", "length", { s = n.s }).length }
"""
LENGTH = """
local M = vt.module { name = "length", inputs = { s = "string" }, outputs = { length = "integer" } }
function M:compute(i) return { length = #i.s } end
return M
"""
OUTPUTS = {"y": 2, "length": 50000}
SLOTS = []  # options of each run
NOTICE = "n | info: waiting for another run, which computes `n`\n"


class Project:
    def __init__(self, body=WAIT):
        self.path = Path(tempfile.mkdtemp())
        self.started = []
        (self.path / "modules").mkdir()
        self.write("modules/slow.lua", SLOW.replace("BODY", body))
        self.write("modules/length.lua", LENGTH)
        self.write("flow.lua", FLOW)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for run in self.started:
            if run.poll() is None:
                run.kill()
                run.wait()
        (self.path / "go").touch()
        shutil.rmtree(self.path, ignore_errors=True)

    def write(self, name, text=""):
        (self.path / name).write_text(text)

    def start(self, *arguments):
        """Starts a run; `end` waits for it."""
        run = subprocess.Popen([vtlua, "run", "flow.lua", "--json", *SLOTS, *arguments], cwd=self.path, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.started.append(run)
        return run

    def log(self):
        file = self.path / "log"
        return file.read_text().split() if file.exists() else []

    def until_logged(self, count):
        eventually(lambda: len(self.log()) >= count)


def eventually(condition):
    end = time.time() + LIMIT
    while not condition():
        assert time.time() < end, "the condition does not come true"
        time.sleep(0.01)


def end(run):
    out, err = run.communicate(timeout=LIMIT)
    return json.loads(out) if out else None, err, run.returncode


def states(result):
    return {n["name"]: n["status"] for n in result["nodes"]}


def equal(found, expected):
    assert found == expected, f"got      {found!r}\nexpected {expected!r}"


def once():
    """Of several runs that start together one computes; all have the outputs."""
    with Project("") as p:
        for turn in range(10):
            shutil.rmtree(p.path / ".vtlua", ignore_errors=True)
            (p.path / "log").unlink(missing_ok=True)
            results = [end(run) for run in [p.start() for _ in range(4)]]
            for result, err, code in results:
                equal((code, result["outputs"]), (0, OUTPUTS))
                assert "warning" not in err, err
            equal(p.log(), ["1"])
            for node in "n", "m":
                equal(sorted(states(result)[node] for result, _, _ in results),
                      ["cached"] * 3 + ["computed"])


def waits():
    """A run waits for the run that computes, says so once, and records a cached node."""
    with Project() as p:
        first = p.start()
        p.until_logged(1)
        second = p.start()
        other = p.start("-p", "x=2")  # another key does not wait
        p.until_logged(2)
        time.sleep(1.5)
        equal(second.poll(), None)
        p.write("go")
        equal(states(end(first)[0])["n"], "computed")
        result, err, code = end(second)
        equal((code, result["outputs"], states(result)["n"]), (0, OUTPUTS, "cached"))
        equal(err.count(NOTICE), 1)
        assert all(n["seconds"] < 1 for n in result["nodes"]), result  # without the wait
        result, err, _ = end(other)
        equal((states(result)["n"], err.count(NOTICE), sorted(p.log())), ("computed", 0, ["1", "2"]))


def ended_without_result():
    """A run that ends without a result, however it ends, does not block the run that waits."""
    for stop in signal.SIGKILL, signal.SIGINT, signal.SIGTERM:
        with Project() as p:
            first = p.start()
            p.until_logged(1)
            second = p.start()
            time.sleep(0.3)
            equal((second.poll(), p.log()), (None, ["1"]))
            first.send_signal(stop)
            p.until_logged(2)
            p.write("go")
            result, _, code = end(second)
            equal((code, result["outputs"], states(result)["n"]), (0, OUTPUTS, "computed"))
            equal(p.log(), ["1", "1"])
            end(first)


def stopped_while_it_waits():
    """Ctrl-C stops a run that waits; the other run is not affected."""
    with Project() as p:
        first = p.start()
        p.until_logged(1)
        second = p.start()
        time.sleep(0.3)
        second.send_signal(signal.SIGINT)
        equal(end(second)[2], 130)
        p.write("go")
        result, _, code = end(first)
        equal((code, result["outputs"], p.log()), (0, OUTPUTS, ["1"]))


def failed():
    """When the module fails, each run that waits computes it for itself, all at once."""
    # The second and the third only end when both have started.
    body = WAIT + '\n  os.execute("test -e bad || until test $(wc -l < log) -ge 3; do sleep 0.01; done")'
    with Project(body) as p:
        p.write("bad")
        first = p.start()
        p.until_logged(1)
        others = [p.start(), p.start()]
        time.sleep(0.5)
        p.write("go")
        result, err, code = end(first)
        equal((code, states(result)), (1, {"n": "failed", "m": "skipped"}))
        p.until_logged(3)
        for run in others:
            equal(end(run)[2], 1)
        equal(p.log(), ["1"] * 3)
        (p.path / "bad").unlink()
        result, _, code = end(p.start())
        equal((code, result["outputs"]), (0, OUTPUTS))


def not_kept():
    """A result that cannot be kept is computed by each run; those that waited compute at once."""
    body = 'G = 1\n  os.execute("if test $(wc -l < log) = 1; then until test -e go; do sleep 0.01; done; ' \
           'else until test $(wc -l < log) -ge 3; do sleep 0.01; done; fi")'
    with Project(body) as p:
        first = p.start()
        p.until_logged(1)
        others = [p.start(), p.start()]
        time.sleep(0.5)
        equal(p.log(), ["1"])
        p.write("go")
        for run in [first, *others]:
            result, err, code = end(run)
            equal((code, result["outputs"], states(result)["n"]), (0, OUTPUTS, "computed"))
        equal(p.log(), ["1"] * 3)


def forced():
    """`--force` and `--no-cache` do not wait."""
    for option in ("--force", "n"), ("--no-cache",), ("--store", "off"):
        body = 'os.execute("if test $(wc -l < log) = 1; then until test -e go; do sleep 0.01; done; fi")'
        with Project(body) as p:
            first = p.start()
            p.until_logged(1)
            result, err, code = end(p.start(*option))
            equal((code, states(result)["n"], first.poll(), NOTICE in err), (0, "computed", None, False))
            p.write("go")
            equal(end(first)[0]["outputs"], OUTPUTS)


def runs_inside():
    """A run inside a module does not wait for the lease of the run around it, but for other runs."""
    body = """
  if not os.execute("test -e inner") then
    os.execute("touch inner")
    local flow = vt.workflow { name = "inner" }
    flow:add("k", "slow", { x = i.x })
    flow:run {}
    WAIT
  end""".replace("WAIT", WAIT)
    with Project(body) as p:
        first = p.start()
        p.until_logged(2)
        p.write("go")
        result, _, code = end(first)
        equal((code, result["outputs"], p.log()), (0, OUTPUTS, ["1", "1"]))
    outer = """
local M = vt.module { name = "outer", timeout = LIMIT, outputs = { y = "number" } }
function M:compute()
  local flow = vt.workflow { name = "inner" }
  flow:outputs { y = flow:add("n", "slow", { x = 1 }).y }
  return { y = flow:run({}).outputs.y }
end
local flow = vt.workflow { name = "o" }
return flow:outputs { y = flow:add("outer", M).y }
"""
    for limit in "60", "1":
        with Project() as p:
            p.write("outer.lua", outer.replace("LIMIT", limit))
            first = p.start()
            p.until_logged(1)
            second = subprocess.Popen([vtlua, "run", "outer.lua", "--json"], cwd=p.path, text=True,
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            p.started.append(second)
            if limit == "1":
                result, err, code = end(second)
                equal((code, states(result)), (6, {"outer": "failed"}))
                assert "outer.lua:6: timed out after 1 s" in err, err
            p.write("go")
            end(first)
            if limit == "60":
                result, _, code = end(second)
                equal((code, result["outputs"]), (0, {"y": 2}))
            equal(p.log(), ["1"])


def without_locks():
    """Where the files of leases cannot be used, runs compute by themselves, without a warning."""
    with Project("") as p:
        (p.path / ".vtlua").mkdir()
        p.write(".vtlua/leases")
        for expected in "computed", "cached":
            result, err, code = end(p.start())
            equal((code, result["outputs"], states(result)["n"]), (0, OUTPUTS, expected))
            assert "warning" not in err, err
    with Project("") as p:
        end(p.start())
        shutil.rmtree(p.path / ".vtlua/leases")
        disk = p.path / ".vtlua"
        if os.geteuid() != 0 or subprocess.run(
                ["mount", "--bind", disk, disk], capture_output=True).returncode:
            return print("not run: a read-only store, which takes a mount and so root")
        try:
            subprocess.run(["mount", "-o", "remount,ro,bind", disk], check=True)
            result, err, code = end(p.start("-p", "x=1"))
            equal((code, result["outputs"]), (0, OUTPUTS))
            result, err, code = end(p.start("-p", "x=3"))
            equal((code, result["outputs"]["y"]), (0, 6))
        finally:
            subprocess.run(["umount", disk], check=True)


def with_slots():
    """The same holds for modules that compute on workers."""
    SLOTS[:] = ["-j", "2"]
    for check in once, waits, ended_without_result, stopped_while_it_waits, failed, forced, runs_inside:
        check()
    SLOTS.clear()


for check in (once, waits, ended_without_result, stopped_while_it_waits, failed, not_kept, forced,
              runs_inside, without_locks, with_slots):
    if sys.argv[1:] and check.__name__ not in sys.argv[1:]:
        continue
    began = time.time()
    check()
    print(f"ok   {check.__name__} ({time.time() - began:.1f} s)")
print("shared: ok")
