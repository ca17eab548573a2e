# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Sourced by the other scripts: the packages, the toolchain, the release build.
# Whatever is said here goes to stderr, because stdout is the program's.

root=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd -P)

# Not .build/release/vtlua: that one is overwritten in place by anybody's `swift build`, while
# this copy is replaced by a rename, whole or not at all, also under a program that is running.
vtlua_binary=$root/.build/bin/vtlua

# One file to copy elsewhere, stripped, at a fixed place in memory as Debian's Python is: it starts
# in a fifth of the time. All of this is the linker's, so that `swift build` has nothing to compile
# anew.
release_flags=(-c release --static-swift-stdlib --disable-local-rpath -Xlinker -s -Xlinker -no-pie)

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

die() {
    say "$*"
    exit 1
}

# --- packages ---------------------------------------------------------------------------------

# Prints the packages listed for these needs that are not installed, one a line.
packages_missing() {
    # Other distributions have other names; there the compiler says what is not there.
    command -v dpkg-query >/dev/null || return 0

    local need package status wanted=()
    while read -r need package; do
        case " $* " in *" $need "*) wanted+=("$package") ;; esac
    done <"$root/scripts/packages"

    # dpkg-query fails when it has never heard of one of them; that is an answer too.
    local -A installed=()
    while read -r status package; do
        [[ $status != installed ]] || installed[$package]=1
    done < <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null || true)

    for package in "${wanted[@]}"; do
        [[ -n ${installed[$package]-} ]] || printf '%s\n' "$package"
    done
}

