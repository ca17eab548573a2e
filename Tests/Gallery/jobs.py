#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# Runs examples/jobs, whose jobs one run sends and a later one fetches: Tests/Gallery/jobs.py [NAME...]
#
# Needs VTLUA_BINARY. `slurm_*` start a Slurm of their own, and are skipped where it is not installed.
import functools, json, os, re, shutil, subprocess, sys, tempfile, time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Store"))
from checks import check, end, equal
from slurm import Slurm, missing

vtlua = os.environ["VTLUA_BINARY"]
os.environ.pop("VTLUA_STORE", None)
EXAMPLE = Path(__file__).resolve().parents[2] / "examples/jobs"
LIMIT = 120  # seconds of each wait; the bound only ends a test that hangs


def is_prime(number):
    return number > 1 and all(number % d for d in range(2, int(number ** 0.5) + 1))


def expected(last):
    primes = [n for n in range(1, last + 1) if is_prime(n)]
    return {"count": len(primes), "largest": primes[-1]}


class Folder:
    """A copy of the example."""

    def __init__(self, environment=None):
        self.environment = {**(environment or os.environ), "NO_COLOR": "1"}

    def __enter__(self):
        self.path = Path(tempfile.mkdtemp(prefix="jobs-"))
        shutil.copytree(EXAMPLE, self.path, dirs_exist_ok=True)
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)

    def call(self, *words, code=0):
        done = subprocess.run([str(w) for w in words], cwd=self.path, capture_output=True, text=True,
                              timeout=LIMIT, env=self.environment)
        equal(done.returncode, code, f"{words}\n{done.stdout}{done.stderr}")
        return done

    def run(self, *arguments, code=0):
        return json.loads(self.call(vtlua, "run", "primes.lua", "--json", *arguments, code=code).stdout)

    def suspended(self):
        found = json.loads(self.call(vtlua, "log", "--suspended", "--json").stdout)["suspended"]
        return [(row["node"], row["handle"]) for row in found]

    def replace(self, name, text):
        path = self.path / name
        path.write_text(text)
        path.chmod(0o755)


def outputs(answer):
    return {name: value for name, value in answer["outputs"].items() if value is not None}


# MARK: A directory as a queue


@check
def sent_and_fetched():
    with Folder() as folder:
        answer = folder.run("-p", "last=1000", code=8)
        equal((answer["status"], outputs(answer)), ("suspended", {}))
        equal([node for node, _ in folder.suspended()], [f"jobs[{i}]" for i in range(1, 5)])
        # Before the queue has run, nothing is sent again.
        folder.run("-p", "last=1000", code=8)
        equal(len(list(folder.path.glob("jobs/*"))), 4)
        folder.call("sh", "worker.sh", "jobs")
        equal(outputs(folder.run("-p", "last=1000")), expected(1000))
        equal(folder.suspended(), [])
        # The results are in the store: nothing is sent for ranges that were computed.
        folder.run("-p", "last=2000", "-p", "parts=8", code=8)
        equal([node for node, _ in folder.suspended()], [f"jobs[{i}]" for i in range(5, 9)])


@check
def changed_and_cancelled():
    with Folder() as folder:
        folder.run("-p", "last=1000", code=8)
        before = {handle for _, handle in folder.suspended()}
        # Other ranges: the jobs that still wait are taken out of the queue.
        folder.run("-p", "last=500", "-p", "parts=2", code=8)
        waiting = {f"jobs/{path.parent.name}" for path in folder.path.glob("jobs/*/queued")}
        equal(waiting & before, {h for _, h in folder.suspended()} & before)
        equal(len(folder.suspended()), 2)
        listed = folder.suspended()
        out = folder.call(vtlua, "cancel", "primes.lua", "jobs[2]").stdout
        equal(out, f"cancelled  jobs[2]  {listed[1][1]}\n")
        equal(folder.suspended(), listed[:1])
        folder.call(vtlua, "cancel", "primes.lua")
        equal(folder.suspended(), [])
        equal(list(folder.path.glob("jobs/*/queued")), [])


@check
def failing_program():
    with Folder() as folder:
        folder.replace("primes.sh", "#!/bin/sh\necho no primes today >&2\nexit 3\n")
        folder.run("-p", "parts=1", code=8)
        folder.call("sh", "worker.sh", "jobs")
        error = folder.run("-p", "parts=1", code=1)["nodes"][1]["error"]["message"]
        place = re.sub(r"-\w{6}$", "-XXXXXX", error)
        equal(place, "the job has failed with exit code 3: no primes today; its files are in jobs/primes-XXXXXX")
        # A job that has failed is sent again by the next run.
        equal(folder.suspended(), [])
        folder.run("-p", "parts=1", code=8)


