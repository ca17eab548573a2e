# SPDX-License-Identifier: BSD-3-Clause
"""A chain of 1,000 files, each made from the previous one, with doit."""

LENGTH = 1000


def copy(source, target):
    with open(source) as file, open(target, "w") as made:
        made.write(file.read())


def task_chain():
    for i in range(1, LENGTH + 1):
        yield {
            "name": f"n{i}",
            "file_dep": [f"n{i - 1}"],
            "targets": [f"n{i}"],
            "actions": [(copy, [f"n{i - 1}", f"n{i}"])],
        }
