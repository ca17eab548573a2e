#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Parameters with `secret = true`: Tests/Store/secrets.py

A workflow gives a secret away in every way that its author could think of. It must be in no output of the
program and in no file of the store.

Needs VTLUA_BINARY."""
import base64, json, os, re, sqlite3, subprocess, sys, tempfile, urllib.parse
from pathlib import Path

vtlua = os.environ["VTLUA_BINARY"]
LIMIT = 60  # seconds of a command; the bound only ends a test that hangs
SECRET = 's3cr/t "pass" & word+1'
FORMS = {
    "itself": SECRET, "a long part": SECRET[:14], "in an address": urllib.parse.quote(SECRET, safe=""),
    "in a form": urllib.parse.quote_plus(SECRET), "in JSON": json.dumps(SECRET)[1:-1],
    "in hexadecimal digits": SECRET.encode().hex(),
    "in base64": base64.b64encode(SECRET.encode()).decode()[:24],
    "in base64 with a name": base64.b64encode(("user:" + SECRET).encode()).decode()[8:28],
    "in HTML": "s3cr/t &quot;pass&quot; &amp; word",
}
place = tempfile.TemporaryDirectory()
folder = Path(place.name)
environment = {name: value for name, value in os.environ.items() if name != "VTLUA_STORE"}
passed, failed = 0, []


def check(name, found, expected):
    global passed
    if found == expected:
        passed += 1
    else:
        failed.append(f"{name}:\n  expected {expected!r}\n  found    {found!r}")


def run(*arguments, given=SECRET, **more):
    env = {**environment, **({"TOKEN": given} if given else {}), **more}
    done = subprocess.run([vtlua, *arguments], cwd=folder, env=env, capture_output=True, timeout=LIMIT)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def shows(content):
    """The forms of the secret in bytes."""
    return [name for name, form in FORMS.items() if form.encode() in content]


def silent(name, *arguments, code=None, **more):
    """Runs a command, whose output has no secret."""
    found, output, errors = run(*arguments, **more)
    check(f"{name}: secrets", shows((output + errors).encode()), [])
    if code is not None:
        check(f"{name}: exit code\n{errors}", found, code)
    return output, errors


DECLARED = """
local flow = vt.workflow { name = "leaks", params = {
  token = { "string", secret = true, env = "TOKEN", doc = "of the service" },
  how = { "string", default = "none" },
} }
"""
FLOW = """
local use = vt.module {
  name = "use", inputs = { token = "string", how = "string", text = { "string", optional = true },
    header = { "table", optional = true } },
  outputs = { size = "integer", value = { "any", optional = true } },
}
local function encode(text)
  return (text:gsub("[^%w]", function(c) return ("%%%02X"):format(c:byte()) end))
