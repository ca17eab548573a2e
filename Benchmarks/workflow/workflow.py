# SPDX-License-Identifier: BSD-3-Clause
"""Measures workflows beside their peers: workflow.py VTLUA ROUNDS PEERS

PEERS is the directory of the peers' programs (python, doit), or - where they are missing. Prints lines
WORKLOAD SIDE VALUE for scripts/bench. A side that fails is reported and left out.
"""

import functools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

vtlua, rounds, peers = sys.argv[1], int(sys.argv[2]), sys.argv[3]
here = pathlib.Path(__file__).resolve().parent
study = here.parents[1] / "examples/study"
place = pathlib.Path(tempfile.mkdtemp(dir=os.environ.get("VTLUA_STORE")))
sys.path.insert(0, str(here.parent))
import measuring  # noqa: E402  beside the folder of this file

measure = measuring.measure


def call(*command, **more):
    return measuring.call(place, *command, **more)


def wall(*command, **more):
    """The seconds of a command."""
    began = time.perf_counter()
    call(*command, **more)
    return time.perf_counter() - began


def each(store):
    """Microseconds an element, of 100,000."""
    shutil.rmtree(place / "store", ignore_errors=True)
    found = json.loads(call(vtlua, "run", here / "each.lua", "--json", "--progress", "none",
                            "--store", place / "store" if store else "off"))
    assert found["outputs"]["value"] == 100001
    return next(n["seconds"] for n in found["nodes"] if n["name"] == "each") / 100000 * 1e6


def peer(way, count):
    return float(call(f"{peers}/python", here / "peers.py", way, count))


@functools.cache
def nodes(count):
    return [float(word) for word in call(vtlua, here / "nodes.lua", count).split()]


@functools.cache
def burn(slots):
    return wall(vtlua, "run", here / "burn.lua", "--progress", "none", "--store", "off", "-j", slots)


def make_file():
    names = " ".join(f"n{i}" for i in range(1, 19))
    text = f".PHONY: all {names}\nall: {names}\n{names}:\n\t@lua5.4 {here}/burn.lua make\n"
    (place / "Makefile").write_text(text)


def again():
    """Milliseconds of a second run of the study, in which nothing is to do."""
    command = (vtlua, "run", study / "flow.lua", "--store", place / "kept")
    return (wall(*command), wall(*command) * 1e3)[1]


def doit(*arguments):
    command = (f"{peers}/doit", *arguments)
    return wall(*command, env=os.environ | {"STUDY": str(study)})


def main():
    (place / "study").mkdir()
    make_file()
    for _ in range(rounds):
        measure("each", "ours", lambda: each(store=False))
        measure("kept", "ours", lambda: each(store=True))
        for turn in nodes, burn:
            turn.cache_clear()
        measure("scale", "ours", lambda: nodes(100000)[0])
        measure("scale", "peer", lambda: nodes(1000)[0])
        measure("seconds", "ours", lambda: nodes(10000)[0] * 1e4 / 1e6)
        measure("memory", "ours", lambda: nodes(10000)[1])
        for workload in "slots", "make", "doit":
            measure(workload, "ours", lambda: burn(2))
        measure("slots", "peer", lambda: burn(1))
        measure("make", "peer", lambda: wall("make", "-s", "-j2", "all"))
        measure("study", "ours", again)
        if peers == "-":
            continue
        measure("each", "peer", lambda: peer("joblib", 100000))
        measure("dask", "ours", lambda: each(store=False))
        measure("dask", "peer", lambda: peer("dask", 10000))
        measure("kept", "peer", lambda: peer("memory", 2000))
        measure("doit", "peer", lambda: doit("-f", here / "burn_dodo.py", "-d", place, "-n", 2))
        command = ("-f", here / "study_dodo.py", "-d", place / "study")
        measure("study", "peer", lambda: (doit(*command), doit(*command) * 1e3)[1])


try:
    main()
finally:
    shutil.rmtree(place)
