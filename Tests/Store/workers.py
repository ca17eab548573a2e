#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# What tasks look at on workers of each kind: Tests/Store/workers.py [NAME...]
#
# Needs VTLUA_BINARY. With VTLUA_IPCONTROLLER, engines of a cluster are tested, too. In each case a
# module of a workflow runs tasks, and only these require a module, read a file or a variable of the
# environment. The node must be cached while that stays the same, and computed again after a change.
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
if "VTLUA_IPCONTROLLER" in os.environ:
    POOLS["engines"] = "parallel.get_client():load_balanced_view(%s)"

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
        return self

    def __exit__(self, *_):
        self.directory.cleanup()

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
            for way, body in WAYS.items():
                if way == "retry" and look != "file":
                    continue
                yield f"{kind}, {way}, {look}", pool, body.replace("LOOK", code), "", ""
            if kind == "engines":
                continue
            for way, (options, body) in ONLY_POOLS.items():
                count = "" if kind == "serial" else "n = 2, "
                yield (f"{kind}, {way}, {look}", pool, body,
                       "{ %s%s }" % (count, options.replace("LOOK", code)), "")
        yield f"{kind}, upvalue, require", pool, UPVALUE[1], "", UPVALUE[0]


failed = 0
count = 0
for name, pool, body, options, head in cases():
    if chosen and not any(part in name for part in chosen):
        continue
    count += 1
    with Project() as project:
        project.module(pool, body, options, head)
        found = [project.run(), project.run()]
        project.change("other")
        found += [project.run(), project.run()]
        project.change("a")
        found.append(project.run())
    expected = [("a", "computed"), ("a", "cached"), ("other", "computed"), ("other", "cached"),
                ("a", "cached")]
    # Engines keep the modules that they have loaded, and have the environment of their start.
    if found != expected:
        failed += 1
        print(f"{name}:\n  found    {found}\n  expected {expected}")
print(f"{count - failed} of {count} cases passed")
sys.exit(failed != 0)
