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
    # Ctrl-C is not a failure of this step: it ends them all.
    ((status != 130)) || exit 130
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

# Ends every process of a session. `swift test` gives the tests a process group of their own, so
# that neither Ctrl-C nor timeout reaches a test in an endless loop.
end_session() {
    local stat line fields
    for stat in /proc/[0-9]*/stat; do
        { read -r line <"$stat"; } 2>/dev/null || continue
        # PID (NAME) STATE PARENT GROUP SESSION ..., where a name may hold anything.
        read -ra fields <<<"${line##*) }"
        [[ ${fields[3]} != "$1" ]] || kill -KILL "${line%% *}" 2>/dev/null || true
    done
}

# bounded SECONDS COMMAND...: nothing waits without a bound, and nothing is left running.
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
