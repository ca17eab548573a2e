#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# Random workflows with branches, defaults, orders, loops, folds and filters, compared with a model in
# Python of what is needed and what each node gives:
# Tests/Store/branches.py [--all] [--graphs N] [--seed N] [--keep]
#
# Each workflow runs with -j 1, 2 and 8, each time twice with the same parameter, and once with another
# one. Outputs, the states of nodes, what was computed, and with -j 1 also its order must be those of the
# model; the records are equal for each -j.
#
# Needs VTLUA_BINARY.
import json, os, random, re, shutil, subprocess, sys, tempfile
from pathlib import Path

vtlua = os.environ["VTLUA_BINARY"]
os.environ.pop("VTLUA_STORE", None)


def option(name, default):
    return int(sys.argv[sys.argv.index(name) + 1]) if name in sys.argv else default


GRAPHS = option("--graphs", 300 if "--all" in sys.argv else 20)
SEED = option("--seed", 1)
LIMIT = 60  # seconds of a run; the bound only ends a test that hangs

# `value` gives a number from its inputs, `flag` whether that is even; an odd number is nil in `maybe`.
# With `fail`, a node whose number is divisible by 3 fails. Each node has a module of its own, so that no
# two nodes have the same result: which of these is computed would depend on -j.
MODULE = """local function declare(name, cached)
  local M = vt.module {
    name = name, cache = cached,
    inputs = { a = { "any", optional = true }, b = { "any", optional = true }, p = "integer", n = "integer",
               fail = { "boolean", default = false } },
    outputs = { value = "integer", flag = "boolean", maybe = { "integer", optional = true }, list = "list<integer>" },
  }
  function M:compute(i)
    os.execute("echo " .. name .. " >>" .. os.getenv("LOG"))
    local function number(x) return math.type(x) == "integer" and x or x == nil and 1 or x and 2 or 3 end
    local v = (7 * number(i.a) + 5 * number(i.b) + 3 * i.p + i.n) % 30
    if i.fail and v % 3 == 0 then self:fail("%s is divisible", name) end
    local list = {}
    for k = 1, v % 5 do list[k] = (v * k) % 11 end
    return { value = v, flag = v % 2 == 0, maybe = v % 2 == 0 and v or nil, list = list }
  end
  return M
end
local turn, add, odd = {}, {}, {}
for _, name in ipairs(NAMES) do
turn[name] = vt.module {
  name = "turn_" .. name, inputs = { state = "any", turn = "integer", by = "integer" },
  outputs = { state = "integer", done = "boolean" },
}
turn[name].compute = function(_, i)
  local state = ((i.state or 1) * 3 + i.turn + i.by) % 50
  return { state = state, done = state % 7 == 0 or i.turn == 12 }
end
add[name] = vt.module {
  name = "add_" .. name, inputs = { state = "any", element = "integer" }, outputs = { state = "integer" },
}
add[name].compute = function(_, i) return { state = ((i.state or 0) * 2 + i.element) % 100 } end
odd[name] = vt.module { name = "odd_" .. name, inputs = { n = "integer" }, outputs = { is = "boolean" } }
odd[name].compute = function(_, i) return { is = i.n % 2 == 1 } end
end
"""


class Node:
    def __init__(self, name, kind, inputs, n=0, may_fail=False):
        self.name, self.kind, self.inputs, self.n, self.may_fail = name, kind, inputs, n, may_fail

    def lua(self):
        """The call that adds the node."""
        def text(source):
            if isinstance(source, dict):
                return "{ " + ", ".join(f"[{json.dumps(k)}] = {text(v)}" for k, v in source.items()) + " }"
            if isinstance(source, tuple):
                return f"{source[0]}.{source[1]}"
            return {True: "true", False: "false"}.get(source, str(source)) if isinstance(source, bool) else str(source)

        given = {k: text(v) for k, v in self.inputs.items()}
        module = f'"control.{self.kind}"'
        if self.kind == "plain":
            module = f'declare("{self.name}", nil)'
            given |= {"p": "flow.params.p", "n": str(self.n), "fail": "true" if self.may_fail else "false"}
        elif self.kind == "loop":
            given |= {"step": f"turn.{self.name}", "inputs": f"{{ by = {self.n} }}"}
        elif self.kind == "fold":
            given |= {"step": f"add.{self.name}"}
        elif self.kind == "filter":
            given |= {"keep": f"odd.{self.name}"}
        return f'local {self.name} = flow:add("{self.name}", {module}, {{ ' + \
            ", ".join(f"{k} = {v}" for k, v in given.items()) + " })"


