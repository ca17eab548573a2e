#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# Modules whose work goes on after the run: Tests/Store/suspended.py [NAME...]
#
# Needs VTLUA_BINARY.
import json, os, re, subprocess, sys, tempfile, threading, time
from pathlib import Path

from checks import check, end, equal

vtlua = os.environ["VTLUA_BINARY"]
os.environ.pop("VTLUA_STORE", None)
LIMIT = 120  # seconds of each wait; the bound only ends a test that hangs

# The queue is a directory: a file with the handle's name is the result of its job.
MODULE = """
local M = vt.module { name = 'job', inputs = { x = 'integer' }, outputs = { y = 'integer' } }
function M:compute(i)
  print('submit ' .. i.x)
  self:suspend { job = 'j' .. i.x }
end
function M:resume(i, handle)
  print('look at ' .. handle.job)
  local file = io.open(handle.job)
  if not file then self:suspend(handle) end
  local text = file:read('a')
  file:close()
  if text == 'bad' then self:fail('the job has failed') end
  if text == 'broken' then error('cannot ask the queue') end
  return { y = tonumber(text) }
end
function M:cancel(handle) print('cancel ' .. handle.job) end
return M
"""
FLOW = """
local plus = vt.module { name = 'plus', inputs = { y = 'integer' }, outputs = { z = 'integer' } }
function plus:compute(i) return { z = i.y + 1 } end
local flow = vt.workflow { name = 'f', params = { x = { 'integer', default = 1 } } }
local job = flow:add('job', 'job', { x = flow.params.x })
local after = flow:add('after', plus, { y = job.y })
local other = flow:add('other', plus, { y = 0 })
return flow:outputs { z = after.z, o = other.z }
"""
EACH = """
local flow = vt.workflow { name = 'f', params = {} }
local inner = vt.workflow { name = 'inner', params = { x = 'integer' } }
inner:outputs { y = inner:add('job', 'job', { x = inner.params.x }).y }
local each = flow:add('each', 'job', { x = vt.each { 1, 2, 1 } })
local node = flow:add('node', inner, { x = 1 })
return flow:outputs { each = each.y, y = node.y }
"""

# Turns wait for a file with the name of their handle.
TURN = """
local M = vt.module { name = 'turn', inputs = { state = 'integer', INPUT }, outputs = { state = 'integer', OUTPUT } }
function M:compute(i)
  if i.state % 2 == 0 then return self:next(i.state) end
  print('submit ' .. i.state)
  self:suspend('t' .. i.state)
end
function M:next(state) return { state = state + 1, DONE } end
function M:resume(i, handle)
  print('look at ' .. handle)
  if not io.open(handle) then self:suspend(handle) end
  return self:next(i.state)
end
function M:cancel(handle) print('cancel ' .. handle) end
return M
"""
LOOP_TURN = TURN.replace("INPUT", "").replace("OUTPUT", "done = 'boolean'").replace("DONE", "done = state >= 3")
FOLD_TURN = TURN.replace("INPUT", "element = 'any'").replace("OUTPUT", "").replace("DONE", "")
LOOP = """
local flow = vt.workflow { name = 'f', params = { x = { 'integer', default = 0 } } }
local root = flow:add('root', 'control.loop', { state = flow.params.x, step = STEP })
return flow:outputs { z = root.state }
"""
FOLD = LOOP.replace("control.loop", "control.fold").replace(
    "{ state = flow", "{ list = { 1, 2, 3, 4 }, initial = flow")
INNER = """
local inner = vt.workflow { name = 'inner', params = { state = 'integer' } }
local job = inner:add('job', 'turn', { state = inner.params.state })
inner:outputs { state = job.state, done = job.done }
"""


class Folder:
    def __init__(self, flow=FLOW):
        self.path = Path(tempfile.mkdtemp(prefix="suspended-"))
        (self.path / "job.lua").write_text(MODULE)
        (self.path / "flow.lua").write_text(flow)

    def call(self, *arguments, code=0):
        done = subprocess.run([vtlua, *arguments], cwd=self.path, capture_output=True, text=True, timeout=LIMIT,
                              env={**os.environ, "NO_COLOR": "1"})
        equal(done.returncode, code, f"{arguments}\n{done.stdout}{done.stderr}")
        return done.stdout, done.stderr

    def run(self, *options, code=0):
        """The answer, and what modules have printed."""
        out, errors = self.call("run", "flow.lua", "--json", "--progress", "plain", *options, code=code)
        return json.loads(out), re.findall(r"(?m)^\S+ \| (.*)", errors)

    def suspended(self):
        return [(row["node"], row["handle"])
                for row in json.loads(self.call("log", "--suspended", "--json")[0])["suspended"]]