# Installs what is listed for these needs; fails, with the command to run, when it may not.
packages_install() {
    local missing
    mapfile -t missing < <(packages_missing "$@")
    ((${#missing[@]})) || return 0

    local install=(apt-get install -y --no-install-recommends "${missing[@]}")
    local by_hand="sudo apt-get update && sudo ${install[*]}"
    local as_root=()
    if ((EUID != 0)); then
        # Without a terminal nobody can type a password: sudo works at once or not at all.
        if ! command -v sudo >/dev/null || { [[ ! -t 2 ]] && ! sudo -n true 2>/dev/null; }; then
            say "these Debian packages are missing, and only root may install them."
            say "As root, run: ${by_hand//sudo /}"
            return 1
        fi
        as_root=(sudo)
    fi
    ((EUID)) || by_hand=${by_hand//sudo /}

    say "installing Debian packages${as_root:+ through sudo}: ${missing[*]}"
    # Another apt may be at work on this machine: wait for it rather than fail.
    as_root+=(env DEBIAN_FRONTEND=noninteractive)
    local wait=(-o DPkg::Lock::Timeout=300)
    if ! { "${as_root[@]}" apt-get "${wait[@]}" update -qq &&
        "${as_root[@]}" "${install[0]}" "${wait[@]}" -qq "${install[@]:1}"; } </dev/null >&2; then
        say "could not install them. See the messages above, then run: $by_hand"
        return 1
    fi
}

# --- toolchain --------------------------------------------------------------------------------

# Puts a Swift toolchain on PATH, or says where to get one.
find_swift() {
    local place
    if ! command -v swift >/dev/null; then
        for place in /opt/swift/usr/bin "${SWIFTLY_BIN_DIR:-${HOME-}/.local/share/swiftly/bin}"; do
            [[ -x $place/swift ]] && export PATH="$place:$PATH" && break
        done
    fi
    if ! command -v swift >/dev/null; then
        say "there is no Swift toolchain on PATH, in /opt/swift or in ~/.local/share/swiftly."
        say "Install Swift 6.2 or later from https://www.swift.org/install/linux and try again."
        return 1
    fi

    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9.]*\).*/\1/p')
    if [[ -z $version ]]; then
        say "$(command -v swift) does not run:"
        swift --version >&2 || true
        return 1
    fi
    if [[ $(printf '%s\n' 6.2 "$version" | sort -V | head -n 1) != 6.2 ]]; then
        say "$(command -v swift) is Swift $version, and Swift 6.2 or later is needed."
        say "Install it from https://www.swift.org/install/linux and put it first on PATH."
        return 1
    fi
}

# --- Python -----------------------------------------------------------------------------------

# What the tests want of PyPI: the cluster, readers of what `vtlua export` writes, Jupyter's clients.
python_packages=(
    'ipyparallel==9.2.*' numpy 'prov==3.*' 'rocrate==0.*' 'ipykernel==7.*' 'jupyter_client==8.*'
    'nbclient==0.*' 'nbformat==5.*' 'jupyter_kernel_test==0.*'
)

# Leaves a python that has these in VTLUA_PYTHON: the caller's, or that of a virtual environment
# which is made once, and brought up to date when the list has changed.
find_python() {
    [[ -z ${VTLUA_PYTHON-} ]] || return 0
    local venv=$root/.build-python
    if [[ ! -e $venv/complete || $(<"$venv/complete") != "${python_packages[*]}" ]]; then
        say "installing from PyPI into ${venv#"$root"/} (once): ${python_packages[*]}"
        { [[ -e $venv/complete ]] || python3 -m venv --clear "$venv"; } &&
            "$venv/bin/pip" install --quiet --disable-pip-version-check "${python_packages[@]}" &&
            printf '%s\n' "${python_packages[*]}" >"$venv/complete" || return 1
    fi >&2
    export VTLUA_PYTHON=$venv/bin/python
}

# Leaves an ipcontroller in VTLUA_IPCONTROLLER: the caller's, or that of the environment above.
find_ipyparallel() {
    [[ -z ${VTLUA_IPCONTROLLER-} ]] || return 0
    find_python || return 1
    export VTLUA_IPCONTROLLER=${VTLUA_PYTHON%/*}/ipcontroller
}

# --- release build ----------------------------------------------------------------------------

# The binary carries the time at which its build began, so whatever changed since is newer.
# Directories count too: removing a file changes its directory. -cnewer and not -newer, because
# an older file copied over a newer one keeps its old mtime.
release_is_stale() {
    [[ -x $vtlua_binary ]] || return 0
    local changed
    changed=$(find "$root/Sources" "$root/stdlib" "$root/definitions" "$root/Package.swift" "$root/scripts/setup.sh" \
        -cnewer "$vtlua_binary" -print -quit 2>&1) || return 0
    [[ -n $changed ]]
}

build_release() {
    packages_install run build || return 1
    find_swift || return 1

    local bin=${vtlua_binary%/*}
    if ! mkdir -p "$bin" 2>/dev/null || [[ ! -w $bin ]]; then
        say "cannot write to $bin, and the program has to be built."
        say "Run this once as the owner of $root, or make that directory yours."
        return 1
    fi

    exec 9>"$bin/.lock"
    if ! flock -n 9; then
        say "waiting for another build of it to end"
        flock 9
    fi
    # Whoever held the lock may have built just this.
    local status=0
    if release_is_stale; then
        say "building the release (the first time takes minutes)"
        compile_release "$bin" || status=1
        ((status == 0)) || say "the build failed; nothing was run"
    fi
    exec 9>&-
    return "$status"
}

# Libraries that become part of the program: without a search for them at its start, and nothing to
# install where it is copied to. One that is not here as an archive is loaded as ever.
#
# static_flags DIRECTORY: prints the linker's flags, a word a line; makes the directory.
static_flags() {
    local library words
    # The compiler names its own libraries: where they are looked for first, there are archives only.
    rm -rf -- "$1" && mkdir -p -- "$1" || return
    archive_of libstdc++.a "$1/libstdc++.a" && archive_of libgcc_eh.a "$1/libgcc_s.a" &&
        printf '%s\n' "-L$1"
    # A library, and functions that are asked for wherever they are: what they need comes along.
    for library in 'sqlite3 sqlite3_open_v2' 'sodium sodium_init crypto_generichash'; do
        read -ra words <<<"$library"
        archive_of "lib${words[0]}.a" "$1/lib${words[0]}.a" || continue
        printf -- '-u\n%s\n' "${words[@]:1}"
        printf '%s\n' "$1/lib${words[0]}.a"
    done
}

# archive_of NAME LINK: makes a link to the system's archive of that name, if there is one.
archive_of() {
    local path swift
    swift=$(readlink -f -- "$(command -v swift)")
    path=$("${swift%/*}/clang" -print-file-name="$1" 2>/dev/null)
    [[ $path == /* ]] && ln -s -- "$path" "$2"
}

# The program's standard input is not the compiler's, and the lock is not its children's.
compile_release() {
    local built word flags=()
    while IFS= read -r word; do
        flags+=(-Xlinker "$word")
    done < <(static_flags "$root/.build/static")
    touch "$1/.began" &&
        swift build --package-path "$root" "${release_flags[@]}" "${flags[@]}" --product vtlua >&2 &&
        built=$(swift build --package-path "$root" "${release_flags[@]}" --show-bin-path) &&
        cp -- "$built/vtlua" "$1/.vtlua.new" &&
        touch -r "$1/.began" "$1/.vtlua.new" &&
        mv -f -- "$1/.vtlua.new" "$vtlua_binary"
} </dev/null 9>&-

# Leaves an up-to-date release binary at $vtlua_binary; with VTLUA_SKIP_BUILD, whatever is there.
ensure_release() {
    if [[ -n ${VTLUA_SKIP_BUILD-} ]]; then
        [[ -x $vtlua_binary ]] && return 0
        say "VTLUA_SKIP_BUILD is set, and nothing has been built yet"
        return 1
    fi
    if release_is_stale; then
        build_release
    else
        packages_install run
    fi
}
