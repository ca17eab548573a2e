#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# `vtlua run --sandbox`: what a workflow may do, what is refused with which message, and how the run ends:
# Tests/Sandbox/sandbox.py [check...]
#
# Needs VTLUA_BINARY, and a kernel with Landlock.
import ctypes, http.server, json, os, pathlib, pty, re, shutil, signal, sqlite3, subprocess, sys, tempfile, threading, time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "Store"))
from checks import check, end, equal

vtlua = os.environ["VTLUA_BINARY"]
os.environ.pop("VTLUA_STORE", None)
LIMIT = 60  # seconds of each wait; the bound only ends a program that hangs

FLOW = """
local m = vt.module { name = "m", inputs = { x = "any" }, outputs = { v = "any" } }
function m:compute(inputs)
  %s
end
local flow = vt.workflow { name = "f" }
return flow:outputs { v = flow:add("m", m, { x = 1 }).v }
"""


class Project:
    def __init__(self, body="return { v = 1 }"):
        self.outside = pathlib.Path(tempfile.mkdtemp(prefix="sandbox-outside-"))
        self.path = self.outside / "project"
        self.path.mkdir()
        (self.outside / "secret.txt").write_text("secret")
        (self.path / "data.txt").write_text("data")
        self.write(body)

    def write(self, body):
        (self.path / "flow.lua").write_text(FLOW % body)

    def run(self, *options, sandbox=True, **more):
        words = [vtlua, "run", *(["--sandbox"] if sandbox else []), "--progress", "none", *options, "flow.lua"]
        return subprocess.run(words, cwd=self.path, capture_output=True, text=True, timeout=LIMIT,
                              stdin=subprocess.DEVNULL, **more)

    def value(self, *options, **more):
        """The output of the run, or its error message without the place."""
        found = self.run(*options, **more)
        if found.returncode == 0:
            return found.stdout.removeprefix("v = ").rstrip("\n")
        return found.stderr.split("\n")[1].split(": ", 1)[-1]


def outcome(body, *options, **more):
    return Project(body).value(*options, **more)


READ = "refused by the sandbox of this run; --allow-read PATH allows to read more"
WRITE = ("refused by the sandbox of this run, which may write in results/ only; --allow-write PATH allows "
         "more")
EITHER = "refused by the sandbox of this run; --allow-read PATH or --allow-write PATH allows more"
PROGRAMS = "the sandbox of this run starts no programs; --allow-programs allows them"
NETWORK = "the sandbox of this run has no network; --allow-network allows it"