@check
def swept():
    with Folder() as folder:
        sweep = [vtlua, "sweep", "primes.lua", "-p", "last=100,200", "-p", "parts=1,2", "--json"]
        answer = json.loads(folder.call(*sweep, code=8).stdout)
        equal([row["status"] for row in answer["runs"]], ["suspended"] * 4)
        # Six ranges, of which two are the same: 1 to 100.
        equal(len(folder.suspended()), 5)
        folder.call("sh", "worker.sh", "jobs")
        answer = json.loads(folder.call(*sweep, "-j", "2").stdout)
        equal([row["outputs"] for row in answer["runs"]], [expected(n) for n in (100, 100, 200, 200)])


# MARK: Slurm


def with_slurm(test):
    @functools.wraps(test)
    def run():
        absent = missing()
        if absent:
            print(f"skipped {test.__name__}: Slurm is not installed ({', '.join(absent)}); "
                  "apt install munge slurm-client slurmctld slurmd")
            return
        with Slurm() as slurm, Folder(slurm.environment) as folder:
            test(slurm, folder)
    return run


SLURM = ["-p", "queue=job.slurm"]


@check
@with_slurm
def slurm_sent_and_fetched(slurm, folder):
    answer = folder.run(*SLURM, "-p", "last=1000", code=8)
    equal(outputs(answer), {})
    handles = [json.loads(handle)["job"] for _, handle in folder.suspended()]
    equal(sorted(handles), sorted(slurm.states()), "each handle is the number of a job")
    out = folder.call(vtlua, "run", "primes.lua", *SLURM, "-p", "last=1000", "--wait", "0.2").stdout
    wanted = expected(1000)
    equal(out.splitlines()[-2:], [f"count = {wanted['count']}", f"largest = {wanted['largest']}"])
    equal(len(slurm.states()), 4, "no job was sent twice")
    equal(set(node["status"] for node in folder.run(*SLURM, "-p", "last=1000")["nodes"]), {"cached"})


@check
@with_slurm
def slurm_cancels(slurm, folder):
    folder.replace("primes.sh", "#!/bin/sh\nsleep 300\n")
    folder.run(*SLURM, "-p", "parts=2", code=8)
    first = sorted(json.loads(handle)["job"] for _, handle in folder.suspended())
    # A changed program: the old jobs are cancelled, new ones are sent.
    folder.replace("primes.sh", "#!/bin/sh\nsleep 301\n")
    folder.run(*SLURM, "-p", "parts=2", code=8)
    second = sorted(json.loads(handle)["job"] for _, handle in folder.suspended())
    equal(set(first) & set(second), set())
    folder.call(vtlua, "cancel", "primes.lua", *SLURM, "jobs")
    deadline = time.monotonic() + LIMIT
    while set(slurm.states().values()) != {"CANCELLED"}:
        assert time.monotonic() < deadline, slurm.states()
        time.sleep(0.1)
    equal(folder.suspended(), [])


@check
@with_slurm
def slurm_loses_a_job(slurm, folder):
    folder.replace("primes.sh", "#!/bin/sh\nsleep 300\n")
    folder.run(*SLURM, "-p", "parts=1", code=8)
    job = json.loads(folder.suspended()[0][1])["job"]
    folder.call("scancel", job)
    deadline = time.monotonic() + LIMIT
    while slurm.states().get(job) != "CANCELLED":
        assert time.monotonic() < deadline, slurm.states()
        time.sleep(0.1)
    error = folder.run(*SLURM, "-p", "parts=1", code=1)["nodes"][1]["error"]["message"]
    equal(re.sub(r"-\w{6}$", "-XXXXXX", error),
          f"job {job} has ended without a result (CANCELLED); its files are in jobs/primes-XXXXXX")


@check
@with_slurm
def slurm_is_away(slurm, folder):
    folder.replace("primes.sh", "#!/bin/sh\nsleep 300\n")
    folder.run(*SLURM, "-p", "parts=1", code=8)
    listed = folder.suspended()
    away = slurm.path / "away.conf"
    away.write_text((slurm.path / "slurm.conf").read_text().replace("SlurmctldPort=", "SlurmctldPort=1 #")
                    + "MessageTimeout=2\n")
    folder.environment["SLURM_CONF"] = str(away)
    error = folder.run(*SLURM, "-p", "parts=1", code=1)["nodes"][1]["error"]["message"]
    assert "Unable to contact slurm controller" in error, error
    # The job goes on, and so does its handle.
    equal(folder.suspended(), listed)


end()
