#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# Reports, checked in a browser: Tests/Report/report.py [--pictures DIR]
#
# Needs VTLUA_BINARY, and Chromium. With --pictures, it saves pictures of the pages.
import base64, json, os, re, shutil, signal, subprocess, sys, tempfile, time
from pathlib import Path

from browser import Browser

vtlua = os.environ["VTLUA_BINARY"]
os.environ.pop("VTLUA_STORE", None)
root = Path(__file__).resolve().parents[2]
LIMIT = 300  # seconds of each wait; the bound only ends a test that hangs
pictures = Path(sys.argv[sys.argv.index("--pictures") + 1]) if "--pictures" in sys.argv else None
if pictures:
    pictures.mkdir(parents=True, exist_ok=True)


class Project:
    def __init__(self, **files):
        self.path = Path(tempfile.mkdtemp())
        (self.path / "modules").mkdir()
        for name, text in files.items():
            name = "flow.lua" if name == "flow" else f"modules/{name}.lua"
            (self.path / name).write_text(text)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path)

    def call(self, *arguments, code=0, **more):
        done = subprocess.run([vtlua, *arguments], cwd=self.path, capture_output=True, text=True,
                              timeout=LIMIT, **more)
        assert done.returncode == code, (arguments, done)
        return done

    def newest(self):
        return json.loads(self.call("log", "--json").stdout)["runs"][0]["run"]

    def data(self, run):
        return json.loads(self.call("report", run, "--json").stdout)


def equal(found, expected):
    assert found == expected, f"got      {found!r}\nexpected {expected!r}"


def look(browser, path, name, **size):
    """Opens a report and checks what must hold for every one of them."""
    seconds = browser.open(path, **size)
    equal(browser.said, [])
    equal(browser.dialogs, [])
    for address in browser.requests:
        assert address.startswith(("file:", "data:")), address
    equal(browser.run("document.scripts.length"), 2)
    # Every address is a place in the page, or contains its data.
    equal(browser.run("""
        [...document.querySelectorAll('[href], [src]')].map(e => e.getAttribute('href') ||
            e.getAttribute('src')).filter(a => a.startsWith('#')
                ? !document.getElementById(a.slice(1)) : !a.startsWith('data:'))"""), [])
    assert int(browser.run("document.getElementById('timeline-frame').dataset.painted || 0")) >= 0
    if pictures:
        browser.picture(pictures / f"{name}.png", whole=True)
    return seconds


def nodes(browser):
    return browser.run("""[...document.querySelectorAll('#graph-picture .node')].map(n =>
        [n.querySelector('title').textContent.split('\\n')[0], n.classList[1]])""")


def view(browser):
    data = browser.run("({...document.getElementById('timeline-frame').dataset})")
    return float(data["from"]), float(data["to"])


def place(browser, selector):
    """Scrolls to an element; returns the coordinates of its middle."""
    browser.run(f"document.querySelector({json.dumps(selector)}).scrollIntoView({{block: 'center'}})")
    browser.settle()
    return browser.run(f"""(r => [r.x + r.width / 2, r.y + r.height / 2])(
        document.querySelector({json.dumps(selector)}).getBoundingClientRect())""")


def has_colour(browser, variable):
    """Whether the timeline has pixels of one of the page's colours."""
    return browser.run(f"""(() => {{
        const probe = document.createElement('canvas').getContext('2d');
        probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('{variable}').trim();
        probe.fillRect(0, 0, 1, 1);
        const [r, g, b] = probe.getImageData(0, 0, 1, 1).data;
        const canvas = document.getElementById('timeline-canvas');
        const all = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        for (let i = 0; i < all.length; i += 4)
            if (all[i] === r && all[i + 1] === g && all[i + 2] === b) return true;
        return false;
    }})()""")


