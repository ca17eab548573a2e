# SPDX-License-Identifier: BSD-3-Clause
"""Draws each kind of plot with the library `plot` and with matplotlib, and compares the pictures.

Usage: plots_test.py [NAME...], with a python that has matplotlib, and VTLUA_BINARY. Both pictures have
the frame and the ranges of the axes that the SVG's ticks tell. Compared are the places of the ticks,
and each pixel with the colour of a mark: one of that colour must be at most 2 pixels away in the
other picture. With VTLUA_PLOTS=DIRECTORY the pictures are kept there."""
import datetime, json, math, os, re, subprocess, sys, tempfile
import xml.etree.ElementTree as XML
from pathlib import Path

import matplotlib
matplotlib.use("Agg")
import matplotlib.colors
import matplotlib.pyplot as plt
import numpy as np

here = Path(__file__).resolve().parent
sys.path.insert(0, str(here.parent / "Report"))
from browser import Browser  # noqa: E402

WIDTH, HEIGHT = 900, 520
BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"
INK = "#1a1a1a"
POINT = 72 / 100  # points in a pixel
NS = "{http://www.w3.org/2000/svg}"


def made_data():
    random = np.random.default_rng(7)
    x = np.arange(0, 9.5, 0.5)
    y = np.sin(x)
    gaps = [None if 5 <= i <= 7 else float(math.cos(v)) for i, v in enumerate(x)]
    many = np.linspace(0, 100, 50000)
    normal = random.normal(size=1000)
    start = datetime.date(2023, 11, 20)
    v, u = np.mgrid[0:30, 0:40]
    rows, columns = np.mgrid[0:200, 0:300]
    dense = random.normal(size=(30000, 2))
    return {
        "x": x, "y": y, "gaps": gaps, "low": y - 0.3, "high": y + 1.2, "square": (x - 4) ** 2 / 8,
        "errors": 0.1 + x / 30, "x1": np.arange(1, 60), "powers": 1.7 ** np.arange(1, 60),
        "days": [(start + datetime.timedelta(i)).isoformat() for i in range(200)],
        "day_values": np.cumsum(random.normal(size=200)),
        "many": many, "many_values": np.sin(many) + random.normal(size=50000) / 10,
        "px": random.normal(size=60), "py": random.normal(size=60), "pz": random.normal(size=60),
        "weights": random.uniform(1, 9, size=60),
        "groups": [["red", "green", "blue"][i % 3] for i in range(60)],
        "names": ["one", "two", "three", "four", "five"], "north": [3, 1.5, -2, 4, 0.5],
        "north_errors": [0.5, 0.2, 0.4, 1, 0.1], "south": [2, -1, 1, 3, 2.5],
        "counts": [3, 40, 500, 12, 9000],
        "normal": normal, "shifted": random.normal(size=500) + 2,
        "whole": random.integers(1, 7, size=200),
        "matrix": np.sin(u / 6) * np.cos(v / 5), "small": [[1, 2, 3], [4, None, 6]],
        "large": np.sin(columns / 20) + np.cos(rows / 15) + columns / 100,
        "dense_x": dense[:, 0], "dense_y": dense[:, 1] / 2 + dense[:, 0],
        "colors": np.stack([rows[:50, :80], columns[:50, :80] * 2, 0 * rows[:50, :80] + 90], 2),
    }


def floats(values):
    return np.array([np.nan if v is None else v for v in values], float)


# MARK: What matplotlib draws


def draw_lines(ax, d):
    ax.plot(d["x"], d["y"], color=BLUE, lw=2 * POINT)
    ax.plot(d["x"], floats(d["gaps"]), color=ORANGE, lw=2 * POINT, dashes=(3, 2))


def draw_bars(ax, d, stacked=False):
    at = np.arange(1, 6)
    north, south = np.array(d["north"]), np.array(d["south"])
    if not stacked:
        ax.bar(at - 0.2, north, 0.4, color=BLUE)
        ax.bar(at + 0.2, south, 0.4, color=ORANGE)
        return
    ax.bar(at, north, 0.8, color=BLUE)
    ax.bar(at, south, 0.8, color=ORANGE,
           bottom=np.where(np.sign(north) == np.sign(south), north, 0))


