// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTParallel
internal import VTRuntime
internal import VTSystem
internal import VTWorkflow

/// Runs this process as an engine of an IPython cluster.
public enum EngineRuntime {
    /// The controller to connect to, and the limits of the engine.
    public struct Options: Sendable {
        /// The engine's connection file. Nil for the one that the environment names
        /// (`IPP_CONNECTION_INFO`, `IPP_PROFILE_DIR`, `IPP_CLUSTER_ID`), or the profile's.
        public var file: String?
        /// The name of the IPython profile; nil for "default".
        public var profile: String?
        /// The id of the cluster, if the profile has several.
        public var clusterID: String?
        /// The number of times that a worker that has died is replaced.
        public var restarts = 10
        /// The largest memory of the worker's Lua state in bytes; nil for no limit.
        public var memoryLimit: Int?
        /// The duration within which the connection file must exist and the controller must answer.
        public var timeout = Duration.seconds(60)
        /// The duration after which an engine ends whose controller does not answer any more.
        public var patience = Duration.seconds(300)

        /// The default options.
        public init() {}
    }

    /// Runs tasks until the engine is asked to end.
    ///
    /// - Parameters:
    ///   - options: the cluster, and the limits of the engine.
    ///   - log: called with each line of the log.
    /// - Returns: the exit code: 0, 1 if no worker stays alive, or 255 if the controller cannot be
    ///   reached.
    public static func run(
        _ options: Options, log: @escaping @Sendable (String) -> Void
    ) -> Int32 {
        do {
            let info = try connection(options)
            forgetConnection()
            var engine = EngineOptions(
                info, program: try WorkerRuntime.program(),
                version: VTRuntimeVersion.text, log: log)
            engine.restarts = options.restarts
            engine.timeout = min(options.timeout.inSeconds, 1e9)
            engine.patience = min(options.patience.inSeconds, 1e9)
            engine.worker.memoryLimit = options.memoryLimit
            engine.worker.libraries = ["vt.engine"]
            engine.wanted = rank
            return try ClusterEngine(engine).run()
        } catch {
            log("\(error)")
            return 255
        }
    }

    /// The rank that MPI or Slurm assigned to this process.
    private static var rank: Int? {
        ["PMI_RANK", "OMPI_COMM_WORLD_RANK", "SLURM_PROCID"].lazy
            .compactMap { environmentVariable($0).flatMap { Int($0) } }.first
    }

    private static func connection(_ options: Options) throws(ConnectionError) -> ConnectionInfo {
        if options.file == nil, options.profile == nil, options.clusterID == nil,
            let text = environmentVariable(variable)
        {
            return try ConnectionInfo(parsing: Array(text.utf8), role: .engine, source: variable)
        }
        let file = file(options)
        // The controller may still be starting.
        let patience = Int(min(options.timeout.inSeconds, 1e6) * 50)
        for _ in 0..<patience where !file.exists { usleep(20_000) }
        guard file.exists else {
            throw ConnectionError(
                "there is no connection file \(file.path); start a controller with: vtlua "
                    + "cluster start -n 0")
        }
        return try file.read()
    }

    /// Removes the connection, which contains the key, from the environment: tasks and the programs
    /// that they start inherit it.
    private static func forgetConnection() {
        guard let value = getenv(variable) else { return }
        // `/proc/PID/environ` shows the memory.
        memset(value, 0, strlen(value))
        unsetenv(variable)
    }

    private static let variable = "IPP_CONNECTION_INFO"

    private static func file(_ options: Options) -> ConnectionFile {
        if let path = options.file { return ConnectionFile(path: path, role: .engine) }
        let id = options.clusterID ?? environmentVariable("IPP_CLUSTER_ID")
        if options.profile == nil, let directory = environmentVariable("IPP_PROFILE_DIR") {
            return ConnectionFile(directory: directory, clusterID: id, role: .engine)
        }
        return ConnectionFile(profile: options.profile, clusterID: id, role: .engine)
    }
}
