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
def wait():
    folder = Folder()
    timer = threading.Timer(1, lambda: (folder.path / "j1").write_text("41"))
    timer.start()
    out, errors = folder.call("run", "flow.lua", "--progress", "none", "--wait", "0.2")
    timer.join()
    equal(out.splitlines()[-2:], ["o = 1", "z = 42"])
    equal("suspended: `job`" in errors, True)


end()
