#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# `vtlua export`, read by the libraries for its formats: Tests/Store/export.py
#
# Needs VTLUA_BINARY, and prov and rocrate of PyPI.
import hashlib, json, os, re, shutil, signal, subprocess, sys, tempfile, time
from pathlib import Path
from urllib.parse import quote, unquote

from prov.model import (
    ProvActivity, ProvAgent, ProvAssociation, ProvDerivation, ProvDocument, ProvEntity,
    ProvGeneration, ProvUsage)
from rocrate.rocrate import ROCrate

vtlua = os.environ["VTLUA_BINARY"]
LIMIT = 120  # seconds of each wait; the bound only ends a test that hangs
os.environ.pop("VTLUA_STORE", None)

FLOW = """
local flow = vt.workflow { name = "t", params = { x = { "number", default = 3 } } }
local a = flow:add("a", "a", { x = flow.params.x, file = "in.txt" })
local b = flow:add("b two", "b", { p = a.y, f = a.out, names = { "in.txt" } })
return flow:outputs { z = b.z }
"""
FIRST = """
local M = vt.module {
  name = "t.a", version = "1", inputs = { x = "number", file = "file" },
  outputs = { y = "number", out = "file" },
}
function M:compute(i)
  local pool <close> = parallel.threads(2)
  local found = pool:map(function(v) return v * 2 end, { 1, 2, 3 })
  self:annotate { ["seen by"] = "nobody" }
  local out <close> = assert(io.open("out 1.csv", "w"))
  out:write(found[3], "\\n")
  return { y = i.x + found[3], out = "out 1.csv" }
end
return M
"""
SECOND = """
local M = vt.module {
  name = "t.b", inputs = { p = "number", q = { "number", optional = true }, f = "file", names = "list<file>" },
  outputs = { z = "number" },
}
function M:compute(i)
  return { z = i.p * 10 }
end
return M
"""
SMALL = """
local M = vt.module { name = "one", version = "2", inputs = { x = "number" }, outputs = { y = "number" } }
function M:compute(i) return { y = i.x + 1 } end
local flow = vt.workflow { name = "small", params = { x = { "number", default = 3 } } }
return flow:outputs { y = flow:add("n", M, { x = flow.params.x }).y }
"""


class Project:
    def __init__(self):
        self.path = Path(tempfile.mkdtemp()).resolve()
        (self.path / "modules").mkdir()
        for name, text in {
            "flow.lua": FLOW, "modules/a.lua": FIRST, "modules/b.lua": SECOND, "small.lua": SMALL,
            "in.txt": "hello\n",
        }.items():
            (self.path / name).write_text(text)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path)

    def call(self, *arguments, code=0):
        done = subprocess.run(
            [vtlua, *arguments], cwd=self.path, capture_output=True, text=True, timeout=LIMIT)
        assert done.returncode == code, (arguments, done)
        return done

    def run(self, flow="flow.lua", code=0):
        return json.loads(self.call("run", flow, "--json", code=code).stdout)["run"]

    def newest(self):
        return json.loads(self.call("log", "--json").stdout)["runs"][0]["run"]

    def prov(self, run):
        """The document, after reading and writing by the library."""
        text = self.call("export", run, "--format", "prov").stdout
        document = ProvDocument.deserialize(content=text, format="json")
        again = ProvDocument.deserialize(content=document.serialize(format="json"), format="json")
        equal(again, document)
        # Every name in a relation is defined.
        known = {record.identifier for record in document.get_records((ProvEntity, ProvActivity, ProvAgent))}
        for record in document.get_records():
            if record.is_relation():
                named = {value for _, value in record.formal_attributes
                         if value is not None and hasattr(value, "localpart")}
                assert named <= known, (record, named - known)
        return document

    def crate(self, run, *more):
        """The crate beside the workflow; its metadata follows the rules of RO-Crate 1.1."""
        file = self.path / "ro-crate-metadata.json"
        equal(self.call("export", run, "--format", "ro-crate", "-o", str(file), *more).stdout, "")
        whole = json.loads(file.read_text())
        equal(set(whole), {"@context", "@graph"})
        equal(whole["@context"][0], "https://w3id.org/ro/crate/1.1/context")
        graph = whole["@graph"]
        entities = {entity["@id"]: entity for entity in graph}
        equal(len(entities), len(graph))
        for entity in graph:
            assert entity["@type"], entity
            for key, value in entity.items():
                for part in value if isinstance(value, list) else [value]:
                    # Flat: a value that is not a text is a reference.
                    assert isinstance(part, str) or list(part) == ["@id"], (entity["@id"], key, part)
                    if isinstance(part, dict) and not re.match("https?://", part["@id"]):
                        assert part["@id"] in entities, (entity["@id"], key, part)
        descriptor, root = entities["ro-crate-metadata.json"], entities["./"]
        equal((descriptor["@type"], descriptor["about"]), ("CreativeWork", {"@id": "./"}))
        assert {"@id": "https://w3id.org/ro/crate/1.1"} in descriptor["conformsTo"]
        equal(root["@type"], "Dataset")
        assert {"name", "description", "datePublished", "license"} <= set(root), root
        # Every file is a part of the crate, with a relative path inside it.
        parts = [part["@id"] for part in listed(root["hasPart"])]
        files = [e["@id"] for e in graph if "File" in listed(e["@type"])]
        equal(sorted(files), sorted(parts))
        for name in files:
            assert name.startswith("file:///") or not name.startswith(("/", "./")), name
            place = unquote(name.removeprefix("file://"))
            assert (self.path / place).is_file(), name
        return ROCrate(self.path)


