#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# Large arrays in the store: files of their own, which a hit maps: Tests/Store/arrays.py [NAME...]
#
# Needs VTLUA_BINARY.
import json, os, shutil, subprocess, sys, tempfile
from pathlib import Path

from checks import check, end, equal

vtlua = os.environ["VTLUA_BINARY"]
os.environ.pop("VTLUA_STORE", None)
LIMIT = 120  # seconds of each wait; the bound only ends a test that hangs

MODULES = """
local Make = vt.module { name = "Make", version = "1", inputs = { n = "integer" },
  outputs = { a = "array", t = "table" } }
function Make:compute(i)
  local a = array.arange(i.n) * 0.37
  return { a = a, t = { a, same = a, other = a + 1, small = array.range(1, 3), bits = a:gt(1000) } }
end
local Pass = vt.module { name = "Pass", version = "1", inputs = { a = "array" },
  outputs = { a = "array" } }
function Pass:compute(i)
  i.a[1] = i.a[1] -- gets memory of its own
  return { a = i.a }
end
local Sum = vt.module { name = "Sum", version = "1", inputs = { t = "table", extra = "integer" },
  outputs = { sum = "number", mapped = "boolean" } }
function Sum:compute(i)
  local mapped = false
  for line in io.lines("/proc/self/maps") do mapped = mapped or line:find("%.array$") ~= nil end
  return { mapped = mapped, sum = i.t[1]:sum() + i.t.same:sum() + i.t.other:sum() + i.t.small:sum()
    + i.t.bits:sum() + i.extra }
end
"""
FLOW = MODULES + """
local flow = vt.workflow { name = "f", params = { extra = { "integer", default = 0 } } }
local made = flow:add("make", Make, { n = 200000 })
local passed = flow:add("pass", Pass, { a = made.a })
local sum = flow:add("sum", Sum, { t = made.t, extra = flow.params.extra })
return flow:outputs { sum = sum.sum, mapped = sum.mapped, pass = passed.a, t = made.t }
"""
A = sum(i * 0.37 for i in range(200000))
TOTAL = 3 * A + 200000 + 6 + sum(i * 0.37 > 1000 for i in range(200000))


