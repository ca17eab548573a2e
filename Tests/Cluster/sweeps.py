#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# Sweeps whose modules compute on engines: Tests/Cluster/with_cluster.sh sweeps
#
# Needs VTLUA_BINARY, and a cluster of two engines in the default profile.
import json, os, signal, subprocess, sys, time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Store"))
import sweep_folder
from checks import check, end, equal
from sweep_folder import LIMIT, rows, vtlua

FLOW = """
local load = vt.module { name = 'load', inputs = { path = 'string' }, outputs = { v = 'integer' } }
function load:compute(i)
  os.execute("echo " .. i.path .. " >>" .. LOG)
  return { v = #i.path }
end
local scale = vt.module { name = 'scale', inputs = { v = 'integer', by = 'number' },
  outputs = { y = 'number', pid = { 'integer' } } }
function scale:compute(i)
  local pipe = io.popen "echo $PPID"
  local pid = pipe:read "n"
  pipe:close()
  if i.by == 4 then self:fail "four" end
  if i.by == 5 then os.execute("kill -9 " .. pid) end
  if i.by == 6 then
    local file = io.open(LOG .. ".pid", "w")
    file:write(pid)
    file:close()
    os.execute "sleep 300"
  end
  if i.by == 9 and not io.open(LOG .. ".tried") then
    io.open(LOG .. ".tried", "w"):close()
    os.execute("kill -9 $(cut -d' ' -f4 /proc/" .. pid .. "/stat) " .. pid)
    os.execute "sleep 300"
  end
  os.execute "sleep 0.05"
  return { y = i.v * i.by, pid = pid }
end
local job = vt.module { name = 'job', inputs = { y = 'number' }, outputs = { pid = 'integer' } }
function job:compute(i)
  if i.y == 8 then self:suspend('job ' .. i.y) end
  local pipe = io.popen "echo $PPID"
  local pid = pipe:read "n"
  pipe:close()
  return { pid = pid }
end
function job:resume(i) return { pid = 0 } end
local flow = vt.workflow { name = 'sweep', params = {
  by = { 'number', default = 1 }, path = { 'string', default = 'abc' } } }
local source = flow:add('source', load, { path = flow.params.path })
local node = flow:add('node', scale, { v = source.v, by = flow.params.by })
local here = flow:add('here', job, { y = node.y })
return flow:outputs { y = node.y, pid = node.pid, here = here.pid }
"""


class Folder(sweep_folder.Folder):
    arguments = ["--on", "cluster"]

    def __init__(self):
        super().__init__()
        (self.path / "flow.lua").write_text(FLOW.replace("LOG", f'"{self.log}"'))


def engines():
    out = subprocess.run([vtlua, "cluster", "status", "--json"], capture_output=True, text=True, timeout=LIMIT,
                         check=True).stdout
    return json.loads(out)["engines"]


def workers():
    return {engine["worker"] for engine in engines()}


def await_(condition, about):
    limit = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < limit, about
        time.sleep(0.1)


@check
def combinations():
    for jobs in [], ["-j", "1"], ["-j", "3"]:
        folder = Folder()
        there = workers()
        answer, loaded = folder.sweep("-p", "by=1..3", "-p", "path=a,bb", *jobs)
        equal(rows(answer), [({"by": by, "path": path}, by * len(path), "done")
                             for by in (1, 2, 3) for path in ("a", "bb")], jobs)
        # What combinations share is computed once, also at the same time.
        equal(loaded, ["a", "bb"], jobs)
        found = {row["outputs"]["pid"] for row in answer["runs"]}
        equal(found <= there, True, f"{found} of {there}")
        if jobs != ["-j", "1"]:
            equal(len(found), 2, "both engines are used")
        # A module that stays computes in the process of its combination.
        equal({row["outputs"]["here"] for row in answer["runs"]} & there, set())
        # Each combination is a run on record in the store beside the workflow.
        out, _ = folder.call("log", answer["sweep"], "--json")
        listed = json.loads(out)["runs"]
        equal(sorted(run["run"] for run in listed), sorted(row["run"] for row in answer["runs"]))
        again, loaded = folder.sweep("-p", "by=1..3", "-p", "path=a,bb", *jobs)
        equal((rows(again), loaded), (rows(answer), []))
        # Results of engines are those of processes.
        out, _ = folder.call("sweep", "flow.lua", "--json", "-p", "by=1..3", "-p", "path=a,bb", "-j", "2")
        equal({tuple(n["status"] for n in run) for run in [[row] for row in json.loads(out)["runs"]]}, {("done",)})