def listed(value):
    return value if isinstance(value, list) else [value]


def equal(found, expected):
    assert found == expected, f"\ngot      {found}\nexpected {expected}"


def digest(path):
    return hashlib.blake2b(Path(path).read_bytes(), digest_size=32).hexdigest()


def attributes(document, name):
    """An element's attributes, without those that depend on the machine."""
    [record] = document.get_record(name)
    return {str(key): str(value) for key, value in record.attributes}


def relations(document, kind):
    return sorted(
        tuple(str(value) for _, value in record.formal_attributes if hasattr(value, "localpart"))
        for record in document.get_records(kind))


def state(crate, name):
    return crate.get(name)["actionStatus"].removeprefix("http://schema.org/").removesuffix("ActionStatus")


def whole_prov():
    with Project() as p:
        run = p.run("small.lua")
        text = p.call("export", run[:3].lower(), "-f", "prov", "--json").stdout
        shown = json.loads(p.call("show", run, "--json").stdout)
        key = shown["nodes"][0]["key"]
        found = json.loads(text)
        times = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$"
        activities = found["activity"]
        for name, attribute in [
            ("run:run", "vtlua:host"), ("run:run", "vtlua:system"), ("run:run", "vtlua:process"),
            ("run:run", "vtlua:processors"), ("run:run", "vtlua:memory"), ("run:run", "vtlua:sqlite"),
            ("run:node/n", "vtlua:processorSeconds"), ("run:node/n", "vtlua:peakBytes"),
        ]:
            assert activities[name].pop(attribute), attribute

        def fixed(value):
            if isinstance(value, dict):
                return {key: fixed(part) for key, part in value.items()}
            return "TIME" if isinstance(value, str) and re.match(times, value) else value

        def name(text):
            return {"$": text, "type": "prov:QUALIFIED_NAME"}

        equal(fixed(found), {
            "prefix": {
                "run": f"urn:x-vtlua:run:{run}:", "note": "urn:x-vtlua:note:", "vtlua": "urn:x-vtlua:"},
            "entity": {
                "run:flow": {
                    "prov:type": name("prov:Plan"), "prov:label": "small", "prov:location": "small.lua",
                    "prov:value": SMALL, "vtlua:blake2b": digest(p.path / "small.lua")},
                "run:parameter/x": {
                    "prov:type": name("vtlua:Parameter"), "prov:label": "x", "prov:value": "3"},
                "run:input/n/x": {
                    "prov:type": name("vtlua:Input"), "prov:label": "x", "prov:value": "3"},
                "run:output/n/y": {
                    "prov:type": name("vtlua:Output"), "prov:label": "y", "prov:value": "4"}},
            "activity": {
                "run:run": {
                    "prov:type": name("vtlua:Run"), "prov:label": "small", "prov:startTime": "TIME",
                    "prov:endTime": "TIME", "vtlua:status": "done", "vtlua:modules": 1,
                    "prov:location": str(p.path)},
                "run:node/n": {
                    "prov:type": name("vtlua:Node"), "prov:label": "n", "prov:startTime": "TIME",
                    "prov:endTime": "TIME", "vtlua:module": "one", "vtlua:version": "2",
                    "vtlua:status": "computed", "vtlua:key": key, "vtlua:attempts": 1}},
            "agent": {
                "vtlua:program": {
                    "prov:type": name("prov:SoftwareAgent"), "prov:label": "vtlua",
                    "vtlua:version": shown["version"]}},
            "wasGeneratedBy": {
                "_:r7": {
                    "prov:entity": "run:output/n/y", "prov:activity": "run:node/n",
                    "prov:time": "TIME"}},
            "used": {
                "_:r2": {"prov:activity": "run:run", "prov:entity": "run:flow"},
                "_:r3": {"prov:activity": "run:run", "prov:entity": "run:parameter/x"},
                "_:r6": {"prov:activity": "run:node/n", "prov:entity": "run:input/n/x"}},
            "wasStartedBy": {
                "_:r4": {
                    "prov:activity": "run:node/n", "prov:starter": "run:run", "prov:time": "TIME"}},
            "wasAssociatedWith": {
                "_:r1": {
                    "prov:activity": "run:run", "prov:agent": "vtlua:program", "prov:plan": "run:flow"},
                "_:r5": {"prov:activity": "run:node/n", "prov:agent": "vtlua:program"}},
        })


