#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# The shells' completion of vtlua's words, and the man page. Needs VTLUA_BINARY.
import os, re, shutil, subprocess, tempfile
from pathlib import Path

vtlua = os.environ["VTLUA_BINARY"]
root = Path(__file__).resolve().parent.parent.parent

# Does what bash does when Tab is pressed after these words.
PRESS = """
eval "$("$VTLUA_BINARY" completion bash)"
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=$((${#COMP_LINE}))
_vtlua vtlua "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


def equal(found, expected):
    assert found == expected, f"got      {found!r}\nexpected {expected!r}"


def bash():
    with tempfile.TemporaryDirectory() as folder:
        for name in ("flow.lua", "notes.txt", "flows/a.lua", "run.json"):
            path = Path(folder) / name
            path.parent.mkdir(exist_ok=True)
            path.write_text("")

        def press(*words):
            done = subprocess.run(["bash", "-c", PRESS, "bash", "vtlua", *words], cwd=folder,
                                  capture_output=True, text=True, timeout=120)
            equal((done.returncode, done.stderr), (0, ""))
            return sorted(done.stdout.split())

        equal(press("ch"), ["check"])
        equal(press("fl"), ["flow.lua", "flows"])
        assert {"run", "test", "flow.lua", "flows"} <= set(press("")), press("")
        assert "notes.txt" not in press("")
        equal(press("-"), sorted(
            ["--version", "-h", "--help", "-e", "-i", "-l", "-v", "-E", "-W"]))
        equal(press("run", "fl"), ["flow.lua", "flows"])
        equal(press("run", "flow.lua", "--prog"), ["--progress"])
        equal(press("run", "flow.lua", "--progress", ""), sorted(
            ["auto", "bar", "plain", "json", "none"]))
        equal(press("run", "flow.lua", "--params", "r"), ["run.json"])
        equal(press("test", "--f"), ["--fail-fast", "--filter"])
        equal(press("cluster", "st"), ["start", "status", "stop"])
        equal(press("cluster", "start", "--cl"), ["--cluster-id"])
        # The words after a script are not completed.
        equal(press("flow.lua", "no"), ["notes.txt"])


def other_shells():
    for shell in ("zsh", "fish"):
        script = subprocess.run([vtlua, "completion", shell], capture_output=True, text=True,
                                check=True).stdout
        for word in ("cluster", "fail-fast"):
            assert word in script, (shell, word)
        if shutil.which(shell):
            done = subprocess.run([shell, "--no-execute"], input=script, text=True,
                                  capture_output=True)
            equal((done.returncode, done.stderr), (0, ""))
    done = subprocess.run([vtlua, "completion", "tcsh"], capture_output=True, text=True)
    equal(done.returncode, 2)
    assert "'tcsh' is invalid" in done.stderr, done


def man():
    done = subprocess.run(["python3", root / "scripts/man-page", "--check", vtlua],
                          capture_output=True, text=True)
    equal((done.returncode, done.stderr), (0, ""))
    page = root / "docs/vtlua.1"
    done = subprocess.run(["groff", "-man", "-ww", "-Tutf8", page], capture_output=True, text=True)
    equal((done.returncode, done.stderr), (0, ""))
    for words in ("vtlua cluster start", "--keep-going", "EXIT STATUS"):
        assert words in plain(done.stdout), words
    assert "--parent" not in plain(done.stdout)


def plain(text):
    return re.sub(r"\x1b\[[0-9;]*m|.\x08", "", text).replace("\u2010", "-").replace("\u2212", "-")


for case in (bash, other_shells, man):
    case()
    print("ok", case.__name__)
