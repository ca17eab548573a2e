# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Sourced by the scripts that run checks: steps that pass or fail, and the closing line.

passed=0
failed=0
log=$(mktemp)
# A folder for each step that runs beside others.
beside=$(mktemp -d)
trap 'end_beside; rm -rf -- "$log" "$beside"' EXIT

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
    printf '%s' "$back"
    show_step "$name" "$status" $(((${EPOCHREALTIME/[.,]/} - began) / 100000)) "$log"
    return "$status"
}

# show_step NAME STATUS TENTHS LOG: prints the line of a step that took so many tenths of a second,
# and its output if it failed.
show_step() {
    local took="$(($3 / 10)).$(($3 % 10)) s"
    if (($2 == 0)); then
        passed=$((passed + 1))
        printf 'ok   %s (%s)\n' "$1" "$took"
    else
        failed=$((failed + 1))
        printf 'FAIL %s (%s, exit %d)\n' "$1" "$took" "$2"
        # Without the compiler's progress, the linker's warnings about every sanitizer build, and the Swift
        # tests that passed.
        sed -E -e '/^\[[0-9]+\/[0-9]+\] /d' -e '/Cannot export local symbol/d' \
            -e '/^(◇ |✔ |↳ \/\/\/ )/d' -e 's/^/     | /' "$4"
    fi
}

# The number of steps that run at the same time.
lanes=${VTLUA_TEST_LANES:-$(nproc)}
# The folders of the steps that have started beside others.
declare -A started=()

# record_step NAME COMMAND...: runs a command beside others; show_ended prints its line.
record_step() {
    local name=$1 folder began=${EPOCHREALTIME/[.,]/} status=0
    shift
    folder=$(mktemp -d "$beside/XXXXXX")
    printf '%s' "$name" >"$folder/name"
    "$@" </dev/null >"$folder/log" 2>&1 || status=$?
    printf '%d %d\n' "$status" $(((${EPOCHREALTIME/[.,]/} - began) / 100000)) >"$folder/.result"
    mv -- "$folder/.result" "$folder/result"
    return "$status"
}

# start_beside COMMAND...: starts a command in a process group of its own, which end_beside signals.
start_beside() {
    set -m
    (
        set +m
        "$@" || true
    ) &
    started[$!]=yes
    set +m
}

# step_beside NAME COMMAND...: starts a step that runs beside others, as soon as a lane is free.
step_beside() {
    while ((${#started[@]} >= lanes)); do reap; done
    start_beside record_step "$@"
}

# reap: waits until a step that runs beside others has ended, and prints the lines of those that have.
reap() {
    local job=
    wait -n -p job || true
    if [[ -n ${job-} ]]; then unset "started[$job]"; else started=(); fi
    show_ended
}

# show_ended: prints the lines of the steps that ran beside others and have ended.
show_ended() {
    local folder status tenths
    for folder in "$beside"/*/; do
        [[ -e ${folder}result ]] || continue
        read -r status tenths <"${folder}result"
        show_step "$(<"${folder}name")" "$status" "$tenths" "${folder}log"
        rm -rf -- "$folder"
    done
}

# end_beside: ends the steps that run beside others.
end_beside() {
    local job
    for job in "${!started[@]}"; do kill -- "-$job" 2>/dev/null || true; done
    wait
}

# join_steps: waits for the steps that run beside others, and prints their lines.
join_steps() {
    local folder
    while ((${#started[@]} > 0)); do reap; done
    show_ended
    # Of a step that was killed.
    for folder in "$beside"/*/; do
        [[ ! -e ${folder}name ]] || show_step "$(<"${folder}name")" 1 0 "${folder}log"
        rm -rf -- "$folder"
    done
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