def climate(browser):
    """The example: pictures, tables, the graph, the timeline, and the links between them."""
    with Project() as p:
        shutil.copytree(root / "examples/climate", p.path, dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns(".vtlua", "results"))
        p.call("run", "flow.lua", "--report", "out.html")
        look(browser, p.path / "out.html", "climate")
        equal(len(nodes(browser)), 24)
        equal({state for _, state in nodes(browser)}, {"computed"})
        # Each picture once, with its output and its file.
        equal(browser.run("[...document.images].map(i => i.naturalWidth > 100)"), [True, True])
        captions = browser.run("[...document.querySelectorAll('figcaption')].map(c => c.textContent)")
        equal(captions, [
            "temperature_plot.svg, temperatures_svg.path results/temperatures.svg",
            "difference_plot.svg, difference_svg.path results/difference.svg"])
        text = browser.run("document.getElementById('node-1').textContent")
        assert "The first 50 of 8,759 rows." in text, text
        assert has_colour(browser, "--computed") and has_colour(browser, "--task")
        # A click on a node shows its details.
        x, y = place(browser, "a[href='#node-5'] rect")
        browser.click(x, y)
        equal(browser.run("location.hash"), "#node-5")
        assert browser.run("document.querySelector('#node-5 h3').textContent").startswith("hours")
        # The filter.
        browser.run("""(i => { i.value = 'seattle'; i.dispatchEvent(new Event('input')); })(
            document.getElementById('filter'))""")
        shown = browser.run(
            "[...document.querySelectorAll('#module-table tbody tr')].filter(r => !r.hidden).length")
        equal(shown, 5)
        equal(browser.run("document.getElementById('filter-count').textContent"), "5 of 24")
        # Dark, narrow, printed.
        browser.ask("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark"}])
        look(browser, p.path / "out.html", "climate-dark")
        browser.ask("Emulation.setEmulatedMedia", features=[])
        look(browser, p.path / "out.html", "climate-narrow", width=420)
        assert browser.run("document.documentElement.scrollWidth") <= 420
        browser.open(p.path / "out.html")
        printed = base64.b64decode(browser.ask("Page.printToPDF")["data"])
        assert printed.startswith(b"%PDF"), printed[:20]
        if pictures:
            (pictures / "climate.pdf").write_bytes(printed)
        # A second run uses the cached results; the page differs only in the states.
        p.call("run", "flow.lua", "--report", "out.html")
        look(browser, p.path / "out.html", "climate-cached")
        equal({state for _, state in nodes(browser)}, {"cached"})
        equal(browser.run("document.images.length"), 2)


NASTY = """<script>alert(1)</script> {{x}} {{{y}}} "double" 'single' </script><img src=x onerror=alert(2)>&amp;"""
SVG = """<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" onload="alert(3)">
<script>alert(4)</script><image href="http://127.0.0.1:9/x.png" width="9" height="9"/>
<rect width="40" height="40" fill="green"/></svg>"""


