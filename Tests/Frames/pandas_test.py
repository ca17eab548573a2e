#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Compares frames with pandas' on public data sets: Tests/Frames/pandas_test.py

The data come with the packages vega_datasets and statsmodels of PyPI. Needs VTLUA_BINARY."""
import json, math, os, subprocess, sys, tempfile
from pathlib import Path

import warnings

import pandas as pd
import statsmodels
import vega_datasets

# Without it, pandas does not round all numbers correctly.
warnings.filterwarnings("ignore", message=".*float_precision.*")

here = Path(__file__).resolve().parent
vega = Path(vega_datasets.__file__).parent / "_data"
stats = Path(statsmodels.__file__).parent / "datasets"

PATHS = {
    "airports": vega / "airports.csv", "stocks": vega / "stocks.csv",
    "weather": vega / "seattle-weather.csv", "cars": vega / "cars.json",
    "barley": vega / "barley.json", "iris": vega / "iris.json", "riots": vega / "la-riots.csv",
    "power": vega / "iowa-electricity.csv", "jobs": vega / "us-employment.csv",
    "temps": vega / "seattle-temps.csv", "burtin": vega / "burtin.json",
    "macro": stats / "macrodata/macrodata.csv", "fair": stats / "fair/fair.csv",
    "star98": stats / "star98/star98.csv", "longley": stats / "longley/longley.csv",
    "heart": stats / "heart/heart.csv", "elnino": stats / "elnino/elnino.csv",
    "modes": stats / "modechoice/modechoice.csv", "randhie": stats / "randhie/randhie.csv",
    "crime": stats / "statecrime/statecrime.csv", "sunspots": stats / "sunspots/sunspots.csv",
    "co2": stats / "co2/co2.csv",
}


def read(name):
    path = PATHS[name]
    if path.suffix == ".json":
        return pd.DataFrame(json.loads(path.read_text()))
    return pd.read_csv(path, float_precision="round_trip", sep=";" if name == "modes" else ",")


tables = {name: read(name) for name in PATHS}
globals().update(tables)

# Each case: Lua code with the data sets as frames, and what pandas gives. Where pandas has an index,
# it is made columns.
CASES = [
    # Reading: every value and the type of each column.
    *((f"return {name}", (lambda name=name: tables[name])) for name in PATHS),
    # Rows and columns.
    ("return cars:select('Name', 'Year')", lambda: cars[["Name", "Year"]]),
    ("return cars:drop('Name', 'Year'):head(7)", lambda: cars.drop(columns=["Name", "Year"]).head(7)),
    ("return airports:tail(9)", lambda: airports.tail(9)),
    ("return airports:slice(100, 109)", lambda: airports.iloc[99:109]),
    ("return weather:rename { temp_max = 'high', temp_min = 'low' }",
     lambda: weather.rename(columns={"temp_max": "high", "temp_min": "low"})),
    ("return weather:with { range = weather.temp_max - weather.temp_min }",
     lambda: weather.assign(range=weather.temp_max - weather.temp_min)),
    ("return weather:with('f', function(r) return r.temp_max * 1.8 + 32 end)",
     lambda: weather.assign(f=weather.temp_max * 1.8 + 32)),
    ("return cars:with { heavy = cars.Weight_in_lbs:gt(4000) }",
     lambda: cars.assign(heavy=cars.Weight_in_lbs > 4000)),
    # Filters.
    ("return weather:filter('temp_max', '>', 30)", lambda: weather[weather.temp_max > 30]),
    ("return weather:filter('weather', '==', 'snow')", lambda: weather[weather.weather == "snow"]),
    ("return weather:filter('weather', 'in', { 'snow', 'fog' })",
     lambda: weather[weather.weather.isin(["snow", "fog"])]),
    ("return cars:filter { Origin = 'Japan', Cylinders = 6 }",
     lambda: cars[(cars.Origin == "Japan") & (cars.Cylinders == 6)]),
    ("return cars:filter('Horsepower', '<=', 60)", lambda: cars[cars.Horsepower <= 60]),
    ("return airports:filter('country', '~=', 'USA')", lambda: airports[airports.country != "USA"]),
    ("return airports:filter('state', '>=', 'WV')", lambda: airports[airports.state >= "WV"]),
    ("return fair:filter(function(r) return r.age > 40 and r.children == 0 end)",
     lambda: fair[(fair.age > 40) & (fair.children == 0)]),
    # Order.
    ("return cars:sort 'Miles_per_Gallon'", lambda: cars.sort_values("Miles_per_Gallon", kind="stable")),
    ("return cars:sort('Horsepower', { descending = true })",
     lambda: cars.sort_values("Horsepower", ascending=False, kind="stable")),
    ("return airports:sort { 'state', 'city', 'name' }",
     lambda: airports.sort_values(["state", "city", "name"], kind="stable")),
    ("return cars:sort({ 'Origin', 'Cylinders', 'Weight_in_lbs' }, { descending = { 'Cylinders' } })",
     lambda: cars.sort_values(["Origin", "Cylinders", "Weight_in_lbs"], ascending=[True, False, True],
                              kind="stable")),
    ("return riots:sort('neighborhood', { descending = true })",
     lambda: riots.sort_values("neighborhood", ascending=False, kind="stable")),
    # Groups.
    ("return stocks:group('symbol'):aggregate { price = 'mean' }",
     lambda: stocks.groupby("symbol", as_index=False).price.mean()),
    ("return cars:group('Origin', 'Cylinders'):aggregate { { n = 'size' }, { mpg = { 'Miles_per_Gallon', "
     "'mean' } }, { hp = { 'Horsepower', 'max' } } }",
     lambda: cars.groupby(["Origin", "Cylinders"], as_index=False).agg(
         n=("Name", "size"), mpg=("Miles_per_Gallon", "mean"), hp=("Horsepower", "max"))),
    ("return weather:group('weather'):aggregate { { precipitation = 'sum' }, { temp_max = 'std' }, { "
     "temp_min = 'var' }, { wind = 'median' } }",
     lambda: weather.groupby("weather", as_index=False).agg(
         {"precipitation": "sum", "temp_max": "std", "temp_min": "var", "wind": "median"})),
    ("return airports:group('state'):aggregate { { n = { 'iata', 'count' } }, { cities = { 'city', "
     "'nunique' } }, { first = { 'name', 'first' } }, { last = { 'name', 'last' } }, { low = { 'city', "
     "'min' } }, { high = { 'city', 'max' } } }",
     lambda: airports.groupby("state", as_index=False, dropna=False).agg(
         n=("iata", "count"), cities=("city", "nunique"), first=("name", "first"),
         last=("name", "last"), low=("city", "min"), high=("city", "max"))),
    ("return cars:group('Origin'):aggregate { hp = { 'Horsepower', 'quantile', 0.9 } }",
     lambda: cars.groupby("Origin", as_index=False).agg(hp=("Horsepower", lambda x: x.quantile(0.9)))),
    ("return iris:group('species'):aggregate { petalLength = function(v) return v:max() - v:min() end }",
     lambda: iris.groupby("species", as_index=False).agg(
         petalLength=("petalLength", lambda x: x.max() - x.min()))),
    ("return macro:group('year'):aggregate { realgdp = 'mean', unemp = 'max', infl = 'min' }",
     lambda: macro.groupby("year", as_index=False).agg(infl=("infl", "min"), realgdp=("realgdp", "mean"),
                                                       unemp=("unemp", "max"))),
    ("return randhie:group('plan', 'site'):aggregate { { meddol = 'mean' }, { mdvis = 'sum' } }"
     if "site" in tables["randhie"] else
     "return randhie:group('idp', 'hlthg'):aggregate { { mdvis = 'sum' }, { lpi = 'mean' } }",
     lambda: randhie.groupby(["plan", "site"], as_index=False).agg({"meddol": "mean", "mdvis": "sum"})
     if "site" in randhie else
     randhie.groupby(["idp", "hlthg"], as_index=False).agg({"mdvis": "sum", "lpi": "mean"})),
    ("return fair:group('rate_marriage'):size()",
     lambda: fair.groupby("rate_marriage", as_index=False).size()),
    ("return modes:group('mode'):aggregate { { choice = 'sum' }, { invt = 'mean' } }",
     lambda: modes.groupby("mode", as_index=False).agg({"choice": "sum", "invt": "mean"})),
    ("return weather:with('month', frame.dates(frame.seconds(weather.date, '%Y/%m/%d'), '%Y-%m'))"
     ":group('month'):aggregate { precipitation = 'sum' }",
     lambda: weather.assign(month=weather.date.str[:7].str.replace("/", "-")).groupby(
         "month", as_index=False).precipitation.sum()),
    ("return cars:value_counts('Cylinders')",
     lambda: cars.groupby("Cylinders", as_index=False).size().rename(columns={"size": "count"})
     .sort_values("count", ascending=False, kind="stable")),
    ("return cars:unique('Origin', 'Cylinders')",
     lambda: cars.drop_duplicates(["Origin", "Cylinders"])),
    ("return barley:unique('variety'):select('variety')",
     lambda: barley.drop_duplicates("variety")[["variety"]]),
    # Joins.
    ("return stocks:join(stocks:group('symbol'):aggregate { top = { 'price', 'max' } }, { on = 'symbol', "
     "check = 'many_to_one' })",
     lambda: stocks.merge(stocks.groupby("symbol", as_index=False).agg(top=("price", "max")),
                          on="symbol", validate="many_to_one")),
    ("return airports:head(300):join(airports:group('state'):size(), { on = 'state', how = 'left' })",
     lambda: airports.head(300).merge(airports.groupby("state", as_index=False).size(), on="state",
                                      how="left")),
    ("return power:filter { source = 'Nuclear Energy' }:join(power:filter { source = 'Renewables' }, { on "
     "= 'year', suffix = '_2' })",
     lambda: power[power.source == "Nuclear Energy"].merge(
         power[power.source == "Renewables"], on="year", suffixes=("", "_2"))),
    ("return barley:join(barley, { on = { 'variety', 'site' }, suffix = '_b' })",
     lambda: barley.merge(barley, on=["variety", "site"], suffixes=("", "_b"))),
    ("return longley:join(macro:group('year'):aggregate { pop = 'mean' }, { on = { YEAR = 'year' }, how = "
     "'left' }):drop 'year'",
     lambda: longley.merge(macro.groupby("year", as_index=False).agg(pop=("pop", "mean")),
                           left_on="YEAR", right_on="year", how="left").drop(columns="year")),
    ("return elnino:join(sunspots, { on = 'YEAR' }):select('YEAR', 'JAN', 'SUNACTIVITY')",
     lambda: elnino.merge(sunspots, on="YEAR")[["YEAR", "JAN", "SUNACTIVITY"]]),
    # Missing values, concatenation.
    ("return cars:drop_missing()", lambda: cars.dropna()),
    ("return cars:drop_missing('Horsepower')", lambda: cars.dropna(subset=["Horsepower"])),
    ("return cars:fill_missing { Horsepower = 0, Miles_per_Gallon = -1 }",
     lambda: cars.fillna({"Horsepower": 0, "Miles_per_Gallon": -1})),
    ("return riots:fill_missing { neighborhood = '?', type = '-' }",
     lambda: riots.fillna({"neighborhood": "?", "type": "-"})),
    ("return cars:is_missing('Miles_per_Gallon')", lambda: cars.Miles_per_Gallon.isna()),
    ("return frame.concat { iris:head(3), cars:head(2):select('Name', 'Cylinders') }",
     lambda: pd.concat([iris.head(3), cars.head(2)[["Name", "Cylinders"]]])),
    ("return frame.concat { power:filter { source = 'Renewables' }, power:filter { source = 'Fossil Fuels' } }",
     lambda: pd.concat([power[power.source == "Renewables"], power[power.source == "Fossil Fuels"]])),
    # Descriptions.
    ("local d = heart:describe(); return d:select('count', 'mean', 'std', 'min', 'q25', 'median', 'q75', "
     "'max')",
     lambda: heart.describe().T.rename(columns={"25%": "q25", "50%": "median", "75%": "q75"})
     .astype({"count": int})),
    ("local d = star98:describe(); return d:select('mean', 'std', 'q25', 'median', 'q75')",
     lambda: star98.describe().T[["mean", "std", "25%", "50%", "75%"]].rename(
         columns={"25%": "q25", "50%": "median", "75%": "q75"})),
    ("return airports:describe().distinct", lambda: airports.nunique()),
    ("return crime:sort('murder', { descending = true }):head(5):select('state', 'murder')",
     lambda: crime.sort_values("murder", ascending=False, kind="stable").head(5)[["state", "murder"]]),
    # Written and read again.
    ("return frame.csv(cars:format_csv())", lambda: cars),
    ("return frame.jsonl(riots:format_jsonl())", lambda: riots),
    # SQL, compared with pandas.
    ("return sql.query('select Origin, avg(Horsepower) as hp, count(*) as n from cars group by Origin', "
     "{ cars = cars })",
     lambda: cars.groupby("Origin", as_index=False).agg(hp=("Horsepower", "mean"), n=("Name", "size"))),
    ("return sql.query('select s.symbol, s.price, t.top from stocks s join (select symbol, max(price) top "
     "from stocks group by symbol) t using (symbol) order by s.rowid', { stocks = stocks })",
     lambda: stocks.merge(stocks.groupby("symbol", as_index=False).agg(top=("price", "max")),
                          on="symbol")[["symbol", "price", "top"]]),
]


def plain(value):
    """A value of pandas without its types; NaN and None as None."""
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    return value.item() if hasattr(value, "item") else value


def same(found, wanted):
    found = None if found == "nan" else found
    wanted = plain(wanted)
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    if isinstance(found, (int, float)) and isinstance(wanted, (int, float)):
        return found == wanted or math.isclose(found, wanted, rel_tol=1e-11, abs_tol=1e-12)
    return found == wanted


def difference(found, wanted):
    """The first difference between a result of Lua and one of pandas; None if there is none."""
    if "error" in found:
        return found["error"]
    if isinstance(wanted, pd.Series):
        wanted = list(wanted)
    if not isinstance(wanted, pd.DataFrame):
        rows = found.get("values", [])
        if len(rows) != len(wanted):
            return f"{len(rows)} values, pandas has {len(wanted)}"
        return next((f"value {i + 1}: {x!r}, pandas has {y!r}"
                     for i, (x, y) in enumerate(zip(rows, wanted)) if not same(x, y)), None)
    names = [column[0] for column in found["frame"]]
    if names != list(wanted.columns):
        return f"columns {names}, pandas has {list(wanted.columns)}"
    if found["rows"] != len(wanted):
        return f"{found['rows']} rows, pandas has {len(wanted)}"
    for name, kind, values in found["frame"]:
        dtype = str(wanted[name].dtype)
        if len(wanted) and kind != {"object": "text", "str": "text"}.get(dtype, dtype):
            if not (dtype == "object" and kind in ("bool", "float64", "list")):
                return f"column {name} is {kind}, pandas has {dtype}"
        for row, (x, y) in enumerate(zip(values, wanted[name])):
            if not same(x, y):
                return f"column {name}, row {row + 1}: {x!r}, pandas has {y!r}"
    return None


def main():
    lines = ['local frame, sql = require "frame", require "sql"']
    for name, path in PATHS.items():
        reader = "json" if path.suffix == ".json" else "csv"
        # pandas takes NA for missing in columns of texts too.
        options = ", { separator = ';' }" if name == "modes" else ", { na = 'NA' }"
        if reader == "json":
            names = ", ".join(json.dumps(n) for n in tables[name].columns)
            lines.append(f"local {name} = frame.json({str(path)!r}):select {{ {names} }}")
        else:
            lines.append(f"local {name} = frame.csv({str(path)!r}{options})")
    lines += ["return {"] + [f"function() {code} end," for code, _ in CASES] + ["}"]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write("\n".join(lines))
        file.flush()
        done = subprocess.run([os.environ["VTLUA_BINARY"], str(here / "peer.lua"), file.name],
                              capture_output=True, text=True, timeout=300)
    results = [json.loads(line) for line in done.stdout.splitlines()]
    if len(results) != len(CASES):
        sys.exit(f"{len(results)} results of {len(CASES)}\n{done.stderr}")
    wrong = 0
    for (code, wanted), found in zip(CASES, results):
        reason = difference(found, wanted())
        if reason:
            wrong += 1
            print(f"{code}\n  {reason}")
    print(f"{len(CASES)} results compared with pandas {pd.__version__}, {wrong} different")
    sys.exit(1 if wrong else 0)


main()
