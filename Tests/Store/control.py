#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# Branches and loops: what is computed, what is used again, and what is on record:
# Tests/Store/control.py [NAME...]
#
# Needs VTLUA_BINARY.
import json, os, re, shutil, signal, subprocess, tempfile, time
from pathlib import Path

from checks import check, end, equal

vtlua = os.environ["VTLUA_BINARY"]
os.environ.pop("VTLUA_STORE", None)
LIMIT = 120  # seconds of each wait; the bound only ends a test that hangs

# Each computation appends a line to a file by another program's output, which no key covers.
LOG = """os.execute("echo '" .. tostring(%s) .. "' >>" .. os.getenv("LOG"))"""
SAY = """
local M = vt.module { name = '%s', inputs = { x = { 'any', optional = true }, z = { 'any', optional = true } },
  outputs = { y = { 'any', optional = true } } }
function M:compute(i)
  """ + LOG % "'%s'" + """
  if i.x == 'fail' then self:fail('cannot') end
  return { y = i.x }
end
return M
"""
STEP = """
local M = vt.module { name = 'step', inputs = { state = 'any', turn = 'integer', k = { 'integer', default = 1 } },
  outputs = { state = 'any', done = 'boolean' } }
function M:compute(i)
  """ + LOG % "i.turn" + """
  if i.turn == 4 and os.execute("test -e " .. os.getenv("LOG") .. ".stop") then self:fail("stopped") end
  if PAUSE then os.execute("sleep " .. PAUSE) end
  return { state = i.state + i.k * i.turn, done = i.turn >= LAST }
end
return M
"""
LOOP = """
local flow = vt.workflow { name = 'f', params = { k = { 'integer', default = 1 }, start = { 'integer', default = 0 } } }
local node = flow:add('node', 'control.loop',
  { state = flow.params.start, step = 'step', inputs = { k = flow.params.k }%s })
return flow:outputs { state = node.state, turns = node.turns }
"""
CHOOSE = """
local flow = vt.workflow { name = 'f', params = { x = { 'boolean', default = true } } }
local cond = flow:add('cond', 'cond', { x = flow.params.x })
local a = flow:add('a', 'a', { x = 'yes' })
local a2 = flow:add('a2', 'a2', { x = a.y })
local b = flow:add('b', 'b', { x = 'no' })
local pick = flow:add('pick', 'control.choose', { condition = cond.y, yes = a2.y, no = b.y })
return flow:outputs { value = pick.value }
"""


class Folder:
    def __init__(self, flow=None, **modules):
        self.path = Path(tempfile.mkdtemp(prefix="control-"))
        for name, text in modules.items():
            (self.path / f"{name}.lua").write_text(text)
        if flow:
            self.write(flow)

    def write(self, flow, name="flow"):
        (self.path / f"{name}.lua").write_text(flow)

    def start(self, *arguments, log="log"):
        return subprocess.Popen([vtlua, *arguments], cwd=self.path, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True,
                                env={**os.environ, "NO_COLOR": "1", "LOG": str(self.path / log)})

    def call(self, *arguments, code=0):
        process = self.start(*arguments)
        out, errors = process.communicate(timeout=LIMIT)
        if process.returncode != code:
            raise AssertionError(f"{arguments}: exit {process.returncode}\n{out}{errors}")
        return out, errors

    def run(self, *options, code=0):
        """The answer of a run, and what was computed, in the order of its lines."""
        (self.path / "log").unlink(missing_ok=True)
        out, _ = self.call("run", "flow.lua", "--json", "--progress", "none", *options, code=code)
        return json.loads(out), self.computed()

    def computed(self):
        log = self.path / "log"
        return log.read_text().split() if log.exists() else []

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)


def say(name):
    return SAY % (name, name)


def step(last=6, pause=None):
    return STEP.replace("LAST", str(last)).replace("PAUSE", f"'{pause}'" if pause else "false")


def branches():
    return Folder(CHOOSE, **{name: say(name) for name in ("cond", "a", "a2", "b")})


def loop(more="", **options):
    return Folder(LOOP % more, step=step(**options))


def states(answer):
    return {n["name"]: n["status"] for n in answer["nodes"]}


def lasting(text):
    """A text without times, names of runs and keys."""
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "DATE", text)
    text = re.sub(r"\b\d+(\.\d+)? (µs|ms|s)\b", "TIME", text)
    text = re.sub(r"\b\d+ MiB\b", "MEMORY", text)
    text = re.sub(r"\b[0-9a-f]{64,}\b", "KEY", text)
    return re.sub(r"\b[rR]un [0-9A-Z]{4}\b", "run RRRR", text)
    try:
        test()
        passed += 1
        print(f"ok      {test.__name__}", flush=True)
    except Exception as error:
        failed += 1
        print(f"FAILED  {test.__name__}: {type(error).__name__} {error}", flush=True)
    return test


def turns(*numbers):
    return [str(n) for n in numbers]


# MARK: Loops


