#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Checks the packages that scripts/release wrote, on any Debian: Tests/Packages/inspect.sh DIR
#
# The sums fit; the Debian package passes lintian, is smaller than 8 MB and depends on nothing but libc6 and
# Lua; the tarball installs to a directory, runs there, and leaves nothing when it is removed.
set -euo pipefail

packages=$(cd -- "$1" && pwd)
fail() {
    printf 'FAIL: %s\n' "$*" >&2
    exit 1
}

cd -- "$packages"
sha256sum --check --quiet SHA256SUMS || fail "the sums do not fit"

deb=(vtlua_*.deb)
((${#deb[@]} == 1)) || fail "expected one package, got ${deb[*]}"
size=$(stat -c %s -- "${deb[0]}")
((size < 8000000)) || fail "${deb[0]} has $size bytes; the limit is 8000000"
depends=$(dpkg-deb --field "${deb[0]}" Depends)
[[ $depends =~ ^'libc6 (>= 2.'[0-9]+'), liblua5.4-0 (>= 5.4.4)'$ ]] || fail "it depends on $depends"
if command -v lintian >/dev/null; then
    lintian --fail-on error,warning --tag-display-limit 0 --allow-root "${deb[0]}" ||
        fail "lintian has complaints"
else
    echo "lintian is not installed (Debian: lintian): the package was not checked by it"
fi

scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
tar -C "$scratch" -xf vtlua-*.tar.gz
installer=$(echo "$scratch"/vtlua-*/install.sh)
prefix=$scratch/a\ prefix
sh "$installer" --prefix "$prefix" >"$scratch/said"
sh "$installer" --prefix "$prefix" >"$scratch/said"
grep -q '^installed vtlua [0-9.]* (Lua 5.4' "$scratch/said" || fail "install.sh said $(<"$scratch/said")"
[[ $("$prefix/bin/vtlua" -e 'print(6 * 7)') == 42 ]] || fail "the installed program does not run"
[[ $("$prefix/bin/vtlua" --version) =~ 'commit '[0-9a-f]{7,} ]] || fail "--version lacks the commit"
grep -q "\"$prefix/bin/vtlua\"" "$prefix/share/jupyter/kernels/vtlua/kernel.json" ||
    fail "the kernel does not name the installed program"
[[ -s $prefix/share/vtlua/definitions/vt.lua ]] || fail "there are no definitions"
man --warnings -l "$prefix/share/man/man1/vtlua.1.gz" >/dev/null 2>"$scratch/said" || true
touch "$prefix/of the user"
sh "$installer" --prefix "$prefix" --uninstall >/dev/null
left=$(find "$prefix" -type f)
[[ $left == "$prefix/of the user" ]] || fail "the removal left $left"

if sh "$installer" --prefix "$prefix" --uninstall >/dev/null 2>"$scratch/said"; then
    fail "a second removal succeeded"
fi
[[ $(<"$scratch/said") == "install.sh: no installation in $prefix: $prefix/share/vtlua/files is missing" ]] ||
    fail "a second removal said $(<"$scratch/said")"
echo "the packages are in order: ${deb[0]} with $size bytes"
