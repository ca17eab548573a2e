#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Frames and SQL in workflows: what is observed, what is a product, what is kept: Tests/Frames/flows_test.py

Needs VTLUA_BINARY."""
import os, sqlite3, subprocess, sys, tempfile
from pathlib import Path

vtlua = os.environ["VTLUA_BINARY"]
failed = []

FILES = {
    "modules/load.lua": """
local frame = require "frame"
local M = vt.module { name = "load", version = "1", inputs = { path = "string" }, outputs = { f = "any" } }
function M:compute(inputs) return { f = frame.csv(inputs.path) } end
return M
""",
    "modules/ask.lua": """
local sql = require "sql"
local M = vt.module { name = "ask", version = "1", inputs = { path = "string", query = "string" },
  outputs = { f = "any" } }
function M:compute(inputs)
  local db <close> = sql.open(inputs.path)
  return { f = db:query(inputs.query) }
end
return M
""",
    "modules/put.lua": """
local sql = require "sql"
local M = vt.module { name = "put", version = "1", inputs = { path = "string" }, outputs = { n = "integer" } }
function M:compute(inputs)
  local db <close> = sql.open(inputs.path, { mode = "write" })
  db:insert("t", { x = { 1, 2 } })
  return { n = db:value "select count(*) from t" }
end
return M
""",
    "modules/size.lua": """
