#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The library `http` with a server on loopback: Tests/Http/transfers.py

Reading, downloads that are continued, cut answers, sums, ETags, redirects, TLS with an authority of its
own, stops, two runs at once, and what the store keeps.

Needs VTLUA_BINARY and openssl."""
import hashlib, json, os, re, signal, subprocess, sys, tempfile, time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from server import DATA, Server, certificates

vtlua = os.environ["VTLUA_BINARY"]
LIMIT = 60  # seconds of a command; the bound only ends a test that hangs
SUM = hashlib.sha256(DATA).hexdigest()

place = tempfile.TemporaryDirectory()
folder = Path(place.name)
context, authority = certificates(folder)
plain, safe = Server(), Server(context)
environment = {
    **os.environ, "VTLUA_DOWNLOADS": str(folder / "downloads"), "VTLUA_STORE": "off",
    "U": plain.url, "T": safe.url, "CA": authority, "SUM": SUM, "no_proxy": "127.0.0.1"}
START = """
local http = require "http"
local U, T, CA, SUM = os.getenv "U", os.getenv "T", os.getenv "CA", os.getenv "SUM"
local function show(...) print((tostring((...)):gsub("127.0.0.1:%d+", "HOST"))) end
local function try(f, ...)
  local ok, result = pcall(f, ...)
  show(ok and result or "error: " .. tostring(result))
