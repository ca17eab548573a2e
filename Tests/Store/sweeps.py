#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# `vtlua sweep` and `vtlua run --watch`: Tests/Store/sweeps.py [NAME...]
#
# Needs VTLUA_BINARY.
import contextlib, csv, io, json, os, re, signal, sqlite3, subprocess, threading, time
from pathlib import Path

import sweep_folder
from checks import check, end, equal
from sweep_folder import LIMIT, rows, vtlua

FLOW = """
local load = vt.module { name = 'load', inputs = { path = 'string' }, outputs = { v = 'integer' } }
function load:compute(i)
  os.execute("echo " .. i.path .. " >>" .. os.getenv("LOG"))
  return { v = #i.path }
end
local scale = vt.module { name = 'scale', inputs = { v = 'integer', by = 'number' }, outputs = { y = 'number', pair = 'list' } }
function scale:compute(i)
  if i.by == 4 then self:fail("four") end
  if i.by == 5 then os.execute("kill -9 $PPID") end
  if i.by == 6 then os.execute("echo $$ >>" .. os.getenv("LOG") .. ".pids; exec sleep 30") end
  return { y = i.v * i.by, pair = { i.v, i.by } }
end
local flow = vt.workflow { name = 'sweep', params = {
  by = { 'number', default = 1 }, path = { 'string', default = 'abc' } } }
local source = flow:add('source', load, { path = flow.params.path })
local node = flow:add('node', scale, { v = source.v, by = flow.params.by })
return flow:outputs { y = node.y, pair = node.pair }
"""
WRITER = """
local M = vt.module { name = 'w', inputs = { name = 'string', x = 'integer' }, outputs = { path = 'file' } }
function M:compute(i)
  local file <close> = assert(io.open(i.name, 'w'))
  file:write(i.x)
  return { path = i.name }
end
local flow = vt.workflow { name = 'w', params = { name = { 'string', default = 'out.txt' }, x = { 'integer', default = 1 } } }
local node = flow:add('node', M, { name = flow.params.name, x = flow.params.x })
return flow:outputs { path = node.path }
"""
SHARED = """
local M = vt.module { name = 'm', inputs = { files = 'list<file>', same = 'file', x = 'integer' },
  outputs = { n = 'integer' } }
function M:compute(i)
  return { n = #i.files + i.x + 1 }
end
local flow = vt.workflow { name = 's', params = { x = { 'integer', default = 1 } } }
local found = flow:add('found', 'files.glob', { pattern = 'data/*' })
local same = flow:add('same', 'text.write', { path = 'same.txt', text = 'constant' })
local command = flow:add('command', vt.command { name = 'cat', program = 'cat', arguments = { '{input}' },
  stdout = 'output', inputs = { input = 'file' }, outputs = { output = 'file' } }, { input = same.path })
local node = flow:add('node', M, { files = found.files, same = command.output, x = flow.params.x })
return flow:outputs { n = node.n }
"""
PICTURE = """
local M = vt.module { name = 'p', inputs = { r = 'number' }, outputs = { picture = 'string' } }
function M:compute(i)
  return { picture = ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle r="%g"/></svg>'):format(i.r) }
end
local flow = vt.workflow { name = 'p', params = { r = { 'number', default = 1 } } }
return flow:outputs { picture = flow:add('node', M, { r = flow.params.r }).picture }
"""


class Folder(sweep_folder.Folder):
    def __init__(self, **files):
        super().__init__(**(files or {"flow": FLOW}))


@check
def combinations():
    for workers in [], ["-j", "2"], ["--on", "processes"]:
        folder = Folder()
        answer, computed = folder.sweep("-p", "by=1..2", "-p", "path=a,bb", *workers)
        equal(rows(answer), [
            ({"by": 1, "path": "a"}, 1, "done"), ({"by": 1, "path": "bb"}, 2, "done"),
            ({"by": 2, "path": "a"}, 2, "done"), ({"by": 2, "path": "bb"}, 4, "done")], workers)
        # What combinations share is computed once, also by processes at the same time.
        equal(computed, ["a", "bb"], workers)
        # A sweep that is run again computes nothing, and has records of its own.
        again, computed = folder.sweep("-p", "by=1..2", "-p", "path=a,bb", *workers)
        equal(computed, [])
        equal(rows(again), rows(answer))
        runs = [row["run"] for row in answer["runs"] + again["runs"]]
        equal(len(set(runs)), 8)


