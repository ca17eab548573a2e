#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# A test with a profile of its own, of which nothing stays: Tests/Cluster/with_cluster.sh python
# runs Python's genuine client on two engines of ours; `hostile` sends what nobody should;
# `definitions` compares a client with what editors are told of it; `faults quick` and `faults`
# what a cluster survives.
#
# Needs VTLUA_BINARY and VTLUA_IPCONTROLLER, with python beside it.
set -euo pipefail

what=${1:?python, hostile, definitions or faults}
shift
here=$(cd "${BASH_SOURCE[0]%/*}" && pwd -P)
IPYTHONDIR=$(mktemp -d)
export IPYTHONDIR
trap '"$VTLUA_BINARY" cluster stop >/dev/null 2>&1 || true; rm -rf -- "$IPYTHONDIR"' EXIT

case $what in
    python)
        bin=${VTLUA_IPCONTROLLER%/*}
        files=$IPYTHONDIR/profile_default/security/ipcontroller
        "$VTLUA_BINARY" cluster start -n 2
        "$bin/python" "$here/python_client.py" "$files-client.json" "$files-engine.json" \
            "$bin/ipengine"
        ;;
    hostile)
        "$VTLUA_BINARY" cluster start -n 1
        "${VTLUA_IPCONTROLLER%/*}/python" "$here/hostile.py" \
            "$IPYTHONDIR/profile_default/security/ipcontroller-client.json"
        ;;
    definitions)
        "$VTLUA_BINARY" cluster start -n 1
        "$VTLUA_BINARY" test Tests/Definitions --filter 'has clients'
        ;;
    faults) "$VTLUA_BINARY" "$here/faults.lua" "$@" ;;
    *) echo "unknown test $what" && exit 2 ;;
esac
