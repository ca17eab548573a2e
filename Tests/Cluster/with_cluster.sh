#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Runs a test with a temporary profile: Tests/Cluster/with_cluster.sh TEST
#
#   python        ipyparallel's own client on two Lua engines
#   hostile       messages that no client would send
#   engines       Lua clients of engines of Python
#   arrays        arrays, large and shared ones, on engines
#   definitions   a client compared with the definitions for editors
#   gallery       the flow of the gallery that uses a cluster
#   sweeps        sweeps whose modules compute on engines
#   conformance   random workflows whose nodes compute on engines
#   faults quick  the faults that a cluster survives, the quick ones
#   faults        all faults
#   soak          random calls for VTLUA_SOAK_SECONDS, while memory, threads and descriptors are counted
#
# Needs VTLUA_BINARY and VTLUA_IPCONTROLLER, with python beside it.
set -euo pipefail

what=${1:?python, hostile, engines, arrays, definitions, gallery, sweeps, conformance, faults or soak}
shift
here=$(cd "${BASH_SOURCE[0]%/*}" && pwd -P)
IPYTHONDIR=$(mktemp -d)
export IPYTHONDIR
engines=()
tidy() {
    ((${#engines[@]} == 0)) || kill "${engines[@]}" 2>/dev/null || true
    "$VTLUA_BINARY" cluster stop >/dev/null 2>&1 || true
    rm -rf -- "$IPYTHONDIR"
}
trap tidy EXIT

case $what in
    python)
        bin=${VTLUA_IPCONTROLLER%/*}
        files=$IPYTHONDIR/profile_default/security/ipcontroller
        "$VTLUA_BINARY" cluster start -n 2
        "$bin/python" "$here/python_client.py" "$files-client.json" "$files-engine.json" \
            "$bin/ipengine"
        ;;
    hostile)
        "$VTLUA_BINARY" cluster start -n 2
        "${VTLUA_IPCONTROLLER%/*}/python" "$here/hostile.py" \
            "$IPYTHONDIR/profile_default/security/ipcontroller-client.json"
        ;;
    engines)
        "$VTLUA_BINARY" cluster start -n 0
        for _ in 1 2; do
            "${VTLUA_IPCONTROLLER%/*}/ipengine" \
                "--file=$IPYTHONDIR/profile_default/security/ipcontroller-engine.json" \
                >/dev/null 2>&1 &
        done
        timeout 300 "$VTLUA_BINARY" "$here/python_engines.lua"
        wait
        ;;
    arrays)
        "$VTLUA_BINARY" cluster start -n 2
        timeout 300 "$VTLUA_BINARY" "$here/arrays.lua"
        ;;
    definitions)
        "$VTLUA_BINARY" cluster start -n 1
        "$VTLUA_BINARY" test Tests/Definitions --filter 'has clients'
        ;;
    gallery)
        "$VTLUA_BINARY" cluster start -n 2
        python3 "$here/../Gallery/gallery.py" cluster
        ;;
    sweeps)
        "$VTLUA_BINARY" cluster start -n 2
        python3 "$here/sweeps.py" "$@"
        ;;
    conformance)
        "$VTLUA_BINARY" cluster start -n 2
        python3 "$here/../Store/conformance.py" --engines
        ;;
    faults) "$VTLUA_BINARY" "$here/faults.lua" "$@" ;;
    soak)
        "$VTLUA_BINARY" cluster start -n 0
        # Their workers are killed more often than an engine replaces them by default.
        for number in 1 2; do
            "$VTLUA_BINARY" engine --profile default --restarts 1000000 \
                >"$IPYTHONDIR/engine-$number.log" 2>&1 &
            engines+=($!)
        done
        "$VTLUA_BINARY" "$here/soak.lua" "${engines[@]}" || {
            status=$?
            tail -n 20 "$IPYTHONDIR"/engine-*.log
            exit "$status"
        }
        ;;
    *) echo "unknown test $what" && exit 2 ;;
esac
