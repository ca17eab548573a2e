# SPDX-License-Identifier: BSD-3-Clause
"""A directory with a workflow, for the tests of sweeps."""
import json, os, subprocess, tempfile
from pathlib import Path

from checks import equal

vtlua = os.environ["VTLUA_BINARY"]
os.environ.pop("VTLUA_STORE", None)
LIMIT = 120  # seconds of each wait; the bound only ends a test that hangs


class Folder:
    # Further arguments of each sweep.
    arguments = []

    def __init__(self, **files):
        self.path = Path(tempfile.mkdtemp(prefix="sweeps-"))
        self.log = self.path / "log"
        for name, text in files.items():
            (self.path / f"{name}.lua").write_text(text)

    def start(self, *arguments, environment=None):
        return subprocess.Popen([vtlua, *arguments], cwd=self.path, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True, env={**os.environ, "NO_COLOR": "1", "LOG": str(self.log),
                                                **(environment or {})})

    def call(self, *arguments, code=0, environment=None):
        process = self.start(*arguments, environment=environment)
        out, errors = process.communicate(timeout=LIMIT)
        equal(process.returncode, code, f"{arguments}\n{out}{errors}")
        return out, errors

    def sweep(self, *arguments, code=0):
        """The answer of a sweep, and what its sources have computed."""
        self.log.unlink(missing_ok=True)
        out, _ = self.call("sweep", "flow.lua", "--json", *self.arguments, *arguments, code=code)
        return json.loads(out), sorted(self.log.read_text().split()) if self.log.exists() else []


def rows(answer):
    return [(row["parameters"], row["outputs"].get("y"), row["status"]) for row in answer["runs"]]