# Attempts of a module: the code, and the output or the message.
ATTEMPTS = {
    "its own files": ("return { v = io.open('data.txt'):read 'a' }", "data"),
    "a file outside": ("return { v = select(2, io.open '../secret.txt') }", "../secret.txt: " + READ),
    "a file of the system": ("return { v = select(2, io.open '/etc/passwd') }", "/etc/passwd: " + READ),
    "io.lines": ("for _ in io.lines '/etc/passwd' do end", "/etc/passwd: " + READ),
    "io.input": ("io.input '/etc/passwd'", "/etc/passwd: " + READ),
    "loadfile": ("loadfile '/etc/passwd'", "/etc/passwd: " + READ),
    "dofile": ("dofile '/etc/passwd'", "/etc/passwd: " + READ),
    "a magic link to the root": ("return { v = select(2, io.open '/proc/self/root/etc/passwd') }",
                                 "/proc/self/root/etc/passwd: " + READ),
    "a magic link to the directory": ("return { v = select(2, io.open '/proc/self/cwd/../secret.txt') }",
                                      "/proc/self/cwd/../secret.txt: " + READ),
    "the parent's environment": ("return { v = select(2, io.open('/proc/' .. tostring(PARENT or 1) .. '/environ')) }",
                                 "/proc/1/environ: " + READ),
    "the memory of the process": ("return { v = select(2, io.open('/proc/self/mem', 'r+')) }",
                                  "/proc/self/mem: " + WRITE),
    "writing beside the workflow": ("return { v = select(2, io.open('new.txt', 'w')) }", "new.txt: " + WRITE),
    "changing the workflow": ("return { v = select(2, io.open('flow.lua', 'a')) }", "flow.lua: " + WRITE),
    "writing outside": ("return { v = select(2, io.open('../new.txt', 'w')) }", "../new.txt: " + WRITE),
    "writing to results": ("local f = io.open('results/a.txt', 'w') f:write 'a' f:close() "
                           "return { v = io.open('results/a.txt'):read 'a' }", "a"),
    "out of results": ("return { v = select(2, io.open('results/../new.txt', 'w')) }",
                       "results/../new.txt: " + WRITE),
    "io.output": ("io.output 'new.txt'", "new.txt: " + WRITE),
    "os.remove": ("return { v = select(2, os.remove 'data.txt') }", "data.txt: " + WRITE),
    "os.rename": ("return { v = select(2, os.rename('data.txt', 'results/data.txt')) }", "data.txt: " + WRITE),
    "the store": ("return { v = select(2, io.open '.vtlua/store.sqlite') }", ".vtlua/store.sqlite: " + READ),
    "writing to the store": ("return { v = select(2, io.open('.vtlua/store.sqlite', 'r+')) }",
                             ".vtlua/store.sqlite: " + WRITE),
    "a blob": ("return { v = select(2, io.open('.vtlua/blobs/x', 'w')) }", ".vtlua/blobs/x: " + WRITE),
    "a descriptor of the store": (
        "for n = 3, 40 do local f = io.open('/proc/self/fd/' .. n, 'r') if f and f:seek() == 0 and "
        "(f:read(6) or '') == 'SQLite' then return { v = 'opened' } end end return { v = 'closed' }", "closed"),
    "files.list outside": ("require('files').list '..'", "cannot list `..`: " + READ),
    "files.list of the system": ("require('files').list '/etc'", "cannot list `/etc`: " + READ),
    "files.glob outside": ("require('files').glob '../*.txt'", "cannot list `..`: " + READ),
    "files.glob of all": ("require('files').glob('**/*.txt', { directory = '/etc' })", "cannot list `/etc`: " + READ),
    "files.glob of the root": ("require('files').glob '/*/passwd'", "cannot list `/`: " + READ),
    "files.glob without a pattern": ("return { v = #require('files').glob '../secret.txt' }", "1"),
    "files.copy of a directory": ("require('files').copy('..', 'results/x')", "cannot list `..`: " + READ),
    "files.sha256 outside": ("require('files').sha256 '../secret.txt'", "cannot read `../secret.txt`: " + READ),
    "csv.lines": ("for _ in require('csv').lines '../secret.txt' do end", "cannot read `../secret.txt`: " + READ),
    "csv.arrays": ("require('csv').arrays '../secret.txt'", "cannot read `../secret.txt`: " + READ),
    "frame.csv": ("require('frame').csv '../secret.txt'", "cannot read `../secret.txt`: " + READ),
    "json.read": ("require('json').read '../secret.txt'", "cannot read `../secret.txt`: " + READ),
    "sql": ("require('sql').open '../secret.txt'", "cannot read `../secret.txt`: " + READ),
    "files.read outside": ("require('files').read '../secret.txt'", "cannot read `../secret.txt`: " + READ),
    "files.write outside": ("require('files').write('../x', 'x')", "cannot write `../x`: " + WRITE
                            + "; the directory must exist and be writable"),
    "files.copy outside": ("require('files').copy('data.txt', '../x')", "cannot copy `data.txt`: " + EITHER),
    "files.remove": ("require('files').remove 'data.txt'", "cannot remove `data.txt`: " + WRITE),
    "vt.mkdir": ("vt.mkdir '../x'", "cannot make '../x': " + EITHER),
    "csv": ("require('csv').read '/etc/passwd'", "cannot read `/etc/passwd`: " + READ),
    "array.load": ("array.load '/etc/passwd'", "cannot read `/etc/passwd`: " + READ),
    "os.execute": ("os.execute 'true'", "os.execute: " + PROGRAMS),
    "io.popen": ("io.popen 'true'", "io.popen: " + PROGRAMS),
    "process": ("require('process').run { 'true' }", PROGRAMS),
    "processes": ("parallel.processes(1)", "parallel.processes: the sandbox of this run starts no programs; "
                  "use parallel.threads, or run with --allow-programs"),
    "threads": ("local p <close> = parallel.threads(2) return { v = p:map(function(x) return "
                "select(2, io.open '/etc/passwd') and x end, { 1, 2 })[2] }", "2"),
    "files of threads": ("local p <close> = parallel.threads(1) return { v = p:apply(function() return "
                         "select(2, io.open '/etc/passwd') end) }", "/etc/passwd: " + READ),
    "http": ("require('http').get 'http://127.0.0.1:9/'", NETWORK and "http: " + NETWORK),
    "a cluster": ("return { v = select(3, parallel.get_client()) }", NETWORK),
    "scratch": ("local f = io.open(self.scratch .. '/x', 'w') f:write 'x' f:close() return { v = 'written' }",
                "written"),
    "a variable of the environment": ("return { v = tostring(os.getenv 'SECRET_TOKEN') }", "nil"),
    "the terminal": ("return { v = select(3, io.open('/dev/tty', 'w')) }", "13"),
    "a device": ("return { v = select(2, io.open('/dev/full')) }", "/dev/full: " + READ),
    "standard input": ("return { v = tostring(io.read()) }", "nil"),
}
os.environ["SECRET_TOKEN"] = "hidden"


