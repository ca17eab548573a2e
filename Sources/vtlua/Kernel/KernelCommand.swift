// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTLuaBridge
import VTNotebook
import VTRuntime
import VTSystem

/// `vtlua kernel`
struct KernelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernel", abstract: "Install or run the Jupyter kernel.",
        subcommands: [KernelInstall.self, KernelRun.self])
}

/// `vtlua kernel install`
struct KernelInstall: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "install", abstract: "Install the Jupyter kernel and print its location.",
        discussion: """
            By default it is installed for the current user. To uninstall it, run: \
            jupyter kernelspec remove vtlua
            """)

    @Flag(help: "Install for the current user, in Jupyter's data directory.")
    var user = false

    @Option(help: ArgumentHelp("Install in DIR/share/jupyter.", valueName: "dir"))
    var prefix: String?

    @Flag(
        name: .customLong("sys-prefix"), help: "Install in the active Python environment.")
    var environment = false

    @Option(help: "Set the kernel's name in files and commands.")
    var name = "vtlua"

    @Option(name: .customLong("display-name"), help: "Set the name shown in Jupyter.")
    var displayName = "Lua (VTLua)"

    func validate() throws {
        guard [user, prefix != nil, environment].count(where: { $0 }) < 2 else {
            throw ValidationError("--user, --prefix and --sys-prefix cannot be combined")
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
            VTSystem.exit(1)
        }
    }
}

/// `vtlua kernel run`
struct KernelRun: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run the kernel (started by Jupyter).")

    @Option(
        name: [.customShort("f"), .customLong("file")],
        help: "Read the connection from this file, written by Jupyter.")
    var file: String

    func run() {
        // What is written to standard error itself goes to the notebook.
        let error = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
        var options = Runtime.Options.ofProgram()
        options.store = StorePlace()
        options.warn = { _ = writeAll("vtlua kernel: \($0)\n", to: error) }
        VTSystem.exit(
            KernelRuntime.run(connectionFile: file, options: options) {
                StandardStreams.report($0, as: "vtlua kernel")
            })
    }
}
