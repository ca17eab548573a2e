#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# The parts of a key, checked with random flows: Tests/Store/keys.py [--all] [--seed N]
#
# Needs VTLUA_BINARY. Each flow has three to eight modules. The test changes one part of it at a time:
# then that module and its dependents must run, and no other. With --all there are more flows, and
# 1,000 processes that must find the same keys.
import copy, json, os, random, shutil, subprocess, sys, tempfile, time
from pathlib import Path

vtlua = os.environ["VTLUA_BINARY"]
LIMIT = 120  # seconds of each wait; the bound only ends a test that hangs
everything = "--all" in sys.argv
os.environ.pop("VTLUA_STORE", None)
seed = int(sys.argv[sys.argv.index("--seed") + 1]) if "--seed" in sys.argv else random.randrange(10**9)
print(f"seed {seed}")
chance = random.Random(seed)


class Flow:
    """The content of the files. A source is a node and one of its outputs, or a number."""

    def __init__(self):
        count = chance.randint(3, 8)
        self.nodes = [self.node(i) for i in range(count)]
        self.params = [chance.randint(1, 99) for _ in range(count)]
        self.helpers = [chance.randint(2, 9) for _ in range(2)]
        self.comments = []

    def node(self, i):
        def source():
            if i == 0 or chance.random() < 0.2:
                return chance.randint(1, 99)
            return chance.randrange(i), chance.choice("yz")

        return {
            "name": f"t.m{i}", "version": f"1.{i}", "type": "number", "default": chance.randint(1, 99),
            "a": source(), "b": source(), "list": [chance.randint(1, 99) * 2 + k % 2 for k in range(3)],
            "code": "+", "table": chance.randint(1, 99), "upvalue": chance.randint(1, 99),
            # The parts of the flow that it uses: its parameter, a helper file, one required early.
            "parameter": chance.random() < 0.5, "late": chance.choice([None, 0, 1]),
            "early": chance.choice([None, 0, 1]),
        }

    def files(self):
        found = {f"modules/h{k}.lua": [f"return function(x)", f"  return x * {scale}", "end"]
                 for k, scale in enumerate(self.helpers)}
        for i, node in enumerate(self.nodes):
            lines = [f"local k = {node['upvalue']}", f"local t = {{ inner = {{ {node['table']} }} }}"]
            if node["early"] is not None:
                lines.append(f"local early = require 'h{node['early']}'")
            lines += [
                "local M = vt.module {",
                f"  name = '{node['name']}', version = '{node['version']}',",
                f"  inputs = {{ a = '{node['type']}', b = 'number', c = {{ 'number', default = {node['default']} }},",
                "    p = { 'number', optional = true }, l = 'list<integer>' },",
                "  outputs = { y = 'number', z = 'number' },", "}",
                "function M:compute(i)",
                f"  local y = i.a {node['code']} i.b * k + i.c + t.inner[1] + (i.p or 0)",
                "  for n, v in ipairs(i.l) do y = y + n * v end"]
            if node["late"] is not None:
                lines.append(f"  y = require('h{node['late']}')(y)")
            if node["early"] is not None:
                lines.append("  y = early(y)")
            lines += ["  return { y = y % 1000, z = y % 7 }", "end", "return M"]
            found[f"modules/m{i}.lua"] = lines
        params = ", ".join(f"p{i} = {{ 'number', default = {value} }}" for i, value in enumerate(self.params))
        lines = [f"local flow = vt.workflow {{ name = 'random', params = {{ {params} }} }}", "local n = {}"]
        for i, node in enumerate(self.nodes):
            inputs = [f"{port} = {self.source(node[port])}" for port in "ab"]
            inputs.append("l = { %s }" % ", ".join(map(str, node["list"])))
            if node["parameter"]:
                inputs.append(f"p = flow.params.p{i}")
            lines.append(f"n[{i}] = flow:add('n{i}', 'm{i}', {{ {', '.join(inputs)} }})")
        lines.append(f"return flow:outputs {{ y = n[{len(self.nodes) - 1}].y }}")
        found["flow.lua"] = lines
        for name, place, text in self.comments:
            found[name].insert(place, text)
        return {name: "\n".join(lines) + "\n" for name, lines in found.items()}

    @staticmethod
    def source(source):
        return f"n[{source[0]}].{source[1]}" if isinstance(source, tuple) else str(source)

    def downstream(self, changed):
        """These nodes and their dependents."""
        found = set(changed)
        for i, node in enumerate(self.nodes):
            if any(isinstance(node[port], tuple) and node[port][0] in found for port in "ab"):
                found.add(i)
        return found


# Each changes one part of a flow and returns the changed nodes; None when the flow has no such part.

def one(change):
    def made(flow):
        i = chance.randrange(len(flow.nodes))
        return None if change(flow.nodes[i], flow, i) is False else {i}
    made.__name__ = change.__name__
    return made


def name(node, flow, i): node["name"] += "x"
def version(node, flow, i): node["version"] += ".1"
def port_type(node, flow, i): node["type"] = "any"
def default(node, flow, i): node["default"] += 1
def code(node, flow, i): node["code"] = "-"
def upvalue(node, flow, i): node["upvalue"] += 1
def inside_a_table(node, flow, i): node["table"] += 1


def constant(node, flow, i):
    node["list"][chance.randrange(3)] += 2


def order_of_elements(node, flow, i):
    # Neighbours are odd and even, so they differ.
    node["list"][0], node["list"][1] = node["list"][1], node["list"][0]


