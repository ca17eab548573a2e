# SPDX-License-Identifier: BSD-3-Clause
"""The chain of chain.lua in Hamilton, measured in the same way.

    python3 chain_hamilton.py LENGTH ROUNDS

Without a result builder that would make a data frame, without adapters, with telemetry off.
"""

import gc
import os
import sys
import time
import types

os.environ["HAMILTON_TELEMETRY_ENABLED"] = "false"

from hamilton import base, driver  # noqa: E402


def chain(length):
    """A module of functions n1(n0), n2(n1) ... that each add one."""
    module = types.ModuleType("chain")
    sys.modules["chain"] = module
    source = "\n".join(
        f"def n{i}(n{i - 1}: int) -> int:\n    return n{i - 1} + 1" for i in range(1, length + 1)
    )
    exec(source, module.__dict__)
    return module


def main():
    length, rounds = int(sys.argv[1]), int(sys.argv[2])
    # Hamilton walks the graph by recursion.
    sys.setrecursionlimit(20 * length + 1000)
    last = f"n{length}"
    built = (
        driver.Builder()
        .with_modules(chain(length))
        .with_adapters(base.DictResult())
        .build()
    )
    for _ in range(rounds):
        gc.collect()
        began = time.process_time()
        result = built.execute([last], inputs={"n0": 0})
        seconds = time.process_time() - began
        assert result[last] == length, "the chain did not count to its length"
        print(f"{seconds / length * 1e6:.4f}")


main()