def prov_of_a_run():
    with Project() as p:
        first = p.run()
        document = p.prov(first)
        inside = f"run:file/{digest(p.path / 'in.txt')[:16]}/in.txt"
        outside = f"run:file/{digest(p.path / 'out 1.csv')[:16]}/out%201.csv"
        equal(attributes(document, inside)["vtlua:blake2b"], digest(p.path / "in.txt"))
        equal(attributes(document, outside)["vtlua:bytes"], "2")
        equal(relations(document, ProvGeneration), [
            (outside, "run:node/a"), ("run:output/a/out", "run:node/a"), ("run:output/a/y", "run:node/a"),
            ("run:output/b%20two/z", "run:node/b%20two")])
        equal(relations(document, ProvUsage), [
            ("run:node/a", inside), ("run:node/a", "run:input/a/file"), ("run:node/a", "run:input/a/x"),
            ("run:node/b%20two", outside), ("run:node/b%20two", inside),
            ("run:node/b%20two", "run:input/b%20two/names"), ("run:node/b%20two", "run:output/a/out"),
            ("run:node/b%20two", "run:output/a/y"), ("run:run", "run:flow"),
            ("run:run", "run:parameter/x")])
        equal(relations(document, ProvDerivation), [
            ("run:output/b%20two/z", "run:output/a/out", "run:node/b%20two"),
            ("run:output/b%20two/z", "run:output/a/y", "run:node/b%20two")])
        equal(relations(document, ProvAssociation)[-1], ("run:run", "vtlua:program", "run:flow"))
        call = attributes(document, "run:call/a/1")
        equal([call["vtlua:" + name] for name in ("backend", "workers", "done", "failed")],
              ["threads", "2", "3", "0"])
        equal(call["prov:location"], "modules/a.lua:8")
        node = attributes(document, "run:node/a")
        equal((node["vtlua:status"], node["note:seen%20by"]), ("computed", '"nobody"'))
        [activity] = document.get_record("run:run")
        assert activity.get_startTime().utcoffset().total_seconds() == 0
        assert activity.get_startTime() <= activity.get_endTime()
        # A cached result names the run that computed it.
        node = attributes(p.prov(p.run()), "run:node/a")
        equal((node["vtlua:status"], node["vtlua:computedIn"]), ("cached", first))