OUTPUT = {"choose": "value", "default": "value", "loop": "state", "fold": "state", "filter": "list"}
BRANCHES = {"choose": {"yes", "no", "cases", "otherwise"}, "default": {"default"}}


def make(rng):
    """A random workflow: its nodes in the order of `add`, and its outputs."""
    nodes, values, flags, lists, maybes, plain = [], [], [], [], [], []
    for number in range(rng.randint(6, 16)):
        name = f"n{number}"
        kind = rng.choice(["plain"] * 5 + ["choose"] * 3 + ["default"] * 2 + ["loop", "fold", "filter", "order"])
        if not plain:
            kind = "plain"
        pick = lambda: rng.choice(values) if values and rng.random() < 0.85 else rng.randint(0, 9)
        inputs = {}
        if kind == "plain":
            for port in "ab":
                if rng.random() < 0.6:
                    inputs[port] = pick()
        elif kind == "choose" and rng.random() < 0.6:
            inputs["condition"] = rng.choice(flags) if rng.random() < 0.8 else rng.random() < 0.5
            for port in rng.choice([["yes", "no"]] * 4 + [["yes"], ["no"]]):
                inputs[port] = pick()
        elif kind == "choose":
            inputs["value"] = rng.choice(plain)[0], "value"
            inputs["cases"] = {k: pick() for k in rng.sample(range(30), rng.randint(3, 20))}
            inputs["otherwise"] = pick()
        elif kind == "default":
            inputs["value"] = rng.choice(maybes)
            inputs["default"] = pick()
            if rng.random() < 0.6:
                inputs["failed"] = True
        elif kind == "loop":
            inputs["state"] = pick()
        elif kind == "fold":
            inputs["list"] = rng.choice(lists)
            if rng.random() < 0.5:
                inputs["initial"] = pick()
        elif kind == "filter":
            inputs["list"] = rng.choice(lists)
        elif kind == "order":
            if len(plain) < 2:
                continue
            # From a later node to an earlier one only where nothing else says the contrary.
            one, two = rng.sample(plain, 2)
            inputs["first"], inputs["second"] = (one[0], "value"), (two[0], "value")
        node = Node(name, kind, inputs, rng.randint(0, 9), kind == "plain" and rng.random() < 0.2)
        nodes.append(node)
        if kind == "plain":
            plain.append((name, node))
            values.append((name, "value"))
            flags.append((name, "flag"))
            maybes += [(name, "maybe"), (name, "maybe"), (name, "value")]
            lists.append((name, "list"))
        elif kind == "filter":
            lists.append((name, "list"))
        elif kind != "order":
            values.append((name, OUTPUT[kind]))
            maybes.append((name, OUTPUT[kind]))
    ends = [v for v in values if rng.random() < 0.25] + [v for v in lists[-1:] if rng.random() < 0.4]
    return nodes, ends or values[-1:]


def ports(source):
    """The ports in a source."""
    if isinstance(source, dict):
        return [p for v in source.values() for p in ports(v)]
    return [source] if isinstance(source, tuple) else []


def cyclic(nodes):
    """True if connections and orders contradict each other."""
    before = {n.name: {p[0] for i in n.inputs.values() for p in ports(i)} for n in nodes if n.kind != "order"}
    for n in nodes:
        if n.kind == "order":
            before[n.inputs["second"][0]].add(n.inputs["first"][0])
    done = set()
    while len(done) < len(before):
        ready = [n for n in before if n not in done and before[n] <= done]
        if not ready:
            return True
        done.update(ready)
    return False