def states(answer):
    return {node["name"]: node["status"] for node in answer["nodes"]}


HANDLE = '{"job": "j1"}'


@check
def a_default_waits():
    # A node that is suspended has not failed: its replacement and what uses that wait.
    folder = Folder(FLOW.replace(
        "local after", """local guess = flow:add('guess', plus, { y = 10 })
local instead = flow:add('instead', 'control.default', { value = job.y, default = guess.z, failed = true })
local after""").replace("y = job.y", "y = instead.value"))
    for jobs in [], ["-j", "2"]:
        answer, _ = folder.run(*jobs, code=8)
        found = states(answer)
        equal((answer["status"], found.pop("other") in ("computed", "cached"), found), ("suspended", True, {
            "job": "suspended", "guess": "not-needed", "instead": "skipped", "after": "skipped"}))
    (folder.path / "j1").write_text("bad")
    equal(folder.run()[0]["outputs"], {"o": 1, "z": 12})


@check
def resumes():
    for jobs in [], ["-j", "2"]:
        folder = Folder()
        answer, printed = folder.run(*jobs, code=8)
        equal((answer["status"], states(answer)),
              ("suspended", {"job": "suspended", "after": "skipped", "other": "computed"}))
        equal((answer["outputs"], printed), ({"o": 1, "z": None}, ["submit 1"]))
        equal(folder.suspended(), [("job", HANDLE)])
        equal(folder.run(*jobs, code=8)[1], ["look at j1"])
        (folder.path / "j1").write_text("41")
        answer, printed = folder.run(*jobs)
        equal((answer["outputs"], printed), ({"o": 1, "z": 42}, ["look at j1"]))
        equal(folder.suspended(), [])
        equal(folder.run(*jobs)[1], [])
        _, errors = Folder().call("run", "flow.lua", "--progress", "none", code=8)
        equal(errors, f"job | submit 1\nsuspended: `job` ({HANDLE})\n")


@check
def other_inputs_and_code():
    folder = Folder()
    folder.run(code=8)
    # Other inputs: the old work is cancelled.
    equal(folder.run("-p", "x=2", code=8)[1], ["cancel j1", "submit 2"])
    equal(folder.suspended(), [("job", '{"job": "j2"}')])
    # Other code, too; and --force.
    (folder.path / "job.lua").write_text(MODULE.replace("'submit '", "'send '"))
    equal(folder.run("-p", "x=2", code=8)[1], ["cancel j2", "send 2"])
    equal(folder.run("-p", "x=2", "--force", "job", code=8)[1], ["cancel j2", "send 2"])
    # Without the method the handle stays on the list.
    (folder.path / "job.lua").write_text(re.sub(r"function M:cancel.*\n", "", MODULE))
    folder.run("-p", "x=3", code=8)
    equal(folder.suspended(), [("job", '{"job": "j2"}'), ("job", '{"job": "j3"}')])


@check
def failures():
    folder = Folder()
    folder.run(code=8)
    # After an error the handle stays; after self:fail the work starts again.
    (folder.path / "j1").write_text("broken")
    equal(folder.run(code=1)[1], ["look at j1"])
    (folder.path / "j1").write_text("bad")
    equal(folder.run(code=1)[1], ["look at j1"])
    equal(folder.suspended(), [])
    equal(folder.run(code=8)[1], ["submit 1"])
    for options, message in [
            (["--store", "off"], "self:suspend needs a store; run without --store off and --no-cache"),
            (["--no-cache"], "self:suspend needs a store; run without --store off and --no-cache")]:
        answer, _ = Folder().run(*options, code=1)
        equal(answer["nodes"][0]["error"]["message"], message)
    for old, new, message in [
            ("function M:resume", "function M:restart",
             "the module suspends itself, but it has no method `resume`; write function M:resume(inputs, handle)"),
            ("self:suspend { job = 'j' .. i.x }", "self:suspend(print)",
             "self:suspend: the handle must be a string, a number or a table of data, got function")]:
        folder = Folder()
        (folder.path / "job.lua").write_text(MODULE.replace(old, new))
        answer, _ = folder.run(code=1)
        equal(answer["nodes"][0]["error"]["message"], message)