@check
def turns_are_used_again():
    folder = loop()
    answer, computed = folder.run()
    equal((answer["outputs"], computed), ({"state": 21, "turns": 6}, turns(1, 2, 3, 4, 5, 6)))
    answer, computed = folder.run()
    equal((answer["outputs"], computed), ({"state": 21, "turns": 6}, []))
    equal(answer["nodes"][0]["status"], "cached")
    equal(answer["nodes"][0]["elements"], {"total": 6, "computed": 0, "cached": 6, "failed": 0})
    # Another limit changes no turn.
    folder.write(LOOP % ", limit = 100")
    equal(folder.run()[1], [])
    # The inputs, the first state and the code of the step do.
    equal(folder.run("-p", "k=2")[1], turns(1, 2, 3, 4, 5, 6))
    equal(folder.run("-p", "start=5")[1], turns(1, 2, 3, 4, 5, 6))
    folder.write(step(last=7), "step")
    answer, computed = folder.run()
    equal((answer["outputs"], computed), ({"state": 28, "turns": 7}, turns(1, 2, 3, 4, 5, 6, 7)))
    # A turn that is computed again and gives the same state ends there.
    equal(folder.run("--force", "node[3]")[1], turns(3))
    equal(folder.run("--force", "node")[1], turns(1, 2, 3, 4, 5, 6, 7))
    # A turn as a target computes those up to it, and nothing after it.
    answer, computed = folder.run("-t", "node[3]", "-p", "k=3")
    equal((answer["outputs"], computed), ({"state": None, "turns": None}, turns(1, 2, 3)))
    equal(answer["nodes"][0]["elements"], {"total": 3, "computed": 3, "cached": 0, "failed": 0})
    equal(folder.run("-t", "node[2]", "-t", "node[4]", "-p", "k=3")[1], turns(4))
    equal(folder.call("plan", "flow.lua", "-t", "node[4]", "-p", "k=3")[0].split()[:2], ["cached", "node"])
    _, errors = folder.call("run", "flow.lua", "--progress", "none", "-t", "node[8]", "-p", "k=3", code=1)
    equal(errors.splitlines()[1], "  there is no turn node[8]: the node has 7 turns")
    equal(folder.run("-t", "node[4]", "-t", "node", "-p", "k=3")[1], [])
    _, errors = folder.call("run", "flow.lua", "--force", "node[1][2]", code=2)
    equal(errors.splitlines()[0], "error: there is no `node[1][2]`: `node` has no elements with 2 indices; "
                                  "write `node` for the node")
    folder.remove()