def order_of_ports(node, flow, i):
    if node["a"] == node["b"]:
        return False
    node["a"], node["b"] = node["b"], node["a"]


def edge(node, flow, i):
    before = node["a"]
    if i == 0:
        return False
    while node["a"] == before:
        node["a"] = chance.randrange(i), chance.choice("yz")


def constant_for_edge(node, flow, i):
    if not isinstance(node["b"], tuple):
        return False
    node["b"] = 100


def parameter(node, flow, i):
    if not node["parameter"]:
        return False
    flow.params[i] += 1


def unused_parameter(flow):
    unused = [i for i, node in enumerate(flow.nodes) if not node["parameter"]]
    if not unused:
        return None
    flow.params[chance.choice(unused)] += 1
    return set()


def helper(flow):
    k = chance.randrange(2)
    flow.helpers[k] += 1
    return {i for i, node in enumerate(flow.nodes) if k in (node["late"], node["early"])}


def comments(flow):
    for _ in range(5):
        files = flow.files()
        file = chance.choice(sorted(files))
        place = chance.randint(0, files[file].count("\n"))
        flow.comments.append((file, place, chance.choice(["", "-- a comment", "  --[[ one ]]", "\t"])))
    return set()


changes = [one(change) for change in (
    name, version, port_type, default, code, upvalue, inside_a_table, constant, order_of_elements,
    order_of_ports, edge, constant_for_edge, parameter)] + [unused_parameter, helper, comments]


# The reason that is printed for the changed node.
REASONS = {
    "name": "the module's name: t.m", "version": "the module's version: 1.",
    "port_type": "the module's ports were changed", "default": "the module's ports were changed",
    "code": "the code at modules/m", "upvalue": "the value `k` in modules/m",
    "inside_a_table": "the value `t.inner` in modules/m", "constant": "input `l` (list of 3) was changed",
    "order_of_elements": "input `l` (list of 3) was changed", "order_of_ports": "input `", "edge": "input `a`",
    "constant_for_edge": "input `b`: ", "parameter": "input `p`: ", "helper": " modules/h",
}


class Project:
    def __init__(self, flow):
        self.path = Path(tempfile.mkdtemp())
        (self.path / "modules").mkdir()
        self.write(flow)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path)

    def write(self, flow):
        for file, text in flow.files().items():
            (self.path / file).write_text(text)

    def call(self, *arguments):
        done = subprocess.run(
            [vtlua, *arguments], cwd=self.path, capture_output=True, text=True, timeout=LIMIT)
        assert done.returncode == 0, (arguments, done)
        return json.loads(done.stdout)

    def plan(self):
        """The nodes that would run, and their reasons."""
        nodes = self.call("plan", "flow.lua", "--json")["nodes"]
        return {int(node["name"][1:]): node["reason"] for node in nodes if node["status"] != "cached"}

    def run(self):
        nodes = self.call("run", "flow.lua", "--json")["nodes"]
        return {int(node["name"][1:]) for node in nodes if node["status"] != "cached"}

    def keys(self, *store):
        newest = self.call("run", "flow.lua", "--json", *store)["run"]
        shown = self.call("show", newest, "--json", *store)
        return {node["name"]: node["key"] for node in shown["nodes"]}


def told(flow, what, found, expected):
    if set(found) == expected:
        return
    files = "\n".join(f"--- {file}\n{text}" for file, text in flow.files().items())
    sys.exit(f"{files}\nseed {seed}, {what}: would run {found}, expected {sorted(expected)}")


def one_change_at_a_time():
    counts = {}
    for _ in range(200 if everything else 10):
        flow = Flow()
        with Project(flow) as project:
            told(flow, "first run", project.run(), set(range(len(flow.nodes))))
            told(flow, "nothing", project.plan(), set())
            is_first = True
            for change in chance.sample(changes, len(changes)):
                changed = copy.deepcopy(flow)
                about = change(changed)
                if about is None:
                    continue
                counts[change.__name__] = counts.get(change.__name__, 0) + 1
                project.write(changed)
                expected = changed.downstream(about)
                found = project.plan()
                told(changed, change.__name__, found, expected)
                for i in expected - about:
                    assert found[i].startswith("after `n"), (change.__name__, found)
                # The reason compares with the last run, which may have had another change.
                if len(about) == 1 and is_first:
                    [i] = about
                    assert REASONS[change.__name__] in found[i], (seed, change.__name__, found[i])
                # Exactly the planned nodes run; after that none would.
                if chance.random() < 0.2:
                    told(changed, change.__name__ + ", run", project.run(), expected)
                    told(changed, change.__name__ + ", again", project.plan(), set())
                    is_first = False
                project.write(flow)
                told(flow, change.__name__ + " undone", project.plan(), set())
    assert len(counts) == len(changes), counts
    print("     " + ", ".join(f"{name} {count}" for name, count in counts.items()))


def same_keys_in_each_process():
    flow = Flow()
    with Project(flow) as project:
        keys = project.keys()
        assert all(keys.values()), keys
        for attempt in range(1000 if everything else 30):
            told(flow, f"process {attempt}", project.plan(), set())
            if attempt % 10 == 0:
                assert project.keys("--store", f"other{attempt}") == keys, (seed, attempt)
                shutil.rmtree(project.path / f"other{attempt}")
        # The directory, and the order in which it lists its files, do not count either.
        with Project(flow) as other:
            assert other.keys() == keys, seed


for check in (one_change_at_a_time, same_keys_in_each_process):
    began = time.time()
    check()
    print(f"ok   {check.__name__} ({time.time() - began:.1f} s)")
print("keys: ok")