@check
def resuming_fails():
    for old, new, message, stage in [
            ("return { y = tonumber(text) }", "", "resume returned nothing; end it with return { y = value }", "its outputs"),
            ("return { y = tonumber(text) }", "return text", "resume returned a string; a table of outputs expected, "
             "such as { y = value }", "its outputs"),
            ("text == 'bad'", "nil .. text", "attempt to concatenate a nil value", "resume")]:
        folder = Folder()
        (folder.path / "j1").write_text("41")
        (folder.path / "job.lua").write_text(MODULE.replace(old, new))
        folder.run(code=8)
        error = folder.run(code=1)[0]["nodes"][0]["error"]
        equal((error["message"], error["stage"]), (message, stage))
    folder = Folder()
    (folder.path / "job.lua").write_text(MODULE.replace("vt.module {", "vt.module { cache = false,"))
    equal(folder.run(code=1)[0]["nodes"][0]["error"]["message"],
          "self:suspend needs a module whose results are kept; remove cache = false")


@check
def shown():
    folder = Folder(EACH)
    folder.run(code=8)
    out, _ = folder.call("show", "last/each")
    equal(re.sub(r"\d+ µs|[\d.]+ ms", "TIME", out).splitlines()[-4:],
          ["  2 elements: 2 suspended", "  [1]  suspended  TIME  on the interpreter",
           "  [2]  suspended  TIME  on the interpreter", f"  handle   {HANDLE}"])
    equal(folder.call("why", "last/each[1]")[0], "`each[1]` suspended: its work goes on\n")
    equal(folder.call("why", "last/node/job")[0], f"`node/job` suspended: its work goes on\n")
    out, _ = folder.call("plan", "flow.lua")
    equal(f"run      node/job  is suspended: {HANDLE}" in out, True, out)
    folder.call("report", "last", "-o", "page.html")
    folder.call("export", "last", "-f", "ro-crate")


@check
def numbers_of_jobs():
    # The results and handles of a run do not depend on -j.
    folder = Folder()
    (folder.path / "j1").write_text("41")
    folder.run("-j", "1", code=8)
    answer, printed = folder.run("-j", "5")
    equal((states(answer)["other"], printed), ("cached", ["look at j1"]))
    equal(set(states(folder.run("-j", "7")[0]).values()), {"cached"})


@check
def secrets():
    folder = Folder(FLOW.replace("params = {", "params = { token = { 'string', secret = true, env = 'TOKEN' },")
                    .replace("{ x = flow.params.x }", "{ x = flow.params.x, token = flow.params.token }"))
    (folder.path / "job.lua").write_text(
        MODULE.replace("x = 'integer' }", "x = 'integer', token = 'string' }", 1).replace(
            "{ job = 'j' .. i.x }", "{ job = 'j' .. i.token }"))
    os.environ["TOKEN"] = "hunter2-hunter2"
    try:
        answer, _ = folder.run(code=1)
    finally:
        del os.environ["TOKEN"]
    equal(answer["nodes"][0]["error"]["message"],
          "self:suspend: the handle holds the secret `token`, which must not be kept; take it from the inputs in "
          "`resume`")


@check
def elements_and_inner_workflows():
    folder = Folder(EACH)
    answer, printed = folder.run(code=8)
    # Equal inputs: one job for two elements and a node.
    equal((states(answer), printed), ({"each": "suspended", "node/job": "suspended"}, ["submit 1", "submit 2"]))
    (folder.path / "j2").write_text("20")
    equal(folder.run(code=8)[1], ["look at j1", "look at j2"])
    (folder.path / "j1").write_text("10")
    answer, printed = folder.run()
    equal((answer["outputs"], printed), ({"each": [10, 20, 10], "y": 10}, ["look at j1"]))


