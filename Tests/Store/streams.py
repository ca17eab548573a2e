#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# Streams: what is computed, what is used again, what is on record, and how much memory it takes:
# Tests/Store/streams.py [--all] [NAME...]
#
#   --all  stream 2 GB through three modules, not 200 MB
#
# Needs VTLUA_BINARY.
import json, os, re, shutil, signal, subprocess, sys, tempfile, time
from pathlib import Path

from checks import check, end, equal

vtlua = os.environ["VTLUA_BINARY"]
os.environ.pop("VTLUA_STORE", None)
LIMIT = 600  # seconds of each wait; the bound only ends a test that hangs

# `read` opens a file that no port names, and leaves a file at the end of the stream.
READ = """
local M = vt.module { name = 'read', version = '1', inputs = { name = 'string', bad = 'integer' },
  outputs = { lines = 'stream<string>' } }
function M:compute(inputs)
  return { lines = coroutine.create(function()
    local count = 0
    for line in io.lines(inputs.name) do
      count = count + 1
      if count == inputs.bad then error('bad ' .. line) end
      coroutine.yield(line)
    end
    local file <close> = io.open('product.txt', 'w')
    file:write(count, '\\n')
  end) }
end
return M
"""
UPPER = """
local M = vt.module { name = 'upper', version = '1', inputs = { lines = 'stream<string>' },
  outputs = { lines = 'stream<string>' } }
function M:compute(inputs)
  print('upper')
  return { lines = function()
    local line = inputs.lines()
    return line and line:upper()
  end }
end
return M
"""
COUNT = """
local M = vt.module { name = 'count', version = '1',
  inputs = { lines = 'stream<string>', most = 'integer' },
  outputs = { count = 'integer', bytes = 'integer', last = { 'string', optional = true } } }
function M:compute(inputs)
  local count, bytes, last = 0, 0, nil
  for line in inputs.lines do
    count, bytes, last = count + 1, bytes + #line, line
    if count == inputs.most then break end
  end
  return { count = count, bytes = bytes, last = last and last:sub(1, 20) }
end
return M
"""
FLOW = """
local flow = vt.workflow { name = 'f', params = { name = { 'string', default = 'in.txt' },
  bad = { 'integer', default = 0 }, most = { 'integer', default = 0 } } }
local read = flow:add('read', 'read', { name = flow.params.name, bad = flow.params.bad })
local up = flow:add('up', 'upper', { lines = read.lines })
local n = flow:add('n', 'count', { lines = up.lines, most = flow.params.most })
local after = flow:add('after', 'text.write', { text = 'x', path = 'after.txt' })
return flow:outputs { count = n.count, last = n.last, after = after.path }
"""
# Gives `count` pieces of `size` bytes, each of its own; the second module changes them.
LARGE = """
local make = vt.module { name = 'make', cache = false, inputs = { count = 'integer', size = 'integer' },
  outputs = { pieces = 'stream<string>' } }
function make:compute(inputs)
  local position = 0
  return { pieces = function()
    position = position + 1
    if position > inputs.count then return nil end
    local head = ('%012d'):format(position)
    return head .. ('x'):rep(inputs.size - #head)
  end }
end
local flow = vt.workflow { name = 'large', params = { count = 'integer', size = 'integer' } }
local make = flow:add('make', make, { count = flow.params.count, size = flow.params.size })
local up = flow:add('up', 'upper', { lines = make.pieces })
local n = flow:add('n', 'count', { lines = up.lines, most = 0 })
return flow:outputs { count = n.count, bytes = n.bytes }
"""


