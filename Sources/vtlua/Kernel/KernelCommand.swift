// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import Glibc
import VTLuaBridge
import VTRuntime

/// `vtlua kernel`
struct KernelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernel", abstract: "Lua in Jupyter notebooks.",
        subcommands: [KernelInstall.self, KernelRun.self])
}

/// `vtlua kernel install`
struct KernelInstall: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "install", abstract: "Tell Jupyter of this program, and print where.",
        discussion: """
            Without an option it is for you alone. `jupyter kernelspec remove vtlua` takes it away.
            """)

    @Flag(help: "For you alone: in Jupyter's data directory.")
    var user = false

    @Option(help: ArgumentHelp("Below this directory, in share/jupyter.", valueName: "dir"))
    var prefix: String?

    @Flag(
        name: .customLong("sys-prefix"), help: "In the environment of Python that is active.")
    var environment = false

    @Option(help: "What Jupyter calls it in files and commands.")
    var name = "vtlua"

    @Option(name: .customLong("display-name"), help: "What a person sees.")
    var displayName = "Lua (VTLua)"

    func validate() throws {
        guard [user, prefix != nil, environment].count(where: { $0 }) < 2 else {
            throw ValidationError("--user, --prefix and --sys-prefix exclude each other")
        }
    }

    func run() throws {
        let spec = KernelSpec(
            name: name, displayName: displayName, program: KernelSpec.thisProgram)
        let place: KernelSpec.Place =
            environment ? .environment : prefix.map { .prefix($0) } ?? .user
        do {
            StandardStreams.write(try spec.install(in: place) + "\n")
        } catch {
            report("error: \(error)\n")
            Glibc.exit(1)
        }
    }
}

/// `vtlua kernel run`
struct KernelRun: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Be a notebook's kernel; Jupyter calls this.")

    @Option(
        name: [.customShort("f"), .customLong("file")],
        help: "The connection file that Jupyter has written.")
    var file: String

    func run() {
        Glibc.exit(
            KernelRuntime.run(connectionFile: file, answer: ClusterAnswers.answering(nil)) {
                StandardStreams.report($0, as: "vtlua kernel")
            })
    }
}
