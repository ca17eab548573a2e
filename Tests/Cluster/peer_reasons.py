# SPDX-License-Identifier: BSD-3-Clause
"""Why a test of ipyparallel does not pass on engines of Lua."""
import re

FUNCTION = "sends a Python function"
CODE = "executes Python code"
MAGICS = "uses magics with Python code"
LIBRARIES = "uses NumPy, pandas or Python objects"
EXCEPTION = "expects the name of a Python exception, or a Python traceback"
PYTHON = "asks for something that only a Python process has"
SKIPPED = "is skipped: it needs a package or a machine that is not here"
XFAIL = "is expected to fail on engines of Python, too"
TRANSLATED = "passes without --translate, or its translation behaves otherwise"
REPLACED = "sees another engine take the place of one that an earlier test has killed"
ABORT = "expects that a request that failed aborts those that wait"
COALESCED = "misses the error of a worker that died in a coalesced reply, sometimes"
UNKNOWN = "has no known reason"

#: Tests whose reason cannot be seen in what they send.
KNOWN = {
    # Engines of Python read PYTHONSTARTUP, which ends them here.
    "test_wait_for_engines_crash": PYTHON,
    # The text of the log of an engine of Python.
    "test_get_output": PYTHON,
    # The Hub notes the requests that define the functions of Lua.
    "test_purge_all_hub_results": TRANSLATED,
    # A Lua worker that a test kills is replaced, while that of Python is gone.
    "test_push_pull": REPLACED,
    "test_map_generator": REPLACED,
    "test_autopx_nonblocking": ABORT,
    # Its function doubles a list.
    "test_parallel": FUNCTION,
    # `g[0]` is an expression of Python.
    "test_eval_reference": CODE,
    # In Lua an undefined global is nil, and 1/0 is infinite.
    "test_push_function_globals": EXCEPTION,
}

PYTHON_CODE = re.compile(
    r"^\s*(from|def|class|%|\[|for .*:$)|\bimport\b|\b1 ?/ ?0\b|b/c|lambda|=\s*\[|range\(|f\"",
    re.MULTILINE)
EXCEPTIONS = re.compile(
    r"raised \w+, but raised LuaError|there is no global|ZeroDivisionError|LuaError: \w+Error\b")


def reason(name, row):
    text = row["text"]
    function = name.split("::")[-1].split(".")[-1].split("[")[0]
    if row["outcome"] == "skipped":
        return SKIPPED
    if row["outcome"] == "expected to fail":
        return XFAIL
    known = KNOWN.get(function)
    # The last three can only be seen when nothing of Python was sent.
    sends_python = row["functions"] or row["code"]
    if known and not (sends_python and known in (TRANSLATED, REPLACED, ABORT)):
        return known
    if re.search("numpy|recarray|pandas|timeseries|namedtuple", function):
        return LIBRARIES
    if function == "test_z_crash_mux" and "test_view_broadcast" in name and not row["functions"]:
        return COALESCED
    if row["functions"] or "the result: it is a function" in text:
        return FUNCTION
    if any(PYTHON_CODE.search(code) for code in row["code"]):
        return MAGICS if name.startswith("test_magics") else CODE
    if EXCEPTIONS.search(text):
        return EXCEPTION
    return UNKNOWN