end
"""
passed, failed = 0, []


def check(name, found, expected):
    global passed
    if found == expected:
        passed += 1
    else:
        failed.append(f"{name}:\n  expected {expected!r}\n  found    {found!r}")


def lua(code, **more):
    path = folder / "script.lua"
    path.write_text(START + code)
    done = subprocess.run([vtlua, path], cwd=folder, env={**environment, **more}, text=True,
                          capture_output=True, timeout=LIMIT)
    return (done.stdout + done.stderr).strip()


def fresh():
    """A directory for files; the servers forget what was asked."""
    plain.forget()
    safe.forget()
    return Path(tempfile.mkdtemp(dir=folder))


def names(directory):
    return sorted(re.sub(r"\.[0-9a-f]{16}\.part$", ".part", path.name) for path in directory.iterdir())


# --- http.get -----------------------------------------------------------------------------------

fresh()
check("get", lua('local r = http.get(U .. "/data"); show(r.status .. " " .. #r.body .. " " .. r.headers.etag)'),
      f'200 300000 "{hashlib.md5(DATA).hexdigest()}"')
check("headers", lua('''
local lines = http.get(U .. "/headers", { token = "abc", headers = { ["X-One"] = 1, Empty = "" } }).body
show(lines:match("authorization: [^\\n]*") .. "|" .. lines:match("x%-one: [^\\n]*") .. "|"
  .. lines:match("empty:"))'''), "authorization: Bearer abc|x-one: 1|empty:")
check("gzip", lua('show(http.get(U .. "/gzip").body == ("x"):rep(1000))'), "true")
check("chunks", lua('show(http.get(U .. "/chunks").body)'), "chunkchunkchunk")
check("retries", lua('show(http.get(U .. "/flaky").body)'), "at last")
check("no body", lua('show(http.get(U .. "/status?code=204").status)'), "204")
check("unchecked", lua('local r = http.get(U .. "/status?code=404", { check = false }); show(r.status .. r.body)'),
      "404refused")
check("sum", lua('show(#http.get(U .. "/data", { sha256 = SUM:upper() }).body)'), "300000")
check("redirects", lua('local r = http.get(U .. "/redirect?to=/headers"); show(r.url)'), "http://HOST/headers")
check("tls", lua('show(#http.get(T .. "/data", { ca = CA }).body)'), "300000")
check("threads", lua('''
local pool <close> = parallel.threads(2)
local sizes = pool:map(function(url) return #require("http").get(url).body end, { U .. "/data", U .. "/data" })
show(table.concat(sizes, " "))'''), "300000 300000")
check("processes", lua('''
local pool <close> = parallel.processes(2)
show(table.concat(pool:map(function(url) return #http.get(url).body end, { U .. "/data" }), " "))'''),
      "300000")
fresh()
check("another host gets no token", lua('''
local body = http.get(U .. "/redirect?to=" .. T .. "/headers",
  { ca = CA, token = "abc", headers = { ["X-Key"] = "secret" } }).body
show(body:find("authorization") or body:find("x%-key"))'''), "nil")
check("query", lua('show(http.query { q = "a b&c", n = 1, yes = true } .. " " .. http.encode("ä/~"))'),
      "n=1&q=a%20b%26c&yes=true %C3%A4%2F~")

# The whole message of each fault.
FAULTS = [
    ("/status?code=404", "", "the server answered 404 Not Found; check the address"),
    ("/status?code=401", "", "the server answered 401 Unauthorized; give `token` or `headers`"),
    ("/status?code=418", "", "the server answered 418"),
    ("/flaky?times=9", "retries = 1", "the server answered 503 Service Unavailable (2 attempts)"),
    ("/loop", "", "it redirects more than 10 times; the last address is `http://HOST/loop`"),
    ("/loop", "redirects = 0", "it redirects more than 0 times; the last address is `http://HOST/loop`"),
    ("/redirect?to=file:///etc/passwd", "",
     "it redirects to `file:///etc/passwd`: it must start with http:// or https://"),
    ("/redirect?to=ftp://127.0.0.1/a", "",
     "it redirects to `ftp://127.0.0.1/a`: it must start with http:// or https://"),
    ("/hang", "timeout = 0.3, retries = 0", "no complete answer within 0.3 s; set `timeout`"),
    ("/data?cut=1000", "retries = 0", "the connection ended before the answer was complete"),
    ("/chunks?cut=1", "retries = 0", "the connection ended before the answer was complete"),
    ("/large", "max_size = 1 << 20", "it has more than 1 MiB; set `max_size`"),
    ("/data", "max_size = 299999", "it has more than 293 KiB; set `max_size`"),
    ("/gzip?size=10000000", "max_size = 1 << 20", "it has more than 1 MiB; set `max_size`"),
    ("/long", "", "the header of the answer is larger than 256 KiB"),
    ("/data", 'sha256 = ("0"):rep(64)', f"its SHA-256 is {SUM}, expected {'0' * 64}; it has changed, or "
     "`sha256` is wrong"),
]
for path, options, message in FAULTS:
    fresh()
    check(path, lua(f'try(http.get, U .. "{path}", {{ {options} }})'),
          f"error: cannot read `http://HOST{path}`: {message}")
check("untrusted", lua('try(http.get, T .. "/data")'),
      "error: cannot read `https://HOST/data`: SSL certificate problem: unable to get local issuer "
      "certificate; for a certificate of your own, give the file of its authority with `ca`")
check("wrong host of a certificate", re.sub(r"SSL: .*;", "...;", lua(
    'try(http.get, T:gsub("127.0.0.1", "localhost") .. "/data", { ca = CA, retries = 0 })').replace(
        f"localhost:{safe.server_address[1]}", "HOST")),
      "error: cannot read `https://HOST/data`: ...; for a certificate of your own, give the file of its "
      "authority with `ca`")
check("no authority", lua('try(http.get, T .. "/data", { ca = "/no/ca.pem" })'),
      "error: cannot read `https://HOST/data`: the certificates in `/no/ca.pem` cannot be read")
check("away from https", lua('try(http.get, T .. "/redirect?to=" .. U .. "/data", { ca = CA })'),
      f"error: cannot read `https://HOST/redirect?to=http://HOST/data`: it redirects to "
      f"`http://127.0.0.1:{plain.server_address[1]}/data`: that would leave https".replace(
          str(plain.server_address[1]), "PORT").replace("127.0.0.1:PORT", "HOST"))
check("closed port", lua('try(http.get, "http://127.0.0.1:1/", { retries = 0 })'),
      "error: cannot read `http://HOST/`: no connection to `HOST`: Connection refused; check the address, "
      "and that the server runs")

MISUSE = [
    ('http.get("ftp://a/")', "url: `ftp://a/`: it must start with http:// or https://"),
    ('http.get("file:///etc/passwd")', "url: `file:///etc/passwd`: it must start with http:// or https://"),
    ('http.get("http://a:b@c/")',
     "url: `http://***@c/`: it holds a password; give it with `token` or `headers`"),
    ('http.get("http://a/b c")',
     "url: `http://a/b c`: it holds a space or a control character; write it with http.encode"),
    ('http.get("http://a/b\\r\\nX: 1")',
     "url: `http://a/b\\x0D\\x0AX: 1`: it holds a space or a control character; write it with http.encode"),
    ("http.get(1)", "url: expected a string, got number"),
    ("http.get(U, 1)", "http.get: expected a table of options, got number"),
    ("http.get(U, { tiemout = 1 })", "http.get: unknown option `tiemout`; did you mean `timeout`?"),
    ("http.get(U, { timeout = -1 })", "http.get: `timeout` must be positive, got -1"),
    ("http.get(U, { retries = 1.5 })", "http.get: `retries` must be a whole number, got 1.5"),
    ("http.get(U, { sha256 = 'abc' })",
     "http.get: `sha256`: `abc`: it must be 64 hexadecimal digits, as the program sha256sum prints them"),
    ("http.get(U, { headers = { ['a b'] = 'x' } })", 'http.get: `headers`: "a b" is not the name of a header'),
    ("http.get(U, { headers = { a = 'x\\r\\ny: z' } })",
     "http.get: `headers`: `a`: the value holds a line end"),
    ("http.download(U, '')", "path: expected a file's path, got an empty string"),
    ("http.download(U, 'a', { check = false })",
     "http.download: unknown option `check`; the options are: ca, headers, max_size, progress, redirects, "
     "retries, sha256, timeout, token"),
]
for call, message in MISUSE:
    check(call, lua(call).split("\nstack traceback")[0],
          f"{vtlua}: {folder}/script.lua:{len(START.splitlines()) + 1}: {message}")

# --- http.download --------------------------------------------------------------------------------

directory = fresh()
GET = f'show(http.download(U .. "/data", "{directory}/a.bin"))'
check("download", lua(GET), f"{directory}/a.bin")
check("content", (directory / "a.bin").read_bytes() == DATA, True)
check("nothing else", names(directory), ["a.bin"])
lua(GET)
check("not changed", [headers.get("If-None-Match") for _, headers in plain.requests],
      [None, f'"{hashlib.md5(DATA).hexdigest()}"'])
plain.data = DATA[::-1]
lua(GET)
check("changed", (directory / "a.bin").read_bytes() == DATA[::-1], True)
(directory / "a.bin").write_bytes(b"edited")
lua(GET)
check("edited", (directory / "a.bin").read_bytes() == DATA[::-1], True)

for tag in ["", "&untagged=1"]:
    directory = fresh()
    lua(f'http.download(U .. "/data?cut=100000{tag}", "{directory}/a.bin")')
    check("continued " + tag, (directory / "a.bin").read_bytes() == DATA, True)
    check("the range " + tag, [headers.get("Range") for _, headers in plain.requests],
          [None, None if tag else "bytes=100000-"])

directory = fresh()
check("partial", lua(f'try(http.download, U .. "/data?cut=100000", "{directory}/a.bin", {{ retries = 0 }})'),
      "error: cannot read `http://HOST/data?cut=100000`: the connection ended before the answer was complete")
check("no whole file", names(directory), [".a.bin.part"])
plain.data = DATA[::-1]
lua(f'http.download(U .. "/data?cut=100000", "{directory}/a.bin")')
check("continued after a change", (directory / "a.bin").read_bytes() == DATA[::-1], True)
check("no part left", names(directory), ["a.bin"])

for option, reason in [("&ranges=no", "without ranges"), ("&shift=7", "wrong range")]:
    directory = fresh()
    lua(f'http.download(U .. "/data?cut=100000{option}", "{directory}/a.bin", {{ sha256 = SUM }})')
    check(reason, (directory / "a.bin").read_bytes() == DATA, True)

# A part of other content is found by the sum, and read again.
directory = fresh()
plain.data = DATA[::-1]
lua(f'pcall(http.download, U .. "/data?untagged=1&cut=100000", "{directory}/a.bin", {{ sha256 = SUM, retries = 0 }})')
plain.data, plain.requests = DATA, []
lua(f'http.download(U .. "/data?untagged=1&cut=100000", "{directory}/a.bin", {{ sha256 = SUM }})')
check("another part", (directory / "a.bin").read_bytes() == DATA, True)
check("read twice", [headers.get("Range") for _, headers in plain.requests], ["bytes=100000-", None])

directory = fresh()
check("wrong sum", lua(f'try(http.download, U .. "/data", "{directory}/a.bin", {{ sha256 = ("0"):rep(64) }})'),
      f"error: cannot read `http://HOST/data`: its SHA-256 is {SUM}, expected {'0' * 64}; it has changed, or "
      "`sha256` is wrong")
check("wrong sum leaves nothing", names(directory), [])
lua(f'http.download(U .. "/data", "{directory}/a.bin", {{ sha256 = SUM }})')
count = len(plain.requests)
lua(f'http.download(U .. "/data", "{directory}/a.bin", {{ sha256 = SUM }})')
check("known sum asks nothing", len(plain.requests), count)
check("error page", lua(f'try(http.download, U .. "/status?code=500", "{directory}/b", {{ retries = 0 }})'),
      "error: cannot read `http://HOST/status?code=500`: the server answered 500 Internal Server Error")
check("no directory", lua('try(http.download, U .. "/data", "/no/such/a")'),
      "error: cannot write `/no/such/a`: No such file or directory; the directory must exist and be writable")
check("a directory", lua(f'try(http.download, U .. "/data", "{directory}")'),
      f"error: cannot write `{directory}`: Is a directory")
check("no disk", lua('try(http.download, U .. "/data", "/dev/shm/no/a")'),
      "error: cannot write `/dev/shm/no/a`: No such file or directory; the directory must exist and be "
      "writable")
check("headers of the download", lua(f'try(http.download, U .. "/data", "{directory}/c", {{ headers = {{ range = "x" }} }})'),
      "error: `headers`: `range` is set by the download itself")
check("own place", re.sub("[0-9a-f]{32}", "SUM", lua('show(http.download(U .. "/data.csv?a=b", nil))')),
      f"{folder}/downloads/SUM/data.csv")
check("nothing left", [name for name in names(directory) if name.endswith(".part")], [])

# --- stops -----------------------------------------------------------------------------------------


def flow(code, *arguments, **more):
    (folder / "flow.lua").write_text(code)
    return subprocess.run([vtlua, "run", "flow.lua", *arguments], cwd=folder, text=True,
                          env={**environment, **more}, capture_output=True, timeout=LIMIT)


FILE = """
local flow = vt.workflow { name = "f", params = { url = "string", path = { "string", optional = true },
  sum = { "string", optional = true } } }
