# SPDX-License-Identifier: BSD-3-Clause
"""Running a side of a benchmark, and printing what it measures for scripts/bench."""
import subprocess
import sys

failed = set()


def call(place, *command, **more):
    """The output of a command that runs in the directory `place`; an error if it fails."""
    done = subprocess.run([str(c) for c in command], cwd=place, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=300, **more)
    if done.returncode:
        raise RuntimeError((done.stderr or done.stdout).strip()[-400:])
    return done.stdout


def measure(workload, side, value):
    """Prints what `value` measures. A side that has failed is left out from then on."""
    if (workload, side) in failed:
        return
    try:
        found = value()
    except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
        failed.add((workload, side))
        print(f"{workload}, {side}: failed; left out: {error}", file=sys.stderr)
        return
    print(workload, side, found, sep="\t", flush=True)
