# SPDX-License-Identifier: BSD-3-Clause
"""The chain of flow.lua with joblib.Memory and with Hamilton's disk cache.

    python3 store.py joblib|hamilton DIRECTORY LENGTH BYTES

Prints the milliseconds a step costs beyond its own work: `fresh`, when its result is kept, and
`inside`, when it is found again in the same process.
"""

import gc
import os
import sys
import time
import types

os.environ["HAMILTON_TELEMETRY_ENABLED"] = "false"

SOURCE = """
import struct

def add_one(value: int, bytes: int) -> tuple:
    text = b"".join(
        struct.pack("<Q", (value * 1000003 + i) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF)
        for i in range(bytes // 8))
    return value + 1, text
"""


def timed(body):
    gc.collect()
    began = time.perf_counter()
    body()
    return time.perf_counter() - began


def by_joblib(directory, length, size):
    from joblib import Memory

    module = types.ModuleType("chain")
    path = os.path.join(directory, "chain.py")
    with open(path, "w") as file:
        file.write(SOURCE)
    sys.path.insert(0, directory)
    module = __import__("chain")
    kept = Memory(os.path.join(directory, "joblib"), verbose=0).cache(module.add_one)

    def run(step):
        value = 0
        for _ in range(length):
            value, _ = step(value, size)
        assert value == length

    plain = timed(lambda: run(module.add_one))
    fresh = timed(lambda: run(kept)) - plain
    return fresh, [timed(lambda: run(kept)) for _ in range(5)]


def by_hamilton(directory, length, size):
    import logging

    from hamilton import base, driver

    logging.disable(logging.WARNING)
    path = os.path.join(directory, "steps.py")
    with open(path, "w") as file:
        file.write(SOURCE.replace("def add_one", "def _add_one"))
        for i in range(1, length + 1):
            file.write(f"\ndef n{i}(n{i - 1}: tuple) -> tuple:\n    return _add_one(n{i - 1}[0], {size})\n")
    sys.path.insert(0, directory)
    # Hamilton walks the graph by recursion.
    sys.setrecursionlimit(30 * length + 1000)
    module = __import__("steps")

    def built(*, cached):
        builder = driver.Builder().with_modules(module).with_adapters(base.DictResult())
        return (builder.with_cache(path=os.path.join(directory, "hamilton")) if cached else builder).build()

    def run(chain):
        assert chain.execute([f"n{length}"], inputs={"n0": (0, b"")})[f"n{length}"][0] == length

    plain = built(cached=False)
    run(plain)
    without = timed(lambda: run(plain))
    kept = built(cached=True)
    fresh = timed(lambda: run(kept)) - without
    return fresh, [timed(lambda: run(kept)) for _ in range(3)]


def main():
    way, directory, length, size = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    fresh, again = {"joblib": by_joblib, "hamilton": by_hamilton}[way](directory, length, size)
    print(f"fresh\t{fresh / length * 1e3:.5f}")
    print(f"inside\t{sorted(again)[len(again) // 2] / length * 1e3:.5f}")


main()