def hostile(browser):
    """Names and values are shown as text, whatever they contain; a picture is shown as a picture."""
    quoted = json.dumps(NASTY)
    # A node's name has no slash.
    node = NASTY.replace("/", "|")
    with Project(a=f"""
local nasty = {quoted}
local M = vt.module {{
  name = nasty, version = nasty, inputs = {{ [nasty] = "string", list = "list" }},
  outputs = {{ [nasty] = "string", rows = "table", records = "list", svg = "string", bytes = "string" }},
}}
function M:compute(i)
  print(nasty)
  self:annotate {{ [nasty] = nasty }}
  local pool <close> = parallel.threads(1)
  pool:map(function(x) return x end, {{ 1, 2 }}, {{ label = nasty }})
  return {{ [nasty] = nasty .. "\\nline", rows = {{ [nasty] = {{ nasty, 2 }} }},
    records = {{ {{ [nasty] = nasty }} }}, svg = {json.dumps(SVG)}, bytes = "\\0\\1\\255" }}
end
return M
""", b=f"""
local M = vt.module {{ name = "b", inputs = {{ x = "string" }}, outputs = {{ y = "number" }} }}
function M:compute() error({quoted}) end
return M
""", flow=f"""
local nasty = {quoted}
local flow = vt.workflow {{ name = nasty, params = {{ p = {{ "string", default = nasty }} }} }}
local a = flow:add({json.dumps(node)}, "a", {{ [nasty] = flow.params.p, list = {{ nasty }} }})
local b = flow:add("b " .. {json.dumps(node)}, "b", {{ x = a[nasty] }})
return flow:outputs {{ y = b.y }}
-- {NASTY}
""") as p:
        p.call("run", "flow.lua", "--report", "out.html", code=1)
        look(browser, p.path / "out.html", "hostile")
        text = browser.run("document.body.textContent")
        # Name, version, node, input, parameter, output, columns, cells, note, printed, error ...
        assert text.count(NASTY) >= 15, text.count(NASTY)
        equal(browser.run("document.title"), f"{NASTY}, run {p.newest()}")
        equal(nodes(browser), [[node, "computed"], ["b " + node, "failed"]])
        equal(browser.run("document.querySelectorAll('img').length"), 1)
        equal(browser.run("document.images[0].naturalWidth"), 40)
        equal(browser.run("JSON.parse(document.getElementById('timeline-data').textContent).calls[0].label"),
              NASTY)
        assert "alert" not in "".join(re.findall(r"<script nonce.*?</script>", (p.path / "out.html").read_text(), re.S))
        # A script that got into the page would not run. Nothing is fetched.
        browser.run("""(e => { e.textContent = 'window.ran = true'; document.body.append(e); })(
            document.createElement('script'))""")
        equal(browser.run("window.ran === undefined"), True)
        equal(browser.run("fetch('http://127.0.0.1:9/').then(() => 'went', () => 'refused')"), "refused")


COUNT = """
local M = vt.module { name = "count", inputs = { x = "any" }, outputs = { y = "number" } }
function M:compute(i) print("counting") return { y = 1 } end
return M
"""


def failed(browser):
    with Project(count=COUNT, bad="""
local M = vt.module { name = "bad", inputs = { x = "any" }, outputs = { y = "number" } }
local function inner(x) return x.field.missing end
function M:compute(i) print("before") return { y = inner(i) } end
return M
""", flow="""
local flow = vt.workflow { name = "failing" }
local a = flow:add("first", "count", { x = 1 })
local b = flow:add("middle", "bad", { x = a.y })
local c = flow:add("last", "count", { x = b.y })
local d = flow:add("aside", "count", { x = a.y })
return flow:outputs { c = c.y, d = d.y }
""") as p:
        p.call("run", "flow.lua", "-k", "--report", "out.html", code=1)
        look(browser, p.path / "out.html", "failed")
        equal(sorted(nodes(browser)), [["aside", "computed"], ["first", "computed"],
                                       ["last", "skipped"], ["middle", "failed"]])
        text = browser.run("document.getElementById('errors').innerText")
        assert "modules/bad.lua:3: attempt to index a nil value (field 'field')" in text, text
        text = browser.run("document.querySelector('.module.failed').textContent")
        assert "before" in text and "attempt to index" in text, text
        text = browser.run("document.querySelector('.module.skipped').textContent")
        assert "Skipped because of middle." in text, text
        assert has_colour(browser, "--failed")