class Failed(Exception):
    pass


class Model:
    """What a run gives: computed on demand, by recursion from the outputs."""

    def __init__(self, nodes, ends, p):
        self.nodes = {n.name: n for n in nodes}
        self.p, self.results, self.failures = p, {}, set()
        consumed = {q[0] for n in nodes for i in n.inputs.values() for q in ports(i) if n.kind != "order"}
        ordered = {q[0] for n in nodes for i in n.inputs.values() for q in ports(i) if n.kind == "order"}
        self.roots = [n.name for n in nodes if n.kind != "order" and n.name not in consumed]
        self.roots += [e[0] for e in ends if e[0] not in self.roots]
        self.uncaught = set()
        for root in self.roots:
            try:
                self.node(root)
            except Failed as failure:
                self.uncaught.add(failure.args[0])
        self.needed = set(self.results) | self.failures | self.skipped

    skipped = set()

    def value(self, source):
        if isinstance(source, tuple):
            return self.node(source[0])[source[1]]
        return source

    def node(self, name):
        if name in self.results:
            return self.results[name]
        try:
            self.results[name] = self.compute(self.nodes[name])
        except Failed as failure:
            if failure.args[0] == name:
                self.failures.add(name)
            else:
                self.skipped = self.skipped | {name}
            raise
        return self.results[name]

    def compute(self, node):
        i = node.inputs
        if node.kind == "plain":
            number = lambda x: x if type(x) is int else 1 if x is None else 2 if x else 3
            a, b, failure = None, None, None
            # All inputs are needed, also where one of them has failed.
            found = {}
            for port in "ab":
                try:
                    found[port] = self.value(i.get(port))
                except Failed as problem:
                    failure = failure or problem
            if failure:
                raise failure
            v = (7 * number(found["a"]) + 5 * number(found["b"]) + 3 * self.p + node.n) % 30
            if node.may_fail and v % 3 == 0:
                raise Failed(node.name)
            return {"value": v, "flag": v % 2 == 0, "maybe": v if v % 2 == 0 else None,
                    "list": [(v * k) % 11 for k in range(1, v % 5 + 1)]}
        if node.kind == "choose":
            if "condition" in i:
                return {"value": self.value(i.get("yes" if self.value(i["condition"]) else "no"))}
            key = self.value(i["value"])
            return {"value": self.value(i["cases"][key] if key in i["cases"] else i["otherwise"])}
        if node.kind == "default":
            try:
                value = self.value(i["value"])
            except Failed:
                if not i.get("failed"):
                    raise
                value = None
            return {"value": self.value(i["default"]) if value is None else value}
        if node.kind == "loop":
            state, turn = self.value(i["state"]), 0
            while True:
                turn += 1
                state = ((1 if state is None else state) * 3 + turn + node.n) % 50
                if state % 7 == 0 or turn == 12:
                    return {"state": state, "turns": turn}
        if node.kind == "fold":
            state, failure = None, None
            found = {}
            for port in "list", "initial":
                try:
                    found[port] = self.value(i.get(port))
                except Failed as problem:
                    failure = failure or problem
            if failure:
                raise failure
            state = found["initial"]
            for element in found["list"]:
                state = ((0 if state is None else state) * 2 + element) % 100
            return {"state": state}
        return {"list": [x for x in self.value(i["list"]) if x % 2 == 1]}


def run(folder, p, arguments):
    (folder / "log").unlink(missing_ok=True)
    environment = dict(os.environ, LOG=str(folder / "log"), VTLUA_STORE=str(folder / "store"))
    call = lambda *words: subprocess.run(
        [vtlua, *words], cwd=folder, env=environment, capture_output=True, text=True, timeout=LIMIT)
    done = call("run", "flow.lua", "--json", "--progress", "none", "-p", f"p={p}", *arguments)
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        raise AssertionError(f"exit {done.returncode}: {done.stdout}{done.stderr}") from None
    record = json.loads(call("show", "last", "--json").stdout)
    log = folder / "log"
    return done.returncode, answer, log.read_text().split() if log.exists() else [], [
        (n["name"], n["status"], n["inputs"], n["outputs"], n["error"], n["elements"]) for n in record["nodes"]]