@check
def attempts():
    wrong = []
    for name, (body, expected) in ATTEMPTS.items():
        found = outcome(body)
        if found.strip('"') != expected:
            wrong.append(f"{name}\n  got      {found}\n  expected {expected}")
    equal("\n".join(wrong), "")


CALLS = """
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>
const char *lua_pushstring(void *L, const char *text);
#define TRY(call) ((call) < 0 ? errno : 0)
int luaopen_calls(void *L) {
  static char text[200];
  struct rlimit limit;
  snprintf(text, sizeof text, "parent %d %d %d queue %d memory %d itself %d %d %d",
           TRY(kill(getppid(), 0)), TRY(syscall(SYS_tkill, getppid(), 0)),
           TRY(prlimit(getppid(), RLIMIT_CORE, NULL, &limit)), TRY(msgget(IPC_PRIVATE, 0600)),
           TRY(shmget(IPC_PRIVATE, 4096, 0600)), TRY(kill(getpid(), 0)), raise(0),
           TRY(getrlimit(RLIMIT_CORE, &limit)));
  lua_pushstring(L, text);
  return 1;
}
"""


@check
def calls_of_a_library_of_c():
    """What Landlock does not refuse, or only from Linux 6.12 on."""
    compiler = next(filter(None, map(shutil.which, ["cc", "clang", "gcc"])), None)
    if not compiler:
        return print("     not tested: a library of C; no C compiler is installed")
    project = Project("return { v = package.loadlib('./calls.so', 'luaopen_calls')() }")
    (project.path / "calls.c").write_text(CALLS)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", "calls.so", "calls.c"], cwd=project.path, check=True)
    equal(project.value(), 'parent 1 1 1 queue 1 memory 1 itself 0 0 0')


@check
def a_link_that_leads_out():
    project = Project("return { v = select(2, io.open 'link.txt') }")
    (project.path / "link.txt").symlink_to(project.outside / "secret.txt")
    equal(project.value().strip('"'), "link.txt: " + READ)


@check
def what_options_allow():
    project = Project("return { v = io.open('../secret.txt'):read 'a' }")
    equal(project.value("--allow-read", "../secret.txt").strip('"'), "secret")
    project.write("local f = assert(io.open('../more/new.txt', 'w')) f:write 'x' f:close() return { v = 1 }")
    (project.outside / "more").mkdir()
    equal(project.value("--allow-read", "../more"), "../more/new.txt: " + WRITE)
    equal(project.value("--allow-write", "../more"), "1")
    equal((project.outside / "more" / "new.txt").read_text(), "x")
    equal(outcome("return { v = os.getenv 'SECRET_TOKEN' }", "--allow-env", "SECRET_TOKEN").strip('"'), "hidden")
    equal(outcome("return { v = require('process').run({ 'echo', 'hi' }).output }", "--allow-programs")
          .strip('"').replace("\\n", ""), "hi")
    equal(outcome("return { v = io.popen('cat /etc/passwd 2>&1'):read 'a' }", "--allow-programs").strip('"')
          .replace("\\n", ""), "cat: /etc/passwd: Permission denied")
    equal(outcome("local p <close> = parallel.processes(1) return { v = p:apply(function() return "
                  "select(2, io.open '/etc/passwd') end) }", "--allow-programs").strip('"'), "/etc/passwd: " + READ)


@check
def the_network():
    class Server(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"hello")

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    body = f"return {{ v = require('http').get('http://127.0.0.1:{server.server_port}/').body }}"
    equal(outcome(body, "--allow-network").strip('"'), "hello")
    equal(outcome(body), "http: " + NETWORK)
    server.shutdown()


@check
def nodes_on_processes_compute_on_threads():
    project = Project("return { v = 7 }")
    equal(project.value("-j", "2"), "7")


@check
def results_and_records():
    project = Project("print 'computes' return { v = io.open('data.txt'):read 'a' }")
    equal(project.value().strip('"'), "data")
    equal("computes" in project.run("--force", "m").stderr, True)
    equal("[1/1] m  cached" in project.run("--progress", "plain").stderr, True)
    # Runs that may do other things do not use them.
    equal("cached" in project.run("--progress", "plain", "--allow-read", "../secret.txt").stderr, False)
    equal("cached" in project.run("--progress", "plain", sandbox=False).stderr, False)
    equal("[1/1] m  cached" in project.run("--progress", "plain", sandbox=False).stderr, True)
    log = subprocess.run([vtlua, "log", "--json"], cwd=project.path, capture_output=True, text=True)
    equal(log.returncode, 0, log.stderr)
    database = sqlite3.connect(project.path / ".vtlua" / "store.sqlite")
    equal(database.execute("select count(*) from runs where status = 'done'").fetchone(), (6,))