class Folder:
    def __init__(self, flow=FLOW, **modules):
        self.path = Path(tempfile.mkdtemp(prefix="streams-"))
        modules = {"read": READ, "upper": UPPER, "count": COUNT, **modules, "flow": flow}
        for name, text in modules.items():
            self.write(name, text)
        self.lines(*"abc")

    def write(self, name, text):
        (self.path / f"{name}.lua").write_text(text)

    def lines(self, *lines):
        (self.path / "in.txt").write_text("".join(line + "\n" for line in lines))

    def start(self, *arguments):
        return subprocess.Popen([vtlua, *arguments], cwd=self.path, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, env={**os.environ, "NO_COLOR": "1"})

    def call(self, *arguments, code=0):
        process = self.start(*arguments)
        out, errors = process.communicate(timeout=LIMIT)
        if process.returncode != code:
            raise AssertionError(f"{arguments}: exit {process.returncode}\n{out}{errors}")
        return out, errors

    def run(self, *options, code=0):
        out, _ = self.call("run", "flow.lua", "--json", "--progress", "none", *options, code=code)
        return json.loads(out)

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)


def states(answer):
    return " ".join(f"{node['name']}:{node['status']}" for node in answer["nodes"])


FRESH = "read:computed up:computed n:computed"
USED = "read:not-needed up:not-needed n:cached"


def part(answer):
    return states(answer).replace(" after:computed", "").replace(" after:cached", "")


@check
def a_result_is_used_again_until_something_in_the_chain_changes():
    folder = Folder()
    answer = folder.run()
    equal(answer["outputs"], {"count": 3, "last": "C", "after": "after.txt"})
    equal(part(answer), FRESH)
    equal(part(folder.run()), USED)
    # A file that the first module reads, and no port names.
    folder.lines(*"abcd")
    answer = folder.run()
    equal((part(answer), answer["outputs"]["count"]), (FRESH, 4))
    equal(part(folder.run()), USED)
    # The code of a module in the middle.
    folder.write("upper", UPPER.replace("line:upper()", "line .. '!'"))
    answer = folder.run()
    equal((part(answer), answer["outputs"]["last"]), (FRESH, "d!"))
    equal(folder.call("why", "last/n")[0],
          "`n` computed: its input `lines` comes from `up`: the code at upper.lua:4 was changed\n")
    # A file that the first module has made.
    (folder.path / "product.txt").unlink()
    equal(part(folder.run()), FRESH)
    equal((folder.path / "product.txt").read_text(), "4\n")
    # Force computes the chain.
    equal(part(folder.run("--force", "up")), FRESH)
    equal(part(folder.run()), USED)
    folder.remove()


@check
def a_module_without_cache_makes_the_chain_uncached():
    folder = Folder(upper=UPPER.replace("version = '1'", "cache = false"))
    equal(part(folder.run()), FRESH)
    _, errors = folder.call("run", "flow.lua")
    reason = "its input `lines` is the stream `lines` of `up`, which is never cached: `cache` is false"
    assert reason in " ".join(errors.split()), errors
    folder.remove()


@check
def the_record_has_the_items():
    folder = Folder()
    folder.call("run", "flow.lua", "-p", "most=2")
    shown = folder.call("show", "last/up")[0]
    for line in ("  input    lines = stream of 2 items\n", "  output   lines = stream of 2 items\n",
                 "upper\n"):
        assert line in shown, shown
    _, errors = folder.call("show", "last/up/lines", code=4)
    equal(errors, "error: the items of the stream `lines` are not stored; collect them with a node of "
          "`stream.to_list`\n")
    folder.call("run", "flow.lua", "-p", "most=2")
    equal(folder.call("why", "last/up")[0], "`up` not needed: `n` did not read its stream\n")
    folder.call("report", "last", "-o", "report.html")
    folder.call("export", "last", "--format", "prov")
    folder.remove()


@check
def a_plan_knows_the_chain():
    folder = Folder()
    equal([line for line in folder.call("plan", "flow.lua")[0].split("\n") if line.startswith("run")],
          ["run      read   when `n` reads its items", "run      up     when `n` reads its items",
           "run      n      has no result yet", "run      after  has no result yet"])
    folder.run()
    equal([line.split()[:3] for line in folder.call("plan", "flow.lua")[0].split("\n")[:4]],
          [["not", "needed", "read"], ["not", "needed", "up"], ["cached", "n"], ["cached", "after"]])
    folder.call("plan", "flow.lua", "--check")
    folder.remove()


