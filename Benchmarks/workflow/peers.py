# SPDX-License-Identifier: BSD-3-Clause
"""Trivial tasks of two peers: peers.py joblib|memory|dask COUNT

Prints the microseconds of wall time a task.

joblib  Parallel on two threads
memory  Memory, each result stored
dask    delayed functions on two threads of its local scheduler
"""

import sys
import tempfile
import time


def add_one(x):
    return x + 1


def main():
    way, count = sys.argv[1], int(sys.argv[2])
    if way == "dask":
        import dask

        def run():
            task = dask.delayed(add_one, pure=False)
            return dask.compute(*[task(i) for i in range(count)], scheduler="threads", num_workers=2)
    else:
        import joblib

        def run():
            if way == "joblib":
                return joblib.Parallel(n_jobs=2, backend="threading")(
                    joblib.delayed(add_one)(i) for i in range(count))
            with tempfile.TemporaryDirectory() as directory:
                kept = joblib.Memory(directory, verbose=0).cache(add_one)
                return [kept(i) for i in range(count)]
    began = time.perf_counter()
    result = run()
    seconds = time.perf_counter() - began
    assert result[-1] == count and len(result) == count
    print(seconds / count * 1e6)


if __name__ == "__main__":
    main()