end
local function hex(text)
  return (text:gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end
local ways = {}
function ways.print(token)
  print(token, "http://host/?key=" .. encode(token), hex(token), { token })
  print(setmetatable({}, { __tostring = function() return "table of " .. token end }))
  io.write("writes ", token, "\\n")
  io.stdout:write("stdout ", token, "\\n")
  io.stderr:write("stderr ", token, "\\n")
  warn("warns ", token)
end
function ways.log(token, self)
  self.log.info("logs " .. token)
  self.log.warn("warns " .. token)
  self:progress(0.5, "note " .. token)
  self:annotate { token = token, list = { "x" .. token } }
  self:annotate { [token] = 1 }
end
function ways.error(token) error("refused: " .. token) end
function ways.fail(token, self) self:fail("refused: %s", token) end
function ways.thrown(token) error({ message = "refused " .. token, token = token }) end
function ways.nested(token) error("long " .. ("x"):rep(30) .. token) end
function ways.type(token) return { size = token } end
function ways.value(token) return { size = 1, value = token } end
function ways.table(token) return { size = 1, value = { [token] = { "Bearer " .. token } } } end
function ways.long(token) return { size = 1, value = ("x"):rep(9000) .. token } end
function ways.global(token) _G.leaked = token end
function ways.file(token)
  local file <close> = io.open("note.txt", "w")
  file:write("the token is longer")
  local _ = token
end
function ways.missing(token) io.lines("/no/" .. token) end
function ways.threads(token)
  local pool <close> = parallel.threads(1)
  pool:map(function(text) print("task", text); io.stderr:write("task ", text, "\\n") end, { token })
end
function ways.processes(token)
  local pool <close> = parallel.processes(1)
  pool:map(function(text) print("task", text); io.stderr:write("task ", text, "\\n") end, { token })
end
function ways.task(token)
  local pool <close> = parallel.processes(1)
  pool:map(function(text) error("task " .. text) end, { token })
end
function ways.program(token)
  local process = require "process"
  process.run { "printf", "%s\\n", token }
  process.run { "sh", "-c", "echo errors $X >&2", env = { X = token } }
  process.run { "cat", input = token }
  os.execute("true " .. token:gsub("%W", ""))
end
function ways.failing(token)
  require("process").run { "sh", "-c", "echo \\"$0\\" >&2; exit 3", token }
end
function ways.nosuch(token) require("process").run { "no-such-" .. token } end
function ways.getenv() print(os.getenv "TOKEN") end
function use:compute(inputs)
  local way = ways[inputs.how]
  local found = way and way(inputs.token, self)
  return found or { size = #inputs.token }
end
local function fill(flow)
  local p = flow.params
  local first = flow:add("use", use, { token = p.token, how = p.how, header = { Key = p.token } },
    { on = PLACE })
  return flow:outputs { size = first.size, value = first.value }
end
"""
WHOLE = DECLARED + FLOW.replace("PLACE", "nil") + "return fill(flow)\n"


def write(text, name="flow.lua"):
    (folder / name).write_text(text)


def store_shows(where="store"):
    """The forms in the files of the store."""
    found = []
    for path in sorted((folder / where).rglob("*")):
        if path.is_file():
            found += [f"{path.name}: {form}" for form in shows(path.read_bytes())]
    return found


write(WHOLE)
WAYS = re.findall(r"^function ways\.(\w+)", FLOW, re.M)
FAILING = {"error", "fail", "thrown", "nested", "type", "missing", "task", "failing", "nosuch"}
for node_place in ["nil", '"threads"', '"processes"']:
    write(DECLARED + FLOW.replace("PLACE", node_place) + "return fill(flow)\n")
    for way in ["none", *WAYS]:
        name = f"{way} on {node_place}"
        expected = 1 if way in FAILING else 0
        if node_place == "nil" or way not in ("global",):
            output, errors = silent(name, "run", "flow.lua", "-p", f"how={way}", "--store", "store",
                                    code=expected)
        silent(name + ", JSON", "run", "flow.lua", "-p", f"how={way}", "--store", "store", "--json",
               "--force", "all", "--trace", str(folder / "trace.json"), code=expected)
        check(name + ": trace", shows((folder / "trace.json").read_bytes()), [])
        for command in [["log"], ["show", "last"], ["show", "last/use"], ["show", "last", "--json"],
                        ["why", "last/use"], ["log", "--json"]]:
            silent(f"{name}: {' '.join(command)}", *command, "--store", "store")
        check(name + ": store", store_shows(), [])
    silent("report", "report", "last", "--store", "store", "-o", "page.html")
    check("report's page", shows((folder / "page.html").read_bytes()), [])
write(WHOLE)
for command in [["plan"], ["plan", "--json"], ["graph"], ["graph", "-f", "dot"], ["check"], ["doc"]]:
    silent(" ".join(command), command[0], "flow.lua", *command[1:])
for form in ["prov", "ro-crate"]:
    silent(form, "export", "last", "--store", "store", "-f", form, "-o", f"out-{form}")
    for path in folder.glob(f"out-{form}*"):
        for file in [path, *path.rglob("*")]:
            if file.is_file():
                check(f"{form} {file.name}", shows(file.read_bytes()), [])

# What is shown in its place.
output, errors = silent("masked", "run", "flow.lua", "-p", "how=print", code=0)
check("lines", [line for line in errors.splitlines() if line.split()[-1] == "***"],
      ["use | table of ***", "use | writes ***", "stdout ***", "stderr ***"])
check("parameters", [line for line in silent("show", "show", "last", "--store", "store")[0].splitlines()
                     if "-p" in line], ['  -p how="getenv"', '  -p token="***"'])
check("masked error", [line for line in silent("e", "run", "flow.lua", "-p", "how=fail")[1].splitlines()
                       if "refused" in line][0].strip(), "refused: ***")
check("masked output", silent("v", "run", "flow.lua", "-p", "how=value")[0], "size = 1\nvalue = ***\n")
check("not kept", silent("k", "run", "flow.lua", "-p", "how=value", "--store", "kept")[1].partition(
    "1 result not kept:\n")[2], "  use: its output `value` holds the secret parameter `token`\n")
check("not kept in a table", silent("k", "run", "flow.lua", "-p", "how=table", "--store", "kept")[1].partition(
    "1 result not kept:\n")[2], "  use: its output `value` holds the secret parameter `token`\n")

# The key covers the secret: equal ones are found, other ones are not.


def status(**more):
    code, output, errors = run("run", "flow.lua", "--json", "--store", "keys", **more)
    return json.loads(output)["nodes"][0]["status"]


check("first", status(), "computed")
check("again", status(), "cached")
check("another secret", status(given="another secret"), "computed")
check("the key's file", oct((folder / "keys/secret.key").stat().st_mode & 0o777), "0o600")
base = sqlite3.connect(folder / "keys/store.sqlite")
names = {row[0] for row in base.execute("SELECT hex(key) FROM results")}
(folder / "keys/secret.key").unlink()
check("another key of the store", status(), "computed")
check("keyed", len({row[0] for row in base.execute("SELECT hex(key) FROM results")} - names) >= 1, True)
base.close()

# Ways to give it.
write(json.dumps({"token": SECRET}), "values.json")
write('{"token": 12345678}', "number.json")
FORMS["the number"] = "12345678"
(folder / "token.txt").write_text(SECRET + "\n")
check("by --params", silent("p", "run", "flow.lua", "--params", "values.json", given=None)[0], "size = 22\nvalue = nil\n")
check("by a file", silent("f", "run", "flow.lua", "-p", "token=@token.txt", given=None)[0], "size = 22\nvalue = nil\n")
check("by -p", silent("c", "run", "flow.lua", "-p", "token=hunter2", given=None, code=2)[1].splitlines()[0],
      "error: parameter `token` is secret, and every user can see the command line; write its value to a "
      "file, and give -p token=@FILE")
check("none", silent("n", "run", "flow.lua", given=None, code=2)[1].splitlines()[0],
      "error: parameter `token` (string) has no value; set the environment variable TOKEN, or give it in a "
      "file, with --params FILE or -p token=@FILE")
check("no file", silent("m", "run", "flow.lua", "-p", "token=@no", given=None, code=2)[1].splitlines()[0],
      "error: parameter `token`: 'no': No such file or directory")
check("short", silent("s", "run", "flow.lua", given="abc")[1].splitlines()[0],
      "error: parameter `token`: a secret must have at least 4 characters")
write(f"""
local flow = dofile("flow.lua")
local run = flow:run {{ params = {{ token = io.open("token.txt"):read("l"), how = "value" }} }}
print(run.outputs.value, #run.outputs.value)
""", "script.lua")
check("a number", silent("t", "run", "flow.lua", "--params", "number.json", given=None)[1].splitlines()[0],
      "error: --params number.json: parameter `token`: expected a string, got a number")
check("flow:run", silent("script", "script.lua", given=None)[0], "*** 22\n".replace(" ", "\t"))
write("""
return vt.workflow { name = "b", params = { token = { "string", secret = true, env = "TOKEN" } },
  build = function(flow, p)
    print("build " .. p.token)
    local m = vt.module { name = "m", outputs = { n = "integer" } }
    local token = p.token
    function m:compute() return { n = #token } end
    return flow:outputs { n = flow:add("m", m).n }
  end }
""", "build.lua")
silent("build", "run", "build.lua", "--store", "built", code=0)
check("build's store", store_shows("built"), [])
check("build kept", json.loads(silent("build", "run", "build.lua", "--store", "built", "--json")[0])["nodes"][0][
    "status"], "cached")

# Inner workflows.
INNER = """
local inner = vt.workflow { name = "inner", params = { key = { "string", secret = true, env = "INNER" } } }
local m = vt.module { name = "m", inputs = { key = "string" }, outputs = { n = "integer" } }
function m:compute(inputs) print("inner " .. inputs.key) return { n = #inputs.key } end
inner:outputs { n = inner:add("m", m, { key = inner.params.key }).n }
local text = vt.module { name = "text", outputs = { text = "string" } }
function text:compute() return { text = "hunter2" } end
local flow = vt.workflow { name = "outer", params = { token = { "string", env = "TOKEN" } } }
local t = flow:add("text", text)
return flow:outputs { n = flow:add("inner", inner, { key = %s }).n }
"""
for source, env in [("flow.params.token", {}), ("nil", {"INNER": SECRET, "TOKEN": "none"})]:
    write(INNER % source, "inner.lua")
    check(f"inner, {source}", silent("inner", "run", "inner.lua", "-t", "inner", "--store", "inner", **env)[0],
          "n = 22\n")
check("inner store", store_shows("inner"), [])
write(INNER % "t.text", "inner.lua")
check("inner, from a port", silent("inner", "run", "inner.lua", code=3)[1].splitlines()[1],
      "  inner.lua:10: `inner` (inner): parameter `key` is secret, and cannot come from a port or a list; "
      "connect it to a parameter")

# Modules from programs.
write("""
local say = vt.command {
  name = "say", program = "printf", arguments = { "%s", "{token}" }, stdout = "text",
  inputs = { token = "string" }, outputs = { text = "string" },
}
local flow = vt.workflow { name = "c", params = { token = { "string", secret = true, env = "TOKEN" } } }
return flow:outputs { text = flow:add("say", say, { token = flow.params.token }).text }
""", "command.lua")
check("a command", silent("command", "run", "command.lua", "--store", "commands")[0], "text = ***\n")
silent("command", "show", "last/say", "--store", "commands", code=0)
check("commands' store", store_shows("commands"), [])

# Loops, filters and elements.
write("""local step = vt.module { name = "step", inputs = { state = "string" }, outputs = { state = "string", done = "boolean" } }
function step:compute(i) print("turn " .. i.state) return { state = i.state .. "x", done = #i.state > 20 } end
local keep = vt.module { name = "keep", inputs = { x = "string" }, outputs = { keep = "boolean" } }
function keep:compute(i) return { keep = #i.x > 3 } end
local each = vt.module { name = "each", inputs = { x = "string" }, outputs = { y = "string" } }
function each:compute(i) return { y = i.x .. "!" } end
local flow = vt.workflow { name = "loop", params = { token = { "string", secret = true, env = "TOKEN" } } }
local l = flow:add("l", "control.loop", { state = flow.params.token, step = step })
local f = flow:add("f", "control.filter", { list = { flow.params.token, "abc", l.state }, keep = keep })
local e = flow:add("e", each, { x = vt.each(f.list) })
return flow:outputs { s = l.state, l = f.list, e = e.y }
""", "loop.lua")
for _ in range(2):
    silent("loop", "run", "loop.lua", "--store", "loops", code=0)
for what in ["last", "last/l", "last/f/pick", "last/e", "last/e[1]"]:
    silent(what, "show", what, "--store", "loops", code=0)
check("loops' store", store_shows("loops"), [])
check("a sweep", silent("sweep", "sweep", "loop.lua", "-p", "token=@token.txt", code=2)[1].splitlines()[0],
      "error: parameter `token` is secret, and a sweep cannot vary it; give all combinations one value with "
      "--params FILE or the environment variable TOKEN")

place.cleanup()
for text in failed:
    print("FAIL", text)
print(f"{passed} passed, {len(failed)} failed")
sys.exit(bool(failed))
