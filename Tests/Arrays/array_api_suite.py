# SPDX-License-Identifier: BSD-3-Clause
"""Runs the Array API standard's own test-suite on Lua's arrays:

    VTLUA_ARRAY_API_TESTS=FOLDER Tests/Arrays/array_api_suite.py [argument of pytest...]

The folder is a checkout of github.com/data-apis/array-api-tests with its submodule. The tests in
array_api_xfails.txt may fail. docs/testing.md has the numbers. ARRAY_API_TESTS_MODULE=numpy runs the
suite on NumPy.
"""

import importlib.util
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
VERSION = "2025.12"
NEEDED = ["array_api_strict", "hypothesis", "ndindex", "pytest"]


def main(arguments):
    folder = os.environ.get("VTLUA_ARRAY_API_TESTS")
    if not folder:
        sys.exit("VTLUA_ARRAY_API_TESTS must name a checkout of data-apis/array-api-tests")
    if not os.path.isdir(os.path.join(folder, "array_api_tests")):
        sys.exit("%s: there is no folder array_api_tests" % folder)
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        sys.exit("the test-suite needs %s: %s -m pip install array-api-strict -r %s" % (
            ", ".join(missing), sys.executable, os.path.join(folder, "requirements.txt")))
    environment = dict(os.environ)
    environment.setdefault("ARRAY_API_TESTS_VERSION", VERSION)
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [HERE, os.environ.get("PYTHONPATH")]))
    if environment.setdefault("ARRAY_API_TESTS_MODULE", "array_api_vtlua") == "array_api_vtlua":
        arguments = ["--xfails-file", os.path.join(HERE, "array_api_xfails.txt")] + arguments
    return subprocess.call(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--disable-deadline",
         "--tb=short", "-rfEx"] + arguments + ["array_api_tests"],
        cwd=folder, env=environment)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
