#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs the scripts of docs/plots.md and compares what they write with docs/plots/NAME.svg.

Usage: pictures.py [--write], which updates the pictures. Needs VTLUA_BINARY."""
import os, re, subprocess, sys, tempfile
import xml.parsers.expat
from pathlib import Path

root = Path(__file__).resolve().parents[2]
vtlua = Path(os.environ["VTLUA_BINARY"]).resolve()
page = (root / "docs/plots.md").read_text()
pictures = root / "docs/plots"


def scripts():
    """The blocks that are files: name and text."""
    for block in re.findall(r"(?:^    .*\n|^\n(?=    ))+", page, re.M):
        text = re.sub(r"(?m)^    ", "", block)
        name = re.match(r"\s*-- (\w+)\.lua\n", text)
        if name:
            yield name[1], text


def main():
    pictures.mkdir(exist_ok=True)
    wrong, names = [], set()
    for name, text in scripts():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{name}.lua"
            path.write_text(text)
            svg = subprocess.run([vtlua, path.name], cwd=folder, capture_output=True, timeout=120,
                                 check=True).stdout
        xml.parsers.expat.ParserCreate().Parse(svg, True)
        names.add(f"{name}.svg")
        file = pictures / f"{name}.svg"
        if "--write" in sys.argv:
            file.write_bytes(svg)
        elif not file.exists() or file.read_bytes() != svg:
            wrong.append(f"docs/plots/{name}.svg is another picture; run Tests/Plots/pictures.py "
                         "--write")
        if f"(plots/{name}.svg)" not in page:
            wrong.append(f"docs/plots.md does not show plots/{name}.svg")
    for file in pictures.iterdir():
        if file.name not in names:
            wrong.append(f"no script of docs/plots.md draws docs/plots/{file.name}")
    print("\n".join(wrong + [f"{len(names)} pictures, {len(wrong)} mistakes"]))
    sys.exit(1 if wrong or len(names) < 10 else 0)


main()