def draw_groups(ax, d):
    for number, color in enumerate([BLUE, ORANGE, GREEN]):
        ax.plot(d["px"][number::3], d["py"][number::3], "o", color=color, ms=7 * POINT, mew=0)


def draw_errors(ax, d):
    ax.errorbar(d["x"], d["y"], d["errors"], 0.1, fmt="none", color=BLUE,
                elinewidth=1.5 * POINT, capsize=4 * POINT, capthick=1.5 * POINT)
    ax.plot(d["x"], d["y"], "o", color=BLUE, ms=7 * POINT, mew=0)


def draw_bar_errors(ax, d):
    ax.bar(np.arange(1, 6), d["north"], 0.8, color=BLUE)
    ax.errorbar(np.arange(1, 6), d["north"], d["north_errors"], fmt="none", color=INK,
                elinewidth=1.5 * POINT, capsize=4 * POINT, capthick=1.5 * POINT)


def seconds(d):
    return [(datetime.date.fromisoformat(t) - datetime.date(1970, 1, 1)).days * 86400
            for t in d["days"]]


def small(d):
    return floats(sum(d["small"], [])).reshape(2, 3)


def matrix(values, map="viridis"):
    rows, columns = values.shape
    return lambda ax: ax.pcolormesh(np.arange(columns + 1) + 0.5, np.arange(rows + 1) + 0.5, values,
                                    cmap=map)


def image(values, **options):
    rows, columns = np.shape(values)[:2]
    return lambda ax: ax.imshow(values, extent=(0.5, columns + 0.5, rows + 0.5, 0.5), aspect="auto",
                                interpolation="nearest", **options)


