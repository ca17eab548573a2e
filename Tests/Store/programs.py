#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# Programs, lists of files and their status in keys and records, and the end of programs with their
# owner: Tests/Store/programs.py [NAME...]
#
# Needs VTLUA_BINARY.
import json, os, shutil, signal, subprocess, sys, tempfile, time
from pathlib import Path

from checks import check, end, equal

vtlua = os.environ["VTLUA_BINARY"]
os.environ.pop("VTLUA_STORE", None)
LIMIT = 6  # seconds of each wait; the bound only ends a test that hangs


class Folder:
    """A new directory with a workflow, and runs in it."""

    def __init__(self, flow, **files):
        self.path = Path(tempfile.mkdtemp(prefix="programs-"))
        self.write("flow.lua", flow)
        for name, text in files.items():
            self.write(name, text)

    def write(self, name, text, mode=0o644):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def call(self, *arguments, code=0, **environment):
        done = subprocess.run([vtlua, *arguments], cwd=self.path, capture_output=True, text=True,
                              timeout=LIMIT, env={**os.environ, "NO_COLOR": "1", **environment})
        if done.returncode != code:
            raise AssertionError(f"{arguments}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def run(self, *options, **environment):
        """The outputs, and the nodes that were computed."""
        answer = json.loads(
            self.call("run", "flow.lua", "--json", "--progress", "none", *options,
                      **environment).stdout)
        computed = [n["name"] for n in answer["nodes"] if n["status"] == "computed"]
        return answer["outputs"], computed

    def plan(self, **environment):
        return self.call("plan", "flow.lua", **environment).stdout.splitlines()[0]

    def notes(self):
        return self.call("run", "flow.lua", "--progress", "none").stderr


HEAD = """local process, files = require "process", require "files"
local flow = vt.workflow { name = "f" }
local function add(name, fields, compute)
  fields.name = name
  fields.outputs = fields.outputs or { y = "any" }
  local m = vt.module(fields)
  m.compute = compute
  return flow:add(name, m, fields.given or {})
end
"""


def flow(body):
    return HEAD + body


PLACES = ([], ["-j", "2", "--force", "all"])


@check
def the_program_is_observed():
    """A program that was changed, or is found elsewhere, is run again."""
    f = Folder(flow("""local a = add("a", {}, function()
      return { y = process.run({ "tool", "x", reads = {} }).output }
    end)
    return flow:outputs { y = a.y }"""))
    f.write("bin/tool", "#!/bin/sh\necho one $1\n", 0o755)
    path = f"{f.path}/bin:{os.environ['PATH']}"
    for place in PLACES:
        equal(f.run(*place, PATH=path), ({"y": "one x\n"}, ["a"]))
        equal(f.run(PATH=path), ({"y": "one x\n"}, []))
    f.write("bin/tool", "#!/bin/sh\necho two $1\n", 0o755)
    equal(f.plan(PATH=path), "run      a  the program `tool`, which it runs, was changed")
    equal(f.run(PATH=path), ({"y": "two x\n"}, ["a"]))
    # Another one before it in PATH.
    f.write("first/tool", "#!/bin/sh\necho three\n", 0o755)
    equal(f.run(PATH=f"{f.path}/first:{path}"), ({"y": "three\n"}, ["a"]))
    equal(f.run(PATH=path), ({"y": "two x\n"}, []))


@check
def files_of_programs():
    """Standard input and `reads` are observed; standard output and `writes` are products."""
    f = Folder(flow("""local a = add("a", {}, function()
      process.run { "sort", stdin = "in.txt", stdout = "sorted.txt", reads = {} }
      process.run { "cp", "extra.txt", "copy.txt", reads = { "extra.txt", "more" },
                    writes = { "copy.txt" } }
      return { y = files.read("sorted.txt") }
    end)
    return flow:outputs { y = a.y }"""), **{"in.txt": "b\na\n", "extra.txt": "1", "more/x": "2"})
    for place in PLACES:
        equal(f.run(*place), ({"y": "a\nb\n"}, ["a"]))
        equal(f.run()[1], [])
    for name in ("in.txt", "extra.txt", "more/x", "more/new"):
        f.write(name, "c\na\n")
        equal(f.run()[1], ["a"])
        equal(f.run()[1], [])
    for name in ("sorted.txt", "copy.txt"):
        (f.path / name).unlink()
        equal(f.plan(), f"run      a  '{name}', which it made, is gone")
        equal(f.run()[1], ["a"])
        equal(f.run()[1], [])


@check
def programs_without_reads_are_listed():
    f = Folder(flow("""local a = add("a", {}, function()
      process.run { "true", "x" }
      process.run { "true", "y", reads = {} }
      return { y = 1 }
    end)
    return flow:outputs { y = a.y }"""))
    equal("\n".join(f.notes().splitlines()[-2:]),
          "results that are kept although they also depend on:\n"
          "  a: flow.lua:11: the program `true x`")


@check
def lists_and_status_are_observed():
    f = Folder(flow("""local a = add("a", {}, function()
      return { y = table.concat(files.glob("data/*.csv"), " ") }
    end)
    local b = add("b", {}, function() return { y = files.stat("data/a.csv").size } end)
    local c = add("c", {}, function() return { y = files.exists("data/flag") } end)
    local d = add("d", {}, function()
      files.write("data/out.csv", "x")  -- what it makes itself does not count
      return { y = #files.list("other") }
    end)
    return flow:outputs { a = a.y, b = b.y, c = c.y, d = d.y }"""),
               **{"data/a.csv": "1", "data/out.csv": "", "other/1": ""})
    for place in PLACES:
        equal(f.run(*place)[0], {"a": "data/a.csv data/out.csv", "b": 1, "c": False, "d": 1})
        equal(f.run()[1], [])
    f.write("data/b.txt", "")
    equal(f.run()[1], [])
    f.write("data/flag", "")
    equal(f.run()[1], ["c"])
    f.write("data/b.csv", "")
    equal(f.plan(), "run      a  the list of files 'data/*.csv', which it reads, was changed")
    equal(f.run()[1], ["a"])
    f.write("other/.hidden", "")
    equal(f.run()[1], ["d"])
    f.write("data/a.csv", "12")
    equal(f.run()[1], ["b"])
    # A project that was moved keeps its results.
    moved = f.path.with_name(f.path.name + "-moved")
    os.rename(f.path, moved)
    f.path = moved
    equal(f.run()[1], [])


@check
def commands():
    """Elements, early cut-off, and products of vt.command."""
    f = Folder("""local upper = vt.command {
      name = "upper", program = "tr", arguments = { "a-z", "A-Z" }, inputs = { input = "file" },
      outputs = { out = { "file", suffix = ".txt" } }, stdin = "input", stdout = "out",
    }
    local count = vt.command {
      name = "count", program = "wc", arguments = { "-c" }, inputs = { input = "file" },
      outputs = { n = "integer" }, stdin = "input", stdout = "n",
    }
    local flow = vt.workflow { name = "f" }
    local found = flow:add("found", "files.glob", { pattern = "*.in", directory = "." })
    local all = flow:add("upper", upper, { input = vt.each(found.files) })
    local n = flow:add("count", count, { input = vt.each(all.out) })
    return flow:outputs { n = n.n, out = all.out }""",
               **{"a.in": "abc", "b.in": "abc", "c.in": "de"})
    for place in PLACES:
        outputs, computed = f.run(*place)
        equal(outputs["n"], [3, 3, 2])
        equal(computed, ["found", "upper", "count"])
        equal((f.path / outputs["out"][0]).read_text(), "ABC")
        equal(f.run(), (outputs, []))
    f.write("d.in", "xyz")
    equal(f.run()[0]["n"], [3, 3, 2, 3])
    # Another input with the same result: what follows is not computed. The content of the files that
    # were found counts, since they are outputs.
    f.write("c.in", "DE")
    equal(f.run()[1], ["found", "upper"])
    # A file that was changed in place is made again.
    made = f.path / f.run()[0]["out"][0]
    made.write_text("changed")
    equal(f.run()[0]["n"], [3, 3, 2, 3])
    equal(made.read_text(), "ABC")
    place = f.path / ".vtlua/files"
    equal([x.name for x in place.iterdir() if x.name.startswith("vtlua-")], [])
    # Files of no result are removed, when they are not new.
    stray = place / "0123456789abcdef"
    stray.mkdir()
    os.utime(stray, (1, 1))
    kept = sorted(x.name for x in place.iterdir() if x != stray)
    for x in place.iterdir():
        os.utime(x, (1, 1))
    f.call("cache", "gc")
    equal(sorted(x.name for x in place.iterdir()), kept)
    f.call("cache", "clear")
    equal(list(place.iterdir()), [])


@check
def output_is_kept_with_the_node():
    f = Folder(flow("""local a = add("a", {}, function()
      process.run { "sh", "-c", "echo out; echo err >&2; printf 'no end'" }
      process.run { "echo", "silent", log = false }
      process.run { "head", "-c", 5, "/dev/zero" }
      local pool <close> = parallel.threads(1)
      pool:map(function() require("process").run { "echo", "in a task" } end, { 1 })
      return { y = 1 }
    end)
    local b = add("b", {}, function()
      process.run { "seq", 400000 }
      return { y = 1 }
    end)
    return flow:outputs { y = a.y, z = b.y }"""))
    for place in PLACES:
        f.run(*place)
        printed = json.loads(f.call("show", "last/a", "--json").stdout)["printed"]
        equal(sorted(printed.splitlines()),
              sorted(["out", "err", "no end", "[5 bytes of binary output]", "in a task"]))
        long = json.loads(f.call("show", "last/b", "--json").stdout)["printed"].splitlines()
        equal((long[0], long[-1], sum("bytes left out" in x for x in long)), ("1", "400000", 1))
        if len("\n".join(long)) > 1 << 20:
            raise AssertionError(f"{len(long)} lines are kept")


def running(name):
    found = []
    for process in Path("/proc").iterdir():
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if name.encode() in words and words[0].endswith(b"sleep"):
            found.append(int(process.name))
    return found


def wait_until(condition, what="the start"):
    end = time.monotonic() + LIMIT
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"{what}: it takes too long")
        time.sleep(0.02)


@check
def programs_end_with_their_owner():
    """With a time limit, Ctrl-C, SIGTERM and SIGKILL, on the interpreter and on workers."""
    f = Folder(flow("""local a = add("a", {}, function()
      process.shell { "sleep $1 & sleep $1", os.getenv("MARK") }
      return { y = 1 }
    end)
    return flow:outputs { y = a.y }"""))
    for place in ([], ["-j", "2"]):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL, None):
            mark = f"{os.getpid()}.{number.value if number else 0}{len(place)}"
            options = place if number else [*place, "--timeout", "0.5"]
            with subprocess.Popen(
                    [vtlua, "run", "flow.lua", *options], cwd=f.path, stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL, env={**os.environ, "MARK": mark}) as process:
                if number:
                    wait_until(lambda: len(running(mark)) == 2)
                    process.send_signal(number)
                process.wait(timeout=LIMIT)
                wait_until(lambda: not running(mark), (place, number))


end()