@check
def elements_that_are_gone():
    folder = Folder("""
    local flow = vt.workflow { name = 'f', params = { list = { 'list<integer>', default = { 1, 2, 3 } } } }
    local each = flow:add('each', 'job', { x = vt.each(flow.params.list) })
    return flow:outputs { each = each.y }
    """)
    folder.run(code=8)
    # The jobs of elements that stay go on, wherever they are in the list.
    equal(folder.run("-p", "list=[3,4]", code=8)[1], ["look at j3", "submit 4", "cancel j1", "cancel j2"])
    equal(sorted(handle for _, handle in folder.suspended()), ['{"job": "j3"}', '{"job": "j4"}'])
    # A run of one element cancels nothing.
    equal(folder.run("-p", "list=[4]", "-t", "each[1]", code=8)[1], ["look at j4"])
    equal(folder.run("-p", "list=[3,4]", "--force", "each[2]", code=8)[1], ["look at j3", "cancel j4", "submit 4"])
    equal(folder.run("-p", "list=[]")[1], ["cancel j3", "cancel j4"])


@check
def turns():
    for flow, module in [(LOOP, LOOP_TURN), (FOLD, FOLD_TURN)]:
        folder = Folder(flow.replace("STEP", "'turn'"))
        (folder.path / "turn.lua").write_text(module)
        # Turn 1 computes, turn 2 is suspended.
        answer, printed = folder.run(code=8)
        equal((answer["status"], states(answer), printed), ("suspended", {"root": "suspended"}, ["submit 1"]))
        equal(folder.suspended(), [("root[2]", "t1")])
        equal(folder.run(code=8)[1], ["look at t1"])
        (folder.path / "t1").write_text("")
        # Turn 2 ends, turn 3 computes, turn 4 is suspended.
        equal(folder.run(code=8)[1], ["look at t1", "submit 3"])
        equal(folder.suspended(), [("root[4]", "t3")])
        out, _ = folder.call("show", "last/root[3]")
        equal("cached" in out or "computed" in out, True, out)
        (folder.path / "t3").write_text("")
        answer, printed = folder.run()
        equal((answer["outputs"], printed), ({"z": 4}, ["look at t3"]))
        equal((folder.suspended(), folder.run()[1]), ([], []))


@check
def turns_that_are_cancelled():
    folder = Folder(LOOP.replace("STEP", "'turn'"))
    (folder.path / "turn.lua").write_text(LOOP_TURN)
    folder.run(code=8)
    equal(folder.run("-p", "x=-3", code=8)[1], ["cancel t1", "submit -3"])
    equal(folder.suspended(), [("root[1]", "t-3")])
    equal(folder.run("-p", "x=-3", "--force", "root", code=8)[1], ["cancel t-3", "submit -3"])
    out, _ = folder.call("cancel", "flow.lua", "root[1]")
    equal(out, "cancelled  root[1]  t-3\n")
    for options in ["--store", "off"], ["--no-cache"]:
        answer, _ = folder.run("-p", "x=1", *options, code=1)
        equal(answer["nodes"][0]["error"]["message"],
              "self:suspend needs a store; run without --store off and --no-cache")


@check
def workflows_in_turns():
    folder = Folder(INNER + LOOP.replace("STEP", "inner"))
    (folder.path / "turn.lua").write_text(LOOP_TURN)
    answer, printed = folder.run(code=8)
    equal((states(answer), folder.suspended()), ({"root": "suspended"}, [("root[2]/job", "t1")]))
    (folder.path / "t1").write_text("")
    folder.run(code=8)
    equal(folder.suspended(), [("root[4]/job", "t3")])
    equal(folder.call("cancel", "flow.lua")[0], "cancelled  root[4]/job  t3\n")
    equal(folder.suspended(), [])
    (folder.path / "t3").write_text("")
    folder.run(code=8)
    answer, _ = folder.run()
    equal(answer["outputs"], {"z": 4})


