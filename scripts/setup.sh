# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Sourced by the other scripts: packages, toolchain, release build.
# All messages go to stderr, because stdout belongs to the program.

root=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd -P)

# A copy of .build/release/vtlua. `swift build` overwrites that file in place; this one is replaced
# by a rename, so that it is always whole and programs that run from it go on.
vtlua_binary=$root/.build/bin/vtlua

# Every release build takes these flags.
release_flags=(-c release --static-swift-stdlib --disable-local-rpath -Xlinker -s)

# The program alone takes these: position-independent, its addresses resolved at the start and then
# made read-only. LLD, which comes with the toolchain, packs the 48,000 relative relocations into
# 10 kB. The program exports no symbols: that saves 0.4 MB, and a third of the relocations' cost.
hardening=(-pie -z relro -z now -z pack-relative-relocs --no-export-dynamic
    -T "$root/scripts/release.ld")

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

die() {
    say "$*"
    exit 1
}

# --- packages ---------------------------------------------------------------------------------

# packages_missing NEED...: prints the packages for these needs that are not installed, one a line.
packages_missing() {
    # Other distributions use other names; there the compiler reports what is missing.
    command -v dpkg-query >/dev/null || return 0

    local need package status wanted=()
    while read -r need package; do
        case " $* " in *" $need "*) wanted+=("$package") ;; esac
    done <"$root/scripts/packages"

    # dpkg-query fails when it does not know one of them; it prints the others all the same.
    local -A installed=()
    while read -r status package; do
        [[ $status != installed ]] || installed[$package]=1
    done < <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null || true)

    for package in "${wanted[@]}"; do
        [[ -n ${installed[$package]-} ]] || printf '%s\n' "$package"
    done
}

