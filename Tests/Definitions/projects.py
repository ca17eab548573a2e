#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# `vtlua new` and `vtlua doc`: their files pass the tests and the editors' checks. Needs VTLUA_BINARY.
import json, os, shutil, subprocess, tempfile
from pathlib import Path

vtlua = os.environ["VTLUA_BINARY"]
root = Path(__file__).resolve().parent.parent.parent


def call(*command, cwd, code=0):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120)
    assert done.returncode == code, (command, done)
    return done.stdout if code == 0 else done.stderr


def equal(found, expected):
    assert found == expected, f"got      {found!r}\nexpected {expected!r}"


def the_program_has_the_definitions(folder):
    call("python3", root / "scripts/embed-stdlib", "--check", cwd=root)
    call(vtlua, "doc", "--definitions", "a/b", cwd=folder)
    equal({f.name: f.read_text() for f in (folder / "a/b").iterdir()},
          {f.name: f.read_text() for f in (root / "definitions").iterdir()})
    (folder / "file").write_text("")
    equal(call(vtlua, "doc", "--definitions", "file", cwd=folder, code=2),
          "error: cannot write 'file': Not a directory\n")


def a_new_project_is_well(folder):
    call(vtlua, "new", "flow", "sums", cwd=folder)
    call(vtlua, "new", "module", "img.blur", cwd=folder)
    equal(json.loads(call(vtlua, "test", "--json", cwd=folder))["passed"], 3)
    call(vtlua, "check", "sums.lua", cwd=folder)
    library = json.loads((folder / ".luarc.json").read_text())["workspace.library"]
    equal([(folder / place / "vt.lua").exists() for place in library], [True])
    if shutil.which("luacheck"):
        call("luacheck", "--no-cache", ".", cwd=folder)
        (folder / "typo.lua").write_text('local f = vt.workfow { name = "f" }\nreturn f\n')
        done = subprocess.run(["luacheck", "--no-color", "typo.lua"], cwd=folder,
                              capture_output=True, text=True)
        assert "accessing undefined field 'workfow' of global 'vt'" in done.stdout, done
        (folder / "typo.lua").unlink()
    else:
        assert "CI" not in os.environ, "luacheck is missing (Debian: lua-check)"


def nothing_is_written_over(folder):
    mine = {name: f"mine, {name}\n" for name in
            (".luarc.json", ".luacheckrc", ".gitignore", "sums_spec.lua")}
    for name, text in mine.items():
        (folder / name).write_text(text)
    done = subprocess.run([vtlua, "new", "flow", "sums"], cwd=folder, capture_output=True, text=True)
    equal(done.stderr, "wrote sums.lua\nwrote .vtlua/definitions/\n"
                       "run it with: vtlua run sums.lua; test it with: vtlua test\n")
    equal({name: (folder / name).read_text() for name in mine}, mine)
    equal(call(vtlua, "new", "flow", "sums", cwd=folder, code=1),
          "error: 'sums.lua' already exists; choose another name\n")


BLUR = """\
local M = vt.module {
  name = "img.blur", version = "1.0.0", doc = "Box blur over the rows of a grey image.",
  inputs = {
    image = { "list<list<number>>", doc = "rows of grey values" },
    radius = { "integer", default = 2, min = 0, max = 64, doc = "pixels each side" },
    edge = { "string", default = "wrap", choices = { "wrap", "zero" } },
    mask = { "table", optional = true },
  },
  outputs = { image = "list<list<number>>" },
  requires = { "threads" }, cache = false, timeout = 5, retries = 2,
}
print("loading")
return M
"""
TEXT = """\
img.blur 1.0.0: Box blur over the rows of a grey image.
modules/img/blur.lua

inputs
  edge    string, default "wrap", one of "wrap", "zero"
  image   list<list<number>>                        rows of grey values
  mask    table, optional
  radius  integer, default 2, 0 to 64               pixels each side

outputs
  image  list<list<number>>

requires threads
results  are not reused
timeout  5 s
retries  2
"""
PAGE = """\
# `img.blur` 1.0.0

Box blur over the rows of a grey image.

`modules/img/blur.lua`

| input | type | |
|---|---|---|
| `edge` | `string`, default "wrap", one of "wrap", "zero" |  |
| `image` | `list<list<number>>` | rows of grey values |
| `mask` | `table`, optional |  |
| `radius` | `integer`, default 2, 0 to 64 | pixels each side |

| output | type | |
|---|---|---|
| `image` | `list<list<number>>` |  |

- requires threads
- results are not reused
- timeout 5 s
- retries 2
"""
LIBRARY = """\
--- Sums of things.
--
-- Exact ones.
local sums = {}

--- How much one is.
sums.ONE = 1

--- The sum of two numbers.
--- @param a number
--- @param b number|nil default 1
--- @return number
function sums.add(a, b)
  return a + (b or sums.ONE)
end

function sums.zero() return 0 end

return sums
"""
LIBRARY_TEXT = """\
sums: Sums of things.

Exact ones.
sums.lua

sums.ONE  How much one is.

sums.add(a, b)
    The sum of two numbers.
    a  number
    b  number|nil  default 1
    -> number

sums.zero()
"""