local M = vt.module { name = "size", version = "1", inputs = { f = "any" }, outputs = { n = "integer" } }
function M:compute(inputs) return { n = #inputs.f } end
return M
""",
}


def check(title, found, wanted):
    if found != wanted:
        failed.append(title)
        print(f"{title}\n  found    {found!r}\n  expected {wanted!r}")


class Folder:
    def __init__(self, flow):
        self.held = tempfile.TemporaryDirectory()
        self.path = Path(self.held.name)
        for name, text in {**FILES, "flow.lua": flow}.items():
            (self.path / name).parent.mkdir(exist_ok=True)
            (self.path / name).write_text(text)

    def run(self, *options):
        """Runs the flow; returns the status of each node by name, and all of standard error."""
        environment = {**os.environ, "VTLUA_STORE": str(self.path / "store")}
        done = subprocess.run([vtlua, "run", "flow.lua", *options], cwd=self.path, env=environment,
                              capture_output=True, text=True, timeout=120)
        nodes = {}
        for line in done.stderr.splitlines():
            words = line.split()
            if line.startswith("[") and len(words) > 2:
                nodes[words[1]] = "cached" if words[2] == "cached" else "failed" if words[2] == "failed" else "ran"
        return nodes, done.stdout, done.stderr

    def show(self, *arguments):
        """What `vtlua show` prints."""
        environment = {**os.environ, "VTLUA_STORE": str(self.path / "store")}
        return subprocess.run([vtlua, "show", *arguments], cwd=self.path, env=environment,
                              capture_output=True, text=True, timeout=120).stdout

    def database(self, *statements):
        with sqlite3.connect(self.path / "data.db") as db:
            for statement in statements:
                db.execute(statement)
        db.close()


FLOW = """
local flow = vt.workflow { name = "f" }
local a = flow:add("a", "%s", { %s })
local b = flow:add("b", "size", { f = a.f })
return flow:outputs { n = b.n }
"""

# A CSV file is observed, and equal content stops the recomputation.
folder = Folder(FLOW % ("load", 'path = "data.csv"'))
(folder.path / "data.csv").write_text("x,s\n1,a\n2,\n")
check("csv, first", folder.run()[:2], ({"a": "ran", "b": "ran"}, "n = 2\n"))
check("csv, as JSON", '"value": [{"x": 1, "s": "a"}, {"x": 2, "s": null}]' in folder.show("last/a/f", "--json"), True)
check("csv, as text", folder.show("last/a/f"), 'frame.Frame [{"x": 1, "s": "a"}, {"x": 2, "s": null}]\n')
check("csv, again", folder.run()[0], {"a": "cached", "b": "cached"})
(folder.path / "data.csv").write_text("x,s\n1,a\n2,\n\n")
check("csv, equal frame", folder.run()[0], {"a": "ran", "b": "cached"})
(folder.path / "data.csv").write_text("x,s\n1,a\n2,\n3,b\n")
check("csv, changed", folder.run()[:2], ({"a": "ran", "b": "ran"}, "n = 3\n"))
check("csv, on processes", folder.run("-j", "2", "--force", "all")[:2], ({"a": "ran", "b": "ran"}, "n = 3\n"))

# A database that is read is observed, its log too.
folder = Folder(FLOW % ("ask", 'path = "data.db", query = "select * from t"'))
folder.database("create table t (x)", "insert into t values (1)")
check("database, first", folder.run()[:2], ({"a": "ran", "b": "ran"}, "n = 1\n"))
check("database, again", folder.run()[0], {"a": "cached", "b": "cached"})
folder.database("insert into t values (2)")
check("database, changed", folder.run()[:2], ({"a": "ran", "b": "ran"}, "n = 2\n"))
folder.database("pragma journal_mode = wal")
folder.run()
check("database with a log, again", folder.run()[0], {"a": "cached", "b": "cached"})
writer = sqlite3.connect(folder.path / "data.db", isolation_level=None)
writer.execute("insert into t values (3)")
check("database, changed in its log", folder.run()[:2], ({"a": "ran", "b": "ran"}, "n = 3\n"))
writer.close()

# The clock in SQL is a notice.
folder = Folder(FLOW % ("ask", 'path = "data.db", query = "select datetime(\'now\') as t"'))
folder.database("create table t (x)")
check("the clock in SQL", "the current time in SQL" in folder.run()[2], True)

# A database that is created is a product, one that is changed keeps nothing.
PUT = """
local flow = vt.workflow { name = "f" }
local a = flow:add("a", "put", { path = "data.db" })
return flow:outputs { n = a.n }
"""
folder = Folder(PUT)
check("created", folder.run()[:2], ({"a": "ran"}, "n = 2\n"))
check("created, again", folder.run()[0], {"a": "cached"})
(folder.path / "data.db").unlink()
check("product that is gone", folder.run()[:2], ({"a": "ran"}, "n = 2\n"))
folder = Folder(PUT)
folder.database("create table t (x)", "insert into t values (7)")
nodes, output, errors = folder.run()
check("changed", (nodes, output), ({"a": "ran"}, "n = 3\n"))
check("changed, not kept", "not kept" in errors, True)
check("changed, again", folder.run()[:2], ({"a": "ran"}, "n = 5\n"))

# The modules, and a frame from one to the other.
folder = Folder("""
local flow = vt.workflow { name = "f" }
local read = flow:add("read", "load", { path = "data.csv" })
local some = flow:add("some", "sql.query",
  { query = "select * from t where x > :low", tables = { t = read.f }, parameters = { low = 1 } })
local kept = flow:add("kept", "sql.write", { tables = { t = some.rows }, path = "out.db" })
local again = flow:add("again", "sql.query", { query = "select count(*) as n from t", path = kept.path })
return flow:outputs { n = again.count, path = kept.path }
""")
(folder.path / "data.csv").write_text("x,s\n1,a\n2,\n")
all_nodes = ("read", "some", "kept", "again")
check("modules", folder.run()[:2], (dict.fromkeys(all_nodes, "ran"), "n = 1\npath = out.db\n"))
check("modules, again", folder.run()[0], dict.fromkeys(all_nodes, "cached"))
with sqlite3.connect(folder.path / "out.db") as db:
    check("the written database", db.execute("select x, s from t").fetchall(), [(2, None)])

print(f"{len(failed)} checks failed" if failed else "all checks passed")
sys.exit(1 if failed else 0)