def problems(nodes, ends, p, found, first):
    """Differences between a run and the model."""
    model = Model(nodes, ends, p)
    code, answer, log, _ = found
    if model.uncaught:
        if code != 1 or answer["status"] != "failed":
            yield f"exit {code}, status {answer['status']}; the model fails in {sorted(model.uncaught)}"
        return
    if code != 0 or answer["status"] != "done":
        yield f"exit {code}, status {answer['status']}: {json.dumps(answer)[:600]}"
        return
    wanted = {f"o{k}": model.results[e[0]][e[1]] for k, e in enumerate(ends)}
    wanted = {k: ({} if v == [] else v) for k, v in wanted.items()}
    got = {k: ({} if v == [] else v) for k, v in answer["outputs"].items()}
    if {k: got.get(k) for k in wanted} != wanted:
        yield f"outputs {got}, expected {wanted}"
    for record in answer["nodes"]:
        name, status = record["name"].split("/")[0], record["status"]
        node = next(n for n in nodes if n.name == name)
        if node.kind == "order":
            continue
        expected = {"not-needed"}
        if name in model.results:
            expected = {"computed", "cached"} if first else {"cached"}
        elif name in model.failures:
            expected = {"failed"}
        elif name in model.skipped:
            expected = {"skipped"}
        if status not in expected:
            yield f"{record['name']} ({node.kind}) is {status}, expected {sorted(expected)}"
    plain = {n.name for n in nodes if n.kind == "plain"}
    expected = sorted(n for n in plain if n in model.failures or first and n in model.results)
    if sorted(log) != expected:
        yield f"computed {sorted(log)}, expected {expected}"


def main():
    wrong = used = 0
    for graph in range(GRAPHS):
        rng = random.Random(SEED * 100_003 + graph)
        while True:
            nodes, ends = make(rng)
            if not cyclic(nodes):
                break
        names = "{ " + ", ".join(f'"{n.name}"' for n in nodes) + " }"
        lines = [MODULE.replace("NAMES", names), 'local flow = vt.workflow { name = "random", params = { p = "integer" } }']
        lines += [n.lua() if n.kind != "order" else n.lua().split("= ", 1)[1] for n in nodes]
        lines.append("return flow:outputs { " + ", ".join(f"o{k} = {e[0]}.{e[1]}" for k, e in enumerate(ends)) + " }")
        one, two = rng.sample(range(10), 2)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "flow.lua").write_text("\n".join(lines) + "\n")
            reference = []
            for jobs in "1", "2", "8":
                shutil.rmtree(folder / "store", ignore_errors=True)
                seen = []
                for number, p in enumerate([one, one, two]):
                    try:
                        found = run(folder, p, ["-j", jobs])
                        # The third run may have results of nodes that the parameter does not reach.
                        said = list(problems(nodes, ends, p, found, number != 1))
                        seen.append(found[3])
                        if jobs == "1":
                            reference.append(found[3])
                        elif Model(nodes, ends, p).uncaught:
                            pass  # what had ended by the failure differs
                        elif found[3] != reference[number]:
                            said += [f"record {a}, with -j 1 {b}" for a, b in zip(found[3], reference[number]) if a != b]
                    except (AssertionError, subprocess.TimeoutExpired) as error:
                        said = [str(error)]
                    used += 1
                    if said:
                        wrong += 1
                        print(f"graph {graph} of seed {SEED}, -j {jobs}, run {number + 1}, p = {p}:")
                        print("\n".join(f"    {line:.600}" for line in said[:4]))
                        if "--keep" in sys.argv:
                            shutil.copy(folder / "flow.lua", f"/tmp/branches-{graph}.lua")
                        break
    print(f"{GRAPHS} graphs, {used} runs, {wrong} wrong")
    sys.exit(1 if wrong else 0)


main()
