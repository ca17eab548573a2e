#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# Random projects and random edits: Tests/Store/edits.py [--all] [--edits N] [--seed N]
#
# A project consists of modules whose `compute` adds up numbers, which come from all the places where Lua
# code can have them: upvalues, globals, metatables, libraries, files, the environment. After each edit,
# the run with stored results must give the same outputs as a run without them, and a further run must
# compute nothing. The test knows nothing of keys. With --all, it makes 10,000 edits.
#
# Needs VTLUA_BINARY.
import json, os, random, shutil, subprocess, sys, tempfile
from pathlib import Path

vtlua = os.environ["VTLUA_BINARY"]
os.environ.pop("VTLUA_STORE", None)


def option(name, default):
    return int(sys.argv[sys.argv.index(name) + 1]) if name in sys.argv else default


EDITS = option("--edits", 10_000 if "--all" in sys.argv else 250)
SEED = option("--seed", 1)
PER_PROJECT = 25
LIMIT = 60  # seconds of a run; the bound only ends a test that hangs


class Project:
    """Texts of files, made of features. Each feature has a number that an edit changes."""

    def __init__(self, rng):
        self.rng = rng
        self.numbers = {}
        self.environment = {}
        self.nodes = []
        for node in range(rng.randint(2, 4)):
            kinds = rng.sample(sorted(FEATURES), rng.randint(1, 4))
            self.nodes.append([(kind, f"{kind}_{node}") for kind in kinds])
        for node in self.nodes:
            for _, name in node:
                self.numbers[name] = rng.randint(1, 9)
        self.comments = 0

    def edit(self):
        """Changes a number, or now and then something that no result depends on."""
        if self.rng.random() < 0.15:
            self.comments += 1
            return "a comment"
        name = self.rng.choice(sorted(self.numbers))
        self.numbers[name] = self.rng.randint(1, 9)
        return f"{name} = {self.numbers[name]}"

    def write(self, folder):
        files, self.environment = {}, {}
        top, after, add = [], [], []
        for position, node in enumerate(self.nodes):
            head, inputs, wired, body = [], ["x = 'number'"], [], []
            for kind, name in node:
                part = FEATURES[kind](name, self.numbers[name])
                top += part.get("top", [])
                head += part.get("head", [])
                inputs += part.get("inputs", [])
                wired += part.get("wired", [])
                body += part.get("body", [])
                after += part.get("after", [])
                files.update(part.get("files", {}))
                self.environment.update(part.get("environment", {}))
            lines = "\n  ".join(body)
            files[f"modules/m{position}.lua"] = (
                f"-- {self.comments}\n" + "\n".join(head) + f"""
local M = vt.module {{ name = "m{position}", version = "1",
  inputs = {{ {", ".join(inputs)} }}, outputs = {{ y = "number" }} }}
function M:compute(i)
  local sum = i.x
  {lines}
  return {{ y = sum }}
end
return M
""")
            source = "1" if position == 0 else f"n{position - 1}.y"
            add.append(f"local n{position} = flow:add('n{position}', 'm{position}', "
                       f"{{ {', '.join([f'x = {source}'] + wired)} }})")
        last = len(self.nodes) - 1
        files["flow.lua"] = "\n".join(
            top + ["local flow = vt.workflow { name = 'edits' }"] + add + after
            + [f"return flow:outputs {{ {', '.join(f'y{k} = n{k}.y' for k in range(last + 1))} }}",
               ""])
        for path, text in files.items():
            path = folder / path
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists() or path.read_text() != text:
                path.write_text(text)


def lib(name, k, folder="modules"):
    return {f"{folder}/{name}.lua": f"local L = {{}}\nfunction L.get() return {k} end\nreturn L\n"}