# name: the colours of marks (None: all pixels of the frame), and what matplotlib draws
CASES = {
    "lines": ([BLUE, ORANGE], draw_lines),
    "band": ([BLUE], lambda ax, d: (
        ax.plot(d["x"], d["y"], color=BLUE, lw=2 * POINT),
        ax.fill_between(d["x"], d["low"], d["high"], color=BLUE, alpha=0.16, lw=0))),
    "date": ([BLUE], lambda ax, d: ax.plot(seconds(d), d["day_values"], color=BLUE, lw=2 * POINT)),
    "log": ([BLUE], lambda ax, d: ax.plot(d["x1"], d["powers"], color=BLUE, lw=2 * POINT)),
    "thinned": ([BLUE], lambda ax, d: ax.plot(d["many"], d["many_values"], color=BLUE,
                                              lw=2 * POINT)),
    "clipped": ([BLUE], lambda ax, d: ax.plot(d["x"], d["y"], color=BLUE, lw=2 * POINT)),
    "points": ([BLUE, ORANGE, GREEN], draw_groups),
    "shapes": ([BLUE], lambda ax, d: ax.plot(d["px"], d["py"], "s", color=BLUE,
                                             ms=9 * 0.886 * POINT, mew=0)),
    "colored": (["#00224e", "#7d7c78", "#fee838"], lambda ax, d: ax.scatter(
        d["px"], d["py"], c=d["pz"], s=(10 * POINT) ** 2, cmap="cividis", linewidths=0)),
    "sizes": ([BLUE], lambda ax, d: ax.scatter(
        d["px"], d["py"], color=BLUE, linewidths=0,
        s=(28 * POINT) ** 2 * d["weights"] / d["weights"].max())),
    "dense": ([BLUE], lambda ax, d: ax.plot(d["dense_x"], d["dense_y"], "o", color=BLUE,
                                            ms=2 * POINT, mew=0)),
    "bars": ([BLUE, ORANGE], draw_bars),
    "stacked": ([BLUE, ORANGE], lambda ax, d: draw_bars(ax, d, stacked=True)),
    "horizontal": ([BLUE], lambda ax, d: ax.barh(np.arange(1, 6), d["north"], 0.8, color=BLUE)),
    "bar_errors": ([BLUE, INK], draw_bar_errors),
    "log_bars": ([BLUE], lambda ax, d: ax.bar(np.arange(1, 6), d["counts"], 0.8, color=BLUE)),
    "histogram": ([BLUE], lambda ax, d: ax.hist(d["normal"], bins="auto", color=BLUE,
                                                ec="white", lw=0.5 * POINT)),
    "bins": ([BLUE], lambda ax, d: ax.hist(d["normal"], bins=[-3, -1, -0.5, 0, 0.5, 1, 3],
                                           density=True, color=BLUE, ec="white", lw=0.5 * POINT)),
    "two": ([BLUE, ORANGE], lambda ax, d: ax.hist(
        [d["normal"], d["shifted"]], bins=20, stacked=True, color=[BLUE, ORANGE], ec="white",
        lw=0.5 * POINT)),
    "whole": ([BLUE], lambda ax, d: ax.hist(d["whole"], bins="auto", color=BLUE, ec="white",
                                            lw=0.5 * POINT)),
    "area": ([BLUE], lambda ax, d: ax.fill_between(d["x"], 0, d["y"], color=BLUE, lw=0)),
    "areas": ([BLUE, ORANGE], lambda ax, d: ax.stackplot(
        d["x"], d["high"], d["square"], colors=[BLUE, ORANGE], lw=0)),
    "error_bars": ([BLUE], draw_errors),
    "heat": (None, lambda ax, d: matrix(d["matrix"])(ax)),
    "heat_names": (None, lambda ax, d: matrix(small(d), "magma")(ax)),
    "heat_edges": (None, lambda ax, d: ax.pcolormesh([0, 1, 3, 4], [0, 1, 10], small(d))),
    "heat_large": (None, lambda ax, d: matrix(d["large"])(ax)),
    "heat_centres": (None, lambda ax, d: ax.pcolormesh(
        10 ** np.array([-0.5, 0.5, 1.5, 2.5]), [0.5, 1.5, 2.5], small(d))),
    "counts": (None, lambda ax, d: ax.hist2d(d["dense_x"], d["dense_y"], bins=40, cmin=1)),
    "image": (None, lambda ax, d: image(d["colors"])(ax)),
    "grey": (None, lambda ax, d: image(d["large"], cmap="gray")(ax)),
    "figure": ([BLUE, ORANGE, GREEN], lambda ax, d: (
        ax.bar(d["x"], d["high"], 0.4, color=BLUE),
        ax.plot(d["x"], d["low"], "o", color=ORANGE, ms=7 * POINT, mew=0, zorder=4),
        ax.plot(d["x"], d["y"], color=GREEN, lw=2 * POINT, zorder=5))),
    # each of several panels
    "panels/0": ([BLUE], lambda ax, d: ax.plot(d["x"], d["y"], color=BLUE, lw=2 * POINT)),
    "panels/1": ([BLUE], lambda ax, d: ax.plot(d["px"], d["py"], "o", color=BLUE, ms=7 * POINT,
                                               mew=0)),
    "panels/2": ([BLUE], lambda ax, d: ax.hist(d["normal"], bins=20, color=BLUE, ec="white",
                                               lw=0.5 * POINT)),
    "panels/3": ([BLUE], lambda ax, d: ax.fill_between(d["x"], 0, d["high"], color=BLUE,
                                                       lw=0)),
}


# MARK: What the SVG says

SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def number(text):
    text = text.replace("−", "-")
    power = re.fullmatch(r"(?:(\d)·)?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", text)
    if power:
        return float(power[1] or 1) * 10.0 ** int(power[2].translate(SUPERSCRIPTS))
    return float(text)


def instant(text, below):
    for form in "%d %b %Y", "%b %Y", "%Y":
        try:
            when = datetime.datetime.strptime(f"{text} {below}".strip(), form)
            return when.replace(tzinfo=datetime.timezone.utc).timestamp()
        except ValueError:
            pass
    raise AssertionError(f"no date: {text} {below}")


