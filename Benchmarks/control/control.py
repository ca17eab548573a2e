# SPDX-License-Identifier: BSD-3-Clause
"""Measures loops, branches, sweeps and --watch: control.py VTLUA ROUNDS PEERS

PEERS is the directory of doit, or - where it is missing. Prints lines WORKLOAD SIDE VALUE for
scripts/bench. A side that fails is reported and left out.
"""
import json, os, pathlib, shutil, signal, subprocess, sys, tempfile, threading, time

vtlua, rounds, peers = sys.argv[1], int(sys.argv[2]), sys.argv[3]
here = pathlib.Path(__file__).resolve().parent
place = pathlib.Path(tempfile.mkdtemp(dir=os.environ.get("VTLUA_STORE")))
sys.path.insert(0, str(here.parent))
import measuring  # noqa: E402  beside the folder of this file

measure = measuring.measure


def call(*command, **more):
    return measuring.call(place, *command, **more)


def loop(store):
    """Microseconds a turn, of 100,000."""
    shutil.rmtree(place / "store", ignore_errors=True)
    found = json.loads(call(vtlua, "run", here / "loop.lua", "--json", "--progress", "none",
                            "--store", place / "store" if store else "off"))
    assert found["outputs"]["state"] == 100000
    return found["nodes"][0]["seconds"] * 10


def sweep(*options):
    """Milliseconds a combination, of 1,000."""
    shutil.rmtree(place / "store", ignore_errors=True)
    began = time.perf_counter()
    call(vtlua, "sweep", here / "sweep.lua", "-p", "x=1..1000", "--store", place / "store", *options)
    return (time.perf_counter() - began) * 1e3 / 1000


def doit():
    """Milliseconds a task, of 1,000."""
    (place / "doit.db").unlink(missing_ok=True)
    began = time.perf_counter()
    call(pathlib.Path(peers) / "doit", "-f", here / "dodo.py", "--db-file", place / "doit.db", "-v0")
    return (time.perf_counter() - began) * 1e3 / 1000


def branches(choices):
    """Microseconds a node, of 1,000."""
    environment = {**os.environ, "CHOICES": "1"} if choices else os.environ
    began = time.perf_counter()
    call(vtlua, "run", here / "branches.lua", "--progress", "none", "--store", "off", env=environment)
    return (time.perf_counter() - began) * 1e3


def watch():
    """Milliseconds from the end of a save to the begin of the run."""
    flow = place / "watched.lua"
    text = (here / "sweep.lua").read_text()
    flow.write_text(text)
    process = subprocess.Popen([vtlua, "run", flow, "--watch", "--progress", "json", "--store", "off"],
                               cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    began = []
    waiting = threading.Semaphore(0)

    def read():
        for line in process.stderr:
            if '"run_started"' in line or '"event":"run' in line and "start" in line:
                began.append(time.perf_counter())
            if line.startswith("watching") or '"watching"' in line:
                waiting.release()

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    try:
        if not waiting.acquire(timeout=30):
            raise RuntimeError("it does not wait for changes")
        time.sleep(0.3)
        flow.write_text(text + "-- changed\n")
        saved = time.perf_counter()
        deadline = saved + 30
        while len(began) < 2:
            if time.perf_counter() > deadline:
                raise RuntimeError("no run begins after a change")
            time.sleep(0.0005)
        return (began[1] - saved) * 1e3
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


for _ in range(rounds):
    measure("loop", "ours", lambda: loop(False))
    measure("kept", "ours", lambda: loop(True))
    measure("sweep", "ours", sweep)
    if peers != "-":
        measure("sweep", "peer", doit)
    # With two at a time against one at a time.
    measure("two", "ours", lambda: sweep("-j", "2"))
    measure("two", "peer", sweep)
    # A choice against another node.
    measure("choose", "ours", lambda: branches(True))
    measure("choose", "peer", lambda: branches(False))
    measure("watch", "ours", watch)
shutil.rmtree(place, ignore_errors=True)
