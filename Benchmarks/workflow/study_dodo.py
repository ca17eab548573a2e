# SPDX-License-Identifier: BSD-3-Clause
"""examples/study with doit: six files, three settings for each, a CSV file and a plot.

STUDY is the directory of the data; the tasks write into the working directory.
"""

import csv
import os
import statistics

RIVERS = ["arno", "ebro", "elbe", "loire", "oder", "tiber"]
WINDOWS = [1, 5, 15]


def data(river):
    return f"{os.environ['STUDY']}/data/{river}.csv"


def roughness(river, window, target):
    with open(data(river)) as file:
        levels = [float(row["level"]) for row in csv.DictReader(file)]
    steps = [(b - a) / window for a, b in zip(levels, levels[window:])]
    with open(target, "w") as file:
        file.write(repr(statistics.stdev(steps)))


def value(river, window):
    with open(f"{river}_{window}.txt") as file:
        return float(file.read())


def table(target):
    with open(target, "w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["river"] + [f"window_{w}" for w in WINDOWS])
        for river in RIVERS:
            out.writerow([river] + [value(river, w) for w in WINDOWS])


def plot(target):
    lines = []
    for window in WINDOWS:
        points = " ".join(f"{100 * x},{300 - 1000 * value(r, window):.1f}" for x, r in enumerate(RIVERS))
        lines.append(f'<polyline fill="none" stroke="black" points="{points}"/>')
    with open(target, "w") as file:
        file.write('<svg xmlns="http://www.w3.org/2000/svg" width="600" height="320">' + "".join(lines) + "</svg>")


def task_roughness():
    for river in RIVERS:
        for window in WINDOWS:
            target = f"{river}_{window}.txt"
            yield {"name": f"{river}_{window}", "file_dep": [data(river)], "targets": [target],
                   "actions": [(roughness, [river, window, target])]}


def task_results():
    parts = [f"{river}_{window}.txt" for river in RIVERS for window in WINDOWS]
    for make, target in (table, "study.csv"), (plot, "study.svg"):
        yield {"name": target, "file_dep": parts, "targets": [target], "actions": [(make, [target])]}