# Each feature: lines at the top of the flow, lines at the head of the module, declarations of inputs, their
# values, lines of `compute`, files.
FEATURES = {
    "upvalue": lambda n, k: {"head": [f"local {n} = {k}"], "body": [f"sum = sum + {n}"]},
    "table": lambda n, k: {"head": [f"local {n} = {{ a = {{ b = {k} }} }}"],
                           "body": [f"sum = sum + {n}.a.b"]},
    "closure": lambda n, k: {"head": [f"local {n} = (function(v) return function() return v end end)({k})"],
                             "body": [f"sum = sum + {n}()"]},
    "metatable": lambda n, k: {"head": [f"local {n} = setmetatable({{}}, {{ __index = {{ v = {k} }} }})"],
                               "body": [f"sum = sum + {n}.v"]},
    "function_key": lambda n, k: {"head": [f"local {n} = {{ [print] = {k}, [{{ 1 }}] = 1 }}"],
                                  "body": [f"sum = sum + {n}[print]"]},
    "self": lambda n, k: {"after": [f"require('m0').{n} = {k}"], "body": [f"sum = sum + (self.{n} or 0)"]},
    "global": lambda n, k: {"top": [f"{n} = {k}"], "body": [f"sum = sum + {n}"]},
    "g_field": lambda n, k: {"top": [f"{n} = {k}"], "body": [f"sum = sum + _G.{n}"]},
    "g_name": lambda n, k: {"top": [f"{n} = {k}"],
                            "body": [f"local key = '{n[:3]}' .. '{n[3:]}'", "sum = sum + _G[key]"]},
    "rawget": lambda n, k: {"top": [f"{n} = {k}"], "body": [f"sum = sum + rawget(_G, '{n}')"]},
    "env_value": lambda n, k: {"top": [f"{n} = {k}"],
                               "body": ["local env = _ENV", f"sum = sum + env['{n}']"]},
    "env_local": lambda n, k: {"head": [f"local get_{n} do local _ENV = {{ v = {k} }}",
                                        f"function get_{n}() return v end end"],
                               "body": [f"sum = sum + get_{n}()"]},
    "env_parameter": lambda n, k: {"head": [f"local function get_{n}(_ENV) return v end",
                                            f"local {n} = {{ v = {k} }}"],
                                   "body": [f"sum = sum + get_{n}({n})"]},
    "load": lambda n, k: {"top": [f"{n} = {k}"], "body": [f"sum = sum + load('return {n}')()"]},
    "debug": lambda n, k: {"top": [f"{n} = {k}"],
                           "body": [f"sum = sum + debug.getregistry()[2]['{n}']"]},
    "global_function": lambda n, k: {"top": [f"function {n}() return {k} end"],
                                     "body": [f"sum = sum + {n}()"]},
    "globals_metatable": lambda n, k: {
        "top": ["local mt = getmetatable(_G) or {}", "mt.__index = mt.__index or {}",
                f"mt.__index.{n} = {k}", "setmetatable(_G, mt)"],
        "body": [f"sum = sum + {n}"]},
    "library_constant": lambda n, k: {"top": [f"math.{n} = {k}"], "body": [f"sum = sum + math.{n}"]},
    "library_table": lambda n, k: {"top": [f"table.{n} = {{ v = {k} }}"],
                                   "body": [f"sum = sum + table.{n}.v"]},
    "string_method": lambda n, k: {"top": [f"function string.{n}(s) return {k} end"],
                                   "body": [f"sum = sum + ('x'):{n}()"]},
    "string_metatable": lambda n, k: {"top": [f"getmetatable('').__call = function() return {k} end"],
                                      "body": ["sum = sum + ('x')()"]},
    "nil_metatable": lambda n, k: {"top": [f"debug.setmetatable(nil, {{ __index = {{ v = {k} }} }})"],
                                   "body": ["local none", "sum = sum + none.v"]},
    "number_metatable": lambda n, k: {"top": [f"debug.setmetatable(0, {{ __call = function() return {k} end }})"],
                                      "body": ["sum = sum + (1)()"]},
    "require_top": lambda n, k: {"head": [f"local {n} = require '{n}'"], "files": lib(n, k),
                                 "body": [f"sum = sum + {n}.get()"]},
    "require_inside": lambda n, k: {"files": lib(n, k), "body": [f"sum = sum + require('{n}').get()"]},
    "require_local": lambda n, k: {"head": ["local load_module = require", f"local name_{n} = '{n}'"],
                                   "files": lib(n, k),
                                   "body": [f"sum = sum + load_module(name_{n}).get()"]},
    "require_table": lambda n, k: {"head": [f"local t_{n} = {{ r = require, n = {{ '{n}' }} }}"],
                                   "files": lib(n, k),
                                   "body": [f"sum = sum + t_{n}.r(t_{n}.n[1]).get()"]},
    "require_built": lambda n, k: {"files": lib(n, k),
                                   "body": [f"sum = sum + require('{n[:4]}' .. '{n[4:]}').get()"]},
    "require_helper": lambda n, k: {"head": [f"local function get_{n}(name) return require(name).get() end"],
                                    "files": lib(n, k), "body": [f"sum = sum + get_{n}('{n}')"]},
    "require_global": lambda n, k: {"files": lib(n, k),
                                    "body": [f"sum = sum + _G.require('{n}').get()"]},
    "require_nested": lambda n, k: {
        "files": {**lib(n + "_in", k),
                  f"modules/{n}.lua": f"return {{ get = function() return require('{n}_in').get() end }}\n"},
        "body": [f"sum = sum + require('{n}').get()"]},
    "require_reads_global": lambda n, k: {
        "top": [f"{n}_k = {k}"],
        "files": {f"modules/{n}.lua": f"return {{ get = function() return {n}_k end }}\n"},
        "body": [f"sum = sum + require('{n}').get()"]},
    "require_reads_file": lambda n, k: {
        "files": {f"modules/{n}.lua": f"local f = io.open('{n}.txt') local v = f:read('n') f:close()\n"
                                      f"return {{ get = function() return v end }}\n",
                  f"{n}.txt": f"{k}\n"},
        "body": [f"sum = sum + require('{n}').get()"]},
    "require_missing": lambda n, k: {
        "files": lib(n, k) if k > 4 else {},
        "body": [f"local ok, found = pcall(require, '{n}_{k > 4 and 1 or 0}')",
                 f"sum = sum + (ok and found.get() or 0)"]},
    "preload": lambda n, k: {"top": [f"package.preload['{n}'] = function() return {{ v = {k} }} end"],
                             "body": [f"sum = sum + require('{n}').v"]},
    "loaded": lambda n, k: {"top": [f"package.loaded['{n}'] = {{ v = {k} }}"],
                            "body": [f"sum = sum + require('{n}').v"]},
    "changed_module": lambda n, k: {"top": [f"require('{n}').k = {k}"],
                                    "files": {f"modules/{n}.lua": "return { k = 0 }\n"},
                                    "body": [f"sum = sum + require('{n}').k"]},
    "deep_changed_module": lambda n, k: {"top": [f"require('{n}').set({k})"],
                                         "files": {f"modules/{n}.lua":
                                                   "local v = 0\nreturn { set = function(x) v = x end, "
                                                   "get = function() return v end }\n"},
                                         "body": [f"sum = sum + require('{n}').get()"]},
    "path": lambda n, k: {"top": [f"package.path = 'lib{k % 3}/?.lua;' .. package.path"],
                          "files": {f"lib{d}/{n}.lua": f"return {{ get = function() return {d} end }}\n"
                                    for d in range(3)},
                          "body": [f"sum = sum + require('{n}').get()"]},
    "dofile": lambda n, k: {"files": {f"{n}.lua": f"return {k}\n"}, "body": [f"sum = sum + dofile('{n}.lua')"]},
    "loadfile": lambda n, k: {"files": {f"{n}.lua": f"return {k}\n"},
                              "body": [f"sum = sum + loadfile('{n}.lua')()"]},
    "open": lambda n, k: {"files": {f"{n}.txt": f"{k}\n"},
                          "body": [f"local f <close> = io.open('{n}.txt')", "sum = sum + f:read('n')"]},
    "lines": lambda n, k: {"files": {f"{n}.txt": f"{k}\n"},
                           "body": [f"for line in io.lines('{n}.txt') do sum = sum + tonumber(line) end"]},
    "input": lambda n, k: {"files": {f"{n}.txt": f"{k}\n"},
                           "body": [f"io.input('{n}.txt')", "sum = sum + io.read('n')", "io.close(io.input())",
                                    "io.input(io.stdin)"]},
    "getenv": lambda n, k: {"environment": {n.upper(): str(k)},
                            "body": [f"sum = sum + tonumber(os.getenv('{n.upper()}'))"]},
    "compute": lambda n, k: {
        "files": {f"modules/{n}.lua": f"local M = vt.module {{ name = '{n}', outputs = {{ v = 'number' }} }}\n"
                                      f"function M:compute() return {{ v = {k} }} end\nreturn M\n"},
        "body": [f"sum = sum + vt.compute('{n}', {{}}).v"]},
    "inner_run": lambda n, k: {
        "files": {f"modules/{n}.lua": f"local M = vt.module {{ name = '{n}', outputs = {{ v = 'number' }} }}\n"
                                      f"function M:compute() return {{ v = {k} }} end\nreturn M\n"},
        "body": ["local inner = vt.workflow { name = 'inner' }",
                 f"inner:outputs {{ v = inner:add('a', '{n}').v }}",
                 "sum = sum + inner:run().outputs.v"]},
    "default": lambda n, k: {"inputs": [f"{n} = {{ 'number', default = {k} }}"], "body": [f"sum = sum + i.{n}"]},
    "constant": lambda n, k: {"inputs": [f"{n} = 'number'"], "wired": [f"{n} = {k}"],
                              "body": [f"sum = sum + i.{n}"]},
    "function_input": lambda n, k: {"inputs": [f"{n} = 'function'"],
                                    "wired": [f"{n} = function() return {k} end"],
                                    "body": [f"sum = sum + i.{n}()"]},
    "file": lambda n, k: {"inputs": [f"{n} = 'file'"], "wired": [f"{n} = '{n}.txt'"],
                          "files": {f"{n}.txt": f"{k}\n"},
                          "body": [f"local f <close> = io.open(i.{n})", "sum = sum + f:read('n')"]},
    "directory": lambda n, k: {"inputs": [f"{n} = 'dir'"], "wired": [f"{n} = '{n}'"],
                               "files": {f"{n}/a/v.txt": f"{k}\n"},
                               "body": [f"local f <close> = io.open(i.{n} .. '/a/v.txt')",
                                        "sum = sum + f:read('n')"]},
    "type": lambda n, k: {"head": [f"local {n} = vt.type {{ name = '{n}', convert = function(v) return v + {k} end }}"],
                          "inputs": [f"{n} = {n}"], "wired": [f"{n} = 1"], "body": [f"sum = sum + i.{n}"]},
    "require_coroutine": lambda n, k: {
        "files": lib(n, k),
        "body": [f"coroutine.wrap(function() sum = sum + require('{n}').get() end)()"]},
    "generator_reads": lambda n, k: {
        "files": {f"{n}.txt": f"{k}\n"},
        "body": [f"for v in coroutine.wrap(function() for l in io.lines('{n}.txt') do coroutine.yield(l) end end) do",
                 "sum = sum + tonumber(v) end"]},
    "failed_require_reads": lambda n, k: {
        "files": {f"{n}.txt": f"{k}\n",
                  f"modules/{n}.lua": f"local f = io.open('{n}.txt') local v = f:read('n') f:close() error({{ v = v }})\n"},
        "body": [f"local ok, problem = pcall(require, '{n}')", "sum = sum + problem.v"]},
    "caught_error_reads": lambda n, k: {
        "files": {f"{n}.txt": f"{k}\n"},
        "body": [f"local ok, v = pcall(function() error(assert(io.open('{n}.txt')):read('n')) end)",
                 "sum = sum + v"]},
    "handler_requires": lambda n, k: {
        "files": lib(n, k),
        "body": [f"local ok, v = xpcall(error, function() return require('{n}').get() end)", "sum = sum + v"]},
    "close_requires": lambda n, k: {
        "files": lib(n, k),
        "body": [f"do local c <close> = setmetatable({{}}, {{ __close = function() "
                 f"sum = sum + require('{n}').get() end }}) end"]},
    "iterator_partly": lambda n, k: {
        "files": lib(n, k),
        "body": [f"for _, v in parallel.serial():imap(function() return require('{n}').get() end, {{ 1, 2, 3 }}) do",
                 "sum = sum + v break end"]},
    "thread_iterator_partly": lambda n, k: {
        "files": lib(n, k),
        "body": ["local pool <close> = parallel.threads(1)",
                 f"for _, v in pool:imap(function() return require('{n}').get() end, {{ 1, 2, 3 }}) do",
                 "sum = sum + v break end"]},
    "thread_task_catches": lambda n, k: {
        "files": {f"{n}.txt": f"{k}\n"},
        "body": ["local pool <close> = parallel.threads(1)",
                 f"sum = sum + pool:apply(function() local ok, v = pcall(function() "
                 f"error(assert(io.open('{n}.txt')):read('n')) end) return v end)"]},
    "task_error": lambda n, k: {
        "files": {f"{n}.txt": f"{k}\n"},
        "body": ["local pool <close> = parallel.threads(1)",
                 f"local ok, e = pcall(pool.apply, pool, function() "
                 f"error({{ v = assert(io.open('{n}.txt')):read('n') }}) end)",
                 "sum = sum + e.value.v"]},
    "searched": lambda n, k: {
        "files": lib(n, k),
        "body": [f"sum = sum + dofile(package.searchpath('{n}', './modules/?.lua')).get()"]},
    "required_again": lambda n, k: {
        "files": lib(n, k),
        "body": [f"require('{n}') package.loaded['{n}'] = nil", f"sum = sum + require('{n}').get()"]},
    "loaded_text": lambda n, k: {"files": lib(n, k),
                                 "body": [f"sum = sum + load(\"return require('{n}').get()\")()"]},
    "sort_reads": lambda n, k: {
        "files": {f"{n}.txt": f"{k}\n"},
        "body": ["local seen", f"table.sort({{ 2, 1 }}, function(a, b) seen = io.open('{n}.txt'):read('n') return a < b end)",
                 "sum = sum + seen"]},
    "listed": lambda n, k: {
        "files": {f"{n}.txt": f"{k}\n"},
        "body": [f"sum = sum + tonumber(require('files').read('{n}.txt'))"]},
    "setter": lambda n, k: {
        "head": [f"local {n} = {{}}", f"setmetatable({n}, {{ __newindex = function(t, key, v) rawset(t, key, v * {k}) end }})"],
        "body": [f"rawset({n}, 'x', nil) {n}.x = 2", f"sum = sum + {n}.x"]},
    "serial_task": lambda n, k: {"files": lib(n, k),
                                 "body": [f"sum = sum + parallel.serial():apply(function() return "
                                          f"require('{n}').get() end)"]},
    "thread_task": lambda n, k: {"files": lib(n, k),
                                 "body": ["local pool <close> = parallel.threads(1)",
                                          f"sum = sum + pool:apply(function() return require('{n}').get() end)"]},
    "thread_reads": lambda n, k: {"files": {f"{n}.txt": f"{k}\n"},
                                  "body": ["local pool <close> = parallel.threads(1)",
                                           f"sum = sum + pool:map(function() local f <close> = "
                                           f"io.open('{n}.txt') return f:read('n') end, {{ 1 }})[1]"]},
    "process_task": lambda n, k: {"files": lib(n, k),
                                  "body": ["local pool <close> = parallel.processes(1)",
                                           f"sum = sum + pool:apply(function() return require('{n}').get() end)"]},
}