@check
def loops_that_are_interrupted_go_on():
    for sign in signal.SIGINT, signal.SIGTERM, signal.SIGKILL:
        folder = loop(last=60, pause="0.02")
        process = folder.start("run", "flow.lua", "--progress", "none")
        deadline = time.monotonic() + LIMIT
        while len(folder.computed()) < 25 and time.monotonic() < deadline:
            time.sleep(0.005)
        process.send_signal(sign)
        process.communicate(timeout=LIMIT)
        time.sleep(0.1)
        first = folder.computed()
        plan = folder.call("plan", "flow.lua")[0]
        answer, second = folder.run()
        equal(answer["outputs"], {"state": 60 * 61 // 2, "turns": 60})
        # At most the turns of the last 0.2 s are computed again; after Ctrl-C, that under way.
        equal(second, turns(*range(61 - len(second), 61)))
        again = len(first) + len(second) - 60
        if not 0 <= again <= (24 if sign == signal.SIGKILL else 1):
            raise AssertionError(f"{sign}: {len(first)} computed, then {len(second)}")
        goes_on = 61 - len(second)
        count = f"{goes_on - 1} turns cached; goes on with turn {goes_on}"
        equal(plan, f"run      node  {count}\n1 of 1 would run\n")
        folder.remove()


@check
def loops_that_fail_go_on():
    folder = loop()
    (folder.path / "log.stop").touch()
    _, errors = folder.call("run", "flow.lua", "--progress", "none", code=1)
    equal(lasting(errors.split("     ")[0]), "error: `node[4]` (step 0) failed in compute")
    equal(errors.splitlines()[1:3], ["  stopped", "  inputs  k = 1   state = 6   turn = 4"])
    text = lasting(folder.call("show", "last/node")[0])
    assert "  4 turns: 3 computed, 1 failed\n  [4]  failed    TIME  on the interpreter  stopped\n" in text, text
    (folder.path / "log.stop").unlink()
    answer, computed = folder.run()
    equal((answer["outputs"]["state"], computed), (21, turns(4, 5, 6)))
    folder.remove()


@check
def limits():
    folder = loop(", limit = 4")
    _, errors = folder.call("run", "flow.lua", "--progress", "none", code=1)
    equal(errors.splitlines()[1], "  not done after 4 turns; the last state is 10. Let `step` set `done`, or "
                                  "give a larger `limit`")
    folder.write(LOOP % ", limit = 6")
    answer, computed = folder.run()
    equal((answer["outputs"], computed), ({"state": 21, "turns": 6}, turns(5, 6)))
    folder.remove()


@check
def turns_on_record():
    folder = loop(last=3)
    folder.run()
    equal(lasting(folder.call("show", "last/node")[0]), """node  control.loop 1.0.0  computed
  started  DATE, took TIME, CPU time TIME, peak memory MEMORY
  key      KEY
  input    inputs = {"k": 1}
  input    limit = 10000
  input    state = 0
  input    step = module step
  output   state = 6
  output   turns = 3
  3 turns: 3 computed
""" + "".join(lasting(folder.call("show", "last/node")[0]).splitlines(True)[10:]))
    equal(lasting(folder.call("show", "last/node[2]")[0]), """node[2]  control.loop 1.0.0  computed
  started  DATE, took TIME on the interpreter
  key      KEY
  input    inputs = {"k": 1}
  input    state = 1
  output   state = 3
  output   done = false
""")
    equal(folder.call("show", "last/node[2]/state")[0], "3\n")
    found = json.loads(folder.call("show", "last/node", "--json")[0])
    equal([(e["index"], e["status"]) for e in found["element_list"]],
          [(1, "computed"), (2, "computed"), (3, "computed")])
    equal(found["outputs"], {"state": 6, "turns": 3})
    equal(folder.call("why", "last/node")[0],
          "`node` computed: 3 of 3 turns had no result; the first, `node[1]`: it had no earlier result\n")
    folder.run()
    # The record of a loop whose turns were all cached has its inputs and outputs, too.
    found = json.loads(folder.call("show", "last/node", "--json")[0])
    equal((found["status"], found["outputs"]), ("cached", {"state": 6, "turns": 3}))
    equal(folder.call("show", "last/node/state")[0], "6\n")
    folder.run("-p", "k=2")
    equal(folder.call("why", "last/node")[0],
          "`node` computed: 3 of 3 turns had no result; the first, `node[1]`: input `inputs` (a table of 1 "
          "output) was changed\n")
    folder.write(step(last=4), "step")
    folder.run("-p", "k=2")
    equal(folder.call("why", "last/node")[0].split("; ")[1],
          "the first, `node[1]`: the code at step.lua:4 was changed\n")
    line = lasting(folder.call("run", "flow.lua", "-p", "k=2", "--progress", "plain")[1]).splitlines()[0]
    equal(line, "[1/1] node  4 turns: 4 cached")
    equal(lasting(folder.call("show", "last/node[9]", code=2)[1]).splitlines()[0],
          "error: run RRRR has no turn `node[9]`: 4 turns of `node` are on record")
    folder.remove()


@check
def lines_about_turns():
    folder = loop(last=60, pause="0.05")
    _, errors = folder.call("run", "flow.lua", "--progress", "bar")
    lines = [re.sub("\x1b\\[[0-9;]*[A-Za-z]", "", line) for line in re.split("[\r\n]", errors)]
    # Their number is not known before.
    assert any(re.fullmatch("node \\d+ turns?(  \\d s)?", line) for line in lines), lines
    folder.remove()


@check
def large_states():
    folder = loop(last=3)
    folder.write(step(last=3).replace("i.state + i.k * i.turn", "i.state .. ('x'):rep(20000)"), "step")
    folder.run()
    state = folder.call("show", "last/node/state")[0]
    equal((state[0], len(state)), ("0", 60002))
    equal(len(folder.call("show", "last/node[2]/state")[0]), 40002)
    for blob in (folder.path / ".vtlua" / "blobs").rglob("*"):
        if blob.is_file():
            blob.write_bytes(b"damaged")
    answer, computed = folder.run()
    equal((len(answer["outputs"]["state"]), computed), (60001, turns(1, 2, 3)))
    folder.remove()


@check
def workflows_as_steps():
    flow = """
local whole = vt.workflow { name = 'whole', params = { state = 'integer', turn = 'integer' } }
local one = whole:add('one', 'step', { state = whole.params.state, turn = whole.params.turn })
whole:outputs { state = one.state, done = one.done }
local flow = vt.workflow { name = 'f' }
local node = flow:add('node', 'control.loop', { state = 0, step = whole })
return flow:outputs { state = node.state }
"""
    folder = Folder(flow, step=step(last=4))
    answer, computed = folder.run()
    equal((answer["outputs"], computed), ({"state": 10}, turns(1, 2, 3, 4)))
    equal(folder.run()[1], [])
    folder.write(step(last=5), "step")
    equal(folder.run()[1], turns(1, 2, 3, 4, 5))
    # Another constant in the workflow.
    folder.write(flow.replace("turn = whole.params.turn }", "turn = whole.params.turn, k = 2 }"))
    answer, computed = folder.run()
    equal((answer["outputs"], computed), ({"state": 30}, turns(1, 2, 3, 4, 5)))
    folder.remove()


@check
def files_of_workflows_as_steps():
    flow = """
local read = vt.module { name = 'read', inputs = { path = 'file' }, outputs = { n = 'integer' } }
function read:compute(i) """ + LOG % "'read'" + """
  local file = io.open(i.path)
  local n = file:read('n')
  file:close()
  return { n = n }
end
local sum = vt.module { name = 'sum', inputs = { x = 'list<integer>' }, outputs = { y = 'integer' } }
function sum:compute(i) return { y = i.x[1] + i.x[2] } end
local whole = vt.workflow { name = 'whole', params = { state = 'integer', turn = 'integer' } }
local n = whole:add('n', read, { path = %s })
local one = whole:add('one', 'step', { state = whole.params.state, turn = whole.params.turn, k = %s })
whole:outputs { state = one.state, done = one.done }
local flow = vt.workflow { name = 'f', params = { start = { 'integer', default = 0 } } }
local node = flow:add('node', 'control.loop', { state = flow.params.start, step = whole })
return flow:outputs { state = node.state }
"""
    list_of = "vt.each { 'n.txt', 'other.txt' }"
    total = "whole:add('sum', sum, { x = n.n }).y"
    for path, k, more in ("'n.txt'", "n.n", 0), (list_of, total, 3):
        folder = Folder(flow % (path, k), step=step(last=2))
        folder.write("", "other")
        (folder.path / "other.txt").write_text("3")
        # What was computed with another first state is used: the file counts for the turns all the same.
        for content, start in (5, 0), (5, 100), (6, 100), (6, 0), (5, 100):
            (folder.path / "n.txt").write_text(str(content))
            answer, computed = folder.run("-p", f"start={start}")
            equal(answer["outputs"]["state"], start + 3 * (content + more))
        equal(folder.run("-p", "start=100")[1], [])
        folder.remove()


@check
def loops_of_elements():
    flow = """
local inner = vt.workflow { name = 'inner', params = { x = 'integer' } }
local l = inner:add('l', 'control.loop', { state = inner.params.x, step = 'step' })
inner:outputs { y = l.state }
local flow = vt.workflow { name = 'f' }
local whole = flow:add('whole', inner, { x = vt.each { 1, 10 } })
local plain = flow:add('plain', 'control.loop', { state = vt.each { 1, 10 }, step = 'step' })
return flow:outputs { whole = whole.y, plain = plain.state }
"""
    for options in [], ["-j", "2"]:
        folder = Folder(flow, step=step(last=3))
        answer, _ = folder.run(*options)
        equal(answer["outputs"], {"whole": [7, 16], "plain": [7, 16]})
        answer, computed = folder.run(*options)
        equal((set(states(answer).values()), computed), ({"cached"}, []))
        folder.remove()
    _, errors = Folder(flow.replace("step = 'step' })\nreturn", "step = 'step' }, { on = 'threads' })\nreturn"),
                       step=step(last=3)).call("run", "flow.lua", code=3)
    equal(errors.splitlines()[1], '  flow.lua:7: `plain` (control.loop) cannot compute on "threads": its input '
                                  '`step` cannot be sent: it is a module (userdata). Write on = "interpreter", or '
                                  'leave `on` out')


# MARK: Folds and filters


@check
def folds_that_grow():
    flow = """
local add = vt.module { name = 'add', inputs = { state = 'number', element = 'number' }, outputs = { state = 'number' } }
function add:compute(i) """ + LOG % "i.element" + """ return { state = math.min(i.state + i.element, 10) } end
local flow = vt.workflow { name = 'f', params = { list = 'list<integer>' } }
local node = flow:add('node', 'control.fold', { list = flow.params.list, initial = 0, step = add })
return flow:outputs { state = node.state }
"""
    folder = Folder(flow)

    def fold(text):
        answer, computed = folder.run("-p", f"list={text}")
        return answer["outputs"]["state"], computed

    equal(fold("[1, 2, 3]"), (6, turns(1, 2, 3)))
    equal(fold("[1, 2, 3, 9, 4]"), (10, turns(9, 4)))
    equal(fold("[1, 5, 3]"), (9, turns(5, 3)))
    # After an element that gives the same state as another one, the rest is known.
    equal(fold("[1, 2, 3, 8, 4]"), (10, turns(8)))
    # Without a first state, too.
    folder.write(flow.replace("initial = 0, ", "").replace("state = 'number', e", "state = { 'number', default = 0 }, e"))
    equal(fold("[7, 1]"), (8, turns(7, 1)))
    equal(fold("[7, 1]"), (8, []))
    folder.write(flow)
    equal(fold("[]"), (0, []))
    equal(folder.call("show", "last/node/state")[0], "0\n")
    found = folder.run("-p", "list=[1, 2]")
    equal(found[1], [])
    equal(lasting(folder.call("show", "last/node[2]")[0]), """node[2]  control.fold 1.0.0  cached
  key      KEY
  computed in run RRRR
  input    element = 2
  input    state = 1
  output   state = 3
""")
    folder.remove()


@check
def filters_that_grow():
    flow = """
local odd = vt.module { name = 'odd', inputs = { n = 'integer' }, outputs = { is = 'boolean' } }
function odd:compute(i) """ + LOG % "i.n" + """ return { is = i.n % 2 == 1 } end
local flow = vt.workflow { name = 'f', params = { list = 'list<integer>' } }
local node = flow:add('node', 'control.filter', { list = flow.params.list, keep = odd })
return flow:outputs { list = node.list }
"""
    folder = Folder(flow)
    answer, computed = folder.run("-p", "list=[1, 2, 3]")
    equal((answer["outputs"]["list"], computed), ([1, 3], turns(1, 2, 3)))
    answer, computed = folder.run("-p", "list=[4, 3, 5, 1]")
    equal((answer["outputs"]["list"], computed), ([3, 5, 1], turns(4, 5)))
    folder.remove()


# MARK: Branches


@check
def branches_that_are_chosen():
    folder = branches()
    answer, computed = folder.run()
    equal((answer["outputs"]["value"], computed), ("yes", ["cond", "a", "a2"]))
    equal(states(answer), {"cond": "computed", "a": "computed", "a2": "computed", "b": "not-needed",
                           "pick": "computed"})
    equal(folder.run()[1], [])
    # A branch that is not chosen may change, and even fail.
    folder.write(say("b").replace("return { y", "error 'x' return { y"), "b")
    answer, computed = folder.run()
    equal((answer["outputs"]["value"], computed, states(answer)["b"]), ("yes", [], "not-needed"))
    folder.write(say("b"), "b")
    # Another condition computes the other branch only.
    answer, computed = folder.run("-p", "x=false")
    equal((answer["outputs"]["value"], computed), ("no", ["cond", "b"]))
    equal(states(answer)["a2"], "not-needed")
    equal(folder.run()[1], [])
    # The chosen one that changes is computed.
    folder.write(say("a2").replace("y = i.x", "y = i.x .. '!'"), "a2")
    answer, computed = folder.run()
    equal((answer["outputs"]["value"], computed), ("yes!", ["a2"]))
    # A node of a branch that is a target computes.
    equal(folder.run("-t", "b", "--force", "b")[1], ["b"])
    folder.remove()


@check
def branches_on_record():
    folder = branches()
    plan = lambda *more, code=0: re.sub(
        "`[a-z0-9]+` computes on the interpreter.*\n", "", folder.call("plan", "flow.lua", *more, code=code)[0])
    unknown = "is in a branch whose condition is not known yet\n"
    equal(plan(), "run      cond  has no result yet\nmay run  a     " + unknown + "may run  a2    " + unknown
          + "may run  b     " + unknown + "may run  pick  after `cond`, if that gives another result\n"
          "1 of 5 would run, and 4 may run\n")
    _, errors = folder.call("run", "flow.lua", "--progress", "plain")
    equal(lasting(errors).splitlines()[3], "[4/5] b  not needed")
    equal(plan("--check"), "cached     cond\ncached     a\ncached     a2\nnot needed b\ncached     pick\n"
                           "0 of 5 would run\n")
    equal([n["status"] for n in json.loads(plan("--json"))["nodes"]],
          ["cached", "cached", "cached", "not needed", "cached"])
    lines = lasting(folder.call("show", "last")[0]).splitlines()
    equal(lines[-2], "not needed  b     TIME  b 0")
    equal(folder.call("show", "last/b")[0], "b  b 0  not needed\n  not computed: no branch that was chosen needs it\n")
    equal(folder.call("why", "last/b")[0], "`b` not needed: no branch that was chosen needs it\n")
    equal(json.loads(folder.call("why", "last/b", "--json")[0])["status"], "not-needed")
    found = json.loads(folder.call("show", "last", "--json")[0])
    equal({n["name"]: n["status"] for n in found["nodes"]}["b"], "not-needed")
    _, errors = folder.call("show", "last/b/y", code=4)
    equal(lasting(errors).splitlines()[0].split(";")[0], "error: the outputs of `b` are not stored")
    # The graph has the branches, and what a condition that is a parameter excludes.
    graph = folder.call("graph", "flow.lua")[0]
    assert '"b" -> "pick" [label = "y to no", style = dotted];' in graph, graph
    assert "not needed" not in graph, graph
    folder.write(CHOOSE.replace("condition = cond.y", "condition = flow.params.x"))
    graph = folder.call("graph", "flow.lua", "-p", "x=false", "-f", "mermaid")[0]
    equal(sorted(re.findall(r'"(\w+)<br/>\w+<br/>not needed"', graph)), ["a", "a2"])
    found = json.loads(folder.call("graph", "flow.lua", "-f", "json")[0])
    equal([n["name"] for n in found["nodes"] if n.get("needed") is False], ["b"])
    equal(sorted(c["from"] for c in found["connections"] if c.get("branch")), ["a2", "b"])
    # The report, the difference of two runs and the exports.
    folder.run()
    folder.run("-p", "x=false")
    page = Path(folder.path / "page.html")
    folder.call("report", "last", "-o", str(page))
    assert "not needed" in page.read_text() and "not-needed" not in page.read_text()
    first, second = [r["run"] for r in json.loads(folder.call("log", "--json")[0])["runs"]][1::-1]
    text = folder.call("diff", first, second)[0]
    assert "not needed" in text or "not-needed" in text, text
    for form in "prov", "ro-crate":
        json.loads(folder.call("export", "last", "-f", form)[0])
    folder.remove()


@check
def cases():
    flow = """
local flow = vt.workflow { name = 'f', params = { x = 'string' } }
local a, b, c = flow:add('a', 'a', { x = 1 }), flow:add('b', 'b', { x = 2 }), flow:add('c', 'c', { x = 3 })
local pick = flow:add('pick', 'control.choose',
  { value = flow.params.x, cases = { a = a.y, b = b.y, k = 9 }, otherwise = c.y })
return flow:outputs { value = pick.value }
"""
    folder = Folder(flow, **{name: say(name) for name in "abc"})
    for case, value, computed in ("a", 1, ["a"]), ("b", 2, ["b"]), ("k", 9, []), ("z", 3, ["c"]), ("a", 1, []):
        answer, found = folder.run("-p", "x=" + case)
        equal((answer["outputs"]["value"], found), (value, computed))
    folder.remove()


@check
def defaults():
    flow = """
local flow = vt.workflow { name = 'f', params = { x = { 'any', optional = true } } }
local v = flow:add('v', 'v', { x = flow.params.x })
local w = flow:add('w', 'w', { x = v.y })
local d = flow:add('d', 'd', { x = 9 })
local either = flow:add('either', 'control.default', { value = w.y, default = d.y, failed = %s })
return flow:outputs { value = either.value%s }
"""
    folder = Folder(flow % ("true", ""), **{name: say(name) for name in "vwd"})
    equal(folder.run("-p", "x=5")[1], ["v", "w"])
    answer, computed = folder.run()
    equal((answer["outputs"]["value"], computed), (9, ["v", "w", "d"]))
    equal(states(folder.run("-p", "x=5")[0])["d"], "not-needed")
    # A failure is on record, and computed again in the next run; the run is not a failed one.
    for status in "computed", "cached":
        answer, computed = folder.run("-p", "x=fail")
        equal((answer["outputs"]["value"], answer["status"], computed), (9, "done", ["v"]))
        equal(states(answer), {"v": "failed", "w": "skipped", "d": "cached", "either": status})
    found = json.loads(folder.call("show", "last", "--json")[0])
    equal((found["status"], {n["name"]: n["status"] for n in found["nodes"]}["v"]), ("done", "failed"))
    assert "cannot" in folder.call("show", "last/v")[0]
    equal(json.loads(folder.call("log", "--json")[0])["runs"][0]["status"], "done")
    _, errors = folder.call("run", "flow.lua", "-p", "x=fail", "--progress", "plain")
    equal([line for line in lasting(errors).splitlines() if line.startswith("[")],
          ["[1/4] v  failed; its default is used", "[2/4] w  skipped: `v` failed", "[3/4] d  cached",
           "[4/4] either  cached"])
    assert "error" not in errors, errors
    # A failure that something else needs, or that `failed` does not replace, ends the run.
    folder.write(flow % ("true", ", w = w.y"))
    equal(folder.run("-p", "x=fail", code=1)[0]["status"], "failed")
    folder.write(flow % ("false", ""))
    equal(folder.run("-p", "x=fail", code=1)[0]["status"], "failed")
    folder.remove()


# MARK: Order, several at once


@check
def the_record_is_the_same_with_several_at_once():
    flow = CHOOSE.replace("return flow:outputs { value = pick.value }", """
local l = flow:add('l', 'control.loop', { state = 0, step = 'step' })
local d = flow:add('d', 'control.default', { value = flow:add('f', 'f', { x = 'fail' }).y, default = a.y, failed = true })
local o, p = flow:add('o', 'o', {}), flow:add('p', 'p', {})
flow:add('order', 'control.order', { first = p.y, second = o.y })
return flow:outputs { value = pick.value, state = l.state, d = d.value, o = o.y, p = p.y }""")

    def record(*options):
        folder = Folder(flow, step=step(last=3), **{n: say(n) for n in ("cond", "a", "a2", "b", "f", "o", "p")})
        found = []
        for more in (), (), ("-p", "x=false"):
            folder.run(*options, *more)
            shown = json.loads(folder.call("show", "last", "--json")[0])
            equal([n["position"] for n in shown["nodes"] if "position" in n],
                  sorted(n["position"] for n in shown["nodes"] if "position" in n))
            found.append([(n["name"], n["status"], n["outputs"], n["elements"], n["error"]) for n in shown["nodes"]])
        names = [n[0] for n in found[0]]
        assert names.index("p") < names.index("o"), names
        folder.remove()
        return found

    first = record()
    for options in (["-j", "2"], ["-j", "8"]):
        equal(record(*options), first)


@check
def lists_with_gaps():
    # A list with a gap would be cut there without a word.
    modules = """
local add = vt.module { name = 'add', inputs = { state = 'integer', element = 'integer' }, outputs = { state = 'integer' } }
function add:compute(i) return { state = i.state + i.element } end
local big = vt.module { name = 'big', inputs = { x = 'integer' }, outputs = { keep = 'boolean' } }
function big:compute(i) return { keep = i.x > 1 } end
local id = vt.module { name = 'id', inputs = { x = 'any' }, outputs = { y = 'any' } }
function id:compute(i) return { y = i.x } end
local list = vt.module { name = 'list', inputs = { x = 'list' }, outputs = { y = 'list' } }
function list:compute(i) return { y = { 1, nil, 2 } } end
local f = vt.workflow { name = 'f' }
"""
    for line, message in [
        ("f:add('n', 'control.fold', { list = { 1, nil, 2 }, initial = 0, step = add })",
         "`n` (control.fold): input `list`: element 2 is nil; a list has a value at each place"),
        ("f:add('n', 'control.filter', { list = { 1, nil, 2 }, keep = big })",
         "big: input `x`, element 2: it is nil; a list has a value at each place"),
        ("f:add('n', id, { x = vt.each { 1, nil, 2 } })",
         "id: input `x`, element 2: it is nil; a list has a value at each place"),
        ("f:add('n', list, { x = { 1, nil, 2 } })",
         "list: input `x`: element 2 is nil; a list has a value at each place"),
        ("f:add('n', list, { x = { 1 } })", "output `y`: element 2 is nil; a list has a value at each place"),
    ]:
        process = Folder(modules + line + "\nreturn f\n").start("run", "flow.lua", "--progress", "none")
        errors = process.communicate(timeout=LIMIT)[1]
        equal((process.returncode != 0, message in errors), (True, True), line + errors)


@check
def two_runs_at_once():
    folder = loop(last=20, pause="0.05")
    runs = [folder.start("run", "flow.lua", "--json", "--progress", "none") for _ in range(2)]
    for run in runs:
        out, errors = run.communicate(timeout=LIMIT)
        equal(run.returncode, 0)
        equal(json.loads(out)["outputs"], {"state": 210, "turns": 20})
    equal(sorted(map(int, folder.computed())), list(range(1, 21)))
    folder.remove()


# MARK: Branches for each element

ELEMENTS = """
local inner = vt.workflow { name = 'inner', params = { x = 'integer' } }
local large = inner:add('large', 'large', { x = inner.params.x })
local a = inner:add('a', 'a', { x = inner.params.x })
local b = inner:add('b', 'b', { x = inner.params.x })
local pick = inner:add('pick', 'control.choose', { condition = large.y, yes = a.y, no = b.y })
inner:outputs { y = pick.value }
local flow = vt.workflow { name = 'f', params = { list = { 'list<integer>', default = { 1, 2, 3, 4 } } } }
local node = flow:add('n', inner, { x = vt.each(flow.params.list) })
return flow:outputs { y = node.y }
"""
LARGE = """
local M = vt.module { name = 'large', inputs = { x = 'integer' }, outputs = { y = 'boolean' } }
function M:compute(i)
  """ + LOG % "'large'" + """
  return { y = i.x > 2 }
end
return M
"""


MEANWHILE = """
local step = vt.module { name = 'step', inputs = { state = 'integer', last = 'integer' },
  outputs = { state = 'integer', done = 'boolean' } }
function step:compute(i)
  """ + LOG % "i.state" + """
  os.execute("sleep 0.1")
  print('turn ' .. i.state)
  if i.last < 0 and i.state == 2 then self:fail('two') end
  return { state = i.state + 1, done = i.state == i.last }
end
local other = vt.module { name = 'other', inputs = { x = 'integer' }, outputs = { y = 'integer' } }
function other:compute(i)
  """ + LOG % "'other' .. i.x" + """
  return { y = i.x }
end
local flow = vt.workflow { name = 'f', params = { last = { 'integer', default = 5 } } }
local node = flow:add('node', 'control.loop', { state = 0, step = step, inputs = { last = flow.params.last } }%s)
local after = flow:add('after', other, { x = node.state })
local one = flow:add('one', other, { x = 1 })
local list = flow:add('list', other, { x = vt.each { 2, 3 } })
return flow:outputs { y = after.y, one = one.y, list = list.y }
"""


@check
def turns_on_workers():
    for options, on in ([], ""), (["-j", "2"], ""), ([], ", { on = 'processes' }"), (["-j", "3"], ", { on = 'threads' }"):
        folder = Folder(MEANWHILE % on)
        answer, computed = folder.run(*options)
        equal(answer["outputs"], {"y": 6, "one": 1, "list": [2, 3]})
        # Turns stay in order.
        equal([line for line in computed if line.isdigit()], ["0", "1", "2", "3", "4", "5"])
        if options:
            equal(computed.index("other1") < computed.index("5"), True)
        lines = folder.call("show", "last/node")[0].splitlines()
        places = {line.split("on ")[-1].split()[0] for line in lines if "] " in line}
        equal(places, {"worker"} if options or on else {"the"})
        equal([line for line in lines if line.startswith("turn ")], [f"turn {i}" for i in range(6)])
        # Each is used again, wherever it has computed.
        folder.write(MEANWHILE % "")
        equal(folder.run(*options)[1], [])
        equal([line for line in folder.run("-p", "last=6")[1] if line.isdigit()], ["0", "1", "2", "3", "4", "5", "6"])
        # A turn that fails is reported as on the interpreter.
        _, errors = folder.call("run", "flow.lua", "-p", "last=-1", "--progress", "none", *options, code=1)
        lines = [re.sub(r" +run \w+, \d", "  run RRRR, 0", line) for line in errors.splitlines()]
        start = next(number for number, line in enumerate(lines) if line.startswith("error"))
        equal(lines[start:start + 2],
              ["error: `node[3]` (step 0) failed in compute  run RRRR, 0 of 4 done", "  two"])
        folder.remove()


@check
def loops_on_workers_stop():
    folder = Folder(MEANWHILE % "")
    process = folder.start("run", "flow.lua", "-j", "2", "-p", "last=100", "--progress", "none")
    deadline = time.time() + LIMIT
    while time.time() < deadline and "4" not in folder.computed():
        time.sleep(0.02)
    began = time.time()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=LIMIT)
    equal((process.returncode, time.time() - began < 30), (130, True))
    done = max(int(line) for line in folder.computed() if line.isdigit())
    computed = [int(line) for line in folder.run("-j", "2", "-p", "last=100", "-t", f"node[{done + 2}]")[1]
                if line.isdigit()]
    equal(computed, [done, done + 1])
    folder.remove()


@check
def folds_over_arrays_on_record():
    folder = Folder("""
local step = vt.module { name = 'add', inputs = { state = 'number', element = 'any' }, outputs = { state = 'number' } }
function step:compute(i)
  return { state = i.state + (type(i.element) == 'number' and i.element or i.element:sum()) }
end
local make = vt.module { name = 'make', inputs = {}, outputs = { rows = 'array' } }
function make:compute() return { rows = array.arange(10, 40, 10) } end
local flow = vt.workflow { name = 'f' }
local rows = flow:add('rows', make)
local node = flow:add('node', 'control.fold', { list = array.arange(1, 7):reshape { 3, 2 }, initial = 0, step = step })
local port = flow:add('port', 'control.fold', { list = rows.rows, initial = 0, step = step })
return flow:outputs { y = node.state, z = port.state }
""")
    equal(folder.run()[0]["outputs"], {"y": 21, "z": 60})
    for name, element, state in ("node[2]", "array int64 2", 3), ("port[2]", "20", 10):
        lines = folder.call("show", "last/" + name)[0].splitlines()
        equal([line for line in lines if line.startswith("  input")],
              [f"  input    element = {element}", f"  input    state = {state}"])
    folder.remove()


@check
def each_element_has_a_branch():
    for options in [], ["-j", "2"]:
        folder = Folder(ELEMENTS, large=LARGE, a=say("a"), b=say("b"))
        answer, computed = folder.run(*options)
        equal((answer["outputs"], sorted(computed)), ({"y": [1, 2, 3, 4]}, [*"aabb"] + ["large"] * 4))
        counts = {n["name"]: n["elements"]["total"] for n in answer["nodes"]}
        equal(counts, {"n/large": 4, "n/a": 2, "n/b": 2, "n/pick": 4})
        answer, computed = folder.run(*options)
        equal((answer["outputs"], computed), ({"y": [1, 2, 3, 4]}, []))
        equal(set(states(answer).values()), {"cached"})
        # An element that is appended computes its own branch, those before it nothing.
        equal(sorted(folder.run(*options, "-p", "list=[1, 2, 3, 4, 5]")[1]), ["a", "large"])
        # A branch that no element chooses is not needed.
        answer, computed = folder.run(*options, "-p", "list=[2, 1]")
        equal((answer["outputs"], computed), ({"y": [2, 1]}, []))
        equal(states(answer), {"n/large": "cached", "n/a": "not-needed", "n/b": "cached", "n/pick": "cached"})
        equal(folder.call("plan", "flow.lua", "-p", "list=[2, 1]")[0].splitlines()[1], "not needed n/a")
        equal(folder.call("plan", "flow.lua", "-p", "list=[2, 7]")[0].splitlines()[1].split()[:3],
              ["may", "run", "n/a"])
        # A target computes, whatever chooses it.
        answer, computed = folder.run(*options, "-t", "n/a[1]")
        equal(sorted(computed), ["a"])
        folder.remove()


end()