@check
def values():
    folder = Folder()
    (folder.path / "values").write_text("1\n\n2.5\n")
    for text, values in [
            ("1..3", [1, 2, 3]), ("0..1 step 0.25", [0.0, 0.25, 0.5, 0.75, 1.0]), ("3..1 step -1", [3, 2, 1]),
            ("0..0.3 step 0.1", [0.0, 0.1, 0.2, 0.3]), ("1,2..3,7", [1, 2, 3, 7]), ("@values", [1, 2.5])]:
        answer, _ = folder.sweep("-p", f"by={text}")
        equal([row["parameters"]["by"] for row in answer["runs"]], values, text)
    answer, _ = folder.sweep("-p", "path=a b,\"x,y\",'z'")
    equal([row["parameters"]["path"] for row in answer["runs"]], ["a b", "x,y", "z"])
    for arguments, message in [
            (["-p", "by=1,2", "-p", "path=a", "--zip"], "--zip pairs lists of equal length: `by` has 2, `path` has 1"),
            (["-p", "bye=1"], "workflow `sweep` has no parameter `bye`; did you mean `by`?"),
            (["-p", "by=x"], "parameter `by`: 'x' is not a valid number"),
            (["-p", "by=5..1"], "parameter `by`: 5..1: the range is empty; write 5..1 step -1 to count down"),
            (["-p", "by=1..2 step 0"], "parameter `by`: 1..2 step 0: the step must be a number other than 0"),
            (["-p", "by=1", "-p", "by=2"], "parameter `by` is given twice; separate values by commas"),
            (["-p", "by=@absent"], "parameter `by`: cannot read 'absent'")]:
        out, errors = folder.call("sweep", "flow.lua", *arguments, code=2)
        equal((out, errors.splitlines()[0]), ("", "error: " + message))


@check
def failures():
    for workers in [], ["-j", "2"]:
        folder = Folder()
        answer, _ = folder.sweep("-p", "by=1,4,2", "-k", *workers, code=1)
        equal(rows(answer), [({"by": 1}, 3, "done"), ({"by": 4}, None, "failed"), ({"by": 2}, 6, "done")])
        equal(answer["runs"][1]["error"], "`node` (scale 0) failed in compute: four")
    answer, _ = Folder().sweep("-p", "by=1,4,2", code=1)
    equal([row["status"] for row in answer["runs"]], ["done", "failed", "skipped"])
    # A process that is killed fails the combination that it was running, and no other.
    answer, _ = Folder().sweep("-p", "by=1,5,2,3", "-k", "-j", "2", code=5)
    equal([row["status"] for row in answer["runs"]], ["done", "failed", "done", "done"])
    equal(answer["runs"][1]["error"], "its process was ended by SIGKILL")


def _peek(process):
    if not hasattr(process, "seen"):
        process.seen = ""
        os.set_blocking(process.stderr.fileno(), False)
    try:
        process.seen += os.read(process.stderr.fileno(), 65536).decode()
    except BlockingIOError:
        pass
    return process.seen


@check
def interrupt():
    for workers in [], ["-j", "2"]:
        folder = Folder()
        process = folder.start("sweep", "flow.lua", "-p", "by=1,6,7", "--json", *workers)
        log = folder.path / "log"
        deadline = time.time() + LIMIT
        while time.time() < deadline and "by=1" not in _peek(process):
            time.sleep(0.05)
        time.sleep(0.5)
        began = time.time()
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=LIMIT)
        equal(process.returncode, 130, errors)
        equal(time.time() - began < 10, True, "it stops")
        states = [row["status"] for row in json.loads(out)["runs"]]
        equal(states[:2], ["done", "cancelled"], workers)


WAITING = """
local M = vt.module { name = 'wait', inputs = { text = 'string' }, outputs = { n = 'integer' } }
function M:compute(i)
  os.execute('touch started')
  while not io.open('go') do os.execute('sleep 0.05') end
  return { n = #i.text }
end
local flow = vt.workflow { name = 'waiting', params = { text = { 'string', default = 'x' } } }
return flow:outputs { n = flow:add('node', M, { text = flow.params.text }).n }
"""