# packages_install NEED...: installs the packages for these needs. Without the permission to do so it
# prints the command to run, and fails.
packages_install() {
    local missing
    mapfile -t missing < <(packages_missing "$@")
    ((${#missing[@]})) || return 0

    local install=(apt-get install -y --no-install-recommends "${missing[@]}")
    local by_hand="sudo apt-get update && sudo ${install[*]}"
    local as_root=()
    if ((EUID != 0)); then
        # Without a terminal sudo cannot ask for a password.
        if ! command -v sudo >/dev/null || { [[ ! -t 2 ]] && ! sudo -n true 2>/dev/null; }; then
            say "these Debian packages are missing, and only root can install them."
            say "As root, run: ${by_hand//sudo /}"
            return 1
        fi
        as_root=(sudo)
    fi
    ((EUID)) || by_hand=${by_hand//sudo /}

    say "installing Debian packages${as_root:+ through sudo}: ${missing[*]}"
    # Another apt may be running: wait for it.
    as_root+=(env DEBIAN_FRONTEND=noninteractive)
    local wait=(-o DPkg::Lock::Timeout=300)
    if ! { "${as_root[@]}" apt-get "${wait[@]}" update -qq &&
        "${as_root[@]}" "${install[0]}" "${wait[@]}" -qq "${install[@]:1}"; } </dev/null >&2; then
        say "cannot install them. See the messages above, then run: $by_hand"
        return 1
    fi
}

# --- toolchain --------------------------------------------------------------------------------

# Puts a Swift toolchain on PATH, or prints where to get one.
find_swift() {
    local place
    if ! command -v swift >/dev/null; then
        for place in /opt/swift/usr/bin "${SWIFTLY_BIN_DIR:-${HOME-}/.local/share/swiftly/bin}"; do
            [[ -x $place/swift ]] && export PATH="$place:$PATH" && break
        done
    fi
    if ! command -v swift >/dev/null; then
        say "no Swift toolchain on PATH, in /opt/swift or in ~/.local/share/swiftly."
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
        say "$(command -v swift) is Swift $version; Swift 6.2 or later is required."
        say "Install it from https://www.swift.org/install/linux and put it first on PATH."
        return 1
    fi
}

# --- Python -----------------------------------------------------------------------------------

# The packages of PyPI that the tests need: the cluster, readers of the files that `vtlua export`
# writes, Jupyter's clients, ipyparallel's test-suite.
python_packages=(
    'ipyparallel==9.2.*' numpy 'prov==3.*' 'rocrate==0.*' 'ipykernel==7.*' 'jupyter_client==8.*'
    'nbclient==0.*' 'nbformat==5.*' 'jupyter_kernel_test==0.*' 'pytest==9.*' 'pytest-asyncio==1.*'
    'array-api-strict==2.*' 'hypothesis==6.*' 'matplotlib==3.*' 'pandas==3.*' 'vega_datasets==0.*'
    'statsmodels==0.*' 'mkdocs==1.*' 'pyte==0.8.*'
)

# Sets VTLUA_PYTHON to a python that has these packages, unless the caller has set it. The virtual
# environment is created once, and updated when the list changes.
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

# Sets VTLUA_IPCONTROLLER to the ipcontroller of that environment, unless the caller has set it.
find_ipyparallel() {
    [[ -z ${VTLUA_IPCONTROLLER-} ]] || return 0
    find_python || return 1
    export VTLUA_IPCONTROLLER=${VTLUA_PYTHON%/*}/ipcontroller
}

# --- release build ----------------------------------------------------------------------------

# Whether the program must be built again. It carries the time at which its build began, so that any
# later change is newer:
# - a change of a source. Directories count, because removing a file changes its directory.
# - an update of a library that is linked in: -L follows the links in .build/static.
# -cnewer and not -newer, because a file keeps its old mtime when it is copied or unpacked.
release_is_stale() {
    [[ -x $vtlua_binary ]] || return 0
    local changed
    changed=$(find -L "$root/Sources" "$root/stdlib" "$root/definitions" "$root/Package.swift" \
        "$root/scripts/setup.sh" "$root/scripts/release.ld" "$root/.build/static" \
        -cnewer "$vtlua_binary" -print -quit 2>&1) || return 0
    [[ -n $changed ]]
}

build_release() {
    packages_install run build || return 1
    find_swift || return 1

    local bin=${vtlua_binary%/*}
    if ! mkdir -p "$bin" 2>/dev/null || [[ ! -w $bin ]]; then
        say "the program must be built, and $bin cannot be written."
        say "Run this once as the owner of $root, or change the owner of that directory."
        return 1
    fi

    exec 9>"$bin/.lock"
    if ! flock -n 9; then
        say "waiting for another build to end"
        flock 9
    fi
    # The other build may have been the one that is needed.
    local status=0
    if release_is_stale; then
        say "building the release (the first time takes minutes)"
        compile_release "$bin" || status=1
        ((status == 0)) || say "the build failed; the program was not started"
    fi
    exec 9>&-
    return "$status"
}

# static_flags DIRECTORY: prints the linker flags for the libraries that become part of the program,
# a word a line, and leaves links to their archives in DIRECTORY. The program then starts without a
# search for them, and needs no package where it is copied to. A library without an archive is loaded
# at run time.
static_flags() {
    local library words
    # The compiler adds -lstdc++ and -lgcc_s itself: the first directory has only archives of them.
    rm -rf -- "$1" && mkdir -p -- "$1" || return
    archive_of libstdc++.a "$1/libstdc++.a" && archive_of libgcc_eh.a "$1/libgcc_s.a" &&
        printf '%s\n' "-L$1"
    # A library, and the functions that are referenced weakly: the linker takes them from an archive
    # only when they are requested.
    for library in 'sqlite3 sqlite3_open_v2' \
        'sodium sodium_init sodium_version_string crypto_generichash'; do
        read -ra words <<<"$library"
        archive_of "lib${words[0]}.a" "$1/lib${words[0]}.a" || continue
        printf -- '-u\n%s\n' "${words[@]:1}"
        printf '%s\n' "$1/lib${words[0]}.a"
    done
    commit_object "$1/commit.o" || return
    [[ ! -e $1/commit.o ]] || printf '%s\n' "$1/commit.o"
}

# commit_object FILE: writes an object with the commit, which `vtlua --version` shows. It is linked in,
# because a flag of the compiler would compile all C again for each commit. Without git there is none.
commit_object() {
    local commit
    commit=$(git -C "$root" describe --always --dirty=+ --match=none --abbrev=10 2>/dev/null) || return 0
    clang_of_swift -c -x assembler -o "$1" - <<END
.section .rodata.vtlua_commit, "a"
.globl vtlua_commit
vtlua_commit: .asciz "$commit"
.section .note.GNU-stack, "", %progbits
END
}

# clang_of_swift ARGUMENT...: runs the C compiler of the toolchain.
clang_of_swift() {
    local swift
    swift=$(readlink -f -- "$(command -v swift)")
    "${swift%/*}/clang" "$@"
}

# archive_of NAME LINK: creates a link to the system's archive of that name; fails when there is none.
archive_of() {
    local path
    path=$(clang_of_swift -print-file-name="$1" 2>/dev/null)
    [[ $path == /* ]] && ln -s -- "$path" "$2"
}

# compile_release DIRECTORY: builds the program and puts it into DIRECTORY. Its standard input is not
# the compiler's, and its lock is not inherited.
compile_release() {
    local built word flags=()
    while IFS= read -r word; do
        flags+=(-Xlinker "$word")
    done < <(printf '%s\n' "${hardening[@]}" && static_flags "$root/.build/static")
    # Package.swift reads it.
    local -x VTLUA_LINKER=lld
    touch "$1/.began" &&
        built=$(swift build --package-path "$root" "${release_flags[@]}" --show-bin-path) &&
        # The archives are not inputs that SwiftPM knows of: let it always link.
        rm -f -- "$built/vtlua" &&
        swift build --package-path "$root" "${release_flags[@]}" "${flags[@]}" --product vtlua >&2 &&
        cp -- "$built/vtlua" "$1/.vtlua.new" &&
        touch -r "$1/.began" "$1/.vtlua.new" &&
        mv -f -- "$1/.vtlua.new" "$vtlua_binary"
} </dev/null 9>&-

# Builds $vtlua_binary when it is stale; with VTLUA_SKIP_BUILD, only checks that it exists.
ensure_release() {
    if [[ -n ${VTLUA_SKIP_BUILD-} ]]; then
        [[ -x $vtlua_binary ]] && return 0
        say "VTLUA_SKIP_BUILD is set, and the program has not been built yet"
        return 1
    fi
    if release_is_stale; then
        build_release
    else
        packages_install run
    fi
}
