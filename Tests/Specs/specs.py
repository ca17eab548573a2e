#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# `vtlua test` as a program: the specs that it finds, its output and its status. Needs VTLUA_BINARY.
import json, os, re, shutil, signal, subprocess, sys, tempfile, time
import xml.etree.ElementTree as xml
from pathlib import Path

vtlua = os.environ["VTLUA_BINARY"]

SCALE = """\
local M = vt.module {
  name = "scale",
  inputs = { x = "number" },
  outputs = { y = "number" },
}

function M:compute(inputs)
  print("scaling", inputs.x)
  if inputs.x == 13 then error("bad luck") end
  return { y = 2 * inputs.x }
end

return M
"""
GOOD = """\
describe("scale", function()
  it("doubles", function() expect(vt.compute("scale", { x = 2 })).to_equal { y = 4 } end)
  it("later")
end)
"""
BAD = """\
describe("scale", function()
  it("triples", function()
    print("about to")
    expect(vt.compute("scale", { x = 2 })).to_equal { y = 6 }
  end)
  it("is unlucky", function() vt.compute("scale", { x = 13 }) end)
  it("is # fine <here>", function() end)
end)
"""


LIMIT = 120  # seconds of each wait; the bound only ends a test that hangs


def eventually(condition):
    """Waits until the condition holds."""
    end = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < end, "the condition does not come true"
        time.sleep(0.02)


class Project:
    def __init__(self, **files):
        self.path = Path(tempfile.mkdtemp())
        for name, text in files.items():
            path = self.path / (name.replace("__", "/") + ".lua")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path)

    def test(self, *arguments, code=0, env=None):
        done = subprocess.run(
            [vtlua, "test", *arguments], cwd=self.path, capture_output=True, text=True, timeout=LIMIT,
            env={**os.environ, **(env or {})})
        assert done.returncode == code, (arguments, done)
        return re.sub(r"\d+\.\d\d s", "N s", done.stdout), done.stderr


def equal(found, expected):
    assert found == expected, f"got      {found!r}\nexpected {expected!r}"


def what_people_see():
    with Project(modules__scale=SCALE, modules__scale_spec=GOOD, b_spec=BAD) as p:
        out, err = p.test(code=1)
        equal(err, "")
        equal(out, """\
FAIL b_spec.lua  1 passed, 2 failed  N s
  scale triples
    b_spec.lua:4:
      got       { y = 4 }
      expected  { y = 6 }
      differs   at y: got 4, expected 6
        3 |     print("about to")
     >  4 |     expect(vt.compute("scale", { x = 2 })).to_equal { y = 6 }
    printed
      | about to
      | scale | scaling	2
  scale is unlucky
    modules/scale.lua:9: bad luck
        8 |   print("scaling", inputs.x)
     >  9 |   if inputs.x == 13 then error("bad luck") end
    called  b_spec.lua:6
    printed
      | scale | scaling	13
ok   modules/scale_spec.lua  1 passed, 1 pending  N s
  pending  scale later: the test has no function yet
2 passed, 2 failed, 1 pending in 2 files  N s
""")
        out, _ = p.test("modules", env={"FORCE_COLOR": "1"})
        assert out.startswith("\x1b[32mok  \x1b[0m modules/scale_spec.lua"), out
        # With any number of processes, from any directory.
        equal(p.test("-j", "1", code=1), p.test("-j", "8", code=1))
        out, _ = p.test(str(p.path / "modules"))
        assert out.startswith(f"ok   {p.path}/modules/scale_spec.lua"), out
        # A file that is named need not end in _spec.
        (p.path / "other.lua").write_text('it("runs", function() end)')
        equal(p.test("other.lua"), ("ok   other.lua  1 passed  N s\n", ""))