MANY = """
local twice = vt.module { name = "twice", inputs = { x = "any" }, outputs = { v = "any" } }
function twice:compute(inputs) return { v = inputs.x .. inputs.x } end
local large = vt.module { name = "large", inputs = {}, outputs = { a = "any", z = "any", s = "any" } }
function large:compute()
  local a = array.arange(300000)
  return { a = a * a, z = array.zeros { 300000 }, s = ("text %d "):rep(9000) }
end
local sum = vt.module { name = "sum", inputs = { a = "any", z = "any", s = "any" }, outputs = { v = "any" } }
function sum:compute(inputs) return { v = inputs.a:sum() + inputs.z:sum() + #inputs.s } end
local flow = vt.workflow { name = "many" }
local l = flow:add("large", large, {})
local list = flow:add("list", twice, { x = vt.each { "a", "b", "c" } })
return flow:outputs { v = flow:add("sum", sum, { a = l.a, z = l.z, s = l.s }).v, list = list.v }
"""


def statuses(project, *options, **more):
    found = json.loads(project.run("--json", *options, **more).stdout)
    return [found["outputs"], {node["name"]: node["status"] for node in found["nodes"]}]


@check
def large_results_and_elements():
    project = Project()
    (project.path / "flow.lua").write_text(MANY)
    outputs, first = statuses(project)
    equal(outputs["list"], ["aa", "bb", "cc"])
    equal(set(first.values()), {"computed"})
    blobs = [p for p in (project.path / ".vtlua" / "blobs").rglob("*") if p.is_file()]
    equal(len(blobs), 3, blobs)
    equal(statuses(project), [outputs, dict.fromkeys(first, "cached")])
    # `sum` reads the arrays and the text of the earlier run.
    equal(statuses(project, "--force", "sum"), [outputs, {**dict.fromkeys(first, "cached"), "sum": "computed"}])
    # Damaged files of results are computed again.
    for blob in blobs:
        blob.chmod(0o644)
        blob.write_bytes(b"x")
    found = project.run("--json", "--force", "sum")
    equal(json.loads(found.stdout)["outputs"], outputs)
    equal("computing it again" in found.stderr, True, found.stderr)


@check
def other_commands_read_the_record():
    project = Project()
    (project.path / "flow.lua").write_text(MANY)
    run = json.loads(project.run("--json").stdout)["run"]

    def vtlua_(*words):
        found = subprocess.run([vtlua, *words], cwd=project.path, capture_output=True, text=True, timeout=LIMIT)
        equal((found.returncode, found.stderr), (0, ""), words)
        return found.stdout

    equal("sum" in vtlua_("show", run), True)
    equal("[2]" in vtlua_("show", run + "/list[2]"), True)
    vtlua_("show", run + "/large/s", "-o", "s.txt")
    equal((project.path / "s.txt").read_text()[:7], "text %d")
    equal("flow.lua" in vtlua_("show", run, "--json"), True)
    vtlua_("report", run, "-o", "page.html")
    vtlua_("why", run + "/sum")
    vtlua_("cache", "verify")
    vtlua_("export", run, "-f", "prov")


@check
def the_rights_of_the_store():
    project = Project()
    for options, message in [
        (["--allow-write", "."], "error: --sandbox: the run may write to '.', which has the store '.vtlua'; name "
         "another directory for the store with --store DIR, or use --store off"),
        (["--store", "results/store"], "error: --sandbox: the run may write to 'results', which has the store "
         "'results/store'; name another directory for the store with --store DIR, or use --store off"),
        (["--allow-write", ".vtlua/blobs"], "error: --sandbox: the run may write to '.vtlua/blobs', which has the "
         "store '.vtlua'; name another directory for the store with --store DIR, or use --store off"),
        (["--store", "."], "error: --sandbox: the run may read '.', which is the store; name another directory for "
         "the store with --store DIR, or use --store off"),
        (["--allow-read", ".."], "error: --sandbox: the run may read '..', which has the store '.vtlua'; name another "
         "directory for the store with --store DIR, or use --store off"),
    ]:
        (project.path / ".vtlua" / "blobs").mkdir(parents=True, exist_ok=True)
        found = project.run(*options)
        equal((found.returncode, found.stderr), (2, message + "\n"))
    equal(project.run("--allow-write", ".", "--store", "off").returncode, 0)
    # A directory in that of the workflow that has the store is not the workflow's.
    project = Project("return { v = select(2, io.open('cache/a.txt')) }")
    (project.path / "cache").mkdir()
    (project.path / "cache/a.txt").write_text("a")
    for _ in range(2):
        equal(project.value("--store", "cache/store"), "cache/a.txt: " + READ)


@check
def links_in_place_of_directories():
    project = Project()
    (project.path / "results").symlink_to(project.outside)
    found = project.run()
    equal((found.returncode, found.stderr), (2, "error: --sandbox: 'results' is a link, and the run would write to "
          "its target; remove the link. --allow-write PATH lets the run write to the target by its own path\n"))
    (project.path / "results").unlink()
    (project.path / ".vtlua").symlink_to(project.outside)
    found = project.run()
    equal((found.returncode, found.stderr), (2, "error: --sandbox: '.vtlua' is a link, and the run would be stored "
          "in its target; name the store's directory with --store DIR\n"))
    equal(project.run("--store", ".vtlua").returncode, 0)