class Plot:
    """Frame, and the values and pixels of the ticks with a label."""

    def __init__(self, path, names, panel=None):
        root = XML.parse(path).getroot()
        if panel is not None:
            root = [g for g in root.iter(NS + "g") if g.get("class") == "panel"][panel]
        frame = next(e for e in root.iter(NS + "rect") if e.get("class") == "frame")
        self.left, self.top = float(frame.get("x")), float(frame.get("y"))
        self.right = self.left + float(frame.get("width"))
        self.bottom = self.top + float(frame.get("height"))
        axes = {g.get("class"): g for g in root.iter(NS + "g")}
        self.along = self.ticks(axes["axis along"], "x", names[0])
        self.up = self.ticks(axes["axis up"], "y", names[1])

    def ticks(self, group, axis, names):
        found, below = [], ""
        texts = [e for e in group if e.tag == NS + "text"]
        under = {e.get("x"): e.text for e in texts if e.get("font-weight")}
        for text in texts:
            # the label of the axis is not at a tick
            if text.get("font-weight"):
                continue
            pixel = float(text.get(axis)) - (4.5 if axis == "y" else 0)
            below = under.get(text.get("x"), below)
            if text.text in names:
                found.append((names.index(text.text) + 1.0, pixel))
            elif re.search("[a-z]", text.text) or under:
                found.append((instant(text.text, below), pixel))
            else:
                found.append((number(text.text), pixel))
        return found


def limits(ticks, first, last, is_log):
    """The values at two pixels, by the first and the last tick."""
    f, inverse = (math.log10, lambda v: 10.0 ** v) if is_log else (float, float)
    (a, at), (b, to) = ticks[0], ticks[-1]
    step = (f(b) - f(a)) / (to - at)
    return inverse(f(a) + (first - at) * step), inverse(f(a) + (last - at) * step)


# MARK: Comparison


def mask(picture, color, tolerance):
    wanted = np.array(matplotlib.colors.to_rgb(color)) * 255
    return (np.abs(picture - wanted).sum(2) < tolerance)


def grown(mask, by=2):
    padded = np.pad(mask, by)
    result = np.zeros_like(mask)
    for v in range(2 * by + 1):
        for u in range(2 * by + 1):
            result |= padded[v:v + mask.shape[0], u:u + mask.shape[1]]
    return result