@check
def parameters_longer_than_a_pipe():
    # A worker takes the next combination when it has ended the one before; the sweep does not wait for that.
    folder = Folder(flow=WAITING)
    (folder.path / "texts").write_text("".join(c * 200_000 + "\n" for c in "abcde"))
    words = ["sweep", "flow.lua", "-p", "text=@texts", "-j", "2", "--json"]
    process = folder.start(*words)
    deadline = time.time() + LIMIT
    while not (folder.path / "started").exists():
        equal(time.time() < deadline and process.poll() is None, True, "it starts")
        time.sleep(0.02)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=LIMIT)
    equal(process.returncode, 130, errors)
    equal({row["status"] for row in json.loads(out)["runs"]}, {"cancelled"})
    (folder.path / "go").touch()
    out, errors = folder.call(*words)
    equal("text=" + "a" * 79 + "\u2026  " in errors, True, errors[:1000])
    equal([row["outputs"]["n"] for row in json.loads(out)["runs"]], [200_000] * 5)


@check
def a_worker_that_dies_before_it_has_read_all():
    folder = Folder(flow="""
local m = vt.module { name = 'm', inputs = { x = 'string' }, outputs = { n = 'integer' } }
function m:compute(i) os.execute('kill -9 $PPID') return { n = #i.x } end
local flow = vt.workflow { name = 'k', params = { x = 'string' } }
return flow:outputs { n = flow:add('m', m, { x = flow.params.x }).n }
""")
    (folder.path / "values").write_text("".join(letter * 120_000 + "\n" for letter in "abcdef"))
    out, _ = folder.call("sweep", "flow.lua", "-p", "x=@values", "-j", "2", code=5)
    equal(out.count("failed: its process was ended by SIGKILL") >= 1, True, out)


@check
def what_has_ended_stays_on_record():
    # Combinations that were reported before the processes were killed are on record, and their results are used.
    for workers in [], ["-j", "2"]:
        folder = Folder()
        process = folder.start("sweep", "flow.lua", "-p", "by=1,2,3,6", *workers)
        deadline = time.time() + LIMIT
        waiting = Path(f"{folder.log}.pids")
        # The last combination computes when the process is killed.
        while time.time() < deadline and not (
                all(f"by={by}  " in _peek(process) for by in (1, 2, 3)) and waiting.exists()
                and waiting.read_text().endswith("\n")):
            time.sleep(0.05)
        if workers:
            subprocess.run(["pkill", "-9", "-P", str(process.pid)])
        process.kill()
        # What the killed processes have left, if it has not ended yet, holds their output open.
        for pid in waiting.read_text().split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        process.communicate(timeout=LIMIT)
        store = sqlite3.connect(folder.path / ".vtlua/store.sqlite")
        done = store.execute("SELECT count(*) FROM runs WHERE status = 'done'").fetchone()[0]
        nodes = store.execute("SELECT count(*) FROM nodes WHERE node = 'node' AND status = 'computed'").fetchone()[0]
        store.close()
        equal((done, nodes), (3, 3), workers)
        answer, computed = folder.sweep("-p", "by=1,2,3")
        equal((rows(answer)[-1], computed), (({"by": 3}, 9, "done"), []), workers)


@check
def workers_that_are_killed_between_runs():
    # No run is lost or on record twice, although short runs are written together.
    folder = Folder(flow="""
local m = vt.module { name = 'm', inputs = { x = 'integer' }, outputs = { y = 'integer' } }
function m:compute(i)
  if i.x % 25 == 0 then os.execute('kill -9 $PPID') end
  return { y = i.x }
end
local flow = vt.workflow { name = 'k', params = { x = 'integer' } }
return flow:outputs { y = flow:add('m', m, { x = flow.params.x }).y }
""")
    out, _ = folder.call("sweep", "flow.lua", "-p", "x=1..100", "-j", "2", "-k", "--json", code=5)
    found = {row["parameters"]["x"]: row["status"] for row in json.loads(out)["runs"]}
    equal({x: status for x, status in found.items() if status != "done"},
          {str(x): "failed" for x in (25, 50, 75, 100)})
    store = sqlite3.connect(folder.path / ".vtlua/store.sqlite")
    done = store.execute("SELECT parameters FROM runs WHERE status = 'done'").fetchall()
    store.close()
    equal((len(done), len(set(done))), (96, 96))


@check
def one_file_of_two():
    folder = Folder(flow=WRITER)
    for workers in [], ["-j", "2"]:
        answer, _ = folder.sweep("-p", "x=1,2", "-k", *workers, code=1)
        equal(sorted(row["status"] for row in answer["runs"]), ["done", "failed"])
        bad = next(row for row in answer["runs"] if row["status"] == "failed")
        other = 3 - bad["number"]
        equal(bad["error"],
              f"it writes '{folder.path}/out.txt', which combination {other} (x={other}) also writes; "
              "put the value of a parameter into the file's name")
    folder.sweep("-p", "x=1,2", "-p", "name=a.txt,b.txt", "--zip")
    equal(((folder.path / "a.txt").read_text(), (folder.path / "b.txt").read_text()), ("1", "2"))


