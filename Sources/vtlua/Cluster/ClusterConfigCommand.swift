// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTRuntime

extension ClusterConfig: ExpressibleByArgument {}

/// `vtlua cluster config`
struct ClusterConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Print an ipcluster_config.py that has ipyparallel start our engines.",
        discussion: """
            Into a profile: vtlua cluster config slurm > ~/.ipython/profile_default/\
            ipcluster_config.py; then: ipcluster start -n 64
            """)

    @Argument(help: ArgumentHelp("What starts them.", valueName: "kind"))
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
        abstract: "Install ipyparallel into a virtual environment of its own.",
        discussion: """
            The environment is ~/.local/share/vtlua/ipyparallel ($XDG_DATA_HOME); remove that \
            directory to be rid of it.
            """)

    @Option(help: "The Python to make it with.")
    var python = "python3"

    @Option(help: "Seconds that it may take.")
    var timeout = 600.0

    func run() throws {
        try ClusterSession().run { session in
            let line = ClusterLine()
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
