#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# Runs examples/gallery and examples/study, and compares their values with those that this program
# computes without VTLua: Tests/Gallery/gallery.py [NAME...]
#
# Needs VTLUA_BINARY. `cluster` uses the engines of the default profile where there are some.
import collections, csv, itertools, json, math, os, random, re, shutil, statistics, subprocess, sys, tempfile, time
from pathlib import Path

vtlua = os.environ["VTLUA_BINARY"]
os.environ.pop("VTLUA_STORE", None)
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
GALLERY = EXAMPLES / "gallery"
LIMIT = 120  # seconds of each run; the bound only ends a test that hangs
MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def equal(found, expected):
    assert found == expected, f"got      {found!r}\nexpected {expected!r}"


def close(found, expected):
    assert math.isclose(found, expected, rel_tol=1e-12), f"got {found!r}, expected {expected!r}"


class Folder:
    """A directory in which flows run; the store and what they write is in it."""

    def __enter__(self):
        self.path = Path(tempfile.mkdtemp())
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path)

    def call(self, flow, *arguments, code=0):
        done = subprocess.run(
            [vtlua, "run", str(flow), "--json", "--store", str(self.path / "store"), *arguments],
            cwd=self.path, capture_output=True, text=True, timeout=LIMIT)
        assert done.returncode == code, done
        return done

    def run(self, flow, *arguments):
        """The outputs, and the states of nodes."""
        result = json.loads(self.call(flow, *arguments).stdout)
        return result["outputs"], {n["name"]: n["status"] for n in result["nodes"]}

    def results(self):
        """The number of results in the store: those of nodes, and of elements."""
        listed = subprocess.run(
            [vtlua, "cache", "ls", "--json", "--store", str(self.path / "store")], cwd=self.path,
            capture_output=True, text=True, timeout=LIMIT, check=True)
        return len(json.loads(listed.stdout)["results"])


# MARK: Images


def pnm(path):
    """Width, height, channels, maximum and samples of a file of any form."""
    data = Path(path).read_bytes()
    fields = re.match(rb"(P[2356])((?:\s|#[^\n]*\n)+)(\d+)((?:\s|#[^\n]*\n)+)(\d+)((?:\s|#[^\n]*\n)+)(\d+)\s", data)
    kind, width, height, maxval = (fields[1], int(fields[3]), int(fields[5]), int(fields[7]))
    channels = 3 if kind in (b"P3", b"P6") else 1
    rest = data[fields.end():]
    if kind in (b"P2", b"P3"):
        samples = [int(word) for word in re.sub(rb"#[^\n]*\n", b" ", rest).split()]
    elif maxval < 256:
        samples = list(rest)
    else:
        samples = [rest[i] << 8 | rest[i + 1] for i in range(0, len(rest), 2)]
    equal(len(samples), width * height * channels)
    return width, height, channels, maxval, samples


