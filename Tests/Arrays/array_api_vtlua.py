# SPDX-License-Identifier: BSD-3-Clause
"""The namespace of the Array API standard over Lua's arrays, for the standard's test-suite:

    PYTHONPATH=Tests/Arrays ARRAY_API_TESTS_MODULE=array_api_vtlua pytest array_api_tests

Functions that it does not have yet fail there. array_api_lua.py, array_api_functions.py and
array_api_extensions.py have what they do.
"""

import math
import types

import array_api_extensions  # noqa: F401
import array_api_lua

__array_api_version__ = "2025.12"
e, inf, nan, pi, newaxis = math.e, math.inf, math.nan, math.pi, None

globals().update(array_api_lua.DTYPES)
globals().update(
    (name, f) for name, f in array_api_lua.FUNCTIONS.items() if "." not in name)

linalg, fft = types.SimpleNamespace(), types.SimpleNamespace()
for name, f in array_api_lua.FUNCTIONS.items():
    if "." in name:
        setattr(globals()[name.split(".")[0]], name.split(".")[1], f)
