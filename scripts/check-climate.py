#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Computes the numbers of examples/climate a second time, with NumPy, and compares.

    scripts/check-climate.py                 print NumPy's results
    scripts/check-climate.py --write         and write examples/climate/expected.json
    vtlua run examples/climate/flow.lua --json | scripts/check-climate.py --compare -
                                             and compare them with the flow's results

None of the Lua code is used. Python's csv module reads the files, numpy.linalg.lstsq fits the
cycles (SVD, where the flow uses Householder's QR), and the bootstrap is done twice:

exact   with the flow's random numbers, xoshiro256** with a stream for each resample, computed in
        Python's integers from the published definition: must agree to rounding
free    with NumPy's own generator (PCG64) and many more resamples: must agree within the Monte
        Carlo error of both, so that a fault of the generator or of its seeding would show

Needs numpy and scipy. Exit status: 0 all agree, 1 something differs.
"""

import argparse
import csv
import datetime
import json
import math
import pathlib
import sys

import numpy as np
import scipy.stats

EXAMPLE = pathlib.Path(__file__).resolve().parent.parent / "examples" / "climate"
PARAMS = {"resamples": 2000, "block_days": 30, "seed": 2010, "confidence": 0.95}
FREE_RESAMPLES = 200_000
MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def read(name, form):
    """Hours since the start of the year, and temperatures."""
    with open(EXAMPLE / "data" / name, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    start = datetime.datetime(2010, 1, 1)
    times = [datetime.datetime.strptime(row["date"], form) for row in rows]
    hours = [round((time - start).total_seconds() / 3600) for time in times]
    return dict(zip(hours, (float(row["temp"]) for row in rows)))


def design(hours):
    """The columns of the model: mean, 3 yearly and 3 daily harmonics, 4 products."""
    year = 2 * np.pi * hours / (24 * 365)
    day = 2 * np.pi * (hours % 24) / 24
    columns = [np.ones(len(hours))]
    for angle in (year, day):
        for k in (1, 2, 3):
            columns += [np.cos(k * angle), np.sin(k * angle)]
    for of_year in (np.cos(year), np.sin(year)):
        for of_day in (np.cos(day), np.sin(day)):
            columns.append(of_year * of_day)
    return np.column_stack(columns)


def fit(hours, values):
    """Coefficients, standard errors, R squared and residual standard deviation."""
    x = design(hours)
    coefficients, _, rank, _ = np.linalg.lstsq(x, values, rcond=None)
    assert rank == x.shape[1]
    rest = values - x @ coefficients
    sigma = math.sqrt(rest @ rest / (len(values) - rank))
    errors = sigma * np.sqrt(np.diag(np.linalg.inv(x.T @ x)))
    r2 = 1 - rest @ rest / np.sum((values - values.mean()) ** 2)
    return coefficients, errors, float(r2), sigma


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
    """An integer from 0 to n - 1 out of the upper 63 bits of random words, without bias."""
    last = (1 << 63) - 1 - (1 << 63) % n
    while True:
        x = next(words) >> 1
        if x <= last:
            return x % n


def exact_means(values, weights, resamples, block, seed):
    """The same resamples as the flow's."""
    n = len(values)
    means = np.empty(resamples)
    for i in range(resamples):
        words = xoshiro(seed & MASK, i + 1)
        starts = np.array([below(words, n) for _ in range(-(-n // block))])
        index = ((starts[:, None] + np.arange(block)) % n).ravel()[:n]
        means[i] = np.average(values[index], weights=weights[index])
    return means


def free_means(values, weights, resamples, block):
    """The same bootstrap with NumPy's random numbers."""
    n = len(values)
    generator = np.random.default_rng(20100314)
    means = []
    for _ in range(resamples // 2000):
        starts = generator.integers(0, n, (2000, -(-n // block)))
        index = ((starts[:, :, None] + np.arange(block)) % n).reshape(2000, -1)[:, :n]
        means.append((values * weights)[index].sum(axis=1) / weights[index].sum(axis=1))
    return np.concatenate(means)


def interval(means, confidence):
    tail = (1 - confidence) / 2
    return [float(q) for q in np.quantile(means, [tail, 1 - tail])]


def quantile_error(means, p, count):
    """Standard error of a quantile of `count` draws, from the density of many draws."""
    q = np.quantile(means, p)
    density = scipy.stats.gaussian_kde(means[:20_000])(q)[0]
    return float(math.sqrt(p * (1 - p) / count) / density)


def compute():
    """The expected results, and the tolerance for a bootstrap with other random numbers."""
    a = read("seattle-temps.csv", "%Y/%m/%d %H:%M")
    b = read("sf-temps.csv", "%Y/%m/%d %H:%M:%S")
    hours = np.array(sorted(a.keys() & b.keys()))
    seattle = np.array([a[hour] for hour in hours])
    sf = np.array([b[hour] for hour in hours])

    day = hours // 24
    counts = np.bincount(day)
    difference = (np.bincount(day, sf) - np.bincount(day, seattle)) / counts
    block, confidence = PARAMS["block_days"], PARAMS["confidence"]
    exact = exact_means(difference, counts, PARAMS["resamples"], block, PARAMS["seed"])
    free = free_means(difference, counts, FREE_RESAMPLES, block)
    low, high = interval(exact, confidence)
    free_low, free_high = interval(free, confidence)

    seattle_cycle, seattle_errors, seattle_r2, _ = fit(hours, seattle)
    sf_cycle, sf_errors, sf_r2, _ = fit(hours, sf)
    values = {
        "hours": len(hours),
        "seattle_mean": math.fsum(seattle) / len(hours),
        "sf_mean": math.fsum(sf) / len(hours),
        "difference": math.fsum(sf - seattle) / len(hours),
        "low": low,
        "high": high,
        "standard_error": float(exact.std(ddof=1)),
        "seattle_r2": seattle_r2,
        "sf_r2": sf_r2,
        "seattle_cycle": seattle_cycle.tolist(),
        "sf_cycle": sf_cycle.tolist(),
        "seattle_errors": seattle_errors.tolist(),
        "sf_errors": sf_errors.tolist(),
    }
    tail = (1 - confidence) / 2
    free_values = {
        "low": [free_low, 4 * quantile_error(free, tail, PARAMS["resamples"])],
        "high": [free_high, 4 * quantile_error(free, 1 - tail, PARAMS["resamples"])],
        "standard_error": [
            float(free.std(ddof=1)),
            4 * float(free.std(ddof=1)) / math.sqrt(2 * PARAMS["resamples"]),
        ],
    }
    return values, free_values


TOLERANCES = {
    "hours": 0,
    "seattle_mean": 1e-10,
    "sf_mean": 1e-10,
    "difference": 1e-10,
    "low": 1e-9,
    "high": 1e-9,
    "standard_error": 1e-9,
    "seattle_r2": 1e-10,
    "sf_r2": 1e-10,
    "seattle_cycle": 1e-9,
    "sf_cycle": 1e-9,
    "seattle_errors": 1e-9,
    "sf_errors": 1e-9,
}


def compare(found, values, free_values):
    """Prints a line for each comparison; returns whether all agree."""
    good = True

    def line(name, got, wanted, tolerance, kind):
        nonlocal good
        ok = len(got) == len(wanted) and all(
            abs(g - w) <= tolerance for g, w in zip(got, wanted))
        good = good and ok
        worst = max((abs(g - w) for g, w in zip(got, wanted)), default=math.nan)
        print(f"{'ok ' if ok else 'BAD'} {name:<15} {kind:<6} differs by {worst:.2e}, "
              f"allowed {tolerance:.2e}")

    def listed(value):
        return value if isinstance(value, list) else [value]

    for name, wanted in values.items():
        if name in found:
            line(name, listed(found[name]), listed(wanted), TOLERANCES[name], "exact")
        else:
            good = False
            print(f"BAD {name}: the flow has no such output")
    for name, (wanted, tolerance) in free_values.items():
        if name in found:
            line(name, [found[name]], [wanted], tolerance, "free")
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--write", action="store_true", help="write expected.json")
    parser.add_argument("--compare", metavar="FILE",
                        help="what `vtlua run --json` printed; - for standard input")
    options = parser.parse_args()
    values, free_values = compute()
    print("The exact bootstrap against the free one, both from Python:")
    good = compare({name: values[name] for name in free_values}, {}, free_values)

    if options.write:
        document = {
            "made_by": "scripts/check-climate.py, with NumPy and without any of the Lua code",
            "params": PARAMS,
            "outputs": values,
            "tolerances": TOLERANCES,
            "free_bootstrap": {
                name: {"value": value, "tolerance": tolerance}
                for name, (value, tolerance) in free_values.items()
            },
        }
        text = json.dumps(document, indent=2) + "\n"
        (EXAMPLE / "expected.json").write_text(text, encoding="utf-8")
    if options.compare:
        with (sys.stdin if options.compare == "-" else open(options.compare)) as file:
            found = json.load(file)
        print("The flow against Python:")
        good = compare(found.get("outputs", found), values, free_values) and good
    elif not options.write:
        print(json.dumps(values, indent=2))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