def crate_of_a_run():
    with Project() as p:
        run = p.run()
        crate = p.crate(run)
        equal((crate.name, crate.license), (f"Run {run} of t", "Not stated."))
        equal(crate.mainEntity.id, "flow.lua")
        equal(crate.mainEntity.type, ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"])
        equal(crate.mainEntity["programmingLanguage"]["name"], "Lua")
        equal(crate.mainEntity["identifier"]["value"], digest(p.path / "flow.lua"))
        equal([step["name"] for step in crate.mainEntity["step"]], ["a", "b two"])
        action = crate.get(f"#run/{run}")
        equal((action.type, action["instrument"].id, state(crate, action.id)),
              ("CreateAction", "flow.lua", "Completed"))
        equal([entity.id for entity in action["object"]], ["#parameter/x", "in.txt"])
        equal(action["object"][0]["value"], "3")
        equal([entity.id for entity in action["result"]], ["#output/b%20two/z", "out%201.csv"])
        equal(action["result"][0]["value"], "90")
        equal(crate.get("out%201.csv")["encodingFormat"], "text/csv")
        equal(crate.get("out%201.csv")["identifier"]["value"], digest(p.path / "out 1.csv"))
        assert action["startTime"] <= action["endTime"]
        second = crate.get("#node/b%20two")
        equal(sorted(entity.id for entity in second["object"]),
              ["#input/b%20two/names", "#output/a/out", "#output/a/y", "in.txt", "out%201.csv"])
        equal(second["instrument"]["softwareVersion"], "0")
        connection = crate.get("#step/b%20two")["connection"][0]
        assert connection["sourceParameter"].id.startswith("#module/t.a@1/output/")
        assert connection["targetParameter"].id.startswith("#module/t.b@0/input/")
        engine = crate.get("#engine")
        equal((engine["instrument"]["name"], engine["result"].id), ("vtlua", action.id))
        equal([control["object"].id for control in engine["object"]], ["#node/a", "#node/b%20two"])
        call = crate.get("#call/a/1")
        equal((call["description"], call["object"].id),
              ("3 tasks on 2 workers of threads: 3 done", "#node/a"))
        crate = p.crate(p.run(), "--license", "https://spdx.org/licenses/CC0-1.0")
        equal(crate.license.id, "https://spdx.org/licenses/CC0-1.0")
        assert run in crate.get("#node/a")["description"]
        # The same run has the same crate; in another directory its files have absolute names.
        text = p.call("export", run, "-f", "ro-crate").stdout
        equal(p.call("export", run, "-f", "ro-crate").stdout, text)
        (p.path / "sub").mkdir()
        p.call("export", run, "-f", "ro-crate", "-o", "sub/ro-crate-metadata.json")
        equal(ROCrate(p.path / "sub").mainEntity.id, "file://" + quote(f"{p.path}/flow.lua"))


def large_files():
    """Large files are not read for the record alone."""
    with Project() as p:
        with open(p.path / "in.txt", "wb") as file:
            file.truncate((16 << 20) + 1)
        whole = hashlib.blake2b(bytes((16 << 20) + 1), digest_size=32).hexdigest()
        for options, expected in [((), whole), (("--no-cache",), None)]:
            p.call("run", "flow.lua", *options)
            run = p.newest()
            name = f"run:file/{expected[:16] if expected else '-'}/in.txt"
            about = attributes(p.prov(run), name)
            equal((about["vtlua:bytes"], about.get("vtlua:blake2b")), ("16777217", expected))
            file = p.crate(run).get("in.txt")
            equal((file["contentSize"], "identifier" in file.properties()), ("16777217", expected is not None))


def failed():
    with Project() as p:
        text = (p.path / "modules/b.lua").read_text()
        (p.path / "modules/b.lua").write_text(text.replace("i.p * 10", "i.p * {}"))
        (p.path / "flow.lua").write_text(FLOW.replace(
            "return", 'local c = flow:add("c", "b", { p = b.z, f = a.out, names = {} })\nreturn'))
        run = p.run(code=1)
        said = "modules/b.lua:7: attempt to perform arithmetic on a table value"
        document = p.prov(run)
        equal(attributes(document, "run:run")["vtlua:status"], "failed")
        node = attributes(document, "run:node/b%20two")
        equal((node["vtlua:status"], node["vtlua:error"].split("\n")[0]), ("failed", said))
        node = attributes(document, "run:node/c")
        equal((node["vtlua:status"], node["vtlua:because"]), ("skipped", "b two"))
        assert "prov:startTime" not in node
        equal([r for r in relations(document, ProvUsage) if r[0] == "run:node/c"], [])
        crate = p.crate(run)
        equal([state(crate, name) for name in (f"#run/{run}", "#node/a", "#node/b%20two")],
              ["Failed", "Completed", "Failed"])
        equal(crate.get(f"#run/{run}")["error"].split("\n")[0], said)
        equal((crate.get("#node/c"), crate.get("#step/c")["name"]), (None, "c"))


def stopped():
    with Project() as p:
        text = (p.path / "modules/b.lua").read_text()
        (p.path / "modules/b.lua").write_text(text.replace(
            "return { z", "io.open('computing', 'w'):close() while true do end return { z"))
        mark = p.path / "computing"
        for number, code, status in [(signal.SIGINT, 130, "cancelled"), (signal.SIGKILL, -9, "killed")]:
            child = subprocess.Popen([vtlua, "run", "flow.lua", "--progress", "plain"], cwd=p.path,
                                     stderr=subprocess.PIPE, text=True)
            # The run is on record when its second module begins.
            end = time.time() + LIMIT
            while not mark.exists():
                assert time.time() < end, "the module does not run"
                time.sleep(0.01)
            mark.unlink()
            run = p.newest()
            equal(attributes(p.prov(run), "run:run")["vtlua:status"], "running")
            equal(state(p.crate(run), f"#run/{run}"), "Active")
            child.send_signal(number)
            child.stderr.read()
            equal(child.wait(LIMIT), code)
            about = attributes(p.prov(run), "run:run")
            equal((about["vtlua:status"], "prov:endTime" in about), (status, status == "cancelled"))
            crate = p.crate(run)
            equal((state(crate, f"#run/{run}"), "endTime" in crate.get(f"#run/{run}").properties()),
                  ("Failed", status == "cancelled"))


def refused():
    with Project() as p:
        equal(p.call("export", "x", "-f", "prov", code=4).stderr.splitlines()[0],
              "error: there is no store in '.vtlua'; run a workflow here, or give the store's directory "
              "with --store")
        run = p.run("small.lua")
        equal(p.call("export", "nothing", "-f", "prov", code=2).stderr.splitlines()[0],
              "error: no run `nothing` is recorded; to list the runs: vtlua log")
        p.call("export", run, code=2)
        p.call("export", run, "-f", "xml", code=2)
        equal(p.call("export", run, "-f", "prov", "-o", "no/where.json", code=1).stderr,
              "error: cannot write 'no/where.json': No such file or directory\n")
        p.call("export", run, "-f", "prov", "-o", "prov.json")
        equal((p.path / "prov.json").read_text(), p.call("export", run, "-f", "prov").stdout)
        equal([f.name for f in p.path.iterdir() if f.name.endswith(".tmp")], [])


for check in (whole_prov, prov_of_a_run, crate_of_a_run, large_files, failed, stopped, refused):
    began = time.time()
    check()
    print(f"ok   {check.__name__} ({time.time() - began:.1f} s)")
print("export: ok")
