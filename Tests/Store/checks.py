# SPDX-License-Identifier: BSD-3-Clause
"""Runs the checks of a script: each function with @check, or those that the command line names."""
import sys

passed = failed = 0


def equal(found, expected, about=""):
    if found != expected:
        raise AssertionError(f"{about}\ngot      {found!r}\nexpected {expected!r}".lstrip("\n"))


def check(test):
    global passed, failed
    if len(sys.argv) > 1 and test.__name__ not in sys.argv[1:]:
        return test
    try:
        test()
        passed += 1
        print(f"ok      {test.__name__}")
    except AssertionError as error:
        failed += 1
        print(f"FAILED  {test.__name__}: {error}")
    return test


def end():
    """Prints the numbers, and ends the program."""
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
