// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTRuntime
internal import VTSystem

// MARK: - The controller

extension LocalCluster {
    /// Starts a controller and engines, and waits until the engines have joined. After an error
    /// nothing runs.
    ///
    /// - Parameters:
    ///   - progress: called with each step.
    ///   - check: called at least every 20 ms while waiting.
    /// - Throws: ``ClusterError``; any error of `check`.
    package static func start(
        _ options: Options, progress: (Progress) -> Void = { _ in },
        check: () throws -> Void = {}
    ) throws -> LocalCluster {
        let profile = options.profile
        let program = try IPyParallel.find()
        let deadline = Clock.seconds + options.timeout
        let lock = try ClusterLock(profile, timeout: options.timeout, check: check)
        defer { withExtendedLifetime(lock) {} }

        let left = try takeOver(options, check: check)
        let cluster = LocalCluster(
            profile, left ?? ClusterState(), owner: options.isAttached ? .current : nil)
        do {
            try cluster.attach()
            progress(.startingController)
            try cluster.startController(program, options)
            try cluster.awaitFiles(until: deadline, check: check)
            let missing = max(0, options.engines - cluster.state.engines.count)
            try cluster.addEngines(
                missing, of: options.engineCommand, isStarting: true, until: deadline,
                progress: progress, check: check)
        } catch {
            // Engines to be restored are still waiting for the controller that crashed.
            cluster.endController(grace: 2)
            if left == nil { cluster.end(everything: true, grace: 2) }
            throw error
        }
        return cluster
    }

    /// Prepares the profile for a new controller.
    ///
    /// - Returns: the state of a crashed cluster, if its engines will be restored.
    private static func takeOver(
        _ options: Options, check: () throws -> Void
    ) throws -> ClusterState? {
        let profile = options.profile
        var left = try ClusterState.read(profile)
        if let state = left, state.isOfThisBoot, let process = state.controller?.process,
            process.isAlive
        {
            throw ClusterError(
                .alreadyRunning,
                "a cluster runs in \(profile.description) already (controller \(process.pid)); see: "
                    + profile.command("status"))
        }
        if let state = left, !options.restoresEngines || !state.isAlive {
            LocalCluster(profile, state, owner: nil).end(
                everything: true, grace: 2,
                keepsFiles: options.reusesFiles || options.restoresEngines)
            left = nil
        }
        if let state = left {
            let crashed = LocalCluster(profile, state, owner: nil)
            crashed.endController(grace: 0, keepsFiles: true)
            left = crashed.state
            left?.engines.removeAll { !$0.process.isAlive }
        }
        if !options.reusesFiles, !options.restoresEngines {
            try removeStaleFiles(profile, check: check)
        }
        return left
    }

    /// Removes connection files of an ended controller, which would be taken for those of the new
    /// one.
    private static func removeStaleFiles(
        _ profile: ClusterProfile, check: () throws -> Void
    ) throws {
        let file = profile.connectionFile(.client)
        if file.exists, let info = try? file.read() {
            if !info.isHere {
                throw ClusterError(
                    .foreign,
                    "\(file.path) belongs to a controller on \(info.location); use another "
                        + "--cluster-id, or remove the file if that controller has ended")
            }
            if (try? HubQuery(info, timeout: 2).engines(check: check)) != nil {
                throw ClusterError(
                    .alreadyRunning,
                    "a controller that was started elsewhere answers at \(info.address), in "
                        + "\(profile.description); use it, or another --cluster-id")
            }
            try check()
        }
        profile.removeConnectionFiles()
    }

    /// The heartbeats that an engine may miss: those of 15 s. After an interruption of the network of
    /// 8 s, what was held up may need as long again.
    static let misses = "--HeartMonitor.max_heartmonitor_misses=30"

    private func startController(
        _ program: IPyParallel, _ options: Options
    ) throws(ClusterError) {
        var command = program.controller
        command += ["--profile-dir=\(profile.directory)", "--ping=500", Self.misses]
        if !profile.clusterID.isEmpty { command.append("--cluster-id=\(profile.clusterID)") }
        if !options.keepsResults { command.append("--nodb") }
        if let ip = options.ip { command.append("--ip=\(ip)") }
        if options.isEncrypted { command.append("--IPController.enable_curve=True") }
        if options.reusesFiles { command.append("--reuse") }
        if options.restoresEngines { command.append("--restore") }
        command += options.controllerArguments
        var environment = Self.environment(state.token)
        // Python must not import modules from this directory.
        environment["PYTHONSAFEPATH"] = "1"
        let process = try SessionProgram(
            command: command, environment: environment, log: profile.controllerLog
        ).start()
        state.controller = ClusterState.Controller(
            process: process, owner: owner,
            keepsFiles: options.reusesFiles || options.restoresEngines)
        try state.write(profile)
    }

    /// The environment of the processes, without the variables of ipyparallel's launchers, MPI and
    /// Slurm, which are not meant for them.
    static func environment(_ token: String) -> [String: String?] {
        var environment: [String: String?] = [ClusterMark.variable: token]
        let names = [
            "IPP_CONNECTION_INFO", "IPP_CLUSTER_ID", "IPP_PROFILE_DIR", "PMI_RANK",
            "OMPI_COMM_WORLD_RANK", "SLURM_PROCID",
        ]
        for name in names { environment.updateValue(nil, forKey: name) }
        return environment
    }

    /// Waits until the controller has written both files. It writes the engine's file last.
    private func awaitFiles(until deadline: Double, check: () throws -> Void) throws {
        while !profile.connectionFile(.engine).exists || !profile.connectionFile(.client).exists {
            try check()
            try checkController()
            guard Clock.seconds < deadline else {
                throw ClusterError(
                    .timeout, "the controller did not write its connection files in time",
                    details: Self.end(of: profile.controllerLog))
            }
            usleep(10_000)
        }
    }

    /// Checks that the controller still runs.
    ///
    /// - Throws: ``ClusterError`` if the controller was started here and has ended.
    func checkController() throws(ClusterError) {
        guard let process = state.controller?.process, !process.isAlive else { return }
        let code = process.reap().map { " with exit code \($0)" } ?? ""
        throw ClusterError(
            .startFailed, "the controller has ended\(code)",
            details: Self.end(of: process.log))
    }

    /// Returns the end of a log, for a message.
    static func end(of log: String) -> [String] {
        let lines = PrivateFile.tail(log, 5)
        return lines.isEmpty ? ["\(log) is empty"] : ["\(log) ends with:"] + lines.map { "  \($0)" }
    }
}