def what_programs_read():
    with Project(modules__scale=SCALE, modules__scale_spec=GOOD, b_spec=BAD) as p:
        equal(p.test("--tap", code=1)[0], """\
TAP version 13
not ok 1 - b_spec.lua: scale triples
# b_spec.lua:4:
# got       { y = 4 }
# expected  { y = 6 }
# differs   at y: got 4, expected 6
# printed:
# about to
# scale | scaling	2
not ok 2 - b_spec.lua: scale is unlucky
# modules/scale.lua:9:
# bad luck
# printed:
# scale | scaling	13
ok 3 - b_spec.lua: scale is \\# fine <here>
ok 4 - modules/scale_spec.lua: scale doubles
ok 5 - modules/scale_spec.lua: scale later # SKIP the test has no function yet
1..5
""")
        found = json.loads(p.test("--json", "--junit", "j.xml", code=1)[0])
        equal([found[k] for k in ("schema", "status", "passed", "failed", "pending")],
              [1, "failed", 2, 2, 1])
        first = found["files"][0]["tests"][0]
        first.pop("seconds")
        equal(first, {
            "name": "scale triples", "status": "failed", "file": "b_spec.lua", "line": 4,
            "message": "got       { y = 4 }\nexpected  { y = 6 }\n"
                       "differs   at y: got 4, expected 6",
            "printed": "about to\nscale | scaling\t2\n"})
        suites = xml.parse(p.path / "j.xml").getroot()
        equal({k: suites.get(k) for k in ("tests", "failures", "skipped")},
              {"tests": "5", "failures": "2", "skipped": "1"})
        cases = suites.findall("./testsuite/testcase")
        equal([c.get("name") for c in cases],
              ["scale triples", "scale is unlucky", "scale is # fine <here>", "scale doubles",
               "scale later"])
        equal(cases[1].find("failure").text, "modules/scale.lua:9:\nbad luck")
        equal(p.test("--junit", "no/where.xml", code=2)[1],
              "error: cannot write 'no/where.xml': No such file or directory\n")


def what_is_run():
    with Project(modules__scale=SCALE, modules__scale_spec=GOOD, b_spec=BAD) as p:
        equal(p.test("--filter", "doubles$")[0].splitlines()[-1], "1 passed in 2 files  N s")
        out, _ = p.test("--fail-fast", code=1)
        equal(out.splitlines()[0], "FAIL b_spec.lua  1 failed  N s")
        equal(out.splitlines()[-1], "1 failed in 1 file  N s")
        equal(p.test("--filter", "zzz", code=2)[1],
              "error: no test matches 'zzz'; to list the names, run: vtlua test --json\n")
        equal(p.test("--filter", "%", code=2)[1],
              "error: --filter '%': malformed pattern (ends with '%'); it is a pattern of Lua, in which % "
              "before a sign makes it stand for itself\n")
        equal(p.test("no_spec.lua", code=2)[1],
              "error: cannot read 'no_spec.lua': No such file or directory; did you mean 'b_spec.lua'?\n")
    with Project(empty_spec="") as p:
        equal(p.test(code=2)[1], "error: these files contain no tests; "
                                 'write it("adds", function() ... end)\n')
    with Project(modules__scale=SCALE) as p:
        equal(p.test(code=2)[1], "error: there is no *_spec.lua here or below\n"
                                 "  to write a module with a spec, run: vtlua new module NAME\n")
        equal(p.test("modules", code=2)[1].splitlines()[0],
              "error: there is no *_spec.lua in 'modules' or below")
        equal(p.test("-j", "0", code=2)[1], "error: -j must be at least 1, got 0\n  See 'vtlua test --help' for more information.\n")


def what_ends_badly():
    with Project(
        a_spec='it("loops", function() print("x") while true do end end)',
        b_spec='it("leaves", function() os.exit(3) end)',
        c_spec='it("is not whole", function(',
        d_spec='it("crashes", function() os.execute("kill -KILL $PPID") end)',
        e_spec='it("is fine", function() end)\nsetup(function() error("no set-up") end)',
        f_spec='it("is fine", function() end)\nteardown(function() error("late") end)',
        g_spec='describe("half", function() error("way") end)',
        h_spec='it("leaves a program", function() os.execute("sleep 300 &") end)',
    ) as p:
        out, _ = p.test("--timeout", "3", "-j", "8", code=1)
        lines = [l for l in out.splitlines() if re.match(r"FAIL|ok|    \w+\.lua:|  \w", l)]
        equal(lines, [
            "FAIL a_spec.lua  1 failed  N s", "  loops",
            "    a_spec.lua:1: the process was stopped after 3 s while this test ran; "
            "to allow more, use --timeout S",
            "FAIL b_spec.lua  1 failed  N s", "  leaves",
            "    b_spec.lua:1: the process ended with exit code 3 while this test ran",
            "FAIL c_spec.lua  1 failed  N s", "  loading the file",
            "    c_spec.lua:1: <name> or '...' expected near <eof>",
            "FAIL d_spec.lua  1 failed  N s", "  crashes",
            "    d_spec.lua:1: the process was ended by SIGKILL while this test ran",
            "FAIL e_spec.lua  1 failed  N s", "  setup of the file", "    e_spec.lua:2: no set-up",
            "FAIL f_spec.lua  1 passed, 1 failed  N s", "  teardown of the file",
            "    f_spec.lua:2: late",
            "FAIL g_spec.lua  1 failed  N s", "  loading the file", "    g_spec.lua:1: way",
            "ok   h_spec.lua  1 passed  N s",
        ])
        nothing_is_left(p.path)