@check
def suspended_nodes():
    project = Project()
    (project.path / "flow.lua").write_text("""
local m = vt.module { name = "m", inputs = {}, outputs = { v = "any" } }
function m:compute() self:suspend { job = 7 } end
function m:resume(inputs, handle)
  if not io.open 'results/done' then self:suspend(handle) end
  return { v = handle.job }
end
function m:cancel(handle) io.open('results/cancelled', 'w'):close() end
local flow = vt.workflow { name = "f" }
return flow:outputs { v = flow:add("m", m, {}).v }
""")
    equal(project.run().returncode, 8)
    equal(project.run().returncode, 8)
    # A run with other rights neither continues it nor cancels it.
    equal(project.run(sandbox=False).returncode, 8)
    equal((project.path / "results" / "cancelled").exists(), False)
    log = subprocess.run([vtlua, "log", "--suspended"], cwd=project.path, capture_output=True, text=True).stdout
    equal(log.count("f/m"), 2, log)
    (project.path / "results" / "done").write_text("")
    equal(project.value(), "7")
    equal(project.value(), "7")


@check
def sweeps_of_the_script():
    project = Project()
    (project.path / "flow.lua").write_text("""
local m = vt.module { name = "m", inputs = { x = "integer" }, outputs = { v = "integer" } }
function m:compute(inputs) return { v = inputs.x * 2 } end
local inner = vt.workflow { name = "inner", params = { x = "integer" } }
inner:outputs { v = inner:add("m", m, { x = inner.params.x }).v }
local rows = vt.sweep(inner, { x = { 1, 2, 3 } })
local flow = vt.workflow { name = "f" }
return flow:outputs { v = flow:add("m", m, { x = rows[3].outputs.v }).v }
""")
    found = project.run()
    equal((found.returncode, found.stdout), (0, "v = 12\n"), found.stderr)
    database = sqlite3.connect(project.path / ".vtlua" / "store.sqlite")
    equal(database.execute("select count(distinct sweep), count(*) from runs").fetchone(), (2, 4))


@check
def secrets():
    project = Project()
    (project.path / "flow.lua").write_text("""
local m = vt.module { name = "m", inputs = { token = "string" }, outputs = { v = "any" } }
function m:compute(inputs) print(inputs.token) return { v = #inputs.token } end
local flow = vt.workflow { name = "f", params = { token = { "string", secret = true, env = "SECRET_VALUE" } } }
return flow:outputs { v = flow:add("m", m, { token = flow.params.token }).v }
""")
    os.environ["SECRET_VALUE"] = "correcthorsebattery"
    found = project.run("--allow-env", "SECRET_VALUE")
    del os.environ["SECRET_VALUE"]
    equal((found.returncode, found.stdout), (0, "v = 19\n"), found.stderr)
    for path in (project.path / ".vtlua").rglob("*"):
        if path.is_file():
            equal(b"correcthorse" in path.read_bytes(), False, path)


@check
def the_report():
    project = Project()
    report = project.outside / "page.html"
    equal(project.run("--report", str(report)).returncode, 0)
    equal("<html" in report.read_text(), True)
    report.unlink()
    equal(project.run("--report", str(report), "--store", "off").returncode, 0)
    equal("<html" in report.read_text(), True)
    project.write("error 'no'")
    report.unlink()
    equal(project.run("--report", str(report)).returncode, 1)
    equal("no" in report.read_text(), True)
    equal([p for p in pathlib.Path(tempfile.gettempdir()).glob("vtlua-*") if (p / "report.html").exists()], [])


@check
def the_trace():
    project = Project()
    equal(project.run("--trace", str(project.outside / "t.jsonl")).returncode, 0)
    lines = (project.outside / "t.jsonl").read_text().splitlines()
    equal(json.loads(lines[-1])["event"], "run-finished" if "run-finished" in lines[-1] else
          json.loads(lines[-1])["event"])


@check
def without_a_store():
    equal(outcome("return { v = 5 }", "--store", "off"), "5")
    project = Project("return { v = 5 }")
    equal(project.value("--store", str(project.outside / "own")), "5")
    equal((project.outside / "own" / "store.sqlite").exists(), True)


