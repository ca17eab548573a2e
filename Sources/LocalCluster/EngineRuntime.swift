// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
internal import VTJupyter
internal import VTParallel
internal import VTRuntime
internal import VTWorkflow

/// Makes this process an engine of an IPython cluster.
public enum EngineRuntime {
    /// Where the controller is, and how the engine goes about its work.
    public struct Options: Sendable {
        /// The engine's connection file; nil: what the environment names (`IPP_CONNECTION_INFO`,
        /// `IPP_PROFILE_DIR`, `IPP_CLUSTER_ID`), or that of the profile.
        public var file: String?
        public var profile: String?
        public var clusterID: String?
        /// How many times a worker that has died is replaced.
        public var restarts = 10
        /// Bytes that the worker's Lua state may hold.
        public var memoryLimit: Int?
        /// Seconds until the connection file has to be there, and the controller has to answer.
        public var timeout = 60.0

        public init() {}
    }

    /// Serves until the engine is told to end.
    ///
    /// - Parameters:
    ///   - options: which cluster, and what the engine may use.
    ///   - log: told what happens, a line at a time.
    /// - Returns: the exit code: 0, or 1 when no worker stays alive, or 255 when the controller
    ///   cannot be reached.
    public static func run(
        _ options: Options, log: @escaping @Sendable (String) -> Void
    ) -> Int32 {
        do {
            var engine = EngineOptions(
                try connection(options), program: try WorkerRuntime.program(),
                version: VTRuntimeVersion.text, log: log)
            engine.restarts = options.restarts
            engine.timeout = options.timeout
            engine.worker.memoryLimit = options.memoryLimit
            engine.worker.libraries = ["vt.engine"]
            engine.wanted = rank
            return try ClusterEngine(engine).run()
        } catch {
            log("\(error)")
            return 255
        }
    }

    /// The number that MPI or Slurm has given this process.
    private static var rank: Int? {
        ["PMI_RANK", "OMPI_COMM_WORLD_RANK", "SLURM_PROCID"].lazy
            .compactMap { environmentVariable($0).flatMap { Int($0) } }.first
    }

    private static func connection(_ options: Options) throws(ConnectionError) -> ConnectionInfo {
        if options.file == nil, options.profile == nil, options.clusterID == nil,
            let text = environmentVariable("IPP_CONNECTION_INFO")
        {
            return try ConnectionInfo(
                parsing: Array(text.utf8), role: .engine, source: "IPP_CONNECTION_INFO")
        }
        let file = file(options)
        // The controller may still be at its start.
        let patience = Int(min(options.timeout, 1e6) * 50)
        for _ in 0..<patience where !file.exists { usleep(20_000) }
        guard file.exists else {
            throw ConnectionError(
                "there is no connection file \(file.path); start a controller with: vtlua "
                    + "cluster start -n 0")
        }
        return try file.read()
    }

    private static func file(_ options: Options) -> ConnectionFile {
        if let path = options.file { return ConnectionFile(path: path, role: .engine) }
        let id = options.clusterID ?? environmentVariable("IPP_CLUSTER_ID")
        if options.profile == nil, let directory = environmentVariable("IPP_PROFILE_DIR") {
            return ConnectionFile(directory: directory, clusterID: id, role: .engine)
        }
        return ConnectionFile(profile: options.profile, clusterID: id, role: .engine)
    }
}
