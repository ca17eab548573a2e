#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Builds the programs of examples/embedding as a user's package, and runs them."""
import http.client, json, os, pathlib, shutil, subprocess, sys, tempfile, time

root = pathlib.Path(__file__).resolve().parent.parent.parent
scratch = root / ".build/host/build"
package = root / "examples/embedding"

if (root / "Package.resolved").exists():
    shutil.copy(root / "Package.resolved", package)
done = subprocess.run(
    ["swift", "build", "--package-path", package, "--scratch-path", scratch, "--skip-update"],
    text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
(package / "Package.resolved").unlink(missing_ok=True)
if done.returncode:
    sys.exit(f"swift build failed:\n{done.stdout}")


def check(expected, folder, name, *arguments, status=0):
    environment = {**os.environ, "VTLUA_STORE": "off"}
    done = subprocess.run([scratch / "debug" / name, *arguments], cwd=folder, text=True,
                          capture_output=True, timeout=120, env=environment)
    found = done.stdout + done.stderr
    assert (done.returncode, found) == (status, expected), f"{name} {arguments}:\n{found}"


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    check("sum: 1 + 4 + 9 = 14.0\ncancelled\n", folder, "first")

    (folder / "a.txt").write_text("To be, or not to be")
    (folder / "b.txt").write_text("Not a question")
    words = ("words", "-n", "3", "a.txt", "b.txt")
    check("2 be\n2 not\n2 to\n", folder, *words)
    check("count: cached\ntop: cached\n2 be\n2 not\n2 to\n", folder, *words, "-v")
    (folder / "b.txt").write_text("Not be")
    check("count: computed\ntop: computed\n3 be\n2 not\n2 to\n", folder, *words, "-v", "-j", "2")
    longest = str(package / "Sources/words/longest.lua")
    check("1 not\n1 be\n", folder, "words", "--flow", longest, "-n", "2", "b.txt")
    check("words: no files; usage: words [-n COUNT] [-j JOBS] [-v] [--flow FILE] FILE...\n",
          folder, "words", status=1)


def post(address, source, path="/runs"):
    """The status and the lines of the answer."""
    connection = http.client.HTTPConnection(address, timeout=120)
    connection.request("POST", path, body=source)
    answer = connection.getresponse()
    return answer.status, [json.loads(line) for line in answer.read().splitlines()]


def flow(body, outputs="x = 'any'"):
    return (f"local m = vt.module {{ name = 'm', version = '1', outputs = {{ {outputs} }} }}\n"
            f"function m:compute() {body} end\n"
            "local f = vt.workflow { name = 'f' }\nlocal n = f:add('n', m)\n"
            "return f:outputs { x = n.x }\n")


def the_server_runs_workflows_of_strangers():
    server = subprocess.Popen([scratch / "debug/server", "0"], stdout=subprocess.PIPE, text=True)
    try:
        address = server.stdout.readline().strip().removeprefix("http://").removesuffix("/runs")
        primes = (package / "Sources/server/primes.lua").read_text()
        status, lines = post(address, primes)
        assert status == 200, status
        assert lines[0] == {"started": "primes"}, lines
        assert any(line.get("note") == "300000 numbers" and line["progress"] == "1.0" for line in lines), lines
        assert {"node": "primes", "printed": "25997 primes\n"} in lines, lines
        assert lines[-2:] == [{"finished": "primes", "status": "computed"},
                              {"status": "done", "outputs": "count = 25997, largest = 299993"}], lines

        # Nothing outside of the state is reached, and each limit ends the run with its reason.
        for body, reason in [
                ("return { x = io.open('/etc/passwd') }", "io"),
                ("return { x = os.execute('true') }", "execute"),
                ("while true do end", "timed out"),
                ("local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end", "not enough memory")]:
            status, lines = post(address, flow(body))
            assert status == 200 and lines[-1]["status"] == "failed", (body, lines)
            assert reason in lines[-1]["error"], (body, lines)
        assert post(address, "return 1")[1][-1]["status"] == "failed"
        assert post(address, "x" * 70000) == (413, [{"error": "a workflow has at most 65536 bytes"}])
        assert post(address, "", "/other") == (404, [{"error": "POST a workflow to /runs"}])

        # Clients that go away leave their places to others: there are four.
        for _ in range(8):
            connection = http.client.HTTPConnection(address, timeout=120)
            connection.request(
                "POST", "/runs", body=flow("while true do self:progress(0.5) end"))
            answer = connection.getresponse()
            if answer.status == 200:
                answer.fp.readline()
            connection.close()
        end = time.monotonic() + 60
        while post(address, primes)[0] != 200:
            assert time.monotonic() < end, "the places of clients that went away are not free"
            time.sleep(0.1)
    finally:
        server.kill()
        server.wait()


the_server_runs_workflows_of_strangers()
print("ok")