def run(folder, project, *options):
    command = [vtlua, "run", "flow.lua", "--json", "--progress", "none", "--store", ".store", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=LIMIT,
                          env={**os.environ, **project.environment})
    if done.returncode != 0:
        raise SystemExit(f"the run failed in {folder}:\n{done.stdout}{done.stderr}")
    answer = json.loads(done.stdout)
    return answer["outputs"], [node["name"] for node in answer["nodes"] if node["status"] == "computed"]


def main():
    stale = needless = edits = 0
    seed = SEED
    while edits < EDITS:
        rng = random.Random(seed)
        project = Project(rng)
        folder = Path(tempfile.mkdtemp(prefix="edits-"))
        keep = False
        try:
            project.write(folder)
            run(folder, project)
            for _ in range(PER_PROJECT):
                what = project.edit()
                project.write(folder)
                edits += 1
                cached, computed = run(folder, project)
                fresh, _ = run(folder, project, "--no-cache")
                if cached != fresh:
                    stale += 1
                    keep = True
                    print(f"stale: seed {seed}, after {what}: {cached} instead of {fresh}\n"
                          f"  {project.nodes}\n  {folder}")
                    break
                if what == "a comment" and computed:
                    needless += 1
                    keep = True
                    print(f"needless: seed {seed}, after {what}: {computed}\n  {project.nodes}\n  {folder}")
                    break
                _, again = run(folder, project)
                if again:
                    needless += 1
                    keep = True
                    print(f"needless: seed {seed}, a second run computed {again}\n"
                          f"  {project.nodes}\n  {folder}")
                    break
        finally:
            if not keep:
                shutil.rmtree(folder, ignore_errors=True)
        seed += 1
    print(f"{edits} edits: {stale} stale, {needless} needless")
    return 1 if stale or needless else 0


sys.exit(main())
