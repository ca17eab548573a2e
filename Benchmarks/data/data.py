# SPDX-License-Identifier: BSD-3-Clause
"""Frames beside pandas: data.py VTLUA ROUNDS [ROW...]

Prints measurements for summary.lua. Each row of data.lua, which runs beside this program, and the same
work in pandas take turns. The table has 1,000,000 rows of 6 columns.
"""

import gc
import os
import sqlite3
import subprocess
import sys
import tempfile
import time

import numpy as np
import pandas as pd

HERE = os.path.dirname(os.path.abspath(__file__))
N = 10**6

# row, text, goal
ROWS = [
    ("csv_typed", "csv with types, 1,000,000 rows of 6 columns", "ratio 2"),
    ("csv", "csv, types found", "ratio 2"),
    ("group_integer", "group of 1,000,000 rows by an integer, mean", "ratio 3"),
    ("group_text", "group by a text, mean", "ratio 3"),
    ("group_two", "group by both, sum and max", "ratio 3"),
    ("join_many", "join of 1,000,000 rows with 1,000", "ratio 3"),
    ("join_one", "join of 1,000,000 rows with 1,000,000", "ratio 3"),
    ("join_text", "left join by a text", "ratio 3"),
    ("sort", "sort by a text and a number", "-"),
    ("filter", "filter by a number", "-"),
    ("sql", "SQL group over a frame; sqlite3 of Python", "-"),
]


def make(path):
    g = np.random.default_rng(1)
    names = np.array(["station %d" % i for i in range(500)])
    pd.DataFrame({
        "id": g.permutation(N), "x": g.random(N), "y": np.round(g.normal(15, 8, N), 2),
        "n": g.integers(0, 1000, N), "name": names[g.integers(0, 500, N)], "ok": g.random(N) < 0.5,
    }).replace({"ok": {True: "true", False: "false"}}).to_csv(path, index=False)


class Ours:
    """The process with data.lua."""

    def __init__(self, program, folder):
        self.process = subprocess.Popen(
            [program, os.path.join(HERE, "data.lua"), folder], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)

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


class Pandas:
    """The same work in pandas."""

    def __init__(self, path):
        self.f = f = pd.read_csv(path)
        self.small = f.groupby("n", as_index=False).agg(top=("y", "max"))
        self.names = f.groupby("name", as_index=False).agg(top=("y", "max"))
        self.right = f[["id", "y"]].rename(columns={"y": "z"})
        types = {"id": "int64", "x": "float64", "y": "float64", "n": "int64", "ok": "bool"}
        self.work = {
            "csv_typed": lambda: pd.read_csv(path, dtype=types, engine="c"),
            "csv": lambda: pd.read_csv(path, engine="c"),
            "group_integer": lambda: f.groupby("n", as_index=False).agg(mean=("x", "mean")),
            "group_text": lambda: f.groupby("name", as_index=False).agg(mean=("x", "mean")),
            "group_two": lambda: f.groupby(["name", "n"], as_index=False).agg(
                s=("x", "sum"), m=("y", "max")),
            "join_many": lambda: f.merge(self.small, on="n"),
            "join_one": lambda: f.merge(self.right, on="id"),
            "join_text": lambda: f.merge(self.names, on="name", how="left"),
            "sort": lambda: f.sort_values(["name", "x"], kind="stable"),
            "filter": lambda: f[f.x > 0.5],
            "sql": self.sql,
        }

    def sql(self):
        with sqlite3.connect(":memory:") as db:
            self.f[["n", "x"]].to_sql("t", db, index=False)
            return pd.read_sql("select n, avg(x) as mean from t group by n", db)

    def seconds(self, row):
        gc.collect()
        began = time.perf_counter()
        result = self.work[row]()
        seconds = time.perf_counter() - began
        del result
        return seconds


def main():
    program, rounds, wanted = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "table.csv")
        make(path)
        ours, peer = Ours(program, folder), Pandas(path)
        print("data: pandas %s; %d processors" % (pd.__version__, os.cpu_count()), file=sys.stderr)
        for row, text, goal in ROWS:
            if wanted and row not in wanted:
                continue
            # The first round, which touches memory, does not count.
            for turn in range(rounds + 1):
                mine, theirs = ours.seconds(row), peer.seconds(row)
                if isinstance(mine, str):
                    print("data: %s: %s; left out" % (text, mine), file=sys.stderr)
                    break
                if turn:
                    for side, seconds in (("ours", mine), ("peer", theirs)):
                        print(text, "ms", goal, side, "%.6g" % (seconds * 1e3), sep="\t", flush=True)
        ours.end()


main()
