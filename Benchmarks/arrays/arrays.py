# SPDX-License-Identifier: BSD-3-Clause
"""Arrays beside NumPy: arrays.py VTLUA ROUNDS [ROW...]

Prints measurements for summary.lua. Each row of arrays.lua, which runs beside this program, and the
same work in NumPy take turns. Its figures are how often the work is done in a second: the ratio is
how many times NumPy's speed. Each side has its default number of threads.

The threads of NumPy's OpenBLAS keep a processor busy for some 30 ms after a product, while they wait
for the next one. So both sides of the rows with products begin after a pause.
"""

import os
import subprocess
import sys
import time

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
N = 10**7
MILLION = 10**6

# row, text, goal
ROWS = [
    ("sum", "sum of 10^7", "times 1.8"),
    ("mean", "mean of 10^7", "times 1.8"),
    ("max", "max of 10^7", "times 1.8"),
    ("add", "x + y of 10^7, new array", "times 2.5"),
    ("add_into", "x + y of 10^7, into an array", "times 1.7"),
    ("fuse", "2.5 * x + y of 10^7 by fuse", "times 3"),
    ("sin", "sin of 10^6", "times 5"),
    ("exp", "exp of 10^6", "times 4"),
    ("log", "log of 10^6", "times 2"),
    ("tanh", "tanh of 10^6", "times 3"),
    ("matmul", "matmul of 1000 x 1000", "times 1"),
    ("solve", "solve of 1000 x 1000", "times 1"),
    ("sort", "sort of 10^7", "times 1.3"),
    ("argsort", "stable argsort of 10^7", "times 4"),
    ("cumulative_sum", "cumulative sum of 10^7", "times 3"),
    ("select", "x[mask] of 10^7", "times 5"),
    ("fft", "fft of 2^20", "times 2.5"),
    ("uniform", "uniform of 10^6", "times 2.5"),
    ("normal", "normal of 10^6", "times 2.5"),
    ("small", "a + b of 10", "times 1.5"),
    ("thread", "80 MB to a thread and back", "ours 0.1"),
    ("process", "80 MB to a process and back; two copies", "-"),
]


# Rows whose peer has threads that wait busily, and the seconds after which they sleep.
WITH_PAUSE, PAUSE = ("matmul", "solve"), 0.15


class Ours:
    """The process with arrays.lua."""

    def __init__(self, program):
        self.process = subprocess.Popen(
            [program, os.path.join(HERE, "arrays.lua")], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)
        self.instructions = self.process.stdout.readline().strip()

    def seconds(self, row):
        """Returns the seconds, or a message."""
        try:
            self.process.stdin.write(row + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        answer = self.process.stdout.readline().strip()
        if not answer:
            return "the process has ended"
        return answer if answer.startswith("failed") else float(answer)

    def end(self):
        self.process.stdin.close()
        self.process.wait()


class NumPy:
    """The same work in NumPy."""

    def __init__(self):
        g = np.random.default_rng(1)
        self.g = g
        self.x, self.y = g.uniform(-1, 1, N), g.uniform(-1, 1, N)
        self.out = np.zeros(N)
        self.points = g.uniform(0.1, 10, MILLION)
        self.a, self.b = g.normal(size=(1000, 1000)), g.normal(size=(1000, 1000))
        self.column = g.normal(size=(1000, 1))
        self.mask = self.x > 0
        self.signal = g.normal(size=2**20).astype(complex)
        self.small_x, self.small_y = np.arange(1.0, 11), np.arange(1.0, 11)
        self.work = {
            "sum": lambda: self.x.sum(),
            "mean": lambda: self.x.mean(),
            "max": lambda: self.x.max(),
            "add": lambda: self.x + self.y,
            "add_into": lambda: np.add(self.x, self.y, out=self.out),
            "fuse": lambda: 2.5 * self.x + self.y,
            "sin": lambda: np.sin(self.points),
            "exp": lambda: np.exp(self.points),
            "log": lambda: np.log(self.points),
            "tanh": lambda: np.tanh(self.points),
            "matmul": lambda: self.a @ self.b,
            "solve": lambda: np.linalg.solve(self.a, self.column),
            "sort": lambda: np.sort(self.x),
            "argsort": lambda: np.argsort(self.x, stable=True),
            "cumulative_sum": lambda: np.cumsum(self.x),
            "select": lambda: self.x[self.mask],
            "fft": lambda: np.fft.fft(self.signal),
            "uniform": lambda: self.g.random(MILLION),
            "normal": lambda: self.g.standard_normal(MILLION),
            "process": lambda: self.x.copy().copy(),
        }

    def seconds(self, row):
        """Returns the seconds; None for a row without a peer."""
        if row == "small":
            x, y = self.small_x, self.small_y
            began = time.perf_counter()
            for _ in range(20000):
                x + y
            return (time.perf_counter() - began) / 20000
        if row not in self.work:
            return None
        work = self.work[row]
        rounds = 0
        began = time.perf_counter()
        while True:
            result = work()
            rounds += 1
            seconds = time.perf_counter() - began
            if seconds > 0.02:
                break
        del result
        return seconds / rounds


def report(text, unit, goal, side, value):
    print(text, unit, goal, side, "%.6g" % value, sep="\t", flush=True)


def note(text):
    print("arrays: " + text, file=sys.stderr, flush=True)


def numpy_memory():
    x, y = np.full(MILLION, 1.5), np.full(MILLION, 2.5)
    for _ in range(300):
        (x + y) * 2 + x
    # Not getrusage, whose figure begins with that of the parent.
    with open("/proc/self/status") as status:
        print(next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM")))


def memory(command):
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    return float(result.stdout) if result.returncode == 0 and result.stdout.strip() else None


def main():
    program, rounds, wanted = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    ours, peer = Ours(program), NumPy()
    note("instructions: %s; NumPy %s; %d processors"
         % (ours.instructions, np.__version__, os.cpu_count()))
    for row, text, goal in ROWS:
        if wanted and row not in wanted:
            continue
        in_time = goal.startswith("ours") or goal == "-"
        unit = "ms" if in_time else "/s"
        # The first round, which loads libraries and touches memory, does not count.
        for turn in range(rounds + 1):
            pause = PAUSE if row in WITH_PAUSE else 0
            time.sleep(pause)
            mine = ours.seconds(row)
            time.sleep(pause)
            theirs = peer.seconds(row)
            if isinstance(mine, str):
                note("%s: %s; left out" % (text, mine))
                if ours.process.poll() is not None:
                    ours = Ours(program)
                break
            if turn == 0:
                continue
            for side, seconds in (("ours", mine), ("peer", theirs)):
                if seconds:
                    report(text, unit, goal, side, seconds * 1e3 if in_time else 1 / seconds)
    ours.end()
    if not wanted or "memory" in wanted:
        for _ in range(min(rounds, 3)):
            for side, command in (
                    ("ours", [program, os.path.join(HERE, "arrays.lua"), "memory"]),
                    ("peer", [sys.executable, os.path.abspath(__file__), "memory"])):
                peak = memory(command)
                if peak:
                    report("300 turns on 8 MB, peak", "MiB", "ours 60", side, peak)


if sys.argv[1:] == ["memory"]:
    numpy_memory()
else:
    main()