def doc(folder):
    (folder / "modules/img").mkdir(parents=True)
    (folder / "modules/img/blur.lua").write_text(BLUR)
    (folder / "sums.lua").write_text(LIBRARY)
    equal(call(vtlua, "doc", "img.blur", cwd=folder), TEXT)
    equal(call(vtlua, "doc", "img.blur", "--markdown", cwd=folder), PAGE)
    found = json.loads(call(vtlua, "doc", "img.blur", "--json", cwd=folder))
    equal([found[k] for k in ("schema", "kind", "name", "version", "requires", "cache", "timeout")],
          [1, "module", "img.blur", "1.0.0", ["threads"], "never", 5.0])
    equal(found["inputs"][3], {
        "name": "radius", "type": "integer", "doc": "pixels each side", "optional": False,
        "default": 2, "min": 0.0, "max": 64.0})
    equal(call(vtlua, "doc", "sums", cwd=folder), LIBRARY_TEXT)
    equal(call(vtlua, "doc", "sums.lua", cwd=folder), LIBRARY_TEXT)
    text = call(vtlua, "doc", "sums.add", cwd=folder)
    assert text.startswith("sums\n") and text.count("sums.") == 2 and "sums.add(a, b)" in text, text
    assert "vt.compute(module" in call(vtlua, "doc", "vt.compute", cwd=folder)
    found = json.loads(call(vtlua, "doc", "sums", "--json", cwd=folder))
    equal(found["functions"][0], {
        "name": "sums.add", "signature": "sums.add(a, b)", "doc": "The sum of two numbers.",
        "parameters": [{"name": "a", "type": "number", "doc": ""},
                       {"name": "b", "type": "number|nil", "doc": "default 1"}],
        "results": ["number"]})
    for name, part in {"csv": "csv.parse(text, options)", "vt": "vt.compute(module, inputs, options)",
                       "parallel": "view:map(f, list, options)", "csv.read": "the CSV file"}.items():
        assert part in call(vtlua, "doc", name, cwd=folder), name
    # Methods, and functions in a part of a library.
    for name, signature in {"flow:add": "workflow:add(name, module, inputs, options)",
                            "self:fail": "module:fail(message, ...)", "pool:imap": "view:imap(f, items, options)",
                            "array.linalg.solve": "linalg.solve(a, b)"}.items():
        lines = call(vtlua, "doc", name, cwd=folder).splitlines()
        equal([line for line in lines[1:] if "(" in line and not line.startswith(" ")], [signature])
    equal(call(vtlua, "doc", "flow:ad", cwd=folder, code=2),
          "error: there is no method `flow:ad`; did you mean `workflow:add`?\n")
    assert "client:execute_python(" in call(vtlua, "doc", "parallel", cwd=folder)
    equal(call(vtlua, "doc", "img.blurr", cwd=folder, code=2),
          "error: there is no module `img.blurr`; did you mean `img.blur`?\n")
    equal(call(vtlua, "doc", "csv.prase", cwd=folder, code=2),
          "error: `csv` has no function `prase`; did you mean `csv.parse`?\n")
    equal(call(vtlua, "doc", "vt.frobnicate", cwd=folder, code=2), "error: `vt` has no function `frobnicate`\n")
    (folder / "broken.lua").write_text("local x = \n")
    equal(call(vtlua, "doc", "broken", cwd=folder, code=2),
          "error: module `broken` does not load: broken.lua:2: unexpected symbol near <eof>\n")
    equal(call(vtlua, "doc", cwd=folder, code=2).splitlines()[0],
          "error: expected either a module, as in `vtlua doc csv`, or --definitions DIR")


for case in (the_program_has_the_definitions, a_new_project_is_well, nothing_is_written_over, doc):
    with tempfile.TemporaryDirectory() as folder:
        case(Path(folder))
    print("ok", case.__name__)
