#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Runs in the bare system that debian.sh made, as root, with the packages in /try.
set -euo pipefail

cd /try
fail() {
    printf 'FAIL: %s\n' "$*" >&2
    exit 1
}
files() { find / -xdev \( -path /try -o -path /tmp -o -path /var/cache -o -path /var/lib/dpkg -o -path /var/lib/apt \
    -o -path /var/log -o -path /root \) -prune -o -name '*vtlua*' -print | LC_ALL=C sort; }

# use PROGRAM: what a user does on the first day.
use() {
    local vtlua=$1 work
    work=$(mktemp -d)
    cd -- "$work"
    [[ $("$vtlua" -e 'print(_VERSION)') == 'Lua 5.4' ]] || fail "plain Lua"
    [[ $("$vtlua" --version) =~ ^'VTLua '[0-9.]+' (Lua '$lua', commit '[0-9a-f]+'+'?')  Copyright' ]] ||
        fail "--version: $("$vtlua" --version)"

    "$vtlua" doctor >doctor.txt || { cat doctor.txt; fail "doctor finds what is needed missing"; }
    grep -q '^ok      workflow' doctor.txt || fail "doctor ran no workflow"

    mkdir modules
    cat >modules/squares.lua <<'END'
local M = vt.module {
  name = "squares", version = "1",
  inputs = { n = "integer", on = "string" }, outputs = { sum = "integer" },
}
function M:compute(inputs)
  local pool <close> = parallel[inputs.on](2)
  local list = {}
  for i = 1, inputs.n do list[i] = i end
  local sum = 0
  for _, square in ipairs(pool:map(function(i) return i * i end, list)) do sum = sum + square end
  return { sum = sum }
end
return M
END
    cat >flow.lua <<'END'
local flow = vt.workflow { name = "first", params = { n = { "integer", default = 10 } } }
local a = flow:add("threads", "squares", { n = flow.params.n, on = "threads" })
local b = flow:add("processes", "squares", { n = flow.params.n, on = "processes" })
return flow:outputs { a = a.sum, b = b.sum }
END
    "$vtlua" run --json flow.lua >first.json 2>first.err || { cat first.err; fail "run"; }
    grep -q '"a": 385' first.json || fail "run gives $(<first.json)"
    grep -q '"b": 385' first.json || fail "run gives $(<first.json)"
    [[ $("$vtlua" run flow.lua 2>&1 | grep -c ' cached$') == 2 ]] || fail "the second run is not cached"
    "$vtlua" log | grep first >/dev/null || fail "log"
    "$vtlua" show last/threads | grep 385 >/dev/null || fail "show"
    "$vtlua" report last -o report.html >/dev/null
    grep -q '</html>' report.html || fail "report"
    "$vtlua" graph flow.lua -f mermaid | grep 'threads' >/dev/null || fail "graph"
    [[ $(printf '1 + 1\n' | "$vtlua" repl 2>&1) == *2* ]] || fail "prompt"
    "$vtlua" -e 'print(array.matmul(array.eye(3), array.eye(3)))' >matmul.txt 2>&1 ||
        grep -q 'Debian: libopenblas0' matmul.txt || fail "matmul says $(<matmul.txt)"
    python3 /try/kernel.py "$2" || fail "the notebook kernel"
    cd /try
    rm -rf -- "$work"
}

export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
# Python plays the notebook. What it installs is not VTLua's.
apt-get -qq install -y --no-install-recommends python3 python3-jupyter-client >/dev/null 2>&1
before=$(files)

apt-get -qq install -y --no-install-recommends ./vtlua_*.deb >/dev/null 2>apt.log || { cat apt.log; fail "apt install"; }
lua=$(dpkg-query -W -f '${Version}' liblua5.4-0 | sed 's/-.*//')
# Without what is recommended: plain workflows run, and doctor names what is missing.
vtlua doctor | grep '^absent  openblas' >/dev/null || fail "doctor does not say that OpenBLAS is absent: $(vtlua doctor)"
use /usr/bin/vtlua /usr/share/jupyter/kernels/vtlua
apt-get -qq purge -y vtlua >/dev/null 2>&1
after=$(files)
[[ $before == "$after" ]] || fail "the package left: $after"
echo "     vtlua_*.deb with Lua $lua: run, pools, store, report, graph, prompt, kernel, doctor, removal"

tar -xf vtlua-*.tar.gz
sh vtlua-*/install.sh --prefix /opt/vtlua >/dev/null
use /opt/vtlua/bin/vtlua /opt/vtlua/share/jupyter/kernels/vtlua
sh vtlua-*/install.sh --prefix /opt/vtlua --uninstall >/dev/null
left=$(find /opt/vtlua -mindepth 1)
[[ -z $left ]] || fail "the tarball left: $left"
echo "     vtlua-*.tar.gz: the same"
