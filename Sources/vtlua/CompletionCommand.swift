// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTRuntime

/// `vtlua completion bash|zsh|fish`
struct CompletionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion",
        abstract: "Print a shell completion script.",
        discussion: """
            bash: add eval "$(vtlua completion bash)" to ~/.bashrc. \
            zsh: run vtlua completion zsh > DIR/_vtlua, where DIR is in fpath. \
            fish: run vtlua completion fish > ~/.config/fish/completions/vtlua.fish.
            """)

    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish
    }

    @Argument(help: "The shell.")
    var shell: Shell

    func run() throws {
        let generated = VTLua.completionScript(for: Self.parser(of: shell))
        try ResultStream.standardOutput.write(
            LuaCompletion(shell: shell).completing(generated))
    }

    private static func parser(of shell: Shell) -> CompletionShell {
        switch shell {
        case .bash: .bash
        case .zsh: .zsh
        case .fish: .fish
        }
    }
}

/// Extends the scripts of ArgumentParser: without a subcommand, vtlua is lua. The first argument
/// can be a script, and the arguments after a script can be any files.
struct LuaCompletion {
    var shell: CompletionCommand.Shell

    private var words: String {
        (VTLua.configuration.subcommands.map { $0.configuration.commandName ?? "" } + ["help"])
            .joined(separator: " ")
    }

    func completing(_ script: String) -> String {
        switch shell {
        case .bash, .zsh:
            // The generated function is renamed and called by the new one.
            var lines = script.split(separator: "\n", omittingEmptySubsequences: false)
            if let start = lines.firstIndex(of: "_vtlua() {") {
                lines[start] = "__vtlua_subcommands() {"
            }
            if let end = lines.firstIndex(where: Self.isLast) { lines.removeSubrange(end...) }
            return lines.joined(separator: "\n") + "\n" + (shell == .bash ? bash : zsh)
        case .fish:
            return script + (script.hasSuffix("\n") ? "" : "\n") + fish
        }
    }

    /// Returns true if a line registers the completion function.
    private static func isLast(_ line: Substring) -> Bool {
        line.hasPrefix("complete -o filenames -F _vtlua")
            || line.hasPrefix("if [[ \"${funcstack[1]}\" = _vtlua")
    }

    private var bash: String {
        """
        _vtlua() {
            local current=${COMP_WORDS[COMP_CWORD]} word
            if ((COMP_CWORD > 1)) && [[ " \(words) " != *" ${COMP_WORDS[1]} "* ]]; then
                while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$current")
                return
            fi
            __vtlua_subcommands "$@"
            ((COMP_CWORD == 1)) || return
            while IFS= read -r word; do COMPREPLY+=("$word"); done < <(
                if [[ $current == -* ]]; then
                    compgen -W '-e -i -l -v -E -W' -- "$current"
                else
                    compgen -d -- "$current"
                    compgen -f -X '!*.lua' -- "$current"
                fi
            )
        }

        complete -o filenames -F _vtlua vtlua

        """
    }

    private var zsh: String {
        """
        _vtlua() {
            if (( CURRENT == 2 )); then
                local -i ret=1
                __vtlua_subcommands "${@}" && ret=0
                _files -g '*.lua' && ret=0
                return ret
            elif [[ " \(words) " = *" ${words[2]} "* ]]; then
                __vtlua_subcommands "${@}"
            else
                _files
            fi
        }

        if [[ "${funcstack[1]}" = _vtlua ]]; then
            _vtlua "${@}"
        else
            compdef _vtlua vtlua
        fi

        """
    }

    private var fish: String {
        """
        function __vtlua_first
            test (count (commandline -opc)) -eq 1
        end
        function __vtlua_script
            set -l tokens (commandline -opc)
            test (count $tokens) -gt 1; and not contains -- $tokens[2] \(words)
        end
        complete -c vtlua -n __vtlua_first -k -a '(__fish_complete_suffix .lua)'
        complete -c vtlua -n __vtlua_first -s e -x -d 'Run code'
        complete -c vtlua -n __vtlua_first -s l -x -d 'Require a module'
        complete -c vtlua -n __vtlua_first -s i -d 'Start a prompt after the script'
        complete -c vtlua -n __vtlua_first -s v -d 'Show the version'
        complete -c vtlua -n __vtlua_first -s E -d 'Ignore environment variables'
        complete -c vtlua -n __vtlua_first -s W -d 'Turn warnings on'
        complete -c vtlua -n __vtlua_script -F

        """
    }
}
