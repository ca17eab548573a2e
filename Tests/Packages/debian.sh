#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Tries the packages in bare Debian systems that debootstrap makes: Tests/Packages/debian.sh DIR [RELEASE]...
#
# As root, with the network: DIR is what scripts/release wrote; the releases are bookworm and trixie. In each
# system the package is installed by apt; a workflow with pools of threads and processes runs twice and is
# cached; log, show, report, graph, doctor and a cell of the notebook kernel are used; the package is removed
# and leaves nothing. Then the same with the tarball. The systems are kept in $VTLUA_ROOTS, if that is set.
set -euo pipefail

packages=$(cd -- "$1" && pwd)
here=$(cd -- "${BASH_SOURCE[0]%/*}" && pwd)
shift
(($#)) || set -- bookworm trixie
((EUID == 0)) || {
    echo "only root can make a bare system; run this as root" >&2
    exit 1
}
command -v debootstrap >/dev/null || {
    echo "debootstrap is not installed (Debian: debootstrap)" >&2
    exit 1
}

roots=${VTLUA_ROOTS:-$(mktemp -d)}
mounted=()
cleanup() {
    local place
    for place in "${mounted[@]}"; do umount -l -- "$place" || true; done
    [[ -n ${VTLUA_ROOTS-} ]] || rm -rf --one-file-system -- "$roots"
}
trap cleanup EXIT

for release; do
    base=$roots/$release
    if [[ ! -e $base/complete ]]; then
        debootstrap --variant=minbase "$release" "$base" "${VTLUA_DEBIAN_MIRROR:-http://deb.debian.org/debian}" \
            >"$roots/debootstrap.log" 2>&1 || {
            tail -n 20 "$roots/debootstrap.log" >&2
            exit 1
        }
        touch "$base/complete"
    fi
    # Each release is tried on a copy, so that what is kept stays bare.
    system=$roots/$release.try
    rm -rf --one-file-system -- "$system"
    cp -a -- "$base" "$system"
    for place in proc dev sys; do
        mkdir -p -- "$system/$place"
        mount --rbind "/$place" "$system/$place"
        mount --make-rslave "$system/$place"
        mounted+=("$system/$place")
    done
    cp -L /etc/resolv.conf "$system/etc/resolv.conf"
    mkdir -p -- "$system/try"
    cp -- "$packages"/vtlua[-_]* "$here/inside.sh" "$here"/kernel.py "$system/try/"
    if ! chroot "$system" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 TERM=xterm \
        bash /try/inside.sh; then
        echo "FAIL on $release" >&2
        exit 1
    fi
    for place in "${mounted[@]}"; do umount -l -- "$place"; done
    mounted=()
    rm -rf --one-file-system -- "$system"
    echo "ok on $release"
done
