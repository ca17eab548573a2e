# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Sourced by the scripts that run checks: steps that pass or fail, and the closing line.

passed=0
failed=0
log=$(mktemp)
trap 'rm -f -- "$log"' EXIT

# step NAME COMMAND...: runs a command and returns its status. Its output is shown only when it
# fails; the script goes on, so that one run shows every failure.
step() {
    local name=$1 began=${EPOCHREALTIME/[.,]/} status=0
    shift
    # A terminal shows the running step; a log has one line a step.
    local back=
    [[ ! -t 1 ]] || { back=$'\r\e[K' && printf '.... %s' "$name"; }
    "$@" </dev/null >"$log" 2>&1 || status=$?
    # Ctrl-C ends all steps.
    ((status != 130)) || exit 130
    local tenths=$(((${EPOCHREALTIME/[.,]/} - began) / 100000))
    local took="$((tenths / 10)).$((tenths % 10)) s"
    if ((status == 0)); then
        passed=$((passed + 1))
        printf '%sok   %s (%s)\n' "$back" "$name" "$took"
    else
        failed=$((failed + 1))
        printf '%sFAIL %s (%s, exit %d)\n' "$back" "$name" "$took" "$status"
        # Without the compiler's progress, and the linker's warnings about every sanitizer build.
        sed -e '/^\[[0-9]*\/[0-9]*\] /d' -e '/Cannot export local symbol/d' -e 's/^/     | /' "$log"
    fi
    return "$status"
}

# end_session ID: kills every process of a session. `swift test` gives the tests a process group of
# their own, so that neither Ctrl-C nor `timeout` reaches a test in an endless loop.
end_session() {
    local stat line fields
    for stat in /proc/[0-9]*/stat; do
        { read -r line <"$stat"; } 2>/dev/null || continue
        # PID (NAME) STATE PARENT GROUP SESSION ..., where a name may contain anything.
        read -ra fields <<<"${line##*) }"
        [[ ${fields[3]} != "$1" ]] || kill -KILL "${line%% *}" 2>/dev/null || true
    done
}

# bounded SECONDS COMMAND...: runs a command and kills it, with all its processes, after this time.
# The bound only ends a command that hangs: it is several times the longest run of a busy machine.
bounded() (
    session=
    trap '[[ -z $session ]] || end_session "$session"' EXIT
    trap 'exit 130' INT TERM HUP
    setsid timeout --foreground -k 10 "$@" &
    session=$!
    status=0
    wait "$session" || status=$?
    ((status != 124)) || printf 'stopped after %s seconds\n' "$1"
    exit "$status"
)

# skip NAME REASON: reports that a step did not run; in CI that is a failure.
skip() {
    if [[ -n ${CI-} ]]; then
        failed=$((failed + 1))
        printf 'FAIL %s: %s\n' "$1" "$2"
    else
        printf 'skip %s: %s\n' "$1" "$2"
    fi
}

# close_steps: prints the last line; its status is that of all steps.
close_steps() {
    printf '%d passed, %d failed\n' "$passed" "$failed"
    ((failed == 0))
}