def compare(name, plot, ours, d, folder):
    colors, draw = CASES[name]
    is_log_x, is_log_y = name in ("log", "heat_centres"), name in ("log", "log_bars")
    x_low, x_high = limits(plot.along, plot.left, plot.right, is_log_x)
    y_low, y_high = limits(plot.up, plot.bottom, plot.top, is_log_y)
    figure = plt.figure(figsize=(WIDTH / 100, HEIGHT / 100), dpi=100)
    ax = figure.add_axes((plot.left / WIDTH, 1 - plot.bottom / HEIGHT,
                          (plot.right - plot.left) / WIDTH, (plot.bottom - plot.top) / HEIGHT))
    draw(ax, d)
    seen = [sorted(getattr(ax.dataLim, i)) for i in ("intervalx", "intervaly")]
    if is_log_x:
        ax.set_xscale("log")
    if is_log_y:
        ax.set_yscale("log", nonpositive="clip")
    ax.set_xlim(x_low, x_high)
    ax.set_ylim(y_low, y_high)
    ax.axis("off")

    # The axes show all data, and not much else.
    for (low, high), (first, last), log in ((seen[0], sorted((x_low, x_high)), is_log_x),
                                            (seen[1], sorted((y_low, y_high)), is_log_y)):
        if name == "clipped" or "panels" in name or not np.isfinite([low, high]).all():
            continue
        if log:
            low, first = max(low, first), first
            low, high, first, last = np.log10([low, high, first, last])
        slack = 1e-3 * (last - first)
        assert first <= low + slack and high <= last + slack, (name, "axis", first, low, high, last)
        assert high - low >= 0.45 * (last - first), (name, "axis", first, low, high, last)

    # The ticks are where matplotlib has their values.
    for ticks, axis in (plot.along, 0), (plot.up, 1):
        assert len(ticks) >= 2, (name, ticks)
        for value, pixel in ticks:
            place = [x_low, y_low]
            place[axis] = value
            there = ax.transData.transform(place)[axis]
            there = HEIGHT - there if axis else there
            assert abs(there - pixel) < 0.6, (name, "tick", value, pixel, there)

    figure.canvas.draw()
    theirs = np.asarray(figure.canvas.buffer_rgba())[:, :, :3].astype(float)
    plt.close(figure)
    if folder:
        plt.imsave(folder / f"{name.replace('/', '-')}-matplotlib.png", theirs / 255)
    box = np.s_[int(plot.top) + 1:int(plot.bottom), int(plot.left) + 1:int(plot.right)]
    ours, theirs = ours[box], theirs[box]
    if colors is None:
        difference = np.abs(ours - theirs).max(2)
        same = (difference <= 16).mean()
        assert same > 0.97, (name, f"{same:.4f} of the pixels have the same colour")
        return f"{100 * same:.1f} % equal"
    results = []
    for color in colors:
        # lines that are thinner than 2 pixels have no pixel of their own colour
        tolerance = 250 if "error" in name else 60
        a, b = mask(ours, color, tolerance), mask(theirs, color, tolerance)
        assert a.sum() > 30 and b.sum() > 30, (name, color, a.sum(), b.sum())
        here_too, there_too = (a & grown(b)).sum() / a.sum(), (b & grown(a)).sum() / b.sum()
        assert min(here_too, there_too) > 0.985, (name, color, here_too, there_too)
        results.append(min(here_too, there_too))
    return f"{100 * min(results):.1f} % near"


def names_of(name, d):
    """The names of categories: along and up."""
    return (["a", "b", "c"], ["p", "q"]) if name == "heat_names" else (d["names"], d["names"])


def compare_maps():
    """The colour maps that have a name of matplotlib's have its colours."""
    for name in "viridis", "cividis", "magma":
        found = subprocess.run(
            [os.environ["VTLUA_BINARY"], "-e",
             f"print(table.concat(require('plot').colors('{name}', 256), ' '))"],
            check=True, capture_output=True, text=True, timeout=60).stdout.split()
        ours = np.array([matplotlib.colors.to_rgb(color) for color in found]) * 255
        theirs = matplotlib.colormaps[name](np.arange(256))[:, :3] * 255
        assert np.abs(ours - theirs).max() < 6, (name, np.abs(ours - theirs).max())


def main():
    compare_maps()
    kept = os.environ.get("VTLUA_PLOTS")
    d = made_data()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(kept or scratch)
        folder.mkdir(exist_ok=True)
        plain = {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in d.items()}
        (folder / "data.json").write_text(json.dumps(plain))
        subprocess.run([os.environ["VTLUA_BINARY"], here / "draw.lua", folder / "data.json",
                        here / "figures.lua", folder], check=True, timeout=300)
        failed = 0
        with Browser() as browser:
            for name in sys.argv[1:] or CASES:
                file, _, panel = name.partition("/")
                path = folder / f"{file}.svg"
                page = folder / f"{file}.html"
                # as an image, which is how notebooks and reports show it
                page.write_text(f"<body style='margin:0'><img src='{path.name}'>")
                browser.open(page, WIDTH, HEIGHT)
                picture = folder / f"{file}.png"
                browser.picture(picture)
                ours = (plt.imread(picture)[:, :, :3] * 255).astype(float)
                try:
                    plot = Plot(path, names_of(name, d), int(panel) if panel else None)
                    print(f"{name}: {compare(name, plot, ours, d, kept and folder)}")
                except AssertionError as error:
                    failed += 1
                    print(f"FAIL {error}")
        print(f"{len(CASES)} kinds of plots, {failed} unlike matplotlib's")
    sys.exit(1 if failed else 0)


main()
