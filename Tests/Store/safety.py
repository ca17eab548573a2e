#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# A store removes and follows nothing that is not its own: Tests/Store/safety.py
#
# Needs VTLUA_BINARY.
import json, os, resource, shutil, socket, sqlite3, subprocess, sys, tempfile, time
from pathlib import Path

vtlua = os.environ["VTLUA_BINARY"]
os.environ.pop("VTLUA_STORE", None)
LIMIT = 60  # seconds of each wait; the bound only ends a program that hangs

# The output of `noise` is in a file that is not compressed, that of `zeros` in one that is.
FLOW = """
local noise = vt.module { name = "noise", outputs = { s = "string" } }
function noise:compute()
  local random, list = require("random").new(7, 1), {}
  for k = 1, 40000 do list[k] = string.char(random:integer(0, 255)) end
  return { s = table.concat(list) }
end
local zeros = vt.module { name = "zeros", outputs = { s = "string" } }
function zeros:compute() return { s = ("\\0"):rep(3000000) } end
local size = vt.module { name = "size", inputs = { a = "string", b = "string" }, outputs = { n = "number" } }
function size:compute(i) return { n = #i.a + #i.b } end
local flow = vt.workflow { name = "f" }
return flow:outputs {
  n = flow:add("size", size, { a = flow:add("noise", noise).s, b = flow:add("zeros", zeros).s }).n,
}
"""


class Project:
    def __init__(self):
        self.path = Path(tempfile.mkdtemp())
        (self.path / "flow.lua").write_text(FLOW)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path)

    def call(self, *arguments, code=0, **more):
        done = subprocess.run(
            [vtlua, *arguments], cwd=self.path, capture_output=True, text=True, errors="backslashreplace",
            timeout=LIMIT, **more)
        assert done.returncode == code, (arguments, done)
        return done

    def run(self, *arguments, **more):
        done = self.call("run", "flow.lua", "--progress", "none", *arguments, **more)
        equal(done.stdout, "n = 3040000\n")
        return done

    def blobs(self):
        return sorted((f for f in self.path.glob(".vtlua/blobs/*/*")), key=lambda f: f.name.endswith(".zst"))

    def change(self, *statements):
        database = sqlite3.connect(self.path / ".vtlua/store.sqlite")
        database.executescript(";".join(statements))
        database.close()


def equal(found, expected):
    if found != expected:
        raise AssertionError(f"found {str(found)[:800]}\nexpected {str(expected)[:800]}")


def at_socket(path):
    with tempfile.TemporaryDirectory() as directory:
        server = socket.socket(socket.AF_UNIX)
        server.bind(directory + "/s")
        os.rename(directory + "/s", path)
        server.close()


def grown(size):
    def change(path):
        path.write_bytes(b"x" * 50)
        os.truncate(path, size)
    return change


def full_directory(path):
    path.mkdir()
    (path / "mine").write_text("mine")


DAMAGE = {
    "missing": lambda path: None,
    "empty": lambda path: path.write_bytes(b""),
    "other bytes": lambda path: path.write_bytes(os.urandom(40009)),
    "grown": grown(10 << 40),
    "a FIFO": lambda path: os.mkfifo(path),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a link to nothing": lambda path: path.symlink_to("nothing"),
    "a link to an endless file": lambda path: path.symlink_to("/dev/zero"),
    "a directory": lambda path: path.mkdir(),
    "a directory with files": full_directory,
    "a socket": at_socket,
}