def cancelled(browser):
    """Ctrl-C: the page is written, and shows the nodes that had not started."""
    with Project(count=COUNT, forever="""
local M = vt.module { name = "forever", inputs = { x = "any" }, outputs = { y = "number" } }
function M:compute(i)
  local pool <close> = parallel.threads(2)
  pool:map(function(n)
    if n > 1 then io.open("task-" .. n, "w"):close() end
    local t = os.clock() while os.clock() - t < n do end
  end,
    { 0.05, 0.05, 0.05, 1001, 1002, 1003, 1004 })
end
return M
""", flow="""
local flow = vt.workflow { name = "stopped" }
local a = flow:add("first", "count", { x = 1 })
local b = flow:add("endless", "forever", { x = a.y })
local c = flow:add("last", "count", { x = b.y })
return flow:outputs { c = c.y }
""") as p:
        for store in ([], ["--store", "off"]):
            place = p.path / "tmp"
            place.mkdir(exist_ok=True)
            child = subprocess.Popen([vtlua, "run", "flow.lua", "--report", "out.html", *store],
                                     cwd=p.path, stderr=subprocess.PIPE, text=True,
                                     env=os.environ | {"TMPDIR": str(place)})
            # Then the workers have done the first three tasks, and each is at one without end.
            end = time.time() + LIMIT
            while len(marks := list(p.path.glob("task-*"))) < 2:
                assert time.time() < end, "the tasks do not run"
                time.sleep(0.01)
            for mark in marks:
                mark.unlink()
            child.send_signal(signal.SIGINT)
            equal((child.communicate(timeout=LIMIT)[1] or "")[-12:], "was stopped\n")
            equal(child.returncode, 130)
            equal(list(place.iterdir()), [])
            look(browser, p.path / "out.html", "cancelled")
            (p.path / "out.html").unlink()
            states = dict(nodes(browser))
            assert states.pop("first") in ("computed", "cached")
            equal(states, {"endless": "stopped", "last": "waiting"})
            equal(browser.run("document.querySelector('h1 .badge').textContent"), "cancelled")
            assert has_colour(browser, "--stopped") and has_colour(browser, "--task")
        equal(len(json.loads(p.call("log", "--json").stdout)["runs"]), 1)
        outcomes = [t["outcome"] for t in p.data(p.newest())["nodes"][1]["calls"][0]["tasks"]]
        equal(outcomes[:3], ["done"] * 3)
        equal("done" in outcomes[3:], False)


PARALLEL = """
local M = vt.module {
  name = "draw", inputs = { kind = "string", n = "integer", bad = { "integer", default = 0 } },
  outputs = { y = "number" },
}
function M:compute(i)
  local pool <close> = parallel[i.kind](2)
  local results = pool:map(function(k, bad)
    if bad > 0 and k % bad == 0 then error("no " .. k) end
    local x = 0
    for j = 1, 2000 do x = x + j % k end
    return x
  end, (function() local l = {} for k = 1, i.n do l[k] = k end return l end)(),
    { args = { i.bad }, label = "draw", on_error = "collect" })
  return { y = #results }
end
return M
"""


