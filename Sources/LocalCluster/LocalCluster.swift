// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTRuntime
internal import VTSystem

/// A controller of ipyparallel and its engines, as processes of this machine.
///
/// They run in their own sessions, so that signals of a terminal do not reach them, and write logs
/// in the profile. An *attached* process ends with the process that started it, however that one
/// ends: a watcher, `vtlua cluster watch`, reads from a pipe that is never written to, and stops
/// the owner's processes when the pipe is closed. (A parent-death signal would follow the calling
/// thread, not the process, and can only be set between fork and exec, which is not safe in a
/// process with several threads.)
///
/// It must be used from one thread at a time.
package final class LocalCluster {
    /// The options for starting a controller.
    package struct Options: Sendable {
        /// The profile that holds the cluster's files.
        package var profile: ClusterProfile
        /// The number of engines to start.
        package var engines: Int
        /// The address that the controller listens on; nil for this machine only.
        package var ip: String?
        /// True to encrypt connections.
        package var isEncrypted = false
        /// True if the Hub keeps tasks and results, which takes memory.
        package var keepsResults = false
        /// True to reuse the ports and the key of existing connection files.
        package var reusesFiles = false
        /// True to reuse the connection files and to take over the engines of a crashed controller.
        package var restoresEngines = false
        /// Additional arguments of the controller.
        package var controllerArguments: [String] = []
        /// The command of an engine, to which `--file=PATH` is added; nil for `vtlua engine`.
        package var engineCommand: [String]?
        /// The seconds within which the controller must answer and all engines must join.
        package var timeout = 60.0
        /// True if everything ends with this process.
        package var isAttached = false

        package init(_ profile: ClusterProfile, engines: Int) {
            self.profile = profile
            self.engines = engines
        }
    }

    /// A step of starting a cluster.
    package enum Progress: Sendable, Equatable {
        case startingController
        case joined(Int, of: Int)
    }

    /// The number of processors available to this program, which is the default number of engines.
    package static var processors: Int { Processors.count }

    /// The profile that holds the cluster's files.
    package let profile: ClusterProfile
    var state: ClusterState
    /// The owner of the processes that are started and stopped; nil for processes without an owner,
    /// and for stopping all.
    let owner: ClusterState.Owner?
    /// The write end of the pipe that the watcher reads.
    private var watcherPipe: Int32 = -1

    init(_ profile: ClusterProfile, _ state: ClusterState, owner: ClusterState.Owner?) {
        self.profile = profile
        self.state = state
        self.owner = owner
    }

    /// An attached cluster ends now: the watcher stops it, unless ``stop(grace:check:)`` was
    /// called.
    deinit { if watcherPipe >= 0 { close(watcherPipe) } }

    // MARK: Finding

    /// Returns the running cluster of a profile that was started on this machine. The state of an
    /// ended cluster is removed.
    ///
    /// - Throws: ``ClusterError`` if the cluster runs on another machine.
    /// - Throws: ``ClusterError`` for a cluster of another machine.
    package static func find(_ profile: ClusterProfile) throws(ClusterError) -> LocalCluster? {
        guard let state = try ClusterState.read(profile) else { return nil }
        if state.isAlive { return LocalCluster(profile, state, owner: nil) }
        forget(profile)
        return nil
    }

    /// Removes the state of an ended cluster, unless another command runs, which may have started a
    /// new one.
    private static func forget(_ profile: ClusterProfile) {
        guard let lock = try? ClusterLock(profile, timeout: 0, check: {}) else { return }
        withExtendedLifetime(lock) {
            if let state = try? ClusterState.read(profile), !state.isAlive {
                ClusterState.remove(profile)
            }
        }
    }

    /// Returns the cluster of a profile, or one without a controller if that was started elsewhere.
    ///
    /// - Parameter isAttached: true if engines started through it end with this process.
    /// - Throws: ``ClusterError``.
    package static func joining(
        _ profile: ClusterProfile, isAttached: Bool = false
    ) throws(ClusterError) -> LocalCluster {
        var state = try ClusterState.read(profile)
        if let known = state, !known.isAlive { state = nil }
        return LocalCluster(
            profile, state ?? ClusterState(), owner: isAttached ? .current : nil)
    }

    /// The controller, if it was started here.
    package var controller: ClusterProcess? { state.controller?.process }

    /// The engines that were started here, with the ids that they had when they joined.
    package var engines: [(id: Int?, process: ClusterProcess)] {
        state.engines.map { ($0.id, $0.process) }
    }

    // MARK: The watcher

    /// Starts the watcher, unless it runs already.
    ///
    /// - Throws: ``ClusterError``.
    func attach() throws(ClusterError) {
        guard let owner, watcherPipe < 0 else { return }
        let pipe: (reading: Int32, writing: Int32)
        do {
            pipe = try Pipe.make()
        } catch {
            throw ClusterError(.system, error.description)
        }
        defer { close(pipe.reading) }
        var command = try [
            VTLuaProgram.path(), "cluster", "watch", "--profile-dir", profile.directory,
            "--owner", "\(owner.pid)", "--owner-start", "\(owner.start)",
        ]
        if !profile.clusterID.isEmpty { command += ["--cluster-id", profile.clusterID] }
        do throws(ClusterError) {
            _ = try SessionProgram(
                command: command, environment: [ClusterMark.variable: state.token],
                input: pipe.reading, log: "/dev/null"
            ).start()
        } catch {
            close(pipe.writing)
            throw error
        }
        watcherPipe = pipe.writing
    }

    /// Runs the watcher: waits until its owner ends, and then stops the owner's processes.
    package static func watch(
        _ profile: ClusterProfile, owner: (pid: Int32, start: Int)
    ) throws {
        var end = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        while poll(&end, 1, -1) < 0, errno == EINTR {}
        let owner = ClusterState.Owner(pid: owner.pid, start: owner.start)
        guard let state = try ClusterState.read(profile) else { return }
        try LocalCluster(profile, state, owner: owner).stop()
    }
}

/// The program `vtlua`, which runs engines and watchers.
package enum VTLuaProgram {
    /// Returns the path of this program if it is `vtlua`, else of the one that `VTLUA_WORKER`
    /// names, the one in the same directory, or the one on the `PATH`.
    ///
    /// - Throws: ``ClusterError``.
    package static func path() throws(ClusterError) -> String {
        if let named = environmentVariable("VTLUA_WORKER") { return named }
        let own = pathOfThisProgram ?? ""
        if own.hasSuffix("/vtlua") { return own }
        let beside = own.prefix(through: own.lastIndex(of: "/") ?? own.startIndex)
        if IPyParallel.isProgram("\(beside)/vtlua") { return "\(beside)/vtlua" }
        if let program = IPyParallel.programOnPath("vtlua") { return program }
        throw ClusterError(
            .startFailed,
            "`vtlua` is not on the PATH and is needed to run engines; set VTLUA_WORKER to its path")
    }
}
