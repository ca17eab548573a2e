#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A cluster on several hosts: hosts.py [quick]

Three network namespaces are the hosts of the controller, the client and the engines. Their links are
slow, or interrupted for some seconds. No result may be lost, and no finished task be reported as
died, without retries.

Needs root, the packages iproute2 and util-linux, VTLUA_BINARY and VTLUA_IPCONTROLLER.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time

VTLUA = os.environ["VTLUA_BINARY"]
TAG = f"vt{os.getpid() % 100000}"
HOSTS = {"controller": 1, "client": 2, "engine": 3}
NETWORK = "10.78.0"
ENGINES = 4

# Runs in the client's namespace. Prints one line of errors, or "ok".
MAP = """
local client <close> = assert(parallel.get_client { file = arg[1], ask = false, timeout = 30 })
local list = {}
for i = 1, 40 do list[i] = i end
local view <close> = client:load_balanced_view { scheduler = arg[2] }
local result = view:map_async(function(x)
  os.execute("sleep 0.5")
  return 2 * x
end, list, { chunksize = 1, on_error = "collect" })
local values, errors = result:get(120)
for _, err in ipairs(errors) do print(err.index, err.cause, err.message) end
for i = 1, 40 do
  if values[i] ~= 2 * i then print("result", i, values[i]) end
end
print("ok")
"""

LARGE = """
local client <close> = assert(parallel.get_client { file = arg[1], ask = false, timeout = 30 })
local view <close> = client:load_balanced_view { scheduler = arg[2] }
local size = tonumber(arg[3])
print(#view:apply(function(n) return ("y"):rep(n) end, size) == size)
print(view:apply(function(text) return #text end, ("z"):rep(size)) == size)
print("ok")
"""


def run(*command, **options):
    return subprocess.run(command, check=True, text=True, capture_output=True, **options).stdout


def inside(host, *command):
    return ["ip", "netns", "exec", f"{TAG}{host}", *command]


class Network:
    """The namespaces, joined by a bridge in a fourth."""

    def __init__(self):
        try:
            for name in [*HOSTS, "switch"]:
                run("ip", "netns", "add", TAG + name)
                run("ip", "-n", TAG + name, "link", "set", "lo", "up")
            switch = TAG + "switch"
            run("ip", "-n", switch, "link", "add", "name", "bridge", "type", "bridge")
            run("ip", "-n", switch, "link", "set", "bridge", "up")
            for host, number in HOSTS.items():
                run("ip", "link", "add", "eth", "netns", TAG + host, "type", "veth",
                    "peer", "name", host, "netns", switch)
                run("ip", "-n", TAG + host, "addr", "add", f"{NETWORK}.{number}/24", "dev", "eth")
                run("ip", "-n", TAG + host, "link", "set", "eth", "up")
                run("ip", "-n", switch, "link", "set", host, "master", "bridge", "up")
        except subprocess.CalledProcessError:
            self.remove()
            raise

    def remove(self):
        for name in [*HOSTS, "switch"]:
            subprocess.run(["ip", "netns", "del", TAG + name], capture_output=True, check=False)

    def cut(self, host, seconds):
        run("ip", "-n", TAG + "switch", "link", "set", host, "down")
        time.sleep(seconds)
        run("ip", "-n", TAG + "switch", "link", "set", host, "up")

    def slow(self, host, rate):
        """Limits what the host receives; None: no limit."""
        verb = ["add", "dev", host, "root", "tbf", "rate", rate, "burst", "64kb", "latency",
                "200ms"] if rate else ["del", "dev", host, "root"]
        run(*inside("switch", "tc", "qdisc", *verb))


class Cluster:
    def __init__(self, work):
        self.work = work
        os.environ["IPYTHONDIR"] = work
        run(*inside("controller", VTLUA, "cluster", "start", "-n", "0", "--ip=0.0.0.0",
                    f"--controller-arg=--location={NETWORK}.1"))
        security = f"{work}/profile_default/security/ipcontroller"
        self.file = f"{security}-client.json"
        log = open(f"{work}/engines.log", "w", encoding="utf-8")
        # Another process namespace: nothing goes through memory that the two hosts do not share.
        self.engines = [
            subprocess.Popen(
                inside("engine", "unshare", "--pid", "--fork", "--kill-child", "--mount-proc",
                       VTLUA, "engine", "--file", f"{security}-engine.json"),
                stdout=log, stderr=log)
            for _ in range(ENGINES)]
        self.script("ready", f"""
            local client
            repeat client = parallel.get_client {{ file = arg[1], ask = false }} until client
            assert(client:wait_for_engines({ENGINES}, 60))
            print("ok")
        """)

    def start(self, name, text, *arguments):
        path = f"{self.work}/{name}.lua"
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return subprocess.Popen(
            inside("client", VTLUA, path, self.file, *arguments), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def script(self, name, text, *arguments):
        return finish(self.start(name, text, *arguments))

    def stop(self):
        subprocess.run(inside("controller", VTLUA, "cluster", "stop"), capture_output=True,
                       check=False)
        for engine in self.engines:
            engine.terminate()
            engine.wait()


def finish(process):
    try:
        text, _ = process.communicate(timeout=240)
    except subprocess.TimeoutExpired:
        process.kill()
        return "it has not ended"
    return text.strip()


def check(name, text, expected="ok"):
    is_good = text == expected
    print(f"{'ok  ' if is_good else 'FAIL'} {name}", flush=True)
    if not is_good:
        print(text)
    return is_good


def cases(network, cluster, is_quick):
    for scheduler in ["client", "controller"]:
        network.slow("client", "40mbit")
        text = cluster.script("large", LARGE, scheduler, "45000000")
        network.slow("client", None)
        yield check(f"9 s for a result, scheduler {scheduler}", text, "true\ntrue\nok")
    network.slow("engine", "40mbit")
    text = cluster.script("large", LARGE, "client", "45000000")
    network.slow("engine", None)
    yield check("9 s for an argument", text, "true\ntrue\nok")
    cuts = [(host, seconds, "client") for host in HOSTS for seconds in (1, 3, 8)]
    cuts += [(host, 8, "controller") for host in HOSTS]
    if is_quick:
        cuts = [("client", 3, "client")]
    for host, seconds, scheduler in cuts:
        process = cluster.start("map", MAP, scheduler)
        time.sleep(2)
        network.cut(host, seconds)
        yield check(f"{host} cut for {seconds} s, scheduler {scheduler}", finish(process))


def main():
    if os.geteuid() != 0 or not all(map(shutil.which, ["ip", "tc", "unshare"])):
        print("skip: it needs root, ip and tc (iproute2), and unshare (util-linux)")
        return 0
    try:
        network = Network()
    except subprocess.CalledProcessError as error:
        print(f"skip: network namespaces cannot be made here: {error.stderr.strip()}")
        return 0
    work = tempfile.mkdtemp()
    cluster = None
    try:
        cluster = Cluster(work)
        failed = list(cases(network, cluster, "quick" in sys.argv[1:])).count(False)
    finally:
        if cluster:
            cluster.stop()
        network.remove()
        shutil.rmtree(work, ignore_errors=True)
    print(f"hosts: {'ok' if not failed else f'{failed} failed'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
