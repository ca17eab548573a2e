#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Builds a package that embeds VTRuntime and has targets of its own named Store, Report, Workflow
and so on: SwiftPM refuses two targets of one name. Checks that the product VTRuntime does not bring
the notebook, local clusters or Lua tooling into the host.

Usage: host.py [--count]

  --count   print only the number of steps of a debug build from nothing
"""
import pathlib, re, shutil, subprocess, sys

root = pathlib.Path(__file__).resolve().parent.parent.parent
scratch = root / ".build/host"
package = scratch / "package"
flow = package / "flow.lua"

OTHERS = ["VTLuaTooling", "VTNotebook", "VTLocalCluster", "CVTDefinitions", "vtlua",
          "ArgumentParser"]


def copy():
    shutil.rmtree(package, ignore_errors=True)
    shutil.copytree(root / "Tests/Host", package, ignore=shutil.ignore_patterns("host.py"))
    # The versions and the clones of the package itself: nothing is fetched.
    if (root / "Package.resolved").exists():
        shutil.copy(root / "Package.resolved", package)
    for clone in (root / ".build/repositories").glob("*"):
        if not (scratch / "build/repositories" / clone.name).exists():
            shutil.copytree(clone, scratch / "build/repositories" / clone.name, symlinks=True)


def swift(*arguments):
    done = subprocess.run(["swift", *arguments], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    if done.returncode:
        sys.exit(f"swift {arguments[0]} failed:\n{done.stdout}")
    return done.stdout


def build():
    return swift("build", "--package-path", str(package), "--scratch-path", str(scratch / "build"),
                 "--skip-update", "--product", "host")


if "--count" in sys.argv:
    shutil.rmtree(scratch / "build", ignore_errors=True)
copy()
output = build()
steps = [int(most) for most in re.findall(r"^\[\d+/(\d+)\]", output, re.MULTILINE)]
if "--count" in sys.argv:
    print(max(steps, default=0))
    sys.exit()

debug = scratch / "build/debug"
# What the host links: other packages use the same folder for their builds.
linked = (debug / "host.product/Objects.LinkFileList").read_text()
built = set(re.findall(r"([^/]+)\.build/", linked))
assert {"VTRuntime", "Store", "host"} <= built, sorted(built)
for name in OTHERS:
    assert name not in built, f"the host builds {name}"
symbols = subprocess.run(["nm", str(debug / "host")], capture_output=True, text=True, check=True)
for name in OTHERS[:3]:
    assert f"{len(name)}{name}" not in symbols.stdout, f"the host links {name}"

done = subprocess.run([str(debug / "host"), str(flow)], capture_output=True, text=True, timeout=60)
expected = """\
targets of the host: Jupyter LuaBridge Parallel Report Session Shipping Store System Workflow
done: 6
without a cluster: no-controller
"""
assert (done.returncode, done.stdout, done.stderr) == (0, expected, ""), done
print("ok")
