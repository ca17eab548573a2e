// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTLocalCluster
import VTLuaTooling
import VTRuntime

extension ClusterConfig: ExpressibleByArgument {}

/// `vtlua cluster config`
struct ClusterConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Print an ipcluster_config.py with which ipcluster starts VTLua's engines.",
        discussion: """
            Write it into a profile: vtlua cluster config slurm > ~/.ipython/profile_default/\
            ipcluster_config.py. Then run: ipcluster start -n 64
            """)

    @Argument(help: ArgumentHelp("The launcher that starts the engines.", valueName: "kind"))
    var kind: ClusterConfig

    func run() throws {
        try ClusterSession().run { _ in
            try ResultStream.standardOutput.write(kind.text(program: VTLuaProgram.path()))
        }
    }
}

/// `vtlua cluster install`
struct ClusterInstall: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "install",
        abstract: "Install ipyparallel in its own virtual environment.",
        discussion: """
            The environment is ~/.local/share/vtlua/ipyparallel ($XDG_DATA_HOME). To uninstall \
            it, remove that directory.
            """)

    @Option(help: "Create the environment with this Python.")
    var python = "python3"

    @Option(help: ArgumentHelp("Stop after S seconds.", valueName: "s"))
    var timeout = 600.0

    func run() throws {
        try ClusterSession().run { session in
            let line = StatusLine()
            let found: IPyParallel.Installation
            do {
                defer { line.clear() }
                found = try IPyParallel.install(
                    python: python, timeout: timeout, progress: { line.draw($0) },
                    check: session.check)
            }
            report(
                "ipyparallel \(found.version) is installed \(found.isNew ? "" : "already ")in "
                    + "\(found.directory); start a cluster with: vtlua cluster start\n")
        }
    }
}
