#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs examples/vistrails and compares values and pictures with what this program computes without
VTLua. The files are also served on loopback and downloaded by `http.file`. Needs VTLUA_BINARY."""
import collections, csv, functools, http.server, json, math, os, re, shutil, statistics, subprocess
import sys, tempfile, threading
import xml.etree.ElementTree as XML
from pathlib import Path

vtlua = os.environ["VTLUA_BINARY"]
os.environ.pop("VTLUA_STORE", None)
EXAMPLES = Path(__file__).resolve().parents[2] / "examples/vistrails"
LIMIT = 120  # seconds of each run; the bound only ends a test that hangs
NS = "{http://www.w3.org/2000/svg}"


def equal(found, expected):
    assert found == expected, f"got      {found!r}\nexpected {expected!r}"


def close(found, expected):
    assert math.isclose(found, expected, rel_tol=1e-12), f"got {found!r}, expected {expected!r}"


def run(place, name, *arguments):
    done = subprocess.run(
        [vtlua, "run", str(EXAMPLES / f"{name}.lua"), "--json", "--store", str(place / "store"),
         *arguments], cwd=place, capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == 0, done
    result = json.loads(done.stdout)
    return result["outputs"], {n["name"]: n["status"] for n in result["nodes"]}


def rows(name):
    with open(EXAMPLES / f"data/{name}.csv", newline="") as file:
        return list(csv.DictReader(file))


def picture(place, name):
    """Groups of marks by class: the number of marks in each, and the texts."""
    tree = XML.parse(place / name).getroot()
    groups = collections.defaultdict(list)
    for group in tree.iter(NS + "g"):
        if group.get("class"):
            groups[group.get("class")].append(len(group))
    lines = [e for e in tree.iter(NS + "path") if e.get("class") == "line"]
    return groups, [e.text for e in tree.iter(NS + "text")], lines


def bikes(place, outputs):
    stations = rows("stations")
    equal(outputs["count"], len(stations))
    totals = collections.Counter()
    for station in stations:
        totals[station["district"]] += int(station["bikes"])
    found = outputs["districts"]
    equal(dict(zip(found["district"], found["sum"])), dict(totals))
    marks, _, _ = picture(place, "bikes-map.svg")
    equal(marks["points"], [len(stations)])
    equal(len(marks["color-bar"]), 1)
    docks = [int(station["docks"]) for station in stations]
    low, high = min(docks), max(docks)
    bins = collections.Counter(min(7, int((dock - low) * 8 / (high - low))) for dock in docks)
    equal(picture(place, "bikes-sizes.svg")[0]["histogram"], [len(bins)])
    marks, texts, _ = picture(place, "bikes-districts.svg")
    equal(marks["bars"], [len(totals)])
    assert set(totals) <= set(texts), texts


def weather(place, outputs):
    days = rows("weather")
    equal(outputs["days"], 365)
    names = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    sums = collections.defaultdict(list)
    for day in days:
        sums[names[int(day["date"][5:7]) - 1]].append(float(day["rain"]))
    found = outputs["rain"]
    equal(found["month"], names)
    for month, mean in zip(found["month"], found["mean"]):
        assert math.isclose(mean, statistics.fmean(sums[month]), abs_tol=1e-12), month
    _, texts, lines = picture(place, "weather-temperatures.svg")
    equal(len(lines), 2)
    # Three days without a value part the line of the highest temperatures.
    equal([line.get("d").count("M") for line in lines], [2, 1])
    assert "2023" in texts and "high" in texts, texts
    skies = list(dict.fromkeys(day["sky"] for day in days))
    pairs = {(day["date"][5:7], day["sky"]) for day in days}
    marks, texts, _ = picture(place, "weather-sky.svg")
    equal(marks["bars"], [sum(sky == other for _, other in pairs) for sky in skies])
    marks, _, _ = picture(place, "weather-wind.svg")
    equal(marks["points"], [sum(day["sky"] == sky for day in days) for sky in skies])


def mta(place, outputs):
    entries = rows("entries")
    totals, games = collections.Counter(), collections.defaultdict(list)
    for row in entries:
        totals[row["STATION"]] += int(row["ENTRIES"])
        if row["STATION"] == "Stadium":
            games[row["GAME"]].append(int(row["ENTRIES"]))
    found = outputs["totals"]
    equal(dict(zip(found["STATION"], found["sum"])), dict(totals))
    found = dict(zip(outputs["games"]["GAME"], outputs["games"]["mean"]))
    equal(set(found), set(games))
    for kind, values in games.items():
        close(found[kind], statistics.fmean(values))
    assert found["yes"] > 2 * found["no"], found
    _, texts, lines = picture(place, "mta-days.svg")
    equal(len(lines), 3)
    assert {"Stadium", "Museum", "Airport", "Jan", "2023"} <= set(texts), texts
    marks, _, _ = picture(place, "mta-games.svg")
    equal(len(marks["histogram"]), 2)
    equal(picture(place, "mta-year.svg")[0]["bars"], [3])


def list_handling(place, outputs):
    a, b = [1, 2, 3], [10, 20, 30]
    equal(outputs["each"], [x + 100 for x in a])
    equal(outputs["pairs"], [x + y for x, y in zip(a, b)])
    equal(outputs["combinations"], [x + y for x in a for y in b])
    equal(outputs["total"], sum(outputs["combinations"]))
    equal(outputs["sums"], outputs["total"] + 3)


def served(place):
    """The files over HTTP: the same outputs, and nothing is computed again for equal files."""
    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Handler, directory=EXAMPLES / "data"))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        for name, file in ("bikes", "stations"), ("weather", "weather"), ("mta", "entries"):
            url = f"http://127.0.0.1:{server.server_port}/{file}.csv"
            local, _ = run(place, name)
            outputs, _ = run(place, name, "-p", f"url={url}")
            equal(outputs, local)
            _, states = run(place, name, "-p", f"url={url}")
            equal({n for n, state in states.items() if state != "cached"} - {"download"}, set())
    finally:
        server.shutdown()
        server.server_close()


def printed():
    """The page shows what the flows print."""
    text = (EXAMPLES / "README.md").read_text()
    shown = re.findall(r"    \$ vtlua run (\w+\.lua)\n((?:    \w.*\n)+)", text)
    assert len(shown) == 4, shown
    for flow, lines in shown:
        with tempfile.TemporaryDirectory() as place:
            done = subprocess.run([vtlua, "run", EXAMPLES / flow, "--store", "off"], cwd=place,
                                  capture_output=True, text=True, timeout=LIMIT, check=True)
            equal(done.stdout, lines.replace("    ", ""))


for check in bikes, weather, mta, list_handling:
    place = Path(tempfile.mkdtemp())
    try:
        outputs, _ = run(place, check.__name__)
        check(place, outputs)
        equal(set(run(place, check.__name__)[1].values()), {"cached"})
        # The same on workers.
        other, _ = run(place, check.__name__, "-j", "2", "--store", "off")
        equal(other, outputs)
    finally:
        shutil.rmtree(place)
    print(f"ok   {check.__name__}", flush=True)
printed()
place = Path(tempfile.mkdtemp())
try:
    served(place)
finally:
    shutil.rmtree(place)
print("ok   served")
print("vistrails: ok")
