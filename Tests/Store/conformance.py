#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# Random workflows that give the same with any number of modules at once, and at any place:
# Tests/Store/conformance.py [--all] [--graphs N] [--seed N] [--engines]
#
# Each workflow runs with -j 1, 2 and 8, and with all nodes on threads and on processes, each time twice:
# the second run has stored results. Outputs, errors, the exit code, printed text and its order, the
# record of the run and the report as JSON must be equal, except for times, identifiers, processes and
# workers. With --engines, the nodes compute on the engines of the running cluster, too.
#
# Needs VTLUA_BINARY.
import difflib, json, os, random, re, shutil, subprocess, sys, tempfile
from pathlib import Path

vtlua = os.environ["VTLUA_BINARY"]
os.environ.pop("VTLUA_STORE", None)


def option(name, default):
    return int(sys.argv[sys.argv.index(name) + 1]) if name in sys.argv else default


GRAPHS = option("--graphs", 200 if "--all" in sys.argv else 6)
SEED = option("--seed", 1)
LIMIT = 120  # seconds of a run; the bound only ends a test that hangs

# The bodies of `compute`. Each adds to `sum`; `n` is the number of the node.
BODIES = {
    "plain": "",
    "print": 'print("node", n, sum) io.write("a part of a line")',
    "lines": 'for i = 1, 5 do print(("line %d of %d"):format(i, n)) end',
    "log": 'self.log.info("sum %d", sum) print "between" self.log.warn("n %d", n)',
    "annotate": 'self:annotate { n = n, list = { 1, { sum = sum } } }',
    "progress": 'self:progress(0.5, "half")',
    "scratch": 'local f = assert(io.open(self.scratch .. "/x", "w")) f:write(sum) f:close()',
    "getters": 'sum = sum + #tostring(self:get_input("a")) self:set_output("t", { extra = n })',
    "reads": 'local f = assert(io.open("data.txt")) sum = sum + f:read("n") f:close()',
    "environment": 'sum = sum + tonumber(os.getenv("NUMBER"))',
    "clock": "sum = sum + (os.time() > 0 and 1 or 0)",
    "changes": 'if inputs.list and inputs.list[1] then inputs.list[1] = -1 end',
    "pool": "local pool <close> = parallel.threads(2) "
    "for _, x in ipairs(pool:map(function(x) return x * x end, { 1, 2, n })) do sum = sum + x end",
    "large": 'print(("x"):rep(3000))',
    "module": 'sum = sum + require("helper").twice(n)',
    "never": "",
    "slow": "local stop = os.clock() + 0.02 while os.clock() < stop do end",
}
if "--engines" in sys.argv:
    # Engines have a working directory and an environment of their own.
    for kind in ["reads", "environment"]:
        del BODIES[kind]
# The bodies that fail.
FAILURES = {
    "error": 'print "before the error" error("an error of node " .. n)',
    "deep": 'require("helper").fail(n)',
    "fail": 'self:annotate { failed = true } self:fail("node %d gives up", n)',
    "thrown": "error { code = n, reason = { 1, 2 } }",
    "timeout": "while true do end",
    "outputs": "if true then return { y = 'text' } end",
    "missing": "if true then return nil end",
    "task": "local pool <close> = parallel.serial() pool:map(function(x) error('task ' .. x) end, { 7 })",
}

HELPER = """local helper = {}
function helper.twice(x) return 2 * x end
local function inner(n) error("deep inside " .. n) end
function helper.fail(n) inner(n) end
return helper
"""


SUM = """local Sum = vt.module { name = "Sum", version = "1", inputs = { list = "list<integer>" },
  outputs = { y = "integer", l = "list<integer>" } }
function Sum:compute(inputs)
  local sum = 0
  for _, x in ipairs(inputs.list) do sum = sum + x end
  return { y = sum, l = { sum, 1 } }
end"""


def module(name, number, kinds, rng, failing, optional=True):
    fields = ['a = { "integer", default = 1 }', 'b = { "integer", optional = true }',
              'list = { "list<integer>", optional = true }']
    extra = ""
    if "never" in kinds:
        extra += ", cache = false"
    if failing == "timeout":
        extra += ", timeout = 0.2"
    if rng.random() < 0.3:
        extra += f", retries = {rng.randint(1, 2)}"
    body = "\n  ".join(BODIES[kind] for kind in kinds)
    failure = f"\n  {FAILURES[failing]}" if failing else ""
    return f"""local {name} = vt.module {{
  name = "{name}", version = "1", inputs = {{ {", ".join(fields)} }},
  outputs = {{ y = "integer", l = "list<integer>"{', t = { "table", optional = true }' if optional else ""} }}{extra},
}}
local offset_{name} = {number}
function {name}:compute(inputs)
  local n, sum = offset_{name}, inputs.a + (inputs.b or 0)
  for _, x in ipairs(inputs.list or {{}}) do sum = sum + x end
  {body}{failure}
  return {{ y = sum % 1000, l = {{ sum % 7, n, 3 }} }}
end
"""