@check
def a_failure_in_the_middle_is_that_of_its_module():
    for jobs in ("1", "3"):
        folder = Folder()
        folder.lines(*"abcdef")
        answer = folder.run("-p", "bad=5", "-j", jobs, code=1)
        equal(states(answer), "read:failed up:skipped n:skipped after:skipped")
        answer = folder.run("-p", "bad=5", "-k", "-j", jobs, code=1)
        equal(states(answer), "read:failed up:skipped n:skipped after:computed")
        _, errors = folder.call("run", "flow.lua", "-p", "bad=5", "-j", jobs, code=1)
        text = errors[errors.index("error: "):]
        run = text.split("run ", 1)[1][:4]
        equal(text.replace(run, "RRRR"), """\
error: `read` (read 1) failed in compute                 run RRRR, 0 of 4 done
  read.lua:9: bad e
      8 |       count = count + 1
   >  9 |       if count == inputs.bad then error('bad ' .. line) end
  inputs  bad = 5   name = "in.txt"
  placed  flow.lua:4
  vtlua show RRRR/read for the full traceback
""")
        # Nothing of it is kept.
        assert not (folder.path / "product.txt").exists()
        equal(part(folder.run("-p", "bad=5", code=1)), "read:failed up:skipped n:skipped after:skipped")
        folder.remove()


@check
def a_stop_in_the_middle_keeps_nothing_and_ends_soon():
    folder = Folder(read=READ.replace("coroutine.yield(line)", "while true do coroutine.yield(line) end"))
    for way in ("interrupt", "limit"):
        began = time.time()
        if way == "limit":
            # The time limit of one module counts for all of a chain.
            folder.write("upper", UPPER.replace("version = '1'", "timeout = 0.5"))
            _, errors = folder.call("run", "flow.lua", code=6)
            assert "`n` (count 1) failed in compute" in errors and "timed out after 0.5 s" in errors, errors
            # The limit may end any line of the loop over the stream.
            shown = re.sub(r"count\.lua:[78]:", "count.lua:", folder.call("show", "last")[0])
            equal([n.split()[:2] for n in shown.split("\n")[-6:-1]],
                  [["computed", "read"], ["computed", "up"], ["failed", "n"], ["count.lua:", "timed"],
                   ["skipped", "after"]])
        else:
            process = folder.start("run", "flow.lua")
            time.sleep(2)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)
            equal(process.returncode, 130)
            equal([n.split()[:2] for n in folder.call("show", "last")[0].split("\n")[-4:-1]],
                  [["stopped", "read"], ["stopped", "up"], ["stopped", "n"]])
        assert time.time() - began < 60
    folder.remove()


@check
def sweeps_and_targets_work_on_chains():
    folder = Folder()
    folder.write("flow", "\n".join(line for line in FLOW.split("\n") if "after" not in line)
                 + "return flow:outputs { count = n.count }")
    out, _ = folder.call("sweep", "flow.lua", "-p", "most=1..3", "--csv")
    equal([row.split(",")[1] for row in out.split("\n")[1:4]], ["1", "2", "3"])
    equal(part(folder.run("-t", "n")), FRESH)
    _, errors = folder.call("run", "flow.lua", "-t", "up", code=3)
    assert ("flow.lua:5: `up.lines` is a stream that no node reads; name the node that reads it as the "
            "target") in errors, errors
    folder.remove()


@check
def the_memory_does_not_grow_with_the_stream():
    folder = Folder(flow=LARGE)
    size = 65536
    count = (2 << 30 if "--all" in sys.argv else 200 << 20) // size
    process = folder.start("run", "flow.lua", "--json", "--progress", "none", "-p", f"count={count}",
                           "-p", f"size={size}")
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    equal(process.returncode, 0)
    equal(json.loads(out)["outputs"], {"count": count, "bytes": count * size})
    assert usage.ru_maxrss < 100 << 10, f"{usage.ru_maxrss >> 10} MiB"
    print(f"{count * size >> 20} MB through three modules: peak memory {usage.ru_maxrss >> 10} MiB")
    folder.remove()


end()
