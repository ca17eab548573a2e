# SPDX-License-Identifier: BSD-3-Clause
"""1,000 tasks that do next to nothing, as doit has a parameter study."""


def task_square():
    for x in range(1, 1001):
        yield {"name": str(x), "actions": [(lambda x=x: {"y": x * x})], "uptodate": [True]}
