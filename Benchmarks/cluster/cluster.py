# SPDX-License-Identifier: BSD-3-Clause
"""The workloads of cluster.lua with ipyparallel's own client, on Python engines.

    python3 cluster.py FILE WORKLOAD
    python3 cluster.py DIRECTORY start BEGAN [OPTION...]

singles: 500 tasks, which its controller distributes. items: the better of chunks of 100 and of
1000. worker: an engine is ended by SIGKILL, and its nanny tells of it. engine: both are ended.
start: milliseconds from BEGAN (seconds since 1970) to the first result of a controller, with these
options, and two engines in a new profile.
"""

import gc
import os
import signal
import statistics
import sys
import time
from pathlib import Path

import ipyparallel


def same(x):
    return x


def rounds(count, turn):
    """The median seconds of the rounds, after one that is not counted."""
    took = []
    for _ in range(count + 1):
        gc.collect()
        began = time.perf_counter()
        turn()
        took.append(time.perf_counter() - began)
    return statistics.median(took[1:])


def python_engines(client, count=2):
    """The ids of the Python engines."""
    ids = [id for id, uuid in client._engines.items() if not uuid.startswith("vtlua-")]
    assert len(ids) >= count, f"of Python there are {len(ids)} engines"
    return sorted(ids)[:count]


def rate(client, count, chunksize, repeats=3):
    view = client.load_balanced_view(targets=python_engines(client))
    items = list(range(count))

    def turn():
        assert view.map_async(same, items, chunksize=chunksize).get() == items

    return count / rounds(repeats, turn)


def singles(client):
    return rate(client, 500, 1)


def items(client):
    return max(rate(client, 100_000, chunksize, 1) for chunksize in (100, 1000))


def task(client):
    view = client[python_engines(client)[0]]
    took = []
    for i in range(320):
        began = time.perf_counter()
        result = view.apply_sync(same, i)
        took.append(time.perf_counter() - began)
        assert result == i
    return statistics.median(took[20:]) * 1e6


def data(client):
    import numpy

    view = client[python_engines(client)]
    values = [numpy.full(100_000_000, i, dtype=numpy.uint8) for i in range(6)]
    left = iter(values)
    milliseconds = rounds(5, lambda: view.push({"data": next(left)}, block=True)) * 1e3
    assert view.apply_sync(lambda: (data.nbytes, int(data[-1]))) == [(100_000_000, 5)] * 2
    view.push({"data": None}, block=True)
    return milliseconds


def kill(client, with_nanny):
    view = client[python_engines(client, 1)[0]]
    pid = view.apply_sync(os.getpid)
    doomed = [pid]
    if with_nanny:
        doomed += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    result = view.apply_async(time.sleep, 60)
    time.sleep(0.5)
    began = time.perf_counter()
    for process in doomed:
        os.kill(process, signal.SIGKILL)
    try:
        result.get(timeout=60)
    except ipyparallel.error.RemoteError as failure:
        assert failure.ename == "EngineError", failure
        return (time.perf_counter() - began) * 1e3
    raise AssertionError("a dead engine's task has a result")


def worker(client):
    return kill(client, False)


def engine(client):
    return kill(client, True)


def start(directory, began, *options):
    # Processes that were started are stopped at the end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    cluster = ipyparallel.Cluster(
        n=2, profile_dir=directory, controller_args=list(options), log_level=30
    )
    with cluster as client:
        assert client[client.ids[0]].apply_sync(same, 1) == 1
        return (time.time() - float(began)) * 1e3


WORKLOADS = {
    "singles": singles,
    "items": items,
    "task": task,
    "data": data,
    "worker": worker,
    "engine": engine,
}

place, workload, *arguments = sys.argv[1:]
if workload == "start":
    value = start(place, *arguments)
else:
    value = WORKLOADS[workload](ipyparallel.Client(place, timeout=10))
print(f"{workload}\t{value:.6g}")