def make(folder, rng):
    """Writes the files of a workflow."""
    count = rng.randint(4, 12)
    failures = rng.random() < 0.6
    lines = ['local options = { on = os.getenv "PLACE" }', SUM]
    (folder / "modules").mkdir()
    (folder / "modules" / "helper.lua").write_text(HELPER)
    (folder / "data.txt").write_text("42\n")
    nodes, lists = [], []  # the nodes with a number `y`, and those with a list of numbers
    body = []
    for number in range(1, count + 1):
        kinds = rng.sample(sorted(BODIES), rng.randint(1, 3))
        failing = rng.choice(sorted(FAILURES)) if failures and rng.random() < 0.2 else None
        name = f"M{number}"
        code = module(name, number, kinds, rng, failing)
        if rng.random() < 0.5:
            (folder / "modules" / f"m{number}.lua").write_text(code + f"return {name}\n")
            given = f'"m{number}"'
        else:
            lines.append(code)
            given = name
        inputs = []
        for port in ["a", "b"]:
            if nodes and rng.random() < 0.6:
                inputs.append(f"{port} = {rng.choice(nodes)}.y")
            elif rng.random() < 0.5:
                inputs.append(f"{port} = {rng.randint(0, 9)}")
        if lists and rng.random() < 0.5:
            inputs.append(f"list = {rng.choice(lists)}.y")
        elif nodes and rng.random() < 0.4:
            inputs.append(f"list = {rng.choice(nodes)}.l")
        elif nodes and rng.random() < 0.4:
            inputs.append(f"list = {{ {rng.choice(nodes)}.y, {rng.randint(0, 9)} }}")
        node = f"n{number}"
        if rng.random() < 0.25:
            # The module computes for each element of a list.
            inputs = [i for i in inputs if not i.startswith("a ")]
            source = rng.choice([f"{rng.choice(nodes)}.l"] if nodes and rng.random() < 0.5 else
                                ["{ 1, 2, 3 }", "{}", "{ 5 }", "{ 4, 4, 8 }"])
            more = rng.choice(["", ', on_error = "collect"', ", chunksize = 1"])
            body.append(f"local {node} = flow:add(\"{node}\", {given}, {{ {', '.join(inputs + [f'a = vt.each({source})'])} }}, "
                        f"{{ on = options.on{more} }})")
            lists.append(node)
            continue
        if rng.random() < 0.15:
            body.append(f"""local inner{number} = vt.workflow {{ name = "inner{number}", params = {{ a = {{ "integer", default = 2 }} }} }}
local first{number} = inner{number}:add("first", {given}, {{ a = inner{number}.params.a }})
local second{number} = inner{number}:add("second", {given}, {{ a = first{number}.y, list = first{number}.l }})
inner{number}:outputs {{ y = second{number}.y, l = first{number}.l }}
local {node} = flow:add("{node}", inner{number}, {{ {", ".join(i for i in inputs if i.startswith("a "))} }}, options)""")
        else:
            body.append(f'local {node} = flow:add("{node}", {given}, {{ {", ".join(inputs)} }}, options)')
        nodes.append(node)
        if nodes[:-1] and rng.random() < 0.2:
            # For each element of a list; the sum of a list of lists is that of their first elements.
            plain_kinds = [kind for kind in kinds if kind != "getters"]
            lines.append(module(f"E{number}", number, plain_kinds, rng, failing, optional=False))
            body.append(f"""local each{number} = flow:add("each{number}", E{number}, {{ a = vt.each({rng.choice(nodes)}.l), b = {rng.randint(0, 9)} }}, options)
local total{number} = flow:add("total{number}", Sum, {{ list = each{number}.y }}, options)""")
            nodes.append(f"total{number}")
        if rng.random() < 0.15 and "inner" not in body[-1]:
            # The same module with the same inputs: computed once.
            body.append(f'local same{number} = flow:add("same{number}", {given}, {{ {", ".join(inputs)} }}, options)')
            nodes.append(f"same{number}")
    lines.append('local flow = vt.workflow { name = "random" }')
    lines += body
    outputs = rng.sample(nodes, min(len(nodes), 3)) + lists
    lines.append("return flow:outputs { " + ", ".join(f"o_{o} = {o}.y" for o in outputs) + " }")
    (folder / "flow.lua").write_text("\n".join(lines) + "\n")


