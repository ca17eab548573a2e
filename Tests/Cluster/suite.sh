#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Runs the specs of `parallel` on a real cluster of three engines: Tests/Cluster/suite.sh WAY [SPEC]...
#
#   client      with the client's own scheduler, and direct views
#   controller  with the controller's scheduler
#   curve       as `client`, over encrypted connections
#
# Needs VTLUA_BINARY and VTLUA_IPCONTROLLER.
set -euo pipefail

way=${1:?client, controller or curve}
shift
cd "${BASH_SOURCE[0]%/*}/../.."
work=$(mktemp -d)
export IPYTHONDIR=$work/ipython
profile=$IPYTHONDIR/profile_suite
trap '"$VTLUA_BINARY" cluster stop --profile suite >/dev/null 2>&1 || true; rm -rf -- "$work"' EXIT

options=()
unset VTLUA_TEST_SCHEDULER
case $way in
    client) ;;
    controller) export VTLUA_TEST_SCHEDULER=controller ;;
    curve) options=(--curve) ;;
    *) echo "unknown way $way" && exit 2 ;;
esac
export VTLUA_TEST_CLUSTER=$profile/security/ipcontroller-client.json

start() { "$VTLUA_BINARY" cluster start --profile suite -n 3 "${options[@]}" >"$work/start" 2>&1; }

start || { cat "$work/start" && exit 1; }
if (($# == 0)); then
    # The others test pools only, or need workers that are not replaced.
    names=(async closures errors imap lists mistakes modules results values waiting)
    [[ $way == controller ]] ||
        names+=(ending closing hooks memory nesting options print refusals timeout workers)
    for name in "${names[@]}"; do set -- "$@" "Tests/Lua/parallel/${name}_test.lua"; done
fi
failed=0
for spec; do
    [[ -z ${VERBOSE-} ]] || printf "%(%T)T %s\n" -1 "$spec"
    # With another IPYTHONDIR the specs find this cluster only through VTLUA_TEST_CLUSTER. The time
    # limit only ends a spec that hangs.
    if ! IPYTHONDIR=$work/none timeout -k 5 300 "$VTLUA_BINARY" "$spec" >"$work/log" 2>&1; then
        failed=$((failed + 1))
        printf '%s failed:\n' "$spec"
        cat "$work/log"
        # The next spec gets a new cluster.
        "$VTLUA_BINARY" cluster stop --profile suite >/dev/null 2>&1 || true
        start || { cat "$work/start" && exit 1; }
    fi
done
((failed == 0))
