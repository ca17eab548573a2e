#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# What tasks look at on workers of each kind: Tests/Store/workers.py [--engines] [NAME...]
#
# Needs VTLUA_BINARY. With --engines, the engines of a cluster are tested instead of pools, which
# needs VTLUA_IPCONTROLLER.
# In each case a module of a workflow runs tasks, and only these require a module, read a file or a
# variable of the environment. The node must be cached while that stays the same, and computed again
# after a change.
import json, os, subprocess, sys, tempfile
from pathlib import Path

vtlua = os.environ["VTLUA_BINARY"]
LIMIT = 120  # seconds of each wait; the bound only ends a test that hangs
os.environ.pop("VTLUA_STORE", None)
chosen = sys.argv[1:]

POOLS = {
    "serial": "parallel.serial(%s)",
    "threads": "parallel.threads(%s)",
    "processes": "parallel.processes(%s)",
}
has_engines = "--engines" in chosen
if has_engines:
    chosen.remove("--engines")
    # The engines work in the project's directory. They have the environment of their start.
    POOLS = {
        "engines": "parallel.get_client { ask = false }:load_balanced_view(%s)",
        "engines, direct": "parallel.get_client { ask = false }:direct_view(%s)",
    }

# What a task does, as the body of a function that returns a value.
LOOKS = {
    "require": "return require('late').value",
    "file": "local f <close> = assert(io.open('data.txt')); return f:read('a')",
    "lines": "for line in io.lines('data.txt') do return line end",
    "dofile": "return dofile('part.lua')",
    "environment": "return os.getenv('OF_WORKERS') or 'none'",
}
# The way in which a module has a task do it. LOOK is the body.
WAYS = {
    "map": "local r = pool:map(function(n) LOOK end, { 1, 2 }); y = r[1]",
    "imap": "for _, v in pool:imap(function(n) LOOK end, { 1, 2 }) do y = v end",
    "apply": "y = pool:apply(function() LOOK end)",
    "retry": "local r = pool:map(function(n, path) local v = (function() LOOK end)(); "
             "if not tried then tried = true; error('once') end; return v end, "
             "{ 1 }, { retries = 1 }); y = r[1]",
    "inner serial": "y = pool:apply(function() local inner = parallel.serial(); "
                    "return inner:apply(function() LOOK end) end)",
    "execute": "pool:execute [[ y = (function() LOOK end)() ]]; y = pool:apply(function() return _G.y end)",
}
ONLY_POOLS = {
    "initializer": ("initializer = function() kept = (function() LOOK end)() end",
                    "y = pool:apply(function() return kept end)"),
}
# Fields of modules that functions have as upvalues.
UPVALUE = ("local late = require 'late'",
           "local r = pool:map(function(n) return late.read() end, { 1, 2 }); y = r[1]")


class Project:
    def __enter__(self):
        self.directory = tempfile.TemporaryDirectory()
        self.path = Path(self.directory.name)
        (self.path / "modules").mkdir()
        self.environment = dict(os.environ, OF_WORKERS="a")
        self.change("a")
        if has_engines:
            self.environment["IPYTHONDIR"] = str(self.path / "ipython")
            self.cluster("start", "-n", "2")
        return self

    def __exit__(self, *_):
        if has_engines:
            self.cluster("stop")
        self.directory.cleanup()

    def cluster(self, *arguments):
        subprocess.run(
            [vtlua, "cluster", *arguments], cwd=self.path, env=self.environment, timeout=LIMIT,
            check=True, stdout=subprocess.DEVNULL)

    def change(self, text):
        """Changes all that tasks look at."""
        value = f"'{text}'"
        (self.path / "modules/late.lua").write_text(
            f"local M = {{ value = {value} }}\nfunction M.read() return M.value end\nreturn M\n")
        (self.path / "data.txt").write_text(text)
        (self.path / "part.lua").write_text(f"return {value}\n")
        self.environment["OF_WORKERS"] = text

    def module(self, pool, body, options="", head=""):
        end = "" if "get_client" in pool else "pool:close()"
        (self.path / "modules/m.lua").write_text(
            f"{head}\nlocal M = vt.module {{ name = 'test.m', outputs = {{ y = 'string' }} }}\n"
            f"function M:compute()\n  local y\n  local pool = {pool % options}\n  {body}\n  {end}\n"
            "  return { y = y }\nend\nreturn M\n")
        (self.path / "flow.lua").write_text(
            "local flow = vt.workflow { name = 'workers' }\nlocal m = flow:add('m', 'm')\n"
            "return flow:outputs { y = m.y }\n")

    def run(self):
        """Returns the output, and whether the node was computed."""
        done = subprocess.run(
            [vtlua, "run", "--json", "flow.lua"], cwd=self.path, env=self.environment, timeout=LIMIT,
            capture_output=True, text=True)
        if done.returncode != 0:
            return None, done.stderr
        result = json.loads(done.stdout)
        return result["outputs"]["y"], result["nodes"][0]["status"]


def cases():
    for kind, pool in POOLS.items():
        for look, code in LOOKS.items():
            if has_engines and look == "environment":
                continue
            for way, body in WAYS.items():
                if way == "retry" and look != "file":
                    continue
                # Code for every worker, and a value from one.
                if kind == "engines" and way == "execute":
                    continue
                if kind == "engines, direct" and way not in ("apply", "execute"):
                    continue
                yield f"{kind}, {way}, {look}", pool, body.replace("LOOK", code), "", ""
            if has_engines:
                continue
            for way, (options, body) in ONLY_POOLS.items():
                count = "" if kind == "serial" else "n = 2, "
                yield (f"{kind}, {way}, {look}", pool, body,
                       "{ %s%s }" % (count, options.replace("LOOK", code)), "")
        if kind != "engines, direct":
            yield f"{kind}, upvalue, require", pool, UPVALUE[1], "", UPVALUE[0]


def check(project, name, pool, body, options, head):
    """Runs a case, and returns whether it passed."""
    project.change("a")
    project.module(pool, body, options, head)
    found = [project.run(), project.run()]
    project.change("other")
    found += [project.run(), project.run()]
    project.change("a")
    found.append(project.run())
    expected = [("a", "computed"), ("a", "cached"), ("other", "computed"), ("other", "cached"),
                ("a", "cached")]
    if found != expected:
        print(f"{name}:\n  found    {found}\n  expected {expected}")
    return found == expected


chosen_cases = [
    case for case in cases() if not chosen or any(part in case[0] for part in chosen)]
passed = 0
if has_engines:
    # A cluster takes seconds to start: all cases share one.
    with Project() as project:
        passed = sum(check(project, *case) for case in chosen_cases)
else:
    for case in chosen_cases:
        with Project() as project:
            passed += check(project, *case)
print(f"{passed} of {len(chosen_cases)} cases passed")
sys.exit(passed != len(chosen_cases))