def blurred(image, radius):
    width, height, channels, maxval, samples = image
    out = []
    for y in range(height):
        for x in range(width):
            for c in range(channels):
                window = [samples[(v * width + u) * channels + c]
                          for v in range(max(0, y - radius), min(height, y + radius + 1))
                          for u in range(max(0, x - radius), min(width, x + radius + 1))]
                out.append((sum(window) + len(window) // 2) // len(window))
    return width, height, channels, maxval, out


def made_image(path, kind, maxval, width=23, height=17):
    """Writes an image of random samples."""
    channels = 3 if kind in ("P3", "P6") else 1
    samples = [random.randint(0, maxval) for _ in range(width * height * channels)]
    if kind in ("P2", "P3"):
        body = " # a comment\n".join(map(str, samples)).encode() + b"\n"
    else:
        body = b"".join(s.to_bytes(1 if maxval < 256 else 2, "big") for s in samples)
    path.write_bytes(f"{kind} # made\n{width}\n{height} {maxval}\n".encode() + body)


def check_blur(flow):
    rings = pnm(GALLERY / "data/rings.pgm")
    with Folder() as f:
        for radius, rows in (3, 16), (0, 1), (9, 7), (200, 1000):
            outputs, _ = f.run(flow, "-p", f"radius={radius}", "-p", f"rows={rows}")
            expected = blurred(rings, radius)
            equal(pnm(f.path / outputs["image"]), expected)
            close(outputs["mean"], sum(expected[4]) / len(expected[4]))
        f.run(flow)
        equal(set(f.run(flow)[1].values()), {"cached"})
        for kind, maxval in ("P2", 9), ("P3", 255), ("P5", 65535), ("P6", 255), ("P6", 256), ("P3", 65535):
            made_image(f.path / "made.pnm", kind, maxval)
            outputs, _ = f.run(flow, "-p", "path=made.pnm", "-p", "radius=2", "-p", "out=out.pnm")
            equal(pnm(f.path / "out.pnm"), blurred(pnm(f.path / "made.pnm"), 2))
        (f.path / "made.pnm").write_bytes(b"P5 3 2 255\n12345")
        done = f.call(flow, "-p", "path=made.pnm", code=1)
        assert "made.pnm: the samples need 6 bytes, but 5 are left; the file is cut off\n" in done.stderr, done


def blur():
    check_blur(GALLERY / "blur.lua")
    # When a part of the image changes, only the tiles that contain it are computed again.
    with Folder() as f:
        data = bytearray((GALLERY / "data/rings.pgm").read_bytes())
        (f.path / "a.pgm").write_bytes(data)
        f.run(GALLERY / "blur.lua", "-p", "path=a.pgm")
        equal(f.results(), 4 + 4)
        data[-1] ^= 1
        (f.path / "a.pgm").write_bytes(data)
        f.run(GALLERY / "blur.lua", "-p", "path=a.pgm")
        equal(f.results(), 4 + 4 + 4 + 1)


def cluster():
    check_blur(GALLERY / "cluster.lua")


# MARK: Words


def words():
    flow = GALLERY / "words.lua"

    def counted(files, number):
        counts = [collections.Counter(re.findall("[a-z]+", Path(file).read_text().lower())) for file in files]
        total = sum(counts, collections.Counter())
        top = sorted(total.items(), key=lambda item: (-item[1], item[0]))[:number]
        return {"words": [w for w, _ in top], "numbers": [n for _, n in top], "distinct": len(total),
                "totals": [sum(c.values()) for c in counts]}

    texts = sorted((GALLERY / "data/texts").glob("*.txt"))
    equal(len(texts), 6)
    with Folder() as f:
        equal(f.run(flow)[0], counted(texts, 10))
        equal(set(f.run(flow)[1].values()), {"cached"})
        files = []
        for number in range(30):
            files.append(f.path / f"{number:02}.txt")
            files[-1].write_text(" ".join(random.choices(["Pine", "oak", "elm-tree", "ash2", "ivy\n"], k=200)))

        def many():
            return f.run(flow, "-p", "number=3", "-p", "files=" + json.dumps([str(p) for p in files]))[0]

        equal(many(), counted(files, 3))
        known = f.results()
        # A file that is added or changed is counted, and no other.
        files.append(f.path / "30.txt")
        files[-1].write_text("rowan " * 300)
        equal(many(), counted(files, 3))
        equal(f.results(), known + 2)  # with that of `top`
        files[7].write_text("elm " * 500)
        equal(many(), counted(files, 3))
        equal(f.results(), known + 4)
        files.reverse()
        equal(many()["words"], counted(files, 3)["words"])
        equal(f.results(), known + 5)


# MARK: Bootstrap


def mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def xoshiro(seed, stream):
    """xoshiro256** (Blackman and Vigna), its state filled by splitmix64."""
    z = mix((seed + GOLDEN) & MASK) ^ mix((mix((stream + GOLDEN) & MASK) + GOLDEN) & MASK)
    s = [mix((z + i * GOLDEN) & MASK) for i in (1, 2, 3, 4)]

    def rotate(x, k):
        return ((x << k) | (x >> (64 - k))) & MASK

    while True:
        yield (rotate((s[1] * 5) & MASK, 7) * 9) & MASK
        t = (s[1] << 17) & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotate(s[3], 45)


def below(words, n):
    """A number from 0 to n - 1, all equally likely."""
    last = (1 << 63) - 1 - (1 << 63) % n
    while (number := next(words) >> 1) > last:
        pass
    return number % n


def quantile(values, p):
    values = sorted(values)
    place = (len(values) - 1) * p
    low = math.floor(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (place - low) * (values[high] - values[low])


def bootstrap():
    flow = GALLERY / "bootstrap.lua"
    with open(GALLERY / "data/reaction.csv") as file:
        values = [float(row["seconds"]) for row in csv.DictReader(file)]

    def medians(resamples, seed):
        found = []
        for number in range(1, resamples + 1):
            words = xoshiro(seed, number)
            found.append(statistics.median(values[below(words, len(values))] for _ in values))
        return found

    with Folder() as f:
        known = 0
        for resamples, confidence, seed in (2000, 0.95, 7), (2250, 0.95, 7), (350, 0.8, 1):
            outputs, _ = f.run(flow, "-p", f"resamples={resamples}", "-p", f"confidence={confidence}",
                               "-p", f"seed={seed}")
            if resamples == 2250:  # only the three new batches are drawn
                equal(f.results(), known + 2 + 3)
            known = f.results()
            drawn = medians(resamples, seed)
            equal(outputs["resamples"], resamples)
            close(outputs["median"], statistics.median(values))
            close(outputs["low"], quantile(drawn, (1 - confidence) / 2))
            close(outputs["high"], quantile(drawn, 1 - (1 - confidence) / 2))
        # The sizes of batches change nothing.
        first = f.run(flow)[0]
        for batch in 1, 7, 5000:
            equal(f.run(flow, "-p", f"batch={batch}")[0], first)


# MARK: Loops and filters


def gcd():
    flow = GALLERY / "gcd.lua"

    def euclid(a, b):
        """The divisor, and the number of turns of the loop."""
        turns = 0
        while turns == 0 or b > 0:
            if b > 0:
                a, b = b, a % b
            turns += 1
        return {"gcd": a, "turns": turns}

    with Folder() as f:
        equal(f.run(flow)[0], euclid(3918848, 1653264))
        equal(set(f.run(flow)[1].values()), {"cached"})
        for a, b in (1071, 462), (462, 1071), (7, 0), (0, 7), (12586269025, 7778742049), (6, 6):
            equal(f.run(flow, "-p", f"a={a}", "-p", f"b={b}")[0], euclid(a, b))
            equal(euclid(a, b)["gcd"], math.gcd(a, b))
        # The turns of 1071 and 462 are the last ones of these.
        known = f.results()
        a, b = 1071 * 5 + 462, 1071
        equal(f.run(flow, "-p", f"a={a}", "-p", f"b={b}")[0], euclid(a, b))
        equal(f.results(), known + 1)


def primes():
    flow = GALLERY / "primes.lua"

    def sieve(last):
        return [n for n in range(2, last + 1) if all(n % d for d in range(2, math.isqrt(n) + 1))]

    with Folder() as f:
        equal(f.run(flow)[0]["primes"], sieve(50))
        equal(f.run(flow, "-p", "last=200")[0]["primes"], sieve(200))
        # Only the new numbers are decided on.
        found = json.loads(f.call(flow, "-p", "last=203").stdout)
        equal(found["outputs"]["primes"], sieve(203))
        (keep,) = [n["elements"] for n in found["nodes"] if n["name"] == "primes/keep"]
        equal((keep["cached"], keep["computed"]), (199, 3))
        equal(set(f.run(flow, "-p", "last=203")[1].values()), {"cached"})
        equal(f.run(flow, "-p", "last=2")[0]["primes"], [2])


def triangle_area():
    flow = GALLERY / "triangle_area.lua"

    def areas(a, b, c):
        found = []
        for sides in itertools.product(a, b, c):
            x, y, z = sorted(sides)
            if z < x + y:
                s = (x + y + z) / 2
                found.append((math.sqrt(s * (s - x) * (s - y) * (s - z)), [x, y, z]))
        best = max(found, key=lambda f: f[0])
        return len(found), best[0], best[1]

    with Folder() as f:
        sides = list(range(1, 9))
        for values, options in ((sides, sides, sides), []), (([3, 5], [4, 12, 1.5], [5, 13]), ["a", "b", "c"]):
            more = [x for name, v in zip("abc", values) if options for x in ("-p", f"{name}={json.dumps(v)}")]
            outputs, _ = f.run(flow, *more)
            count, area, best = areas(*values)
            equal((outputs["triangles"], outputs["sides"]), (count, best))
            close(outputs["area"], area)
            svg = (f.path / outputs["plot"]).read_text()
            assert "Triangles" in svg and "perimeter" in svg
        done = f.call(flow, "-p", "a=[1]", "-p", "b=[1]", "-p", "c=[5]", code=1)
        assert "there is no triangle; give other sides\n" in done.stderr, done


def decay():
    flow = GALLERY / "decay.lua"
    times, values = column(GALLERY / "data/decay.csv", "time"), column(GALLERY / "data/decay.csv", "value")

    def fit(a, k):
        """The Gauss-Newton method."""
        for turn in range(1, 101):
            e = [math.exp(-k * t) for t in times]
            residual = [v - a * x for v, x in zip(values, e)]
            da, dk = e, [-a * t * x for t, x in zip(times, e)]
            dot = lambda x, y: math.fsum(p * q for p, q in zip(x, y))
            aa, ak, kk, ar, kr = dot(da, da), dot(da, dk), dot(dk, dk), dot(da, residual), dot(dk, residual)
            determinant = aa * kk - ak * ak
            step_a, step_k = (kk * ar - ak * kr) / determinant, (aa * kr - ak * ar) / determinant
            a, k = a + step_a, k + step_k
            if abs(step_a) < 1e-9 * abs(a) and abs(step_k) < 1e-9 * abs(k):
                return a, k, math.sqrt(dot(residual, residual) / len(values)), turn

    with Folder() as f:
        for start in (4, 0.4), (5, 1):
            outputs, _ = f.run(flow, "-p", f'start={{"a": {start[0]}, "k": {start[1]}}}')
            a, k, rms, turns = fit(*start)
            for name, value in ("a", a), ("k", k), ("rms", rms):
                assert math.isclose(outputs[name], value, rel_tol=1e-9), (name, outputs[name], value)
            equal(outputs["turns"], turns)
        # No other curve of this form is nearer to the data.
        distance = lambda a, k: sum((v - a * math.exp(-k * t)) ** 2 for t, v in zip(times, values))
        assert all(distance(a, k) <= distance(a + x, k + y) for x, y in ((1e-4, 0), (-1e-4, 0), (0, 1e-4), (0, -1e-4)))
        assert "fitted" in (f.path / outputs["plot"]).read_text()
        # A larger limit computes the turns that are missing.
        done = f.call(flow, "-p", 'start={"a": 3, "k": 0.5}', "-p", "limit=3", code=1)
        assert "not done after 3 turns; the last state is table of 3. " in done.stderr, done
        found = json.loads(f.call(flow, "-p", 'start={"a": 3, "k": 0.5}').stdout)
        (turns,) = [n["elements"] for n in found["nodes"] if n["name"] == "fit"]
        equal((turns["cached"], turns["total"]), (3, found["outputs"]["turns"]))


# MARK: Statistics, study


def column(path, name):
    with open(path) as file:
        return [float(row[name]) for row in csv.DictReader(file)]


def fan_in():
    sites = [column(path, "level") for path in sorted((GALLERY / "data/sites").glob("*.csv"))]
    equal(len(sites), 4)
    total = sum(map(len, sites))
    mean = sum(map(sum, sites)) / total
    between = sum(len(s) * (statistics.fmean(s) - mean) ** 2 for s in sites) / (len(sites) - 1)
    within = sum((len(s) - 1) * statistics.variance(s) for s in sites) / (total - len(sites))
    with Folder() as f:
        outputs, states = f.run(GALLERY / "statistics.lua")
        close(outputs["mean"], mean)
        close(outputs["f"], between / within)
        equal(outputs["range"], [min(map(min, sites)), max(map(max, sites))])
        equal(len(states), 13)


def study():
    flow = EXAMPLES / "study/flow.lua"
    lines = sum(len(p.read_text().splitlines()) for p in (EXAMPLES / "study").rglob("*.lua"))
    assert lines <= 40, f"{lines} lines"
    with Folder() as f:
        outputs, _ = f.run(flow)
        with open(f.path / outputs["csv"]) as file:
            rows = list(csv.DictReader(file))
        equal(len(rows), 6)
        for row in rows:
            levels = column(EXAMPLES / f"study/data/{row['river']}.csv", "level")
            for window in 1, 5, 15:
                close(float(row[f"window_{window}"]),
                      statistics.stdev((b - a) / window for a, b in zip(levels, levels[window:])))
        assert "Roughness by window" in (f.path / outputs["svg"]).read_text()
        equal(set(f.run(flow)[1].values()), {"cached"})


def streaming():
    flow = GALLERY / "streaming.lua"
    with Folder() as f:
        for last in 0, 1, 100000, 12345:
            outputs, states = f.run(flow, "-p", f"last={last}")
            equal(outputs, {"sum": sum(range(1, last + 1)), "count": last})
            equal(set(states.values()), {"computed"})
        equal(f.run(flow)[1], {"numbers": "not-needed", "sums": "not-needed", "last": "cached"})


def slots():
    """Each flow has the same outputs, and makes the same files, with any number of slots."""
    flows = [GALLERY / f"{name}.lua" for name in ("blur", "words", "bootstrap", "statistics", "gcd", "primes",
                                                "triangle_area", "decay", "streaming")]
    for flow in [*flows, EXAMPLES / "study/flow.lua"]:
        found = []
        for count in "1", "2", "8":
            with Folder() as f:
                outputs, states = f.run(flow, "-j", count)
                files = {p.name: p.read_bytes() for p in f.path.iterdir() if p.is_file()}
                found.append((outputs, states, files))
        equal(found[1], found[0])
        equal(found[2], found[0])


def printed():
    """The pages show what the flows print."""
    for folder in "gallery", "study":
        text = (EXAMPLES / folder / "README.md").read_text()
        shown = re.findall(r"    \$ vtlua run (\w+\.lua)\n((?:    \w.*\n)+)", text)
        assert shown, folder
        for flow, lines in shown:
            with Folder() as f:
                done = subprocess.run(
                    [vtlua, "run", EXAMPLES / folder / flow, "--store", "off"], cwd=f.path,
                    capture_output=True, text=True, timeout=LIMIT, check=True)
                equal(done.stdout, lines.replace("    ", ""))


random.seed(16)
for check in (blur, words, bootstrap, fan_in, gcd, primes, triangle_area, decay, streaming, cluster, study,
              slots, printed):
    if sys.argv[1:] and check.__name__ not in sys.argv[1:]:
        continue
    began = time.time()
    check()
    print(f"ok   {check.__name__} ({time.time() - began:.1f} s)")
print("gallery: ok")
