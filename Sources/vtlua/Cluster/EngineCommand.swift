// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTLocalCluster
import VTLuaBridge
import VTRuntime
import VTSystem

/// `vtlua engine`
struct EngineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "engine",
        abstract: "Run an engine that executes Lua tasks in an IPython cluster.",
        discussion: """
            The connection file is given by --file, by --profile and --cluster-id, or by the \
            environment variables of ipyparallel's launchers. On SIGTERM the engine leaves the \
            cluster and exits with 0. It exits with 255 when the controller cannot be reached.
            """)

    @Option(help: "Read the connection from this ipcontroller-engine.json.")
    var file: String?

    @Option(help: "Select an IPython profile by name or directory.")
    var profile: String?

    @Option(
        name: .customLong("cluster-id"),
        help: "Select a cluster when the profile has several.")
    var clusterID: String?

    @Option(
        help: ArgumentHelp("Replace a worker that has died up to N times.", valueName: "n"))
    var restarts = 10

    @Option(
        name: .customLong("memory-limit"),
        help: ArgumentHelp("Limit the memory of the worker's Lua state.", valueName: "bytes"))
    var memoryLimit: Int?

    @Option(
        help: ArgumentHelp(
            "Wait up to S seconds for the controller to reply.", valueName: "s"))
    var timeout = 60.0

    @Option(
        help: ArgumentHelp(
            "End when the controller has not answered for S seconds.", valueName: "s"))
    var patience = 300.0

    /// Passed by ipyparallel's MPI launcher; the rank is in the environment.
    @Flag(help: .hidden)
    var mpi = false

    func validate() throws {
        guard timeout > 0 else {
            throw ValidationError("--timeout must be positive, got \(timeout)")
        }
        guard patience > 0 else {
            throw ValidationError("--patience must be positive, got \(patience)")
        }
    }

    func run() throws {
        var options = EngineRuntime.Options()
        options.file = file
        options.profile = profile
        options.clusterID = clusterID
        options.restarts = max(0, restarts)
        options.memoryLimit = memoryLimit
        // Thirty years is effectively no limit.
        options.timeout = .seconds(min(timeout, 1e9))
        options.patience = .seconds(min(patience, 1e9))
        let code = EngineRuntime.run(options) { line in
            StandardStreams.report(line, as: "vtlua engine")
        }
        VTSystem.exit(code)
    }
}