@check
def limits():
    project = Project("local t = {} for n = 1, 1e9 do t[n] = ('x'):rep(1e6) .. n end")
    found = project.run("--memory-limit", "200MiB")
    equal(found.returncode, 1)
    equal("the run may use 200 MiB of memory; --memory-limit SIZE allows more" in found.stderr, True, found.stderr)
    project.write("local f = io.open('results/x', 'w') f:setvbuf 'no' for n = 1, 100 do "
                  "assert(f:write(('x'):rep(1e6))) end")
    found = project.run("--disk-limit", "20MiB")
    equal(found.returncode, 1)
    # A slow run is ended by its parent before it has seen the error.
    equal(any(text + "; --disk-limit SIZE allows more" in found.stderr for text in (
        "a file of the run may have 20 MiB", "the run has written more than 20 MiB")), True, found.stderr)
    equal((project.path / "results" / "x").stat().st_size <= 20 << 20, True)
    # Many files that are each small enough.
    project.write("for n = 1, 1e9 do local f = assert(io.open('results/' .. n % 1000, 'w')) "
                  "f:write(('x'):rep(1e6)) f:close() end")
    found = project.run("--disk-limit", "20MiB")
    equal((found.returncode, found.stderr.splitlines()[-1]),
          (1, "error: the run has written more than 20 MiB; --disk-limit SIZE allows more"))
    project.write("while true do end")
    found = project.run("--time-limit", "0.5")
    equal((found.returncode, found.stderr.splitlines()[-1]),
          (6, "error: the run has taken longer than 0.5 s; --time-limit S allows more"))
    # What the store has counts, too.
    project.write("return { v = ('abc'):rep(1e7) }")
    found = project.run("--disk-limit", "20MiB")
    equal("the store in '.vtlua' failed: the run has stored more than 20 MiB; --disk-limit SIZE allows more; "
          "continuing without it" in found.stderr, True, found.stderr)


@check
def exit_codes():
    equal(Project("error 'no'").run().returncode, 1)
    equal(Project("while true do end").run("--timeout", "0.3").returncode, 6)
    project = Project()
    (project.path / "flow.lua").write_text("return 1")
    equal(project.run().returncode, 3)


