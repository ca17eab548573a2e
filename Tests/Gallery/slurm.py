# SPDX-License-Identifier: BSD-3-Clause
"""A Slurm of one node on loopback, in a directory of its own: munged, slurmctld and slurmd."""
import os, pwd, shutil, socket, subprocess, tempfile, time
from pathlib import Path

LIMIT = 60  # seconds until the node accepts jobs
PROGRAMS = "munged slurmctld slurmd sbatch squeue scancel sinfo".split()


def find(name):
    return shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin")


def missing():
    """The programs of Slurm that are not installed."""
    return [name for name in PROGRAMS if not find(name)]


def ports(count):
    """Free ports, each another one."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


class Slurm:
    """`environment` has what sbatch, squeue and scancel need."""

    def __enter__(self):
        self.path = Path(tempfile.mkdtemp(prefix="slurm-"))
        self.path.chmod(0o755)  # munged refuses a directory that others may write to
        self.processes = []
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _end_jobs(self):
        """Jobs are no children of slurmd, and would go on without it."""
        end = time.monotonic() + LIMIT
        if len(self.processes) == 3:
            self._call("scancel", "--full", "--signal=KILL", *self.states())
            self._call("scancel", *self.states())
            while self._call("squeue", "--noheader") and time.monotonic() < end:
                time.sleep(0.1)

    def __exit__(self, *_):
        self._end_jobs()
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.path, ignore_errors=True)

    def _start(self):
        place = self.path
        for name in "munge", "state", "spool":
            (place / name).mkdir(mode=0o755)
        key = place / "munge.key"
        key.write_bytes(os.urandom(64))
        key.chmod(0o600)
        user = pwd.getpwuid(os.getuid()).pw_name
        host = socket.gethostname().split(".")[0]
        controller, node = ports(2)
        settings = place / "slurm.conf"
        settings.write_text(f"""\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmdPort={node}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={place}/munge/socket
CredType=cred/munge
StateSaveLocation={place}/state
SlurmdSpoolDir={place}/spool
SlurmctldPidFile={place}/slurmctld.pid
SlurmdPidFile={place}/slurmd.pid
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SwitchType=switch/none
MpiDefault=none
MailProg=/bin/true
ReturnToService=2
SchedulerParameters=sched_min_interval=0
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
NodeName={host} NodeAddr=127.0.0.1 CPUs={os.cpu_count()} State=UNKNOWN
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:4
""")
        self.environment = {**os.environ, "SLURM_CONF": str(settings)}
        self._spawn("munged", "--foreground", "--force", f"--socket={place}/munge/socket", f"--key-file={key}",
                    f"--log-file={place}/munge/log", f"--pid-file={place}/munge/pid",
                    f"--seed-file={place}/munge/seed")
        self._await(lambda: (place / "munge/socket").exists(), "munged has no socket")
        self._spawn("slurmctld", "-D")
        self._spawn("slurmd", "-D")
        self._await(lambda: "idle" in self._call("sinfo", "--noheader", "--format=%t"), "the node is not idle")

    def _spawn(self, name, *arguments):
        with open(self.path / f"{name}.out", "w") as log:
            self.processes.append(subprocess.Popen(
                [find(name), *arguments], env=self.environment, stdout=log, stderr=log,
                stdin=subprocess.DEVNULL))

    def _call(self, *words):
        return subprocess.run(words, env=self.environment, capture_output=True, text=True, timeout=LIMIT).stdout

    def _await(self, condition, otherwise):
        end = time.monotonic() + LIMIT
        while not condition():
            if time.monotonic() > end or any(p.poll() is not None for p in self.processes):
                logs = "\n".join(f.read_text()[-1500:] for f in sorted(self.path.glob("*.out")))
                raise AssertionError(f"{otherwise}\n{logs}")
            time.sleep(0.1)

    def states(self):
        """The states of all jobs, by their numbers."""
        lines = self._call("squeue", "--noheader", "--states=all", "--format=%i %T").splitlines()
        return {line.split()[0]: line.split()[1] for line in lines}