@check
def cancelling():
    folder = Folder(EACH)
    folder.run(code=8)
    listed = folder.suspended()
    equal(listed, [("each[1]", HANDLE), ("each[2]", '{"job": "j2"}')])
    for words, code, out, errors in [
            (["eech"], 2, "", "error: `eech` is not suspended; did you mean `each`?\n"),
            (["each[2]"], 0, 'cancelled  each[2]  {"job": "j2"}\n', "each[2] | cancel j2\n"),
            ([], 0, f"cancelled  each[1]  {HANDLE}\n", "each[1] | cancel j1\n"),
            ([], 0, "", "no node of `f` is suspended\n"),
            (["each"], 2, "", "error: `each` is not suspended; no node of this workflow is\n")]:
        equal(folder.call("cancel", "flow.lua", *words, code=code), (out, errors), words)
    folder.run(code=8)
    # A module without `cancel`, and one whose `cancel` fails.
    (folder.path / "job.lua").write_text(MODULE.replace("function M:cancel", "function M:stop"))
    _, errors = folder.call("cancel", "flow.lua", "each[1]", code=1)
    equal(errors, f"error: `each[1]` ({HANDLE}) stays suspended: `job` has no method `cancel`; write function "
          "M:cancel(handle); to remove it from the list: vtlua cancel --forget flow.lua 'each[1]'\n")
    (folder.path / "job.lua").write_text(MODULE.replace("print('cancel '", "error('no queue '"))
    out, _ = folder.call("cancel", "flow.lua", "--json", code=1)
    answer = json.loads(out)
    equal([row["status"] for row in answer["suspended"]], ["kept", "kept"])
    equal("no queue j1" in answer["suspended"][0]["error"], True, out)
    # A node that the workflow does not have any more.
    (folder.path / "flow.lua").write_text(FLOW)
    _, errors = folder.call("cancel", "flow.lua", "each[1]", code=1)
    equal("stays suspended: the workflow has no node `each[1]`; to remove it" in errors, True, errors)
    equal(folder.call("cancel", "--forget", "flow.lua")[0],
          f'forgotten  each[1]  {HANDLE}\nforgotten  each[2]  {{"job": "j2"}}\n')
    equal(folder.suspended(), [])


@check
def sweeps():
    for jobs in [], ["-j", "2"]:
        folder = Folder()
        out, _ = folder.call("sweep", "flow.lua", "-p", "x=1..3", "--json", *jobs, code=8)
        answer = json.loads(out)
        equal((answer["status"], [row["status"] for row in answer["runs"]]), ("suspended", ["suspended"] * 3))
        # Neither the other combinations nor a run cancel the jobs.
        equal(folder.run("-p", "x=5", code=8)[1], ["submit 5"])
        equal(sorted(handle for _, handle in folder.suspended()), ['{"job": "j%d"}' % x for x in (1, 2, 3, 5)])
        for x in 1, 3:
            (folder.path / f"j{x}").write_text(f"{x}0")
        out, errors = folder.call("sweep", "flow.lua", "-p", "x=1..3", *jobs, code=8)
        equal([re.sub(r" +\w{4}  ", "  RUN  ", line) for line in out.splitlines()[1:]],
              ["1  1  11  RUN  done", "2  1  -  RUN  suspended", "3  1  31  RUN  done"])
        equal(re.search("sweep .*: 2 done, 1 suspended in", errors) is not None, True, errors)
        folder.call("cancel", "flow.lua")
        equal(folder.suspended(), [])


@check
def sweeps_in_lua():
    folder = Folder()
    (folder.path / "study.lua").write_text("""
    for _, row in ipairs(vt.sweep(require 'flow', { x = { 1, 2 } })) do print(row.params.x, row.status, row.outputs.z) end
    """)
    def lines():
        return [line for line in folder.call("study.lua")[0].splitlines() if "\t" in line]
    equal(lines(), ["1\tsuspended\tnil", "2\tsuspended\tnil"])
    (folder.path / "j2").write_text("20")
    equal(lines(), ["1\tsuspended\tnil", "2\tdone\t21"])


@check
def wait():
    folder = Folder()
    timer = threading.Timer(1, lambda: (folder.path / "j1").write_text("41"))
    timer.start()
    out, errors = folder.call("run", "flow.lua", "--progress", "none", "--wait", "0.2")
    timer.join()
    equal(out.splitlines()[-2:], ["o = 1", "z = 42"])
    equal("suspended: `job`" in errors, True)


end()