class Project:
    def __init__(self):
        self.path = Path(tempfile.mkdtemp(prefix="arrays-"))
        (self.path / "flow.lua").write_text(FLOW)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        shutil.rmtree(self.path, ignore_errors=True)

    def call(self, *arguments, code=0):
        done = subprocess.run([vtlua, *arguments], cwd=self.path, capture_output=True, text=True,
                              timeout=LIMIT, env={**os.environ, "NO_COLOR": "1"})
        if done.returncode != code:
            raise AssertionError(f"{arguments}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def run(self, *options):
        """The nodes that were computed, and the warnings."""
        done = self.call("run", "flow.lua", "--json", "--progress", "none", *options)
        answer = json.loads(done.stdout)
        extra = int(options[-1].split("=")[1]) if options else 0
        assert abs(answer["outputs"]["sum"] / (TOTAL + extra) - 1) < 1e-12, answer["outputs"]["sum"]
        self.mapped = answer["outputs"]["mapped"]
        return [n["name"] for n in answer["nodes"] if n["status"] == "computed"], done.stderr

    @property
    def files(self):
        return sorted((self.path / ".vtlua/blobs").glob("*/*.array*"))


@check
def equal_arrays_are_one_file():
    with Project() as p:
        equal(p.run(), (["make", "pass", "sum"], ""))
        # a and a + 1; the array of booleans is too small.
        equal([f.stat().st_size for f in p.files], [1600000, 1600000])
        equal(p.run(), ([], ""))
        equal(p.mapped, False)
        equal(p.run("-p", "extra=1"), (["sum"], ""))
        equal(p.mapped, True)
        equal(len(p.files), 2)


@check
def commands():
    with Project() as p:
        p.run()
        equal(p.call("cache", "verify").stdout, "3 results, 0 damaged and removed\n")
        listed = p.call("cache", "ls").stdout
        assert "  5.0 MB  " in listed and "  1.6 MB  " in listed, listed
        equal(p.call("show", "last/pass/a").stdout, "array float64 200000\n")
        p.call("show", "last/pass/a", "-o", "a.json")
        values = json.loads((p.path / "a.json").read_text())
        equal((len(values), values[:3]), (200000, [0, 0.37, 0.74]))
        p.call("report")
        p.call("export", "last", "-f", "prov")
        p.call("cache", "gc", "--days", "30")
        equal(p.run(), ([], ""))
        p.call("cache", "clear")
        equal(p.files, [])
        equal(p.run()[0], ["make", "pass", "sum"])


@check
def files_of_no_result_go():
    with Project() as p:
        p.run()
        (p.path / "flow.lua").write_text(FLOW.replace("n = 200000", "n = 150000"))
        p.call("run", "flow.lua", "--progress", "none")
        equal(len(p.files), 4)
        p.call("cache", "clear")
        equal(p.files, [])


@check
def damage():
    def flip(path):
        with open(path, "r+b") as f:
            f.seek(800000)
            f.write(b"\x01\x02\x03")

    def other_directory(path):
        path.unlink()
        path.mkdir()

    def link(path):
        path.rename(path.with_suffix(".away"))
        path.symlink_to(path.with_suffix(".away"))

    for harm in [flip, lambda path: os.truncate(path, 4096), Path.unlink, other_directory, link,
                 lambda path: path.write_bytes(b"")]:
        with Project() as p:
            p.run()
            for path in p.files:
                os.chmod(path, 0o644)
                harm(path)
            computed, warnings = p.run("-p", "extra=1")
            # The new result of `make` has the file of `pass`.
            equal(computed, ["make", "sum"])
            equal([line.split(" ", 5)[5] for line in warnings.splitlines()],
                  ["is damaged; computing it again"])
            equal(p.run("-p", "extra=1")[0], [])
            equal(p.call("cache", "verify").stdout.split(",")[1], " 0 damaged and removed\n")


@check
def verify_reads_all():
    with Project() as p:
        p.run()
        about = p.files[0].stat()
        os.chmod(p.files[0], 0o644)
        with open(p.files[0], "r+b") as f:
            f.seek(8)
            f.write(b"\x01")
        os.utime(p.files[0], ns=(about.st_atime_ns, about.st_mtime_ns))
        done = p.call("cache", "verify", code=4)
        assert " damaged and removed" in done.stdout and ", 0 damaged" not in done.stdout, done.stdout
        p.run()
        equal(p.call("cache", "verify").stdout, "3 results, 0 damaged and removed\n")


@check
def arrays_that_compress_well():
    with Project() as p:
        (p.path / "flow.lua").write_text(FLOW.replace("array.arange(i.n) * 0.37", "array.ones(i.n)"))
        p.call("run", "flow.lua", "--progress", "none")
        equal([(f.suffix, f.stat().st_size < 200000) for f in p.files], [(".zst", True)] * 2)
        done = p.call("run", "flow.lua", "--json", "--progress", "none", "-p", "extra=1")
        equal(json.loads(done.stdout)["outputs"]["sum"], 200000 * 4 + 6 + 1)
        equal([n["name"] for n in json.loads(done.stdout)["nodes"] if n["status"] == "computed"], ["sum"])


@check
def elements():
    """Elements of vt.each, and the modules of a worker."""
    with Project() as p:
        for on in "", ", { on = 'threads' }", ", { on = 'processes' }":
            (p.path / "flow.lua").write_text(MODULES + f"""
local flow = vt.workflow {{ name = "f" }}
local made = flow:add("make", Make, {{ n = vt.each {{ 200000, 200001 }} }}{on})
local passed = flow:add("pass", Pass, {{ a = vt.each(made.a) }})
return flow:outputs {{ a = passed.a, t = made.t }}
""")
            shutil.rmtree(p.path / ".vtlua", ignore_errors=True)
            p.call("run", "flow.lua", "--progress", "none")
            equal(len(p.files), 4)
            done = p.call("run", "flow.lua", "--json", "--progress", "none")
            equal([n["status"] for n in json.loads(done.stdout)["nodes"]], ["cached", "cached"])


SCALARS = """
local A = vt.module { name = "A", outputs = { n = "any", b = "any", z = "any", t = "table" } }
function A:compute()
  return { n = array.from(2.5), b = array.from(true), z = array.complex(1, 2),
    t = { x = array.from(3), y = { array.from({ 1 }, "uint64"), array.from(5, "float32") } } }
end
local flow = vt.workflow { name = "scalars" }
local a = flow:add("a", A)
return flow:outputs { n = a.n, b = a.b, z = a.z, t = a.t }
"""


@check
def arrays_without_axes_are_numbers_in_json():
    with Project() as p:
        (p.path / "flow.lua").write_text(SCALARS)
        done = p.call("run", "flow.lua", "--json", "--progress", "none")
        equal(json.loads(done.stdout)["outputs"],
              {"n": 2.5, "b": True, "z": "1+2i", "t": {"x": 3, "y": [[1], 5.0]}})


SHARED = """
local s = parallel.shared { 1, 2, 3 }
local A = vt.module { name = "A", version = "1", outputs = { t = "table" } }
function A:compute() return { t = { parallel.shared { 1, 2 } } } end
local B = vt.module { name = "B", version = "1", outputs = { n = "number" } }
function B:compute() return { n = s:sum() } end
local C = vt.module { name = "C", version = "1", inputs = { a = "array" }, outputs = { a = "array" } }
function C:compute(i) return { a = i.a } end
local D = vt.module { name = "D", version = "1", outputs = { a = "array" } }
function D:compute() return { a = parallel.shared { 7 } } end
local flow = vt.workflow { name = "f" }
return flow:outputs { t = flow:add("a", A).t, n = flow:add("b", B).n, c = flow:add("c", C, { a = s }).a,
  d = flow:add("d", D).a }
"""


@check
def shared_arrays_are_not_kept():
    with Project() as p:
        (p.path / "flow.lua").write_text(SHARED)
        for _ in range(2):
            done = p.call("run", "flow.lua", "--json", "--progress", "none")
            equal(json.loads(done.stdout)["outputs"], {"t": [[1, 2]], "n": 6, "c": [1, 2, 3], "d": [7]})
            noted = p.call("run", "flow.lua", "--progress", "none").stderr
            equal(noted, "3 results not kept:\n"
                  "  a: its output `t` ([1]) is a shared array\n"
                  "  b: flow.lua:6: `s` is a shared array\n"
                  "  c: its input `a` is or holds a shared array\n")
        # An output that is shared is copied, and kept.
        equal([(n["name"], n["status"]) for n in json.loads(done.stdout)["nodes"]][3], ("d", "cached"))


end()