def started(body):
    project = Project(body)
    words = [vtlua, "run", "--sandbox", "--progress", "none", "flow.lua"]
    child = subprocess.Popen(words, cwd=project.path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    limit = time.monotonic() + LIMIT
    while not (project.path / "results" / "begun").exists():
        if child.poll() is not None or time.monotonic() > limit:
            raise AssertionError(f"did not begin: {child.communicate()}")
        time.sleep(0.02)
    child.project = project.path
    return child


BEGUN = "io.open('results/begun', 'w'):close() "


def inner(child):
    text = subprocess.run(["ps", "-o", "pid=", "--ppid", str(child.pid)], capture_output=True, text=True).stdout
    return int(text.split()[0])


@check
def runs_at_the_same_time():
    # The first run holds the lease of the key until the second one waits for it. The time is that of the processor.
    first = started(BEGUN + "print 'computes' while os.clock() < 3 do end return { v = 1 }")
    os.kill(inner(first), signal.SIGSTOP)
    words = [vtlua, "run", "--sandbox", "--progress", "plain", "flow.lua"]
    second = subprocess.Popen(words, cwd=first.project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lines = [second.stderr.readline()]
    equal("waiting for another run, which computes `m`" in lines[0], True, lines)
    os.kill(inner(first), signal.SIGCONT)
    output, errors = second.communicate(timeout=LIMIT)
    equal((output, "computes" in errors, "[1/1] m  cached" in errors), ("v = 1\n", False, True), errors)
    equal(first.communicate(timeout=LIMIT)[0], "v = 1\n")


@check
def waiting_for_suspended_nodes():
    project = Project()
    (project.path / "flow.lua").write_text("""
local m = vt.module { name = "m", inputs = {}, outputs = { v = "any" } }
function m:compute() self:suspend { n = 1 } end
function m:resume(inputs, handle)
  if handle.n < 3 then self:suspend { n = handle.n + 1 } end
  return { v = handle.n }
end
local flow = vt.workflow { name = "f" }
return flow:outputs { v = flow:add("m", m, {}).v }
""")
    equal(project.value("--wait", "0"), "3")


@check
def ctrl_c():
    child = started(BEGUN + "while true do end")
    child.send_signal(signal.SIGINT)
    _, errors = child.communicate(timeout=LIMIT)
    equal((child.returncode, errors.splitlines()[-1]), (130, "interrupted: the run was stopped"))


@check
def a_child_that_does_not_end():
    # A stopped process stands for one that ignores the signals.
    child = started(BEGUN + "while true do end")
    os.kill(inner(child), signal.SIGSTOP)
    child.send_signal(signal.SIGINT)
    time.sleep(0.2)  # two signals at once would be one
    child.send_signal(signal.SIGINT)
    _, errors = child.communicate(timeout=LIMIT)
    equal((child.returncode, errors.splitlines()[-1]),
          (130, "error: the run did not end within 2 s of the second signal, and was killed"))


@check
def the_end_of_the_parent():
    child = started(BEGUN + "while true do end")
    pid = inner(child)
    child.kill()
    child.wait(timeout=LIMIT)
    limit = time.monotonic() + LIMIT
    while pathlib.Path(f"/proc/{pid}/stat").exists() and time.monotonic() < limit:
        if pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
            break
        time.sleep(0.05)
    else:
        equal(pathlib.Path(f"/proc/{pid}").exists(), False)


@check
def a_child_that_dies():
    for number, message in [
        (signal.SIGSYS, "error: the sandbox has ended the run: it made a system call that no workflow needs"),
        (signal.SIGKILL, "error: the process of the sandboxed run was ended by SIGKILL; the system may have had "
                         "no memory left"),
        (signal.SIGSEGV, "error: the process of the sandboxed run was ended by SIGSEGV"),
    ]:
        child = started(BEGUN + "while true do end")
        os.kill(inner(child), number)
        _, errors = child.communicate(timeout=LIMIT)
        equal((child.returncode, errors.splitlines()[-1]), (1, message))
        log = subprocess.run([vtlua, "log"], cwd=child.project, capture_output=True, text=True).stdout
        equal(log.split()[3], "killed", log)


@check
def a_closed_output():
    project = Project("return { v = ('x'):rep(3000000) }")
    child = subprocess.Popen([vtlua, "run", "--sandbox", "flow.lua"], cwd=project.path, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
    child.stdout.close()
    child.stderr.read()
    child.wait(timeout=LIMIT)
    equal(child.returncode != 0, True)


@check
def control_sequences_of_a_terminal():
    project = Project("io.stderr:write('\\27]0;title\\7 \\27[31mred\\27[0m \\27[2J \\194\\155 end\\n') return { v = 1 }")
    parent, terminal = pty.openpty()
    child = subprocess.Popen([vtlua, "run", "--sandbox", "--progress", "none", "flow.lua"], cwd=project.path,
                             stdout=terminal, stderr=terminal, stdin=subprocess.DEVNULL)
    child.wait(timeout=LIMIT)
    os.close(terminal)
    text = b""
    try:
        while piece := os.read(parent, 4096):
            text += piece
    except OSError:
        pass
    equal(b"^[]0;title^G \x1b[31mred\x1b[0m ^[[2J ? end" in text, True, text)


# What a program in the sandbox tries on a process outside, and on a file that it may read.
REACH = """
import ctypes, os, resource, sys
pid = int(sys.argv[1])
def attempt(name, function):
    try:
        function()
        print(name)
    except OSError:
        pass
c = ctypes.CDLL(None, use_errno=True)
def call(name, *arguments):
    if getattr(c, name)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), name)
attempt("limit", lambda: resource.prlimit(pid, resource.RLIMIT_CPU, (1, 1)))
attempt("affinity", lambda: os.sched_setaffinity(pid, {0}))
attempt("scheduler", lambda: os.sched_setscheduler(pid, os.SCHED_BATCH, os.sched_param(0)))
attempt("priority", lambda: os.setpriority(os.PRIO_PROCESS, pid, 5))
attempt("priority of a user", lambda: os.setpriority(os.PRIO_USER, 0, 19))
attempt("times", lambda: os.utime("data.txt", (1, 1)))
attempt("times outside", lambda: os.utime("../secret.txt", (1, 1)))
attempt("environment", lambda: open(f"/proc/{pid}/environ", "rb").read())
attempt("signal", lambda: os.kill(pid, 15))
attempt("system call", lambda: call("ioprio_set", 1, pid, 0x4007) if hasattr(c, "ioprio_set")
        else call("syscall", 251, 1, pid, 0x4007))
# What remains possible for the process itself, and in results/.
os.setpriority(os.PRIO_PROCESS, 0, 1)
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
with open("results/x", "w") as file:
    os.utime(file.fileno(), (1, 1))
"""


@check
def processes_and_files_outside():
    outside = subprocess.Popen(["sleep", "300"], env={**os.environ, "OUTSIDE": "1"})
    project = Project(f"local p = require 'process' return {{ v = p.run{{ '/usr/bin/python3', 'reach.py', '{outside.pid}' }}"
                      ".output }")
    (project.path / "reach.py").write_text(REACH)
    before = [(project.outside / "secret.txt").stat().st_mtime_ns, (project.path / "data.txt").stat().st_mtime_ns]
    found = project.run("--allow-programs")
    equal((found.returncode, found.stdout), (0, 'v = \n'), found.stdout + found.stderr)
    after = [(project.outside / "secret.txt").stat().st_mtime_ns, (project.path / "data.txt").stat().st_mtime_ns]
    equal(after, before)
    equal(outside.poll(), None)
    outside.kill()
    outside.wait()


@check
def processes_that_outlive_the_run():
    # In a session of its own, with another parent, and after a normal end as after a time limit.
    body = "os.execute('setsid sleep 3%03d </dev/null >/dev/null 2>&1 & sleep %s') return { v = 1 }"
    for number, seconds, options, code in [(1, "0.5", [], 0), (2, "30", ["--time-limit", "1"], 6)]:
        found = Project(body % (number, seconds)).run("--allow-programs", *options)
        equal(found.returncode, code, found.stderr)
        equal(subprocess.run(["pgrep", "-f", f"sleep 3{number:03}"], capture_output=True).stdout, b"")
    # A process that the caller had before is left alone.
    script = f"sleep 3003 </dev/null >/dev/null 2>&1 & exec {vtlua} run --sandbox --allow-programs --progress none flow.lua"
    project = Project("os.execute 'true' return { v = 1 }")
    equal(subprocess.run(["sh", "-c", script], cwd=project.path, timeout=LIMIT, capture_output=True).stdout, b"v = 1\n")
    left = subprocess.run(["pkill", "-f", "sleep 3003"])
    equal(left.returncode, 0)


@check
def memory_and_files_without_names():
    project = Project("local t = {} for i = 1, 100 do t[i] = parallel.shared(array.ones(1 << 20)) end return { v = 1 }")
    found = project.run("--memory-limit", "200MiB")
    equal(found.returncode, 1)
    equal("the run may use 200 MiB of memory; --memory-limit SIZE allows more" in found.stderr, True, found.stderr)
    equal(outcome("for i = 1, 100 do local s = parallel.shared(array.ones(1 << 20)) s = nil collectgarbage() end "
                  "return { v = 1 }", "--memory-limit", "200MiB"), "1")
    project = Project("""
      local open = {}
      for i = 1, 1e9 do
        open[i] = assert(io.open('results/x', 'w'))
        os.remove 'results/x'
        assert(open[i]:write(('x'):rep(1 << 20)))
        open[i]:flush()
        local until_ = os.clock() + 0.05
        while os.clock() < until_ do end
      end""")
    found = project.run("--disk-limit", "20MiB")
    equal((found.returncode, found.stderr.splitlines()[-1]),
          (1, "error: the run has written more than 20 MiB; --disk-limit SIZE allows more"), found.stderr)


@check
def a_kernel_without_landlock():
    # A filter that makes the system calls of Landlock unknown, as in an older kernel.
    def hide():
        class Statement(ctypes.Structure):
            _fields_ = [("code", ctypes.c_uint16), ("jt", ctypes.c_uint8), ("jf", ctypes.c_uint8),
                        ("k", ctypes.c_uint32)]

        class Program(ctypes.Structure):
            _fields_ = [("len", ctypes.c_uint16), ("filter", ctypes.POINTER(Statement))]

        code = (Statement * 4)((0x20, 0, 0, 0), (0x15, 0, 1, 444), (0x06, 0, 0, 0x00050000 | 38),
                               (0x06, 0, 0, 0x7FFF0000))
        library = ctypes.CDLL(None, use_errno=True)
        library.prctl(38, 1, 0, 0, 0)
        if library.prctl(22, 2, ctypes.byref(Program(4, code)), 0, 0) != 0:
            os._exit(99)

    found = Project().run(preexec_fn=hide)
    equal((found.returncode, found.stderr), (2, "error: --sandbox: this kernel has no Landlock, or has switched it "
          "off: Linux 5.13 or newer with `landlock` among its security modules is needed. Run without --sandbox "
          "what you trust; run other workflows in a container or a virtual machine\n"))


@check
def mistakes_in_options():
    for options, message in [
        (["--allow-read", "x"], "error: --allow-read is an option of a sandboxed run; add --sandbox"),
        (["--disk-limit", "1GiB"], "error: --disk-limit is an option of a sandboxed run; add --sandbox"),
        (["--sandbox", "--memory-limit", "2 GB"],
         "error: --memory-limit must be a size such as 2GiB or 512MiB, got '2 GB'"),
        (["--sandbox", "--memory-limit", "10MiB"],
         "error: --memory-limit must be at least 128 MiB, got '10MiB'"),
        (["--sandbox", "--allow-read", "nowhere"],
         "error: --allow-read: there is no file or directory 'nowhere'"),
        (["--sandbox", "--allow-write", "nowhere"],
         "error: --allow-write: there is no file or directory 'nowhere'"),
        (["--sandbox", "--allow-env", "A=B"],
         "error: --allow-env must be the name of a variable such as API_KEY, got 'A=B'"),
        (["--sandbox", "--time-limit", "0"], "error: --time-limit must be positive, got 0.0"),
        (["--sandbox", "--watch"], "error: give either --sandbox or --watch"),
        (["--sandbox", "--repl-on-error"],
         "error: give either --sandbox or --repl-on-error: a sandboxed run has no terminal"),
    ]:
        found = Project().run(*options, sandbox=False)
        equal((found.returncode, found.stderr.splitlines()[0]), (2, message))


end()