def tasks(browser):
    with Project(draw=PARALLEL, flow="""
local flow = vt.workflow { name = "tasks" }
local a = flow:add("threads", "draw", { kind = "threads", n = 40 })
local b = flow:add("processes", "draw", { kind = "processes", n = 60, bad = 20 })
local c = flow:add("serial", "draw", { kind = "serial", n = 10 })
return flow:outputs { a = a.y, b = b.y, c = c.y }
""") as p:
        p.call("run", "flow.lua", "--report", "out.html")
        look(browser, p.path / "out.html", "tasks")
        data = browser.run("JSON.parse(document.getElementById('timeline-data').textContent)")
        equal([(c["backend"], len(c["tasks"]) // 8, sum(o == 1 for o in c["tasks"][1::8]))
               for c in data["calls"]], [("threads", 40, 0), ("processes", 60, 3), ("serial", 10, 0)])
        # A row for each module, and one for each worker that had a task.
        lanes = sum(len(set(c["tasks"][3::8])) for c in data["calls"])
        equal(int(browser.run("document.getElementById('timeline-frame').dataset.rows")), 3 + lanes)
        assert has_colour(browser, "--task") and has_colour(browser, "--bad")
        table = browser.run("[...document.querySelectorAll('#timeline tbody tr')].map(r => [...r.cells].map(c => c.innerText))")
        equal([row[1:2] + row[3:6] for row in table],
              [["threads", "40", "0", "0"], ["processes", "60", "3", "0"], ["serial", "10", "0", "0"]])
        # The link to a failed task, and its details.
        browser.run("document.querySelector('[data-zoom=next]').click()")
        browser.settle()
        told = browser.run("document.getElementById('timeline-tip').textContent").split("\n")
        assert re.fullmatch(r"task (20|40|60), failed", told[0]), told
        assert re.fullmatch(r"processes, draw at modules/draw.lua:\d+", told[1]), told
        assert re.fullmatch(r"processes worker [12], process \d+ on \S+", told[2]), told
        assert told[3].startswith("queued ") and "ended" in told[4] and "took" in told[4], told
        if pictures:
            browser.picture(pictures / "tasks-zoomed.png")
        # The record as JSON has the same data.
        found = p.data(p.newest())
        equal((found["schema"], found["status"], [n["name"] for n in found["nodes"]]),
              (1, "done", ["threads", "processes", "serial"]))
        calls = [c for n in found["nodes"] for c in n["calls"]]
        equal([(c["done"], c["failed"], len(c["tasks"])) for c in calls],
              [(40, 0, 40), (57, 3, 60), (10, 0, 10)])


def large(browser):
    """1,000 nodes and 10,000 tasks."""
    wide = """
local flow = vt.workflow { name = "large" }
local source = flow:add("source", "count", { x = 1 })
local layer = { source.y }
for depth = 1, 9 do
  local next_layer = {}
  for k = 1, 110 do
    local from = layer[(k * 7 + depth) % #layer + 1]
    next_layer[k] = flow:add(("step %d.%d"):format(depth, k), "count", { x = from }).y
  end
  layer = next_layer
end
local m = flow:add("many tasks", "draw", { kind = "threads", n = 10000, bad = 999 })
for k = 1, 8 do flow:add("tail " .. k, "count", { x = m.y }) end
return flow:outputs { m = m.y }
"""
    with Project(count=COUNT, draw=PARALLEL, flow=wide) as p:
        p.call("run", "flow.lua", "--report", "out.html", "--progress", "none")
        began = time.time()
        p.call("report", p.newest(), "-o", "again.html")
        made = time.time() - began
        size = (p.path / "out.html").stat().st_size
        loaded = look(browser, p.path / "out.html", "large")
        equal(len(nodes(browser)), 1000)
        assert has_colour(browser, "--computed")
        # Zoom to the call with its tasks, then closer.
        x, y = place(browser, "[data-call]")
        browser.click(x, y)
        assert has_colour(browser, "--task")
        before = view(browser)
        x, y = place(browser, "#timeline-canvas")
        began = time.time()
        browser.wheel(x, y, -400)
        after = view(browser)
        zoomed = time.time() - began
        assert before[0] <= after[0] and after[1] <= before[1], (before, after)
        assert after[1] - after[0] < (before[1] - before[0]) / 2, (before, after)
        painted = float(browser.run("document.getElementById('timeline-frame').dataset.milliseconds"))
        # Keys and buttons zoom as well.
        browser.run("document.getElementById('timeline-frame').focus()")
        browser.key("-")
        assert view(browser)[1] - view(browser)[0] > after[1] - after[0]
        before = view(browser)
        browser.key("ArrowRight")
        assert view(browser)[0] > before[0]
        browser.key("0")
        assert view(browser)[1] - view(browser)[0] > before[1] - before[0]
        browser.run("document.querySelector('#timeline [data-zoom=in]').click()")
        browser.settle()
        before = float(browser.run("document.getElementById('graph-frame').dataset.scale"))
        x, y = place(browser, "#graph-frame")
        browser.wheel(x, y, -300)
        assert float(browser.run("document.getElementById('graph-frame').dataset.scale")) > before
        # The wheel alone scrolls and does not zoom.
        before = view(browser)
        x, y = place(browser, "#timeline-canvas")
        browser.wheel(x, y, 60, ctrl=False)
        equal(view(browser), before)
        if pictures:
            place(browser, "[data-call]")
            browser.run("document.querySelector('[data-call]').click()")
            browser.settle()
            browser.picture(pictures / "large-tasks.png")
        print(f"     1,000 nodes, 10,000 tasks: {size / 1e6:.1f} MB, made in {made:.2f} s, loaded and "
              f"drawn in {loaded:.2f} s, zoomed in {zoomed * 1000:.0f} ms, painted in {painted} ms")


def shapes(browser):
    """A chain and a fan of 1,000: boxes apart, connections from left to right."""
    for name, source in {
        "chain": 'local last = a for k = 1, 999 do last = flow:add("n" .. k, "count", { x = last.y }) end',
        "fan": 'for k = 1, 999 do flow:add("n" .. k, "count", { x = a.y }) end',
    }.items():
        with Project(count=COUNT, flow=f"""
local flow = vt.workflow {{ name = "{name}" }}
local a = flow:add("a", "count", {{ x = 1 }})
{source}
return flow:outputs {{ y = a.y }}
""") as p:
            p.call("run", "flow.lua", "--report", "out.html", "--progress", "none")
            look(browser, p.path / "out.html", name)
            places = browser.run("""[...document.querySelectorAll('#graph-picture .node')].map(n =>
                n.transform.baseVal[0].matrix).map(m => [m.e, m.f])""")
            equal(len(places), 1000)
            columns = {}
            for x, y in places:
                columns.setdefault(x, []).append(y)
            assert all(b - a > 168 for a, b in zip(sorted(columns), sorted(columns)[1:]))
            for column in columns.values():
                column.sort()
                assert len(column) <= 40 and all(b - a >= 59.8 for a, b in zip(column, column[1:]))
            ends = browser.run(
                "[...document.querySelectorAll('.edge')].map(e => e.dataset.ends.split(' ').map(Number))")
            equal(len(ends), 999)
            assert all(places[a][0] < places[b][0] for a, b in ends)


def values(browser):
    """`show` prints a value; a node's name may have slashes."""
    inner = """
local M = vt.module { name = "value", inputs = { x = "any" },
  outputs = { text = "string", list = "list", table = "table", deep = "any" } }
function M:compute(i)
  local list = {}
  for k = 1, 60 do list[k] = { k = k, half = k / 2, name = "row " .. k } end
  return { text = "a text", list = list, table = { a = { 1, 2, 3 }, b = { 4, 5 } }, deep = { x = { y = 1 } } }
end
return M
"""
    with Project(value=inner, flow="""
local part = vt.workflow { name = "part", params = { x = "any" } }
local v = part:add("v", "value", { x = part.params.x })
part:outputs { text = v.text }
local flow = vt.workflow { name = "values" }
local outer = flow:add("outer", part, { x = 1 })
return flow:outputs { text = outer.text }
""") as p:
        p.call("run", "flow.lua")
        run = p.newest()
        equal(p.call("show", f"{run}/outer/v/text").stdout, "a text\n")
        equal(p.call("show", f"{run}/outer/v/deep").stdout, '{"x": {"y": 1}}\n')
        equal(p.call("show", f"{run}/outer/v/list").stdout, "list of 60\n")
        found = json.loads(p.call("show", f"{run}/outer/v/list", "--json").stdout)
        equal((found["schema"], found["node"], found["port"], len(found["value"]), found["value"][2]),
              (1, "outer/v", "list", 60, {"half": 1.5, "k": 3, "name": "row 3"}))
        equal(json.loads(p.call("show", f"{run}/outer/v", "--json").stdout)["name"], "outer/v")
        equal(p.call("show", f"{run}/outer/v/lisd", code=2).stderr.splitlines()[0],
              "error: `outer/v` has no output `lisd`; did you mean `list`?")
        equal(p.call("show", f"{run}/outer/w", code=2).stderr.splitlines()[0],
              f"error: run {run} has no node `outer/w`; did you mean `outer/v`?")
        equal(p.call("report", run).stdout, f"report-{run}.html\n")
        look(browser, p.path / f"report-{run}.html", "values")
        tables = browser.run("[...document.querySelectorAll('.outputs .data')].map(t => [[...t.tHead.rows[0].cells].map(c => c.textContent), t.tBodies[0].rows.length])")
        equal(sorted(tables), [[["a", "b"], 3], [["half", "k", "name"], 50], [["name", "value"], 1]])
        assert "The first 50 of 60 rows." in browser.run("document.body.textContent")
        p.call("cache", "clear")
        # The record has short values itself.
        equal(p.call("show", f"{run}/outer/v/text").stdout, "a text\n")
        p.call("report", run, "-o", "brief.html")
        look(browser, p.path / "brief.html", "brief")
        assert "list of 60" in browser.run("document.body.textContent")


SQUARE = """
local M = vt.module { name = "square", version = "1", inputs = { x = "number", bad = { "integer", default = 0 } },
  outputs = { y = "number" } }
function M:compute(i)
  if i.bad > 0 and i.x % i.bad == 0 then self:fail("no " .. i.x) end
  return { y = i.x * i.x }
end
return M
"""


def elements(browser):
    """Nodes with elements: 100,000 in one."""
    with Project(square=SQUARE, flow="""
local flow = vt.workflow { name = "elements" }
local many = {}
for i = 1, 100000 do many[i] = i end
local a = flow:add("many", "square", { x = vt.each(many) }, { on = "threads" })
local b = flow:add("some", "square", { x = vt.each { 1, 2, 3, 4, 5, 6, 7 }, bad = 3 }, { on_error = "collect" })
local c = flow:add("inner", "square", { x = vt.each(vt.each { { 1.5, 2.5 }, { 8.5, 9.5 } }) })
return flow:outputs { a = a.y, b = b.y, c = c.y }
""") as p:
        p.call("run", "flow.lua", "--report", "out.html", "--progress", "none")
        size = (p.path / "out.html").stat().st_size
        assert size < 5_000_000, size
        loaded = look(browser, p.path / "out.html", "elements")
        equal(nodes(browser), [["many", "computed"], ["some", "computed"], ["inner", "computed"]])
        equal(browser.run("""[...document.querySelectorAll('#graph-picture .node')].map(n =>
            [n.querySelectorAll('.stack').length, n.querySelector('.note').textContent.split(',').slice(0, -1)
             .join(',')])"""), [[2, "\u00d7 100,000"], [2, "\u00d7 7"], [2, "\u00d7 4"]])
        # A row for each module and each worker; a table of failed and slow elements.
        threads = browser.run("""new Set(JSON.parse(document.getElementById('timeline-data').textContent)
            .calls[0].elements.filter((x, i) => i % 4 === 1)).size""")
        equal(int(browser.run("document.getElementById('timeline-frame').dataset.rows")), 3 + threads + 2)
        assert has_colour(browser, "--task")
        rows = lambda number: browser.run(f"""[...document.querySelectorAll('#node-{number} .elements tbody tr')]
            .map(r => [...r.cells].map(c => c.textContent.trim()))""")
        equal(len(rows(1)), 50)
        equal([(row[0], row[1].split()[-1], row[5]) for row in rows(2)[:2]],
              [("[3]", "failed", "no 3"), ("[6]", "failed", "no 6")])
        equal(sorted(row[0] for row in rows(3)), ["[1][1]", "[1][2]", "[2][1]", "[2][2]"])
        bins = browser.run("""[...document.querySelectorAll('#node-1 .histogram td.n')]
            .map(c => Number(c.textContent.replaceAll(',', '')))""")
        equal(sum(bins), 100_000)
        # An element is found by its index.
        def find(number, text):
            return browser.run(f"""(() => {{
                const input = document.querySelector('#node-{number} input[data-elements]');
                input.value = {text!r};
                input.dispatchEvent(new Event('input'));
                return input.parentNode.nextElementSibling.textContent }})()""")
        assert re.fullmatch(r"\[99999\] computed in .* on worker \d+", find(1, "99999")), find(1, "99999")
        assert re.fullmatch(r"\[3\] failed after .* on the interpreter", find(2, "[3]")), find(2, "[3]")
        assert find(3, "[2][2]").startswith("[2][2] computed in "), find(3, "[2][2]")
        equal(find(2, "8"), "no element with this index was computed")
        # The link to a failed element, and its details.
        browser.run("document.querySelector('[data-zoom=next]').click()")
        browser.settle()
        told = browser.run("document.getElementById('timeline-tip').textContent").split("\n")
        equal(told[:3], ["element [3], failed", "some, elements", "interpreter"])
        # The second run has nothing to draw, and the counts.
        p.call("run", "flow.lua", "--report", "again.html", "--progress", "none")
        look(browser, p.path / "again.html", "elements-cached")
        equal(browser.run("document.querySelector('#node-1 h4 + p').textContent.replace(/\\s+/g, ' ').trim()"),
              "100,000 elements: = cached 100,000")
        print(f"     100,000 elements: {size / 1e6:.1f} MB, loaded and drawn in {loaded:.2f} s")


def fan_in(browser):
    """An input that gets the values of 300 nodes."""
    with Project(square=SQUARE, flow="""
local flow = vt.workflow { name = "fan_in" }
local sum = vt.module { name = "sum", inputs = { values = "list<number>" }, outputs = { y = "number" } }
function sum:compute(i)
  local y = 0
  for _, value in ipairs(i.values) do y = y + value end
  return { y = y }
end
local ports = {}
for i = 1, 300 do ports[i] = flow:add("n" .. i, "square", { x = i }).y end
return flow:outputs { y = flow:add("sum", sum, { values = ports }).y }
""") as p:
        p.call("run", "flow.lua", "--report", "out.html", "--progress", "none")
        look(browser, p.path / "out.html", "fan-in")
        equal(len(nodes(browser)), 301)
        equal(browser.run("document.querySelectorAll('#graph-picture .edge').length"), 60)
        equal(browser.run("document.querySelector('#graph-picture .bundle').textContent"), "300 \u2192 values")
        equal(browser.run("document.querySelector('#node-301 .pairs td').textContent.split(' ').slice(-3).join(' ')"),
              "and 280 more")


def mistakes(browser):
    with Project(count=COUNT, flow="""
local flow = vt.workflow { name = "small" }
local a = flow:add("a", "count", { x = 1 })
return flow:outputs { a = a.y }
""") as p:
        assert p.call("report", "X", code=4).stderr.startswith("error: there is no store in '.vtlua'")
        equal(p.call("run", "flow.lua", "--report", "no/out.html", code=2).stderr.splitlines()[0],
              "error: --report: cannot write to 'no': No such file or directory")
        equal(p.call("run", "flow.lua", "--report", "modules", code=2).stderr.splitlines()[0],
              "error: --report expects the name of a file, got 'modules'")
        p.call("run", "flow.lua")
        run = p.newest()
        equal(p.call("report", "nothing", code=2).stderr.splitlines()[0],
              "error: no run `nothing` is recorded; to list the runs: vtlua log")
        equal(p.call("report", run, "-o", "no/out.html", code=1).stderr,
              "error: cannot write 'no/out.html': No such file or directory\n")
        assert p.call("report", run, "-o", "-").stdout.startswith("<!DOCTYPE html>")
        equal(p.call("report", run, "-o", "x.html").stdout, "x.html\n")
        # No incomplete file is left.
        equal(sorted(f.name for f in p.path.iterdir()), [".vtlua", "flow.lua", "modules", "x.html"])
        # An invalid workflow has no run to report.
        (p.path / "flow.lua").write_text("return 1")
        p.call("run", "flow.lua", "--report", "y.html", code=3)
        equal((p.path / "y.html").exists(), False)


only = [name for name in sys.argv[1:] if name in globals()]
with Browser() as browser:
    for check in (climate, hostile, failed, cancelled, tasks, large, elements, fan_in, shapes, values,
                  mistakes):
        if only and check.__name__ not in only:
            continue
        began = time.time()
        check(browser)
        print(f"ok   {check.__name__} ({time.time() - began:.1f} s)", flush=True)
print("report: ok")
