# SPDX-License-Identifier: BSD-3-Clause
"""The workloads of pool.lua on the pools of Python's standard library.

    python3 pool.py multiprocessing|futures WORKLOAD

multiprocessing: Pool, with the default start method, but `start` with spawn.
futures: `task` on a ThreadPoolExecutor, `start` on a ProcessPoolExecutor that forks.
"""

import gc
import multiprocessing
import statistics
import sys
import time
import warnings
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path


def same(x):
    return x


def rounds(count, turn):
    """The median seconds of the rounds, after one that is not counted."""
    took = []
    for _ in range(count + 1):
        gc.collect()
        took.append(turn())
    return statistics.median(took[1:])


def timed(call, *arguments):
    began = time.perf_counter()
    result = call(*arguments)
    return time.perf_counter() - began, result


def rate(count, chunksize):
    items = list(range(1, count + 1))
    with multiprocessing.Pool(2) as pool:

        def turn():
            seconds, results = timed(pool.map, same, items, chunksize)
            assert results == items
            return seconds

        return count / 1e3 / rounds(5, turn)


def singles():
    return rate(50_000, 1)


def chunks():
    return rate(200_000, None)


def one_task(call, count=5000, warm_ups=500):
    took = []
    for i in range(count + warm_ups):
        seconds, result = timed(call, i)
        assert result == i
        took.append(seconds)
    return statistics.median(took[warm_ups:]) * 1e6


def task():
    with multiprocessing.Pool(2) as pool:
        return one_task(lambda i: pool.apply(same, (i,)))


def futures_task():
    with ThreadPoolExecutor(2) as pool:
        return one_task(lambda i: pool.submit(same, i).result())


def start():
    context = multiprocessing.get_context("spawn")

    def turn():
        began = time.perf_counter()
        with context.Pool(2) as pool:
            result = pool.apply(same, (1,))
            seconds = time.perf_counter() - began
        assert result == 1
        return seconds

    return rounds(5, turn) * 1e3


def futures_start():
    context = multiprocessing.get_context("fork")

    def turn():
        began = time.perf_counter()
        with ProcessPoolExecutor(2, mp_context=context) as pool:
            result = pool.submit(same, 1).result()
            seconds = time.perf_counter() - began
        assert result == 1
        return seconds

    return rounds(30, turn) * 1e3


def there_and_back(value):
    with multiprocessing.Pool(2) as pool:

        def turn():
            seconds, back = timed(pool.apply, same, (value,))
            assert len(back) == len(value)
            return seconds

        return rounds(5, turn) * 1e3


def numbers():
    return there_and_back([i * 0.5 for i in range(1, 1_000_001)])


def string():
    # Bytes: a string in Lua is a sequence of bytes.
    return there_and_back(b"x" * (100 << 20))


def memory():
    """The children's proportional set size, as in pool.lua."""

    def megabytes(pid):
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        return next(
            int(line.split()[1]) / 1024 for line in text.splitlines() if line.startswith("Pss:")
        )

    with multiprocessing.Pool(8) as pool:
        pool.map(same, range(1000), 1)
        time.sleep(0.1)
        children = multiprocessing.active_children()
        assert len(children) == 8
        return sum(megabytes(child.pid) for child in children) / 8


WORKLOADS = {
    "multiprocessing": {
        "singles": singles,
        "chunks": chunks,
        "task": task,
        "start": start,
        "list": numbers,
        "string": string,
        "memory": memory,
    },
    "futures": {"task": futures_task, "start": futures_start},
}

# A process started by spawn reads this file too.
if __name__ == "__main__":
    # Newer versions warn of fork beside threads; here only the pool's own threads run.
    warnings.simplefilter("ignore", DeprecationWarning)
    side, workload = sys.argv[1:]
    print(f"{workload}\t{WORKLOADS[side][workload]():.6g}")