local data = flow:add("data", "http.file", { url = flow.params.url, path = flow.params.path,
  sha256 = flow.params.sum })
local text = flow:add("text", "text.read", { path = data.file })
local size = vt.module { name = "size", inputs = { text = "string" }, outputs = { size = "integer" } }
function size:compute(inputs) return { size = #inputs.text } end
return flow:outputs { size = flow:add("size", size, { text = text.text }).size }
"""
for how in ["signal", "timeout", "kill"]:
    directory = fresh()
    (folder / "flow.lua").write_text(FILE.replace("sum = { \"string\"", "sum = { \"string\""))
    command = [vtlua, "run", "flow.lua", "-p", f"url={plain.url}/data?pause=1", "-p", f"path={directory}/a"]
    run = subprocess.Popen(command + (["--timeout", "1"] if how == "timeout" else []), cwd=folder,
                           env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not plain.paths():
        time.sleep(0.02)
    time.sleep(0.5)
    began = time.monotonic()
    if how == "signal":
        run.send_signal(signal.SIGINT)
    if how == "kill":
        run.kill()
    run.communicate(timeout=LIMIT)
    check(f"{how} ends it", time.monotonic() - began < 5, True)  # a bound that guards a hang
    check(f"{how}: no whole file", names(directory), [".a.part"])
    plain.forget()
    plain.is_slow = False
    check(f"{how}: continued", flow(FILE, "-p", f"url={plain.url}/data?pause=1", "-p",
                                    f"path={directory}/a").returncode, 0)
    check(f"{how}: by a range", plain.requests[0][1].get("Range", "").startswith("bytes="), True)
    check(f"{how}: content", (directory / "a").read_bytes() == DATA, True)
    plain.is_slow = True
check("hang in a script", lua('''
local pool <close> = parallel.threads(1)
local ok, reason = pcall(pool.map, pool, function(url) return http.get(url).body end, { U .. "/hang" },
  { timeout = 0.5 })
show(tostring(reason):match("^[^\\n]*"))'''), "timed out after 0.5 s")

# --- two at once -------------------------------------------------------------------------------------

directory = fresh()
command = [vtlua, "run", "flow.lua", "--store", "off", "-p", f"url={plain.url}/data?pause=0.1", "-p",
           f"path={directory}/a", "-p", f"sum={SUM}"]
runs = [subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True) for _ in range(3)]
check("three runs", [(run.communicate(timeout=LIMIT)[0], run.returncode) for run in runs],
      [("size = 300000\n", 0)] * 3)
check("one download", plain.paths(), ["/data"])
check("one file", names(directory), ["a"])

# --- the store ---------------------------------------------------------------------------------------


def states(*arguments):
    found = flow(FILE, "--json", "--store", str(folder / "store"), *arguments)
    report = json.loads(found.stdout)
    return [module["status"] for module in report["nodes"]]


directory = fresh()
given = ["-p", f"url={plain.url}/data", "-p", f"path={directory}/a"]
check("first", states(*given), ["computed"] * 3)
check("asked again", states(*given), ["computed", "cached", "cached"])
check("by its ETag", [headers.get("If-None-Match") is not None for _, headers in plain.requests],
      [False, True])
plain.data = DATA + b"more"
check("changed file", states(*given), ["computed"] * 3)
plain.forget()
given = ["-p", f"url={plain.url}/data", "-p", f"path={directory}/b", "-p", f"sum={SUM}"]
check("with a sum", states(*given), ["computed", "computed", "cached"])
check("with a sum, again", (states(*given), plain.paths()), (["cached"] * 3, ["/data"]))
(directory / "b").unlink()
check("a lost file", states(*given)[0], "computed")
check("a lost file is read again", (directory / "b").read_bytes() == DATA, True)

OWN = """
local own = vt.module { name = "own", outputs = { size = "integer" } }
local http = require "http"
function own:compute() return { size = #http.get("%s"%s).body } end
local flow = vt.workflow { name = "f" }
return flow:outputs { size = flow:add("own", own).size }
"""
done = flow(OWN % (plain.url + "/data", ""), "--store", str(folder / "store"))
check("get in a module", done.stderr.partition("1 result not kept:\n")[2],
      f"  own: flow.lua:4: it reads '{plain.url}/data', which may change; give `sha256`, or use the module "
      "http.file\n")
OWN = OWN % (plain.url + "/data", f', {{ sha256 = "{SUM}" }}')
flow(OWN, "--store", str(folder / "store"))
check("get with a sum", "own cached" in " ".join(
    flow(OWN, "--store", str(folder / "store")).stderr.split()) or
      flow(OWN, "--json", "--store", str(folder / "store")).stdout.count('"cached"') > 0, True)
check("http.file says nothing", "not kept" in flow(
    FILE, "-p", f"url={plain.url}/data", "--store", str(folder / "quiet")).stderr, False)
EACH = """
local U = "%s/data"
local flow = vt.workflow { name = "each" }
local each = flow:add("each", "http.file", { url = vt.each { U, U .. "?a", U .. "?b", U } }, { on = "threads" })
local one = flow:add("one", "http.file", { url = U })
return flow:outputs { files = each.file, one = one.file }
""" % plain.url
done = flow(EACH, "-j", "3", "--json", "--store", str(folder / "each"))
files = json.loads(done.stdout)["outputs"]
check("elements", [Path(path).read_bytes() == DATA for path in [*files["files"], files["one"]]], [True] * 5)
check("elements, equal addresses", (files["files"][0], files["files"][3]), (files["one"], files["one"]))
check("elements say nothing", "not kept" in done.stderr, False)
CLASH = """
local flow = vt.workflow { name = "clash" }
local a = flow:add("a", "http.file", { url = "%s/data", path = "x.bin" })
local b = flow:add("b", "http.file", { url = "%s/data?a", path = "x.bin" })
return flow:outputs { a = a.file, b = b.file }
""" % (plain.url, plain.url)
for jobs in ["1", "3", "3"]:
    done = flow(CLASH, "-j", jobs)
    said = re.search(r"it writes 'x.bin', which `([ab])` has written in this run; give each node a file of its "
                     "own", done.stderr)
    check("two nodes, one file", (done.returncode, said is not None), (1, True))
for place_of_run in ["threads", "processes"]:
    code = FILE.replace("sha256 = flow.params.sum })", f'sha256 = flow.params.sum }}, {{ on = "{place_of_run}" }})')
    fresh()
    done = flow(code, "-p", f"url={plain.url}/data")
    check(f"on {place_of_run}", (done.stdout, done.returncode), ("size = 300000\n", 0))

place.cleanup()
for text in failed:
    print("FAIL", text)
print(f"{passed} passed, {len(failed)} failed")
sys.exit(bool(failed))
