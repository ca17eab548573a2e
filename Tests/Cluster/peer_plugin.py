# SPDX-License-Identifier: BSD-3-Clause
"""The plugin for pytest that peer_suite.py uses: it replaces the engine's command, notes what each
test sends, and writes the outcomes to the file PEER_SUITE_JSON."""
import json
import os
import re
import sys

import peer_functions

WAY = os.environ["PEER_SUITE_WAY"]

results = {}
#: The functions that were replaced, by the name of the reference.
originals = {}
#: The row of the test that runs.
current = {"functions": [], "code": []}


def pytest_configure(config):
    if WAY == "python":
        return
    from ipyparallel import tests
    from ipyparallel.cluster import launcher

    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "peer_suite.py")
    command = [sys.executable, program, "engine"]
    launcher.ipengine_cmd_argv[:] = command
    assert tests.ipengine_cmd_argv is launcher.ipengine_cmd_argv
    assert launcher.LocalEngineLauncher().engine_cmd == command
    watch_functions()
    watch_code()
    if WAY == "translate":
        define_functions(os.path.dirname(tests.__file__))
        name_exceptions()


# --- what is sent -----------------------------------------------------------------------------


def replaced(f):
    """The reference to send in place of a function; a function that has none is noted."""
    import ipyparallel as ipp

    module = getattr(f, "__module__", None) or ""
    if not callable(f) or isinstance(f, (ipp.Reference, ipp.serialize.PrePickled)):
        return f
    if module.startswith("ipyparallel.") and not module.startswith("ipyparallel.tests"):
        return f
    name = peer_functions.lua_name(f) if WAY == "translate" else None
    if name is None:
        current["functions"].append(getattr(f, "__qualname__", str(f)))
        return f
    originals[name] = f
    return ipp.Reference(name)


def watch_functions():
    """Replaces or notes the functions that are called or sent."""
    from ipyparallel import Client, serialize
    from ipyparallel.serialize import canning

    send, pickle, can = Client.send_apply_request, serialize.PrePickled.__init__, \
        canning.CannedFunction.__init__

    def send_apply_request(self, socket, f, args=None, kwargs=None, **options):
        f = replaced(f)
        original = originals.get(getattr(f, "name", None))
        if original and kwargs:
            args, kwargs = peer_functions.positional(original, args or [], kwargs)
        return send(self, socket, f, args, kwargs, **options)

    def prepickle(self, obj):
        new = replaced(obj)
        self.name, self.obj = getattr(new, "name", None), new
        pickle(self, new)

    def can_function(self, f):
        module = f.__module__ or ""
        if not module.startswith("ipyparallel.") or module.startswith("ipyparallel.tests"):
            current["functions"].append(f.__qualname__)
        can(self, f)

    Client.send_apply_request = send_apply_request
    serialize.PrePickled.__init__ = prepickle
    canning.CannedFunction.__init__ = can_function


def watch_code():
    """Notes the code that is executed."""
    from ipyparallel import Client

    send = Client.send_execute_request

    def send_execute_request(self, socket, code, *args, **options):
        lua = peer_functions.script(code) if WAY == "translate" else None
        if lua is None:
            current["code"].append(code)
        code = lua or code
        return send(self, socket, code, *args, **options)

    Client.send_execute_request = send_execute_request


def define_functions(folder):
    """Defines the functions on the engines, when a test has cleared them and before calls."""
    from ipyparallel import Client

    code = peer_functions.definitions(folder)
    create, clear, send = Client.__init__, Client.clear, Client.send_apply_request

    def init(self, *args, **options):
        create(self, *args, **options)
        options.pop("context", None)
        self.defined = set()
        self.same = lambda: Client(*args, **options)

    def define(client):
        new = set(client.ids) - client.defined
        if not new:
            return
        # With a client of its own: the test's has a history.
        noted = len(current["code"])
        helper = client.same()
        helper[sorted(new & set(helper.ids))].execute(code, block=True)
        helper.close()
        client.defined |= new
        del current["code"][noted:]

    def clear_and_define(self, *args, **options):
        result = clear(self, *args, **options)
        self.defined = set()
        define(self)
        return result

    def send_apply_request(self, socket, f, *args, **options):
        # Engines that have joined since; other engines may be busy.
        if replaced(f) is not f or getattr(f, "name", None) in originals:
            define(self)
        return send(self, socket, f, *args, **options)

    Client.__init__ = init
    Client.clear, Client.send_apply_request = clear_and_define, send_apply_request


def name_exceptions():
    """Gives errors of Lua the name of the exception that a function of Python would have raised."""
    from ipyparallel import error

    unwrap = error.unwrap_exception

    def unwrap_exception(content):
        content = dict(content)
        text = content.get("evalue") or ""
        if content.get("ename") == "LuaError":
            name = re.search(r"\b\w+(Error|Exception)\b", text)
            undefined = re.search(r"there is no global|call a nil value \(global", text)
            content["ename"] = name[0] if name else "NameError" if undefined else "LuaError"
            content["traceback"] = content["traceback"] + [content["ename"]]
        return unwrap(content)

    error.unwrap_exception = unwrap_exception


# --- outcomes ---------------------------------------------------------------------------------


def needs_engines(item):
    return {"cluster", "Cluster"} & set(item.fixturenames) or item.path.stem == "test_label"


def pytest_collection_modifyitems(config, items):
    config.hook.pytest_deselected(items=[item for item in items if not needs_engines(item)])
    items[:] = [item for item in items if needs_engines(item)]


def name_of(report):
    # The location has the file of a test, which several modules may import.
    return os.environ["PEER_SUITE_MODULE"] + "::" + report.location[2]


def pytest_collection_finish(session):
    for item in session.items:
        results[name_of(item)] = {
            "outcome": "not run", "text": "", "functions": [], "code": []}


def pytest_runtest_setup(item):
    global current
    current = results[name_of(item)]


def pytest_runtest_logreport(report):
    row = results[name_of(report)]
    if report.when == "call" and report.passed:
        row["outcome"] = "passed"
    elif report.failed:
        row["outcome"] = "failed"
        row["text"] += f"{report.longrepr}\n"
    elif report.skipped and row["outcome"] == "not run":
        row["outcome"] = "expected to fail" if hasattr(report, "wasxfail") else "skipped"
        row["text"] += str(report.longrepr)
    if results:
        with open(os.environ["PEER_SUITE_JSON"], "w") as file:
            json.dump(results, file)
