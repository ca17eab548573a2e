#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs the commands of a page in order, in an empty directory:
Tests/Tour/tour.py [--write] [--at-most N] [PAGE]

The page is docs/tour.md, or one that is written like it, such as docs/lists.md.

A block of code is a file when its first line is a comment with the file's name (which is left out of files
other than Lua's). Files in `web/HOST/` are what http://HOST/ has. Otherwise it has
commands, each after "$ ", and their output on both streams. A line "..." stands for any lines, and
"..." within a line for any text; names of runs, dates and durations may differ. With --write the
page is updated where the output differs. With --at-most N, no file may have more lines. Needs
VTLUA_BINARY."""
import argparse, functools, http.server, os, re, subprocess, sys, tempfile, threading
from pathlib import Path

root = Path(__file__).resolve().parent.parent.parent
parser = argparse.ArgumentParser()
parser.add_argument("--write", action="store_true")
parser.add_argument("--at-most", type=int, default=1 << 30, metavar="N")
parser.add_argument("page", nargs="?", default="docs/tour.md")
options = parser.parse_args()
page = root / options.page
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
            yield from parts(start, [x[4:] for x in lines[start:end]])
            start = None


FILE = re.compile(r"-- ([\w./-]+\.\w+)")


def parts(start, block):
    """The files and the commands in a block, which empty lines separate."""
    cuts = [i for i in range(1, len(block)) if block[i - 1] == "" and
            (FILE.fullmatch(block[i]) or block[i].startswith("$ ") and FILE.fullmatch(block[0]))]
    for first, last in zip([0, *cuts], [*cuts, len(block)]):
        part = block[first:last]
        while part[-1] == "":
            part.pop()
        yield start + first, part


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


class Web(http.server.SimpleHTTPRequestHandler):
    """A proxy that answers for all hosts, with the files of the page. A file is not there at first when
    its name begins with `busy`."""
    busy = set()

    def translate_path(self, path):
        return super().translate_path(re.sub("^http:/", "", path))

    def do_GET(self):
        if "/busy" in self.path and self.path not in self.busy:
            self.busy.add(self.path)
            return self.send_error(503)
        super().do_GET()

    def log_message(self, *_):
        pass


def serve(folder):
    """Starts the proxy; returns its address."""
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Web, directory=f"{folder}/web"))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}"


def run(command, folder):
    environment = {k: v for k, v in os.environ.items() if k not in ("VTLUA_STORE", "VTLUA_ASK")}
    environment.update(http_proxy=proxy, VTLUA_DOWNLOADS=f"{folder}/downloads")
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
        global proxy
        proxy = serve(folder)
        replaced = []
        for start, block in blocks(text):
            name = FILE.fullmatch(block[0])
            if name:
                path = Path(folder) / name[1]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text("\n".join(block if path.suffix == ".lua" else block[1:]) + "\n")
                if len(block) > options.at_most:
                    wrong.append(f"{options.page}:{start + 1}: {len(block)} lines\n")
            elif block[0].startswith("$ "):
                commands += sum(line.startswith("$ ") for line in block)
                right, said = session(start, block, folder)
                wrong += said
                replaced.append((start, len(block), right))
    if options.write:
        for start, count, right in reversed(replaced):
            lines[start:start + count] = ["    " + line if line else "" for line in right]
        page.write_text("\n".join(lines))
        return
    print("\n".join(wrong), end="")
    print(f"{commands} commands, {len(wrong)} not as the page says")
    sys.exit(1 if wrong or not commands else 0)


main()
