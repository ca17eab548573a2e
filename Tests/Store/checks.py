# SPDX-License-Identifier: BSD-3-Clause
"""Runs the checks of a script: each function with @check, or those that the command line names."""
import sys

passed = failed = 0


def equal(found, expected, about=""):
    if found != expected:
        raise AssertionError(f"{about}\ngot      {found!r}\nexpected {expected!r}".lstrip("\n"))


def check(test):
    global passed, failed
    names = [name for name in sys.argv[1:] if not name.startswith("-")]
    if names and test.__name__ not in names:
        return test
    try:
        test()
        passed += 1
        print(f"ok      {test.__name__}", flush=True)
    except Exception as error:
        failed += 1
        kind = "" if isinstance(error, AssertionError) else f"{type(error).__name__} "
        print(f"FAILED  {test.__name__}: {kind}{error}", flush=True)
    return test


def end():
    """Prints the numbers, and ends the program."""
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)
