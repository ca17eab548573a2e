# SPDX-License-Identifier: BSD-3-Clause
"""Runs the test-suite of the installed ipyparallel against engines of Lua.

    python peer_suite.py [--translate | --python-engines] [--json FILE] [--list] [TEST]...

Only the command that starts an engine is replaced: client, controller and tests are ipyparallel's own.
Needs VTLUA_BINARY, and a Python with ipyparallel, pytest and pytest-asyncio. Prints how many of the
tests that need engines pass, and the others by the reason. TEST is a module of the suite, such as
test_view, optionally with `::` and the name of a test.

  --translate       send simple functions and code of the tests in Lua
  --python-engines  use ipyparallel's own engines, for comparison
  --json FILE       also write the outcome and the text of each test
  --list            also print the names of the tests that do not pass

Exits with 1 when a test fails for which there is no known reason.
"""
import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile

import peer_reasons

SECONDS = 900  # of each module; the bound only ends a module that hangs


def engine(arguments):
    """Replaces this process by an engine of Lua with the profile, file and id of the arguments."""
    kept = [a for a in arguments if a.startswith(("--profile=", "--file=", "--cluster-id="))]
    os.execv(os.environ["VTLUA_BINARY"], ["vtlua", "engine", *kept])


def end_processes(mark):
    """Ends the controllers and engines that a module has left: they have the mark in their
    environment."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                if mark.encode() in file.read().split(b"\0"):
                    os.kill(int(pid), signal.SIGKILL)
        except OSError:
            pass


def run(test, way):
    """The outcomes of a module, or of one test."""
    with tempfile.TemporaryDirectory() as folder:
        outcomes = os.path.join(folder, "outcomes.json")
        path = [os.path.dirname(os.path.abspath(__file__)), os.environ.get("PYTHONPATH", "")]
        environment = dict(os.environ, PEER_SUITE_JSON=outcomes, PEER_SUITE_WAY=way,
                           PEER_SUITE_MODULE=test.split("::")[0],
                           PYTHONPATH=os.pathsep.join(path))
        # Native tracebacks: pytest's own read the source, and fail for deep recursions.
        command = [sys.executable, "-m", "pytest", "-q", "-p", "peer_plugin", "-p",
                   "no:cacheprovider", "-W", "ignore", "-o", "asyncio_mode=auto", "--tb=native",
                   "--pyargs", "ipyparallel.tests." + test]
        with open(os.path.join(folder, "log"), "w+") as log:
            try:
                subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                               stdout=log, stderr=log, timeout=SECONDS)
            except subprocess.TimeoutExpired:
                print(f"{test} was ended after {SECONDS} s")
            finally:
                end_processes("PEER_SUITE_JSON=" + outcomes)
            if os.path.exists(outcomes):
                with open(outcomes) as file:
                    return json.load(file)
            log.seek(0)
            text = log.read()
            if "deselected" not in text and "no tests ran" not in text:
                print(f"{test}: {text[-2000:]}")
            return {}


def counts(rows):
    found = {}
    for row in rows:
        found[row["outcome"]] = found.get(row["outcome"], 0) + 1
    return ", ".join(f"{n} {name}" for name, n in sorted(found.items())) or "nothing"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--translate", action="store_true")
    parser.add_argument("--python-engines", action="store_true")
    parser.add_argument("--json")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("tests", nargs="*")
    arguments = parser.parse_args()
    import ipyparallel.tests

    if not arguments.python_engines and not os.access(os.environ.get("VTLUA_BINARY", ""), os.X_OK):
        sys.exit("peer_suite.py: VTLUA_BINARY must be the path of the program")
    way = "python" if arguments.python_engines else "translate" if arguments.translate else "lua"
    folder = os.path.dirname(ipyparallel.tests.__file__)
    modules = arguments.tests or sorted(
        name[:-3] for name in os.listdir(folder) if name.startswith("test_"))
    outcomes = {}
    for module in modules:
        found = run(module, way)
        outcomes.update(found)
        if found:
            print(f"  {module}: {counts(found.values())}", flush=True)
    if arguments.json:
        with open(arguments.json, "w") as file:
            json.dump(outcomes, file, indent=1)

    print(f"ipyparallel {ipyparallel.__version__}: {len(outcomes)} tests need engines: "
          f"{counts(outcomes.values())}")
    if not outcomes:
        sys.exit("peer_suite.py: no test ran")
    reasons = {}
    for name, row in outcomes.items():
        if row["outcome"] != "passed":
            reasons.setdefault(peer_reasons.reason(name, row), []).append(name)
    for reason, names in sorted(reasons.items(), key=lambda item: -len(item[1])):
        print(f"{len(names):4} {reason}")
        if arguments.list or reason == peer_reasons.UNKNOWN:
            for name in names:
                print(f"       {name}")
    return peer_reasons.UNKNOWN in reasons


if __name__ == "__main__":
    if sys.argv[1:2] == ["engine"]:
        engine(sys.argv[2:])
    sys.exit(main())
