// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import Glibc
import VTLuaBridge
import VTRuntime

/// `vtlua engine`
struct EngineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "engine",
        abstract: "Be an engine of an IPython cluster: run tasks of Lua until told to end.",
        discussion: """
            The controller is that of --file, of --profile and --cluster-id, or of what \
            ipyparallel's launchers put into the environment. SIGTERM leaves the cluster and ends \
            with 0; 255 means that the controller could not be reached.
            """)

    @Option(help: "The engine's connection file, ipcontroller-engine.json.")
    var file: String?

    @Option(help: "A profile of IPython, by name or directory.")
    var profile: String?

    @Option(name: .customLong("cluster-id"), help: "Of several clusters in one profile.")
    var clusterID: String?

    @Option(help: "How many times a worker that has died is replaced.")
    var restarts = 10

    @Option(
        name: .customLong("memory-limit"), help: "Bytes that the worker's Lua state may hold.")
    var memoryLimit: Int?

    @Option(help: "Seconds until the controller has to answer.")
    var timeout = 60.0

    /// ipyparallel's MPI launcher says so; the rank is in the environment.
    @Flag(help: .hidden)
    var mpi = false

    func validate() throws {
        guard timeout > 0 else { throw ValidationError("--timeout: more than 0 seconds") }
    }

    func run() throws {
        var options = EngineRuntime.Options()
        options.file = file
        options.profile = profile
        options.clusterID = clusterID
        options.restarts = max(0, restarts)
        options.memoryLimit = memoryLimit
        // Thirty years stand for anything beyond.
        options.timeout = min(timeout, 1e9)
        let code = EngineRuntime.run(options) { line in
            StandardStreams.report(line, as: "vtlua engine")
        }
        Glibc.exit(code)
    }
}