UNEQUAL = {"run", "started", "seconds", "pid", "processor", "peak", "host", "computed_in", "ended"}


def plain(value):
    """The value without what differs from run to run."""
    if isinstance(value, dict) and value.get("status") == "failed":
        # Elements after the first failed one may have been computed by then, and are on record.
        value = {k: v for k, v in value.items() if k != "elements"}
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if k not in UNEQUAL}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return text(value) if isinstance(value, str) else value


def text(value):
    value = re.sub(r"\b\d+(\.\d+)? (ms|µs|us|s|min)\b", "TIME", value)
    value = re.sub(r"\brun [0-9A-Z]{4,8}\b", "run ID", value)
    value = re.sub(r"vtlua show [0-9A-Z]{4,8}", "vtlua show ID", value)
    return re.sub(r"(serial|threads|processes) worker \d+", r"\1 worker N", value)


def run(folder, arguments, place):
    environment = dict(os.environ, NUMBER="5", VTLUA_STORE=str(folder / "store"))
    environment.pop("PLACE", None)
    if place:
        environment["PLACE"] = place

    def call(*words):
        return subprocess.run(
            [vtlua, *words], cwd=folder, env=environment, capture_output=True, text=True, timeout=LIMIT)

    done = call("run", "flow.lua", "--json", "--progress", "plain", *arguments)
    shown = call("show", "--json")
    # Engines find modules by their whole paths.
    for result in [done, shown]:
        result.stdout = result.stdout.replace(f"{folder}/", "")
        result.stderr = result.stderr.replace(f"{folder}/", "")
    report = json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout
    record = json.loads(shown.stdout) if shown.stdout.startswith("{") else shown.stdout + shown.stderr
    return {"exit": done.returncode, "json": plain(report), "text": text(done.stderr), "record": plain(record)}


def differences(wanted, got, path=""):
    if isinstance(wanted, dict) and isinstance(got, dict):
        for key in sorted(set(wanted) | set(got)):
            yield from differences(wanted.get(key), got.get(key), f"{path}.{key}")
    elif isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        for index, (a, b) in enumerate(zip(wanted, got)):
            yield from differences(a, b, f"{path}[{index}]")
    elif isinstance(wanted, str) and isinstance(got, str) and "\n" in wanted and wanted != got:
        lines = list(difflib.unified_diff(wanted.splitlines(), got.splitlines(), lineterm="", n=0))
        yield f"{path}:\n    " + "\n    ".join(line[:150] for line in lines[2:12])
    elif wanted != got:
        yield f"{path}:\n    expected {wanted!r:.200}\n    got      {got!r:.200}"


def main():
    failed = 0
    ways = [("-j 2", ["-j", "2"], None), ("-j 8", ["-j", "8"], None), ("threads", [], "threads"),
            ("processes", [], "processes"), ("processes, -j 2", ["-j", "2"], "processes")]
    if "--engines" in sys.argv:
        ways = [("cluster", [], "cluster")]
    for graph in range(GRAPHS):
        rng = random.Random(SEED * 100_003 + graph)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            make(folder, rng)
            more = ["--keep-going"] if rng.random() < 0.5 else []
            wanted = [run(folder, more, None) for _ in range(2)]
            for way, arguments, place in ways:
                shutil.rmtree(folder / "store", ignore_errors=True)
                for time, reference in enumerate(wanted):
                    found = list(differences(reference, run(folder, arguments + more, place)))
                    # What had ended when an earlier node failed is kept, and not computed again.
                    if time == 1 and wanted[0]["exit"] != 0 and not more:
                        found = []
                    if found:
                        failed += 1
                        print(f"graph {graph} of seed {SEED}, {way}, run {time + 1}:")
                        print("\n".join(found[:4]))
                        if "--keep" in sys.argv:
                            kept = f"/tmp/conformance-{graph}"
                            shutil.rmtree(kept, ignore_errors=True)
                            shutil.copytree(folder, kept)
                        break
    print(f"{GRAPHS} graphs, {failed} differ")
    sys.exit(1 if failed else 0)


main()
