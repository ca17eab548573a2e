#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# The budget of `vtlua run -j N`: Tests/Store/budget.py
#
# Modules with pools of threads and processes return the times between which their tasks and they
# themselves computed. At no time do more than N compute. Workers that are killed return what they hold.
#
# Needs VTLUA_BINARY.
import json, os, subprocess, sys, tempfile
from pathlib import Path

vtlua = os.environ["VTLUA_BINARY"]
LIMIT = 120  # seconds of a run; the bound only ends a test that hangs

FLOW = """
local busy = vt.module {
  name = "busy", version = "1", inputs = { kind = "string", id = "integer" }, outputs = { times = "list" },
}
local function work(seconds)
  local start = vt.now()
  while vt.now() < start + seconds do end
  return { start, vt.now() }
end
function busy:compute(inputs)
  local times = { work(0.01) }
  local pool <close> = parallel[inputs.kind](4)
  for _, pair in ipairs(pool:map(function() return work(0.01) end, { 1, 2, 3, 4, 5, 6 })) do
    times[#times + 1] = pair
  end
  times[#times + 1] = work(0.01)
  return { times = times }
end
local flow = vt.workflow { name = "busy" }
local outputs = {}
for i = 1, 6 do
  local node = flow:add("n" .. i, busy, { kind = i % 2 == 0 and "threads" or "processes", id = i },
    { on = i == 6 and "interpreter" or nil })
  outputs["o" .. i] = node.times
end
return flow:outputs(outputs)
"""

DEATHS = """
local fragile = vt.module {
  name = "fragile", version = "1", inputs = { n = "integer" }, outputs = { n = "integer" },
}
function fragile:compute(inputs)
  if inputs.n % 2 == 1 then
    os.execute("kill -9 " .. io.open("/proc/self/stat"):read("n"))
    while true do end
  end
  return { n = inputs.n }
end
local flow = vt.workflow { name = "fragile" }
local outputs = {}
for i = 1, 12 do outputs["o" .. i] = flow:add("n" .. i, fragile, { n = i }).n end
return flow:outputs(outputs)
"""


def run(code, *arguments):
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "flow.lua").write_text(code)
        done = subprocess.run(
            [vtlua, "run", "flow.lua", "--json", "--store", "off", *arguments], cwd=folder,
            capture_output=True, text=True, timeout=LIMIT)
        return done.returncode, json.loads(done.stdout), done.stderr


def most(intervals):
    """The largest number of intervals at a time."""
    changes = sorted([(start, 1) for start, _ in intervals] + [(end, -1) for _, end in intervals])
    count = largest = 0
    for _, change in changes:
        count += change
        largest = max(largest, count)
    return largest


failed = []
for jobs in [2, 3]:
    code, report, errors = run(FLOW, "-j", str(jobs))
    intervals = [pair for output in report["outputs"].values() for pair in output]
    if code != 0 or len(intervals) != 6 * 8:
        failed.append(f"-j {jobs}: exit {code}, {len(intervals)} intervals\n{errors}")
    elif most(intervals) > jobs:
        failed.append(f"-j {jobs}: {most(intervals)} at a time")

code, report, errors = run(DEATHS, "-j", "2", "--keep-going")
done = {name: value for name, value in report["outputs"].items() if value is not None}
if code != 5 or done != {f"o{n}": n for n in range(2, 13, 2)}:
    failed.append(f"deaths: exit {code}, {done}\n{errors}")

print("\n".join(failed) or "budget: ok")
sys.exit(1 if failed else 0)
