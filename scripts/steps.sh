# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Sourced by the scripts that check something: steps that pass or fail, and the closing line.

passed=0
failed=0
log=$(mktemp)
trap 'rm -f -- "$log"' EXIT

# step NAME COMMAND...: runs it in silence; what it said is shown when it fails. Goes on after a
# failure, so that one run shows all there is, and returns the command's status.
step() {
    local name=$1 began=${EPOCHREALTIME/[.,]/} status=0
    shift
    # A terminal shows what is running; a log has one line a step.
    local back=
    [[ ! -t 1 ]] || { back=$'\r\e[K' && printf '.... %s' "$name"; }
    "$@" </dev/null >"$log" 2>&1 || status=$?
    local tenths=$(((${EPOCHREALTIME/[.,]/} - began) / 100000))
    local took="$((tenths / 10)).$((tenths % 10)) s"
    if ((status == 0)); then
        passed=$((passed + 1))
        printf '%sok   %s (%s)\n' "$back" "$name" "$took"
    else
        failed=$((failed + 1))
        printf '%sFAIL %s (%s, exit %d)\n' "$back" "$name" "$took" "$status"
        # Without the progress of the compiler, and what the linker says of every sanitizer build.
        sed -e '/^\[[0-9]*\/[0-9]*\] /d' -e '/Cannot export local symbol/d' -e 's/^/     | /' "$log"
    fi
    return "$status"
}

# skip NAME WHY: in CI everything must have been there.
skip() {
    if [[ -n ${CI-} ]]; then
        failed=$((failed + 1))
        printf 'FAIL %s: %s\n' "$1" "$2"
    else
        printf 'skip %s: %s\n' "$1" "$2"
    fi
}

# The last line, and the status of the whole.
close_steps() {
    printf '%d passed, %d failed\n' "$passed" "$failed"
    ((failed == 0))
}