@check
def failures():
    answer, _ = Folder().sweep("-p", "by=1,4,2", "-k", code=1)
    equal(rows(answer), [({"by": 1}, 3, "done"), ({"by": 4}, None, "failed"), ({"by": 2}, 6, "done")])
    equal(answer["runs"][1]["error"], "`node` (scale 0) failed in compute: four")
    answer, _ = Folder().sweep("-p", "by=4,1,2", "-j", "1", code=1)
    equal([row["status"] for row in answer["runs"]], ["failed", "skipped", "skipped"])


@check
def engines_that_die():
    # The process that runs Lua: it is replaced, and the combination has failed.
    answer, _ = Folder().sweep("-p", "by=1,5,2,3", "-k", code=5)
    equal([row["status"] for row in answer["runs"]], ["done", "failed", "done", "done"])
    equal("was ended by SIGKILL" in answer["runs"][1]["error"], True, answer["runs"][1]["error"])
    await_(lambda: len(engines()) == 2, "the engine has not joined again")
    # The whole engine, with a further attempt: another engine computes it.
    answer, _ = Folder().sweep("-p", "by=1,9,2,3", "--retries", "1")
    equal(rows(answer), [({"by": by}, 3 * by, "done") for by in (1, 9, 2, 3)])
    subprocess.run([vtlua, "cluster", "scale", "2"], check=True, timeout=LIMIT, stdout=subprocess.DEVNULL)


@check
def interrupted():
    folder = Folder()
    process = folder.start("sweep", "flow.lua", "-p", "by=1,6,2,3", "--json", "--on", "cluster")
    pid = Path(f"{folder.log}.pid")
    await_(lambda: pid.exists() and pid.read_text(), "the module has not started")
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=LIMIT)
    equal(process.returncode, 130)
    equal(json.loads(out)["runs"][1]["status"], "cancelled")
    # The engines have nothing to do.
    await_(lambda: [engine["state"] for engine in engines()] == ["idle"] * 2, engines())


@check
def suspended():
    folder = Folder()
    answer, _ = folder.sweep("-p", "by=1,2,4", "-p", "path=abcd", "-k", code=1)
    equal([row["status"] for row in answer["runs"]], ["done", "suspended", "failed"])
    answer, _ = folder.sweep("-p", "by=1,2", "-p", "path=abcd")
    equal([row["outputs"]["here"] for row in answer["runs"]][1], 0)


@check
def from_lua():
    folder = Folder()
    (folder.path / "study.lua").write_text("""
    for _, row in ipairs(vt.sweep(require "flow", { by = { 1, 2 }, path = { "a" } }, { on = "cluster" })) do
      print(row.params.by, row.outputs.y, row.status, row.outputs.pid)
    end
    """)
    there = workers()
    out, _ = folder.call("study.lua")
    found = [line.split("\t") for line in out.splitlines()]
    equal([row[:3] for row in found], [["1", "1", "done"], ["2", "2", "done"]])
    equal({int(row[3]) for row in found} <= there, True)


@check
def no_cluster():
    folder = Folder()
    empty = {"IPYTHONDIR": str(folder.path / "ipython")}
    absence = (f"there is no cluster: there is no profile 'default' ({folder.path}/ipython/profile_default); "
               "start one with: vtlua cluster start")
    out, errors = folder.call("sweep", "flow.lua", "-p", "by=1,2", "--on", "cluster", code=5, environment=empty)
    equal((out, errors), ("", f"error: {absence}\n"))
    (folder.path / "study.lua").write_text(
        'print(pcall(vt.sweep, require "flow", { by = { 1 } }, { on = "cluster" }))')
    out, _ = folder.call("study.lua", environment=empty)
    equal(out, f"false\tvt.sweep: {absence}\n")


end()
