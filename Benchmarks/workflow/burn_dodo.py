# SPDX-License-Identifier: BSD-3-Clause
"""The 18 tasks of burn.lua with doit."""

import time


def burn():
    stop = time.process_time() + 0.2
    while time.process_time() < stop:
        pass


def task_burn():
    for i in range(1, 19):
        yield {"name": f"n{i}", "actions": [burn]}
