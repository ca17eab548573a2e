#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Builds the programs of examples/embedding as a user's package, and runs them."""
import os, pathlib, shutil, subprocess, sys, tempfile

root = pathlib.Path(__file__).resolve().parent.parent.parent
scratch = root / ".build/host/build"
package = root / "examples/embedding"

if (root / "Package.resolved").exists():
    shutil.copy(root / "Package.resolved", package)
done = subprocess.run(
    ["swift", "build", "--package-path", package, "--scratch-path", scratch, "--skip-update"],
    text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
(package / "Package.resolved").unlink(missing_ok=True)
if done.returncode:
    sys.exit(f"swift build failed:\n{done.stdout}")


def check(expected, folder, name, *arguments, status=0):
    environment = {**os.environ, "VTLUA_STORE": "off"}
    done = subprocess.run([scratch / "debug" / name, *arguments], cwd=folder, text=True,
                          capture_output=True, timeout=120, env=environment)
    found = done.stdout + done.stderr
    assert (done.returncode, found) == (status, expected), f"{name} {arguments}:\n{found}"


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    check("sum: 1 + 4 + 9 = 14.0\ncancelled\n", folder, "first")

    (folder / "a.txt").write_text("To be, or not to be")
    (folder / "b.txt").write_text("Not a question")
    words = ("words", "-n", "3", "a.txt", "b.txt")
    check("2 be\n2 not\n2 to\n", folder, *words)
    check("count: cached\ntop: cached\n2 be\n2 not\n2 to\n", folder, *words, "-v")
    (folder / "b.txt").write_text("Not be")
    check("count: computed\ntop: computed\n3 be\n2 not\n2 to\n", folder, *words, "-v", "-j", "2")
    longest = str(package / "Sources/words/longest.lua")
    check("1 not\n1 be\n", folder, "words", "--flow", longest, "-n", "2", "b.txt")
    check("words: no files; usage: words [-n COUNT] [-j JOBS] [-v] [--flow FILE] FILE...\n",
          folder, "words", status=1)
print("ok")
