# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Sourced after setup.sh by scripts/install and scripts/release: the files of an installation.

: "${root:?}" "${vtlua_binary:?}"

# stage TREE PREFIX: copies the built program, its man page, completions, editor definitions, Jupyter
# kernel, examples and license to TREE, as they are below PREFIX. Everything is readable for all.
stage() {
    local tree=$1 prefix=$2 name
    umask 022
    install -D -m 755 -- "$vtlua_binary" "$tree/bin/vtlua" || return

    mkdir -p -- "$tree/share/man/man1" &&
        gzip -9nc -- "$root/docs/vtlua.1" >"$tree/share/man/man1/vtlua.1.gz" || return

    stage_completion bash "$tree/share/bash-completion/completions/vtlua" &&
        stage_completion zsh "$tree/share/zsh/vendor-completions/_vtlua" &&
        stage_completion fish "$tree/share/fish/vendor_completions.d/vtlua.fish" || return

    mkdir -p -- "$tree/share/vtlua"
    "$tree/bin/vtlua" doc --definitions "$tree/share/vtlua/definitions" &>/dev/null || return

    stage_kernel "$tree/share/jupyter/kernels/vtlua" "$prefix/bin/vtlua" || return

    local doc=$tree/share/doc/vtlua
    mkdir -p -- "$doc/examples" && stage_license >"$doc/copyright" &&
        gzip -9nc -- "$root/CHANGELOG.md" >"$doc/CHANGELOG.md.gz" || return
    # Only what is versioned: a checkout may have results beside the examples.
    for name in climate commands gallery vistrails; do
        [[ -d $root/examples/$name ]] || continue
        (cd -- "$root/examples" &&
            find "$name" -type d \( -name .vtlua -o -name results \) -prune -o -type f -print0 |
            xargs -0 cp -p --parents -t "$doc/examples") || return
    done
    find "$tree" -type d -exec chmod 755 {} + &&
        find "$tree" -type f ! -path '*/bin/*' -exec chmod 644 {} +
}

# stage_completion SHELL FILE: writes a completion script. It is sourced: it needs no interpreter line.
stage_completion() {
    mkdir -p -- "${2%/*}" && "$vtlua_binary" completion "$1" | sed '1{/^#!/d}' >"$2"
}

# stage_kernel DIRECTORY PROGRAM: writes the files that Jupyter reads.
stage_kernel() {
    local home
    home=$(mktemp -d)
    HOME=$home XDG_DATA_HOME='' "$vtlua_binary" kernel install >/dev/null &&
        mkdir -p -- "$1" &&
        cp -- "$home"/.local/share/jupyter/kernels/vtlua/* "$1" &&
        sed -i "s#\"$vtlua_binary\"#\"$2\"#" "$1/kernel.json"
    local status=$?
    rm -rf -- "$home"
    return "$status"
}

# stage_license: prints the license of VTLua, and of what is linked into the program.
stage_license() {
    cat <<'END'
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: VTLua
Comment:
 The program contains parts of these works, which are linked statically: the
 runtime library of Swift and swift-argument-parser (Apache-2.0 with the
 Runtime Library Exception), SQLite (public domain), libsodium (ISC), libgcc
 and libstdc++ (GPL-3 with the GCC Runtime Library Exception).

Files: *
END
    sed -n 's/^Copyright (c) \(.*\)/Copyright: \1/p' "$root/LICENSE"
    printf 'License: BSD-3-Clause\n'
    sed -e '1,/^Copyright/d' -e 's/^$/./' -e 's/^/ /' "$root/LICENSE" | sed '1{/^ \.$/d}'
}

# build_version: prints the version of the program, and for a build of no release `~DATE.COMMIT`:
# 0.2.0 for a commit with the tag v0.2.0, else 0.2.0~20261129.4678705a.
build_version() {
    local number tag
    number=$(sed -n 's/.*static let text = "\(.*\)"/\1/p' \
        "$root/Sources/VTRuntime/Library/VTRuntimeVersion.swift")
    tag=$(git -C "$root" tag --points-at HEAD 2>/dev/null | sed -n 's/^v\([0-9.]*\)$/\1/p' | head -n 1)
    if [[ -n $tag ]]; then
        if [[ $tag != "$number" ]]; then
            say "the commit has the tag v$tag, but VTRuntimeVersion.swift says $number"
            return 1
        fi
        if ! grep -q "^## $tag\b" "$root/CHANGELOG.md"; then
            say "the commit has the tag v$tag, but CHANGELOG.md has no section '## $tag'"
            return 1
        fi
        printf '%s\n' "$number"
        return
    fi
    git -C "$root" log -1 --date=format:%Y%m%d --format="$number~%cd.%h" 2>/dev/null ||
        printf '%s\n' "$number"
}

# newest_glibc PROGRAM: prints the oldest version of glibc that has all symbols of the program.
newest_glibc() {
    objdump -T -- "$1" | sed -n 's/.*GLIBC_\([0-9.]*\)).*/\1/p' | sort -uV | tail -n 1
}
