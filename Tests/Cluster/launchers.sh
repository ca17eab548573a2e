#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Starts Lua engines by ipyparallel's own launchers: Tests/Cluster/launchers.sh local|slurm
#
# Needs VTLUA_BINARY, a program named vtlua, and VTLUA_IPCONTROLLER, with ipcluster beside it. For
# `slurm`, a real controller and daemon of Slurm and a munge with a temporary key run on the loopback;
# all of them end with the test. The time limits only end a test that hangs.
set -euo pipefail

kind=${1:?local or slurm}
here=$(cd "${BASH_SOURCE[0]%/*}" && pwd -P)
work=$(mktemp -d)
export IPYTHONDIR=$work/ipython
python_bin=$(cd "${VTLUA_IPCONTROLLER%/*}" && pwd -P)

tidy() {
    local status=$?
    # ipcluster keeps its own directory `log` beside these logs.
    "$python_bin/ipcluster" stop >>"$work/ipcluster.log" 2>&1 || status=1
    if [[ $kind == slurm ]]; then stop_slurm; fi
    ((status == 0)) || cat "$work"/*.log 2>/dev/null || true
    rm -rf -- "$work"
    exit "$status"
}
trap tidy EXIT

stop_slurm() {
    local attempt name pid
    scancel --me 2>/dev/null || true
    for ((attempt = 0; attempt < 1200; attempt++)); do
        [[ -n $(squeue -h 2>/dev/null) ]] || break
        sleep 0.1
    done
    for name in slurmd slurmctld munged; do
        [[ -e $work/$name.pid ]] || continue
        pid=$(<"$work/$name.pid")
        kill "$pid" 2>/dev/null || continue
        for ((attempt = 0; attempt < 1200; attempt++)); do
            # A zombie has ended, too.
            grep -q '^State:.[^Z]' "/proc/$pid/status" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL "$pid" 2>/dev/null || true
    done
}

start_slurm() {
    local host
    host=$(hostname)
    export SLURM_CONF=$work/slurm.conf
    mkdir -p "$work/state" "$work/spool"
    install -d -m 755 /run/munge
    head -c 1024 /dev/urandom >"$work/munge.key"
    chmod 600 "$work/munge.key"
    cat >"$SLURM_CONF" <<CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$work/munge.socket
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
ReturnToService=2
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
SlurmctldPort=16817
SlurmdPort=16818
MpiDefault=none
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=debug Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=YES
CONF
    munged --force --key-file="$work/munge.key" --socket="$work/munge.socket" \
        --pid-file="$work/munged.pid" --log-file="$work/munged.log" \
        --seed-file="$work/munge.seed"
    slurmctld -f "$SLURM_CONF"
    slurmd -f "$SLURM_CONF"
    local attempt
    for ((attempt = 0; attempt < 1200; attempt++)); do
        [[ $(sinfo -h -o %T 2>/dev/null) != idle ]] || return 0
        sleep 0.1
    done
    echo "Slurm does not start"
    return 1
}

chmod 755 "$work"
# ipcluster leaves its scripts where it runs.
cd "$work"
mkdir -p "$IPYTHONDIR/profile_default"
"$VTLUA_BINARY" cluster config "$kind" >"$IPYTHONDIR/profile_default/ipcluster_config.py"
if [[ $kind == slurm ]]; then start_slurm; fi
timeout 300 "$python_bin/ipcluster" start -n 2 --daemonize=True >>"$work/ipcluster.log" 2>&1
timeout 300 "$VTLUA_BINARY" "$here/launched.lua" "$kind"
