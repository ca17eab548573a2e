#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs the commands of a page in order, in an empty directory: Tests/Tour/tour.py [--write] [PAGE]

The page is docs/tour.md, or one that is written like it, such as docs/lists.md.

A block of code is a file when its first line is a comment with the file's name; otherwise it has
commands, each after "$ ", and their output on both streams. A line "..." stands for any lines, and
"..." within a line for any text; names of runs, dates and durations may differ. With --write the
page is updated where the output differs. Needs VTLUA_BINARY."""
import os, re, subprocess, sys, tempfile
from pathlib import Path

root = Path(__file__).resolve().parent.parent.parent
pages = [argument for argument in sys.argv[1:] if argument != "--write"]
page = root / (pages[0] if pages else "docs/tour.md")
vtlua = Path(os.environ["VTLUA_BINARY"]).resolve()


def blocks(text):
    """(number of the first line, lines without the indent) of each block, and its end."""
    lines, start = text.split("\n"), None
    for number, line in enumerate(lines + ["end"]):
        inside = line.startswith("    ") or start is not None and line == ""
        if inside and start is None:
            start = number
        elif not inside and start is not None:
            end = number
            while lines[end - 1] == "":
                end -= 1
            yield start, [x[4:] for x in lines[start:end]]
            start = None


def lasting(text):
    """The text without the parts that differ from run to run."""
    text = re.sub(r"\b\d+(\.\d+)? (µs|ms|s)\b", "TIME", text)
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "DATE", text)
    text = re.sub(r"(?m)  [0-9A-Z]{4}$", "  RRRR", text)
    return re.sub(r"\b(run|sweep) [0-9A-Z]{4}\b", r"\1 RRRR", re.sub(r"(?m)^[0-9A-Z]{4}  ", "RRRR  ", text))


def matches(expected, found):
    expected, found = [lasting(line) for line in expected], lasting(found)
    pattern = "".join(
        r"(?:.*\n)*?" if line == "..." else
        ".*".join(re.escape(part) for part in line.split("...")) + "\n" for line in expected)
    return re.fullmatch(pattern, found) is not None


def run(command, folder):
    environment = {k: v for k, v in os.environ.items() if k not in ("VTLUA_STORE", "VTLUA_ASK")}
    environment["PATH"] = f"{folder}/.bin:" + environment["PATH"]
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, text=True, timeout=120,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    return "".join(line.rstrip() + "\n" for line in done.stdout.splitlines())


def session(start, lines, folder):
    """Runs a block's commands; returns the corrected block, and the differences."""
    out, wrong, position = [], [], 0
    while position < len(lines):
        command, number = lines[position][2:], start + position + 1
        position += 1
        expected = []
        while position < len(lines) and not lines[position].startswith("$ "):
            expected.append(lines[position])
            position += 1
        found = run(command, folder)
        blank = expected and expected[-1] == ""
        given = expected[:-1] if blank else expected
        if not matches(given, found):
            wrong.append(f"{page.relative_to(root)}:{number}: $ {command}\n"
                         + "".join(f"  got      {x}\n" for x in found.splitlines())
                         + "".join(f"  expected {x}\n" for x in given))
            given = found.splitlines()
        out += ["$ " + command] + given + ([""] if blank else [])
    return out, wrong


def main():
    text = page.read_text()
    lines, wrong, commands = text.split("\n"), [], 0
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / ".bin").mkdir()
        (Path(folder) / ".bin/vtlua").symlink_to(vtlua)
        replaced = []
        for start, block in blocks(text):
            name = re.fullmatch(r"-- ([\w./]+\.lua)", block[0])
            if name:
                path = Path(folder) / name[1]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text("\n".join(block) + "\n")
            elif block[0].startswith("$ "):
                commands += sum(line.startswith("$ ") for line in block)
                right, said = session(start, block, folder)
                wrong += said
                replaced.append((start, len(block), right))
    if "--write" in sys.argv:
        for start, count, right in reversed(replaced):
            lines[start:start + count] = ["    " + line if line else "" for line in right]
        page.write_text("\n".join(lines))
        return
    print("\n".join(wrong), end="")
    print(f"{commands} commands, {len(wrong)} not as the page says")
    sys.exit(1 if wrong or not commands else 0)


main()