@check
def shared_files():
    # Combinations may use one file that a shared node has made or found.
    for workers in [], ["-j", "2"]:
        folder = Folder(flow=SHARED)
        (folder.path / "data").mkdir()
        (folder.path / "data/a.txt").write_text("a")
        for _ in range(2):
            answer, _ = folder.sweep("-p", "x=1..3", *workers)
            equal([(row["status"], row["outputs"]["n"]) for row in answer["runs"]], [("done", n + 2) for n in (1, 2, 3)])


@check
def forms():
    folder = Folder()
    out, errors = folder.call("sweep", "flow.lua", "-p", "by=1,2")
    lines = [line.rsplit("  ", 1)[0].rstrip() for line in out.splitlines()]
    equal(lines, ["by  pair    y", "1   [3, 1]  3", "2   [3, 2]  6"])
    equal(re.sub(r"sweep \w{4}: 2 done in .*", "END", errors.splitlines()[-1]), "END")
    out, _ = folder.call("sweep", "flow.lua", "-p", "by=1,2", "--csv")
    table = list(csv.reader(io.StringIO(out)))
    equal([row[:3] + row[4:] for row in table],
          [["by", "pair", "y", "status", "error"], ["1", "[3, 1]", "3", "done", ""], ["2", "[3, 2]", "6", "done", ""]])


