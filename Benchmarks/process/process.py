#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Programs, beside subprocess of Python: process.py VTLUA RUNS

Prints lines WORKLOAD SIDE MILLISECONDS."""
import subprocess, sys, time
from pathlib import Path

here = Path(__file__).resolve().parent
text = b"0123456789abcde\n" * (1 << 20)


def pipe():
    first = subprocess.Popen(["echo", "x"], stdout=subprocess.PIPE)
    second = subprocess.Popen(["cat"], stdin=first.stdout, stdout=subprocess.PIPE)
    first.stdout.close()
    third = subprocess.Popen(["cat"], stdin=second.stdout, stdout=subprocess.PIPE)
    second.stdout.close()
    third.communicate()
    first.wait()
    second.wait()


def measure(name, count, body):
    body()
    start = time.perf_counter()
    for _ in range(count):
        body()
    print(f"{name} peer {(time.perf_counter() - start) * 1000 / count:.6f}", flush=True)


for _ in range(int(sys.argv[2])):
    subprocess.run([sys.argv[1], here / "process.lua"], check=True)
    measure("true", 300, lambda: subprocess.run(["true"]))
    measure("output", 5, lambda: subprocess.run(["cat"], input=text, capture_output=True))
    measure("pipe", 100, pipe)