def without_the_program():
    """The program was removed, or replaced by an update, while specs ran."""
    with Project(a_spec='it("removes", function() os.remove("program") end)',
                 b_spec='it("is fine", function() end)') as p:
        shutil.copy(vtlua, p.path / "program")
        done = subprocess.run([p.path / "program", "test", "-j", "1"], cwd=p.path, text=True,
                              capture_output=True, timeout=LIMIT)
        equal(done.returncode, 1)
        equal(done.stderr, f"error: cannot start '{p.path}/program (deleted)': "
                           "No such file or directory\n")


def children_of_ours(directory):
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{pid}/cwd") == str(directory):
                found.append(Path(f"/proc/{pid}/cmdline").read_text())
        except OSError:
            pass
    return found


def nothing_is_left(directory):
    """Processes that were killed take a moment to be gone."""
    eventually(lambda: children_of_ours(directory) == [])


def interrupted():
    with Project(a_spec='it("waits", function() os.execute("sleep 300") end)') as p:
        child = subprocess.Popen([vtlua, "test"], cwd=p.path, stderr=subprocess.PIPE, text=True)
        eventually(lambda: any("sleep" in c for c in children_of_ours(p.path)))
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=LIMIT)
        equal((child.returncode, err), (130, "interrupted: 0 of 1 files were tested\n"))
        nothing_is_left(p.path)
        # A spec does not outlive a killed parent either; a program that it started may.
        child = subprocess.Popen([vtlua, "test"], cwd=p.path)
        eventually(lambda: any("sleep" in c for c in children_of_ours(p.path)))
        child.kill()
        child.wait()
        eventually(lambda: not any("--parent" in c for c in children_of_ours(p.path)))
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.readlink(f"/proc/{pid}/cwd") == str(p.path):
                    os.kill(int(pid), signal.SIGKILL)
            except OSError:
                pass


def busted():
    """Debian's busted, run by vtlua in place of lua."""
    if not os.path.exists("/usr/bin/busted"):
        assert "CI" not in os.environ, "/usr/bin/busted is missing (Debian: lua-busted)"
        return
    spec = """\
describe("busted", function()
  it("runs, and finds vt", function()
    assert.are.same({ { 2 } }, { { 1 + 1 } })
    assert.has_error(function() error("x") end, "x")
    local M = vt.module { name = "m", outputs = { y = "integer" } }
    function M:compute() return { y = 1 } end
    assert.are.equal(1, vt.compute(M).y)
    local s = spy.new(function() end)
    s(5)
    assert.spy(s).was.called_with(5)
  end)
  it("works with pools", function()
    local pool <close> = parallel.processes(1)
    assert.are.same({ 1, 4 }, pool:map(function(x) return x * x end, { 1, 2 }))
  end)
end)
"""
    with Project(some_spec=spec) as p:
        done = subprocess.run(
            [vtlua, "/usr/bin/busted", "-o", "TAP", "some_spec.lua"], cwd=p.path, timeout=LIMIT,
            capture_output=True, text=True)
        equal((done.returncode, done.stdout),
              (0, "ok 1 - busted runs, and finds vt\nok 2 - busted works with pools\n1..2\n"))
        (p.path / "some_spec.lua").write_text('it("fails", function() assert.is_true(false) end)')
        done = subprocess.run(
            [vtlua, "/usr/bin/busted", "some_spec.lua"], cwd=p.path, capture_output=True, timeout=LIMIT)
        equal(done.returncode, 1)


for case in (what_people_see, what_programs_read, what_is_run, what_ends_badly,
             without_the_program, interrupted, busted):
    case()
    print("ok", case.__name__)