def remove(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def damaged_files():
    """Every command ends, and a run computes again, whatever is in a file's place."""
    warning = "is damaged{}; computing it again\n"
    with Project() as p:
        p.run()
        kept = [(blob, blob.read_bytes()) for blob in p.blobs()]
        equal([blob.suffix for blob, _ in kept], ["", ".zst"])
        database = (p.path / ".vtlua/store.sqlite").read_bytes()

        def restore():
            for file in ("store.sqlite-wal", "store.sqlite-shm"):
                remove(p.path / ".vtlua" / file)
            (p.path / ".vtlua/store.sqlite").write_bytes(database)
            for blob, content in kept:
                remove(blob)
                blob.write_bytes(content)

        p.call("cache", "verify")  # empties the log
        sqlite3.connect(p.path / ".vtlua/store.sqlite").execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database = (p.path / ".vtlua/store.sqlite").read_bytes()
        for what, damage in DAMAGE.items():
            for blob, _ in kept:
                node = "zeros" if blob.suffix else "noise"
                for command in (
                        ("cache", "verify"), ("report", "-o", "r.html"), ("show", f"last/{node}/s", "-o", "v"),
                        ("show", f"last/{node}/s", "--json"), ("export", "last", "-f", "prov", "-o", "e.json")):
                    restore()
                    remove(blob)
                    damage(blob)
                    reads = command[0] != "export"
                    code = 4 if command[0] in ("cache", "show") else 0
                    done = p.call(*command, code=code)
                    assert not reads or warning.format(" or missing") in done.stderr \
                        or warning.format("") in done.stderr, (what, command, done)
                restore()
                remove(blob)
                damage(blob)
                # Another input makes the last node read both.
                p.call("run", "flow.lua", "--progress", "none", "--force", "size")
                equal(p.run().stderr, "")
                found = p.call("show", f"last/{node}/s", "-o", "v")
                equal(len((p.path / "v").read_bytes()), 3000000 if blob.suffix else 40000)
                if what == "a directory with files":
                    equal((blob / "mine").read_text(), "mine")
                else:
                    assert blob.is_file() and not blob.is_symlink(), what
                equal(p.call("cache", "verify").stdout, "3 results, 0 damaged and removed\n")
        # A device needs the permission to make one.
        try:
            restore()
            remove(kept[0][0])
            os.mknod(kept[0][0], 0o600 | 0o020000, os.makedev(1, 5))
        except PermissionError:
            print("     not tested: a device, which only root can make")
        else:
            equal(p.call("cache", "verify", code=4).stdout, "3 results, 1 damaged and removed\n")


def files_in_the_way():
    """Where the directories of files are not directories, results are in the database."""
    for make in (lambda path: path.write_text("mine"), lambda path: os.mkfifo(path)):
        with Project() as p:
            (p.path / ".vtlua").mkdir()
            make(p.path / ".vtlua/blobs")
            equal(p.run().stderr, "")
            equal(p.call("cache", "verify").stdout, "3 results, 0 damaged and removed\n")
            done = p.call("cache", "clear")
            equal(done.stdout, "3 results removed, 0 B of files freed\n")
            equal(done.stderr, "warning: '.vtlua/blobs' is not a directory of its own; the files there stay\n")


def sizes_in_the_database():
    """A size that no memory can hold is damage."""
    for size in (-1, 0, 1 << 50, (1 << 63) - 1):
        with Project() as p:
            p.run()
            p.change(f"UPDATE results SET size = {size} WHERE blob IS NOT NULL")
            for blob in p.blobs():
                os.truncate(blob, 10 << 40)
            equal(p.call("cache", "verify", code=4).stdout, "3 results, 2 damaged and removed\n")
            equal(p.run("--force", "size").stderr, "")


def names_in_the_database():
    """A row names no file elsewhere."""
    with Project() as p:
        p.run()
        (p.path / "flow.copy").write_bytes(p.blobs()[0].read_bytes())
        p.change("UPDATE results SET blob = '../../../flow.copy' WHERE blob NOT LIKE '%.zst'")
        equal(p.call("cache", "verify", code=4).stdout, "3 results, 1 damaged and removed\n")


def files_of_others():
    """`cache clear` and `gc` leave everything that has not a name of the store."""
    digest = "ab" + "c" * 62
    own = [f"ab/{digest}", f"ab/{digest}.zst", f"ab/{digest}.vtlua-1-2-3-4-5.tmp"]
    others = [
        "photo.jpg", digest, "photos/a.jpg", "ab/photo.jpg", f"ab/{digest[:-1]}", f"ab/{digest}0", f"ab/{digest}.gz",
        f"ab/{digest.upper()}", f"AB/AB{digest[2:]}", f"cd/{digest}", f"abc/{digest}", f"ab/sub/{digest}",
        f"ab/x{digest[1:]}", f"ab/{digest}.zst.bak", "ab/mine.vtlua-1-2-3-4-5.tmp", f"ab/{digest}.vtlua-mine.tmp",
        f"ab/{digest}.vtlua-1-2-3-4-mine.tmp", "ab/.hidden", "../precious.txt", "../store.sqlite.bak",
        "../store.sqlite-old", "../blobs.tar", "../scratch/file", "../tmp/file", f"../{digest}", f"../ab/{digest}",
    ]
    for command in (("clear",), ("gc", "--days", "0"), ("clear", "--record")):
        with Project() as p:
            p.run()
            blobs, stored = p.path / ".vtlua/blobs", p.blobs()
            for name in own + others:
                (blobs / name).parent.mkdir(parents=True, exist_ok=True)
                (blobs / name).write_text("mine")
            os.mkfifo(blobs / "ab" / ("ab" + "d" * 62))
            (blobs / "ab" / ("ab" + "e" * 62)).symlink_to(p.path / "flow.lua")
            (blobs / "ab" / ("ab" + "f" * 62)).mkdir()
            # Through links, at each level.
            (p.path / "elsewhere").mkdir()
            (p.path / "elsewhere" / ("ee" + digest[2:])).write_text("mine")
            (blobs / "ee").symlink_to(p.path / "elsewhere")
            for name in p.path.glob(".vtlua/**/*"):
                if not name.is_symlink() and "store.sqlite" not in name.name:
                    os.utime(name, (1e9, 1e9))
            p.call("cache", *command)
            equal([name for name in others if not (blobs / name).is_file()], [])
            equal([name for name in own if (blobs / name).exists()], [])
            assert (blobs / "ab" / ("ab" + "d" * 62)).exists() and (blobs / "ab" / ("ab" + "e" * 62)).is_symlink()
            assert (p.path / "elsewhere" / ("ee" + digest[2:])).exists() and (p.path / "flow.lua").exists()
            equal([blob for blob in stored if blob.exists()], [])
            p.run()
    with Project() as p:
        (p.path / "other/ab").mkdir(parents=True)
        (p.path / "other/ab" / digest).write_text("mine")
        (p.path / ".vtlua").mkdir()
        (p.path / ".vtlua/blobs").symlink_to("../other")
        p.run()
        p.call("cache", "clear")
        assert (p.path / "other/ab" / digest).exists()


def young_drafts():
    """A draft of another machine's process stays for an hour, one of an ended process here does not."""
    with Project() as p:
        p.run()
        blob = p.blobs()[0]
        foreign = blob.with_name(blob.name + ".vtlua-1-2-3-4-5.tmp")
        foreign.write_text("half")
        p.call("cache", "clear")
        assert foreign.exists()


def databases_of_others():
    """A database of another program is not changed, nor what is no file."""
    with Project() as p:
        (p.path / ".vtlua").mkdir()
        file = p.path / ".vtlua/store.sqlite"
        database = sqlite3.connect(file)
        database.execute("CREATE TABLE photos (name)")
        database.commit()
        database.close()
        before = file.read_bytes()
        reason = "'.vtlua/store.sqlite' is a database of another program; use another --store"
        equal(p.call("cache", "clear", code=4).stderr, f"error: {reason}\n")
        equal(p.run().stderr, f"warning: {reason}; continuing without a store\n")
        equal(file.read_bytes(), before)
        for make in (os.mkfifo, os.mkdir, lambda path: path.symlink_to("/dev/zero"), at_socket):
            remove(file)
            make(file)
            reason = ".vtlua/store.sqlite' is not a regular file; use another --store"
            equal(p.call("log", code=4).stderr, f"error: '{reason}\n")
            equal(p.run().stderr, f"warning: '{reason}; continuing without a store\n")
        remove(file)
        # The files beside it.
        for name in ("store.sqlite-wal", "store.sqlite-shm", "store.sqlite-journal"):
            for make in (os.mkfifo, os.mkdir, lambda path: path.symlink_to(p.path / "target")):
                make(p.path / ".vtlua" / name)
                p.run()
                assert not (p.path / "target").exists()
                shutil.rmtree(p.path / ".vtlua")
                (p.path / ".vtlua").mkdir()


WAITING = """
local wait = vt.module { name = "wait", outputs = { n = "number" } }
function wait:compute()
  io.open("started", "w"):close()
  local go
  repeat os.execute("sleep 0.05") go = io.open("go") until go
  go:close()
  return { n = 1 }
end
local flow = vt.workflow { name = "waiting" }
return flow:outputs { n = flow:add("wait", wait).n }
"""


def removed_during_a_run():
    """A run says that its store was removed, and has its results all the same."""
    with Project() as p:
        (p.path / "waiting.lua").write_text(WAITING)
        run = subprocess.Popen([vtlua, "run", "waiting.lua", "--progress", "none"], cwd=p.path, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        end = time.time() + LIMIT
        while not (p.path / "started").exists():
            assert time.time() < end and run.poll() is None, run
            time.sleep(0.02)
        shutil.rmtree(p.path / ".vtlua")
        (p.path / "go").touch()
        out, error = run.communicate(timeout=LIMIT)
        equal(out, "n = 1\n")
        assert ("warning: the store in '.vtlua' failed: '.vtlua/store.sqlite' was removed or replaced during the "
                "run, so that its results and its record are lost; run again to compute them; continuing "
                "without it\n") in error, error
        equal(run.returncode, 0)


def too_many_open_files():
    """The message names the limit."""
    with Project() as p:
        few = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (12, 12))
        # Tasks that last, so that all workers are started before the call has ended.
        code = ("local p = parallel.processes(8) "
                "p:map(function(x) os.execute 'sleep 0.5' return x end, { 1, 2, 3, 4, 5, 6, 7, 8 })")
        done = p.call("-e", code, code=1, preexec_fn=few)
        assert "Too many open files; raise their limit with `ulimit -n`\n" in done.stderr, done.stderr


def schemas_of_others():
    """Triggers and views in a store that another program has written do nothing."""
    with Project() as p:
        p.run()
        p.change("CREATE TRIGGER t AFTER INSERT ON runs BEGIN DELETE FROM results; END",
                 "CREATE TRIGGER u AFTER DELETE ON results BEGIN DELETE FROM runs; END")
        p.run("--force", "size")
        equal(len(json.loads(p.call("log", "--json").stdout)["runs"]), 2)
        equal(p.call("cache", "verify").stdout, "3 results, 0 damaged and removed\n")
        p.call("cache", "clear")
        equal(len(json.loads(p.call("log", "--json").stdout)["runs"]), 2)
    with Project() as p:
        p.run()
        p.change("ALTER TABLE results RENAME TO kept", "CREATE VIEW results AS SELECT * FROM kept")
        done = p.call("cache", "ls", code=4)
        equal(done.stderr, "error: access to view \"results\" prohibited\n")
        assert "continuing without it" in p.run().stderr


def names_that_look_like_addresses():
    """The name of a store is never a URI."""
    with Project() as p:
        for name in ("file:s", "file:s?mode=memory", ":memory:", "file:%2e%2e"):
            p.run("--store", name)
            assert (p.path / name / "store.sqlite").is_file(), name
            equal(len(json.loads(p.call("log", "--json", "--store", name).stdout)["runs"]), 1)
        assert not (p.path / "s").exists() and not (p.path.parent / "store.sqlite").exists()


def files_that_outputs_name():
    """`show -o` and `report` read only regular files, whatever now has the name of an output."""
    with Project() as p:
        (p.path / "flow.lua").write_text("""
            local write = vt.module { name = "write", outputs = { path = "file" } }
            function write:compute() require("files").write("out.svg", "<svg/>") return { path = "out.svg" } end
            local flow = vt.workflow { name = "f" }
            return flow:outputs { path = flow:add("write", write).path }
        """)
        p.call("run", "flow.lua")
        for make in (os.mkfifo, os.mkdir, lambda path: path.symlink_to("/dev/zero")):
            remove(p.path / "out.svg")
            make(p.path / "out.svg")
            equal(p.call("show", "last/write/path", "-o", "copy", code=4).stderr,
                  f"error: '{p.path}/out.svg' is not a regular file; run the workflow again\n")
            p.call("report", "-o", "r.html")


def links_at_temporary_names():
    """No writer follows a link beside its target, or replaces what a link points to."""
    writers = [("report", "-o", "out"), ("show", "last/noise/s", "-o", "out"),
               ("export", "last", "-f", "prov", "-o", "out")]
    with Project() as p:
        p.run()
        for target in ("precious", "nothing"):
            for writer in writers:
                remove(p.path / "out")
                (p.path / "precious").write_text("mine")
                (p.path / "out").symlink_to(target)
                # Names of temporary files that could be guessed.
                for number in range(1, 4):
                    (p.path / f"out.vtlua-0-0-0-0-{number:x}.tmp").unlink(missing_ok=True)
                    (p.path / f"out.vtlua-0-0-0-0-{number:x}.tmp").symlink_to("precious")
                p.call(*writer)
                equal((p.path / "precious").read_text(), "mine")
                assert not (p.path / "nothing").exists() and not (p.path / "out").is_symlink(), writer
    # Each open for writing of a new file has a random name, and makes the file.
    if not shutil.which("strace"):
        print("     not tested: the calls of the system; strace is not installed")
        return
    with Project() as p:
        (p.path / "w.lua").write_text(
            "local path = ... require('files').write(path, 'x') require('csv').write(path, {{a=1}})")
        p.run()
        names = []
        for arguments in (["report", "-o", "out"], ["w.lua", "out"], ["run", "flow.lua", "--store", "other"]):
            for _ in range(2):
                shutil.rmtree(p.path / "other", ignore_errors=True)
                subprocess.run(["strace", "-f", "-e", "trace=openat,open", "-o", "trace", vtlua, *arguments],
                               cwd=p.path, check=True, capture_output=True, timeout=LIMIT)
                lines = [l for l in (p.path / "trace").read_text().splitlines() if ".tmp\"" in l]
                assert lines, arguments
                for line in lines:
                    assert "O_EXCL" in line and "O_NOFOLLOW" in line, line
                    names.append(line.split('"')[1])
        equal(len(set(n.rsplit("-", 1)[1] for n in names)), len(names))


if __name__ == "__main__":
    for check in (files_of_others, young_drafts, files_in_the_way, sizes_in_the_database, names_in_the_database,
                  databases_of_others, removed_during_a_run,
                  too_many_open_files, schemas_of_others, names_that_look_like_addresses, files_that_outputs_name, links_at_temporary_names,
                  damaged_files):
        began = time.time()
        check()
        print(f"ok   {check.__name__} ({time.time() - began:.1f} s)")
    print("store's safety: ok")