@check
def record():
    folder = Folder(flow=PICTURE)
    answer, _ = folder.sweep("-p", "r=1,2,3")
    name = answer["sweep"]
    folder.call("run", "flow.lua")
    lines = folder.call("log")[0].splitlines()
    equal(len(lines), 2)
    equal(re.sub(r"  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "", lines[1]), f"{name}  sweep      3 runs (3 done)  p")
    runs = folder.call("log", name)[0].splitlines()
    equal(sorted(line.rsplit(" ", 1)[1] for line in runs), ["r=1", "r=2", "r=3"])
    _, errors = folder.call("show", name, code=2)
    equal(errors.splitlines()[0], f"error: `{name}` is a sweep of 3 runs; to list them: vtlua log {name}")
    page = (folder.path / folder.call("report", name)[0].strip()).read_text()
    equal(page.count('src="data:image/svg+xml;base64,'), 3)
    equal([page.count(row["run"]) > 0 for row in answer["runs"]], [True] * 3)


@check
def watch():
    folder = Folder(flow="""
local flow = vt.workflow { name = 'watch' }
local found = flow:add('found', 'files.glob', { pattern = 'in.txt' })
return flow:outputs { n = flow:add('a', 'count', { paths = found.files }).n }
""")
    (folder.path / "modules").mkdir()
    count = """
local M = vt.module { name = 'count', inputs = { paths = 'list<file>' }, outputs = { n = 'integer' } }
function M:compute(i)
  local n = %d
  local extra = io.open('extra.txt')
  if extra then n = n + #extra:read('a') extra:close() end
  for _ in io.lines(i.paths[1]) do n = n + 1 end
  return { n = n }
end
return M
"""
    module = folder.path / "modules/count.lua"
    module.write_text(count % 0)
    (folder.path / "in.txt").write_text("a\n")
    flow = (folder.path / "flow.lua").read_text()
    process = folder.start("run", "flow.lua", "--watch")
    lines = []
    thread = threading.Thread(target=lambda: [lines.append(line.rstrip()) for line in process.stderr])
    results = []
    other = threading.Thread(target=lambda: [results.append(line.rstrip()) for line in process.stdout])
    thread.start()
    other.start()

    def renamed(path, text):
        draft = path.with_suffix(".draft")
        draft.write_text(text)
        draft.rename(path)

    steps = [
        (lambda: None, None, "n = 1"),
        (lambda: (folder.path / "in.txt").write_text("a\nb\n"), "in.txt", "n = 2"),
        (lambda: (folder.path / "extra.txt").write_text("xx"), "extra.txt", "n = 4"),
        (lambda: renamed(module, count % 10), "modules/count.lua", "n = 14"),
        (lambda: (folder.path / "flow.lua").write_text("syntax error"), "flow.lua", None),
        (lambda: (folder.path / "flow.lua").write_text(flow), "flow.lua", "n = 14"),
        (lambda: (folder.path / "extra.txt").unlink(), "extra.txt", "n = 12"),
        # A script that has changed, with the results as they were: files that a cached module has found count.
        (lambda: (folder.path / "flow.lua").write_text(flow + "-- again"), "flow.lua", "n = 12"),
        (lambda: (folder.path / "in.txt").write_text("a\n"), "in.txt", "n = 11"),
    ]
    waits = expected = 0
    try:
        for change, name, result in steps:
            change()
            waits += 1
            expected += result is not None
            deadline = time.time() + LIMIT
            while sum(line.startswith("watching") for line in lines) < waits or len(results) < expected:
                if time.time() > deadline or process.poll() is not None:
                    raise AssertionError("\n".join(lines + results))
                time.sleep(0.01)
            if name:
                equal([line for line in lines if line.startswith("changed: ")][-1], f"changed: {name}")
            if result:
                equal(results[-1], result)
            time.sleep(0.3)
        equal(sum(line.startswith("changed: ") for line in lines), len(steps) - 1, "one run for each change")
    finally:
        process.send_signal(signal.SIGINT)
        code = process.wait(LIMIT)
        thread.join()
        other.join()
    equal(code, 130)


@check
def a_missing_file_is_waited_for():
    # A hidden file and an editor's copy start no run; nor does a file that was there.
    for missing, body in [("in.txt", "file"), ("opened.txt", "string")]:
        folder = Folder(flow=f"""
local m = vt.module {{ name = 'm', inputs = {{ p = '{body}' }}, outputs = {{ s = 'string' }} }}
function m:compute(i) local f <close> = assert(io.open(i.p)) return {{ s = f:read('a') }} end
local flow = vt.workflow {{ name = 'f' }}
return flow:outputs {{ s = flow:add('a', m, {{ p = '{missing}' }}).s }}
""")
        (folder.path / "notes.txt").write_text("old")
        process = folder.start("run", "flow.lua", "--watch", "--progress", "none")
        lines = []
        thread = threading.Thread(target=lambda: [lines.append(line.rstrip()) for line in process.stderr])
        thread.start()
        try:
            def wait(text, count):
                deadline = time.time() + LIMIT
                while sum(line.startswith(text) for line in lines) < count:
                    if time.time() > deadline or process.poll() is not None:
                        raise AssertionError("\n".join(lines))
                    time.sleep(0.01)

            wait("watching", 1)
            for name in ".in.swp", "in.txt~", "notes.txt":
                (folder.path / name).write_text("x")
            time.sleep(0.2)
            (folder.path / missing).write_text("found")
            wait("changed", 1)
            equal([line for line in lines if line.startswith("changed")], [f"changed: {missing}"])
            wait("watching", 2)
        finally:
            process.send_signal(signal.SIGINT)
            out, _ = process.stdout.read(), process.wait(LIMIT)
            thread.join()
        equal(out, "s = found\n")


@check
def what_programs_write_is_not_watched():
    # A file that a program has made in the run is no reason to run again.
    folder = Folder(flow="""
local M = vt.module { name = 'm', inputs = { path = 'file' }, outputs = { path = 'file' } }
function M:compute(i)
  os.execute("cp in.txt copy.txt")
  return { path = 'copy.txt' }
end
local flow = vt.workflow { name = 'w' }
local sorted = flow:add('sorted', vt.command { name = 'sort', program = 'sort', arguments = { '{input}' },
  stdout = 'output', inputs = { input = 'file' }, outputs = { output = 'file' } }, { input = 'in.txt' })
local copy = flow:add('copy', M, { path = sorted.output })
local first = flow:add('first', 'text.read', { path = sorted.output })
local second = flow:add('second', 'text.read', { path = copy.path })
return flow:outputs { first = first.text, second = second.text }
""")
    (folder.path / "in.txt").write_text("a\n")
    process = folder.start("run", "flow.lua", "--watch", "--progress", "none")
    deadline = time.time() + LIMIT
    for runs, text in (1, "b\n"), (2, "c\n"):
        while _peek(process).count("watching") < runs:
            assert time.time() < deadline, process.seen
            time.sleep(0.02)
        time.sleep(0.3)
        (folder.path / "in.txt").write_text(text)
    while _peek(process).count("watching") < 3:
        assert time.time() < deadline, process.seen
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    process.wait(LIMIT)
    equal([line for line in _peek(process).splitlines() if line.startswith("changed: ")], ["changed: in.txt"] * 2)


end()
