// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import Glibc
internal import VTJupyter
internal import VTRuntime

/// A controller of ipyparallel and engines, as processes of this machine.
///
/// They run in sessions of their own, so that no terminal's signal reaches them, and write to logs
/// in the profile. What is started *attached* ends with the process that has started it, however
/// that ends: a watcher, `vtlua cluster watch`, reads a pipe that nobody writes to, and stops what
/// belongs to its owner when the pipe is closed. (A parent's death signal would be the thread's
/// that called, and cannot be had without a fork in a process of many threads.)
///
/// It belongs to one thread at a time.
package final class LocalCluster {
    /// How a controller is started.
    package struct Options: Sendable {
        package var profile: ClusterProfile
        package var engines: Int
        /// The address that it listens at; nil: this machine only.
        package var ip: String?
        /// Whether connections are encrypted.
        package var isEncrypted = false
        /// Whether the Hub keeps tasks and results, at the cost of its memory.
        package var keepsResults = false
        /// Keeps the ports and the key of the connection files that are there.
        package var reusesFiles = false
        /// The same, and takes the engines of a controller that has crashed.
        package var restoresEngines = false
        package var controllerArguments: [String] = []
        /// What an engine is; `--file=PATH` is added to it. nil: `vtlua engine`.
        package var engineCommand: [String]?
        /// Seconds until the controller answers and all engines have joined.
        package var timeout = 60.0
        /// Whether everything ends with this process.
        package var isAttached = false

        package init(_ profile: ClusterProfile, engines: Int) {
            self.profile = profile
            self.engines = engines
        }
    }

    package enum Progress: Sendable, Equatable {
        case startingController
        case joined(Int, of: Int)
    }

    /// How many processors this program may use: as many engines have work to do.
    package static var processors: Int { Int(vtp_processors()) }

    package let profile: ClusterProfile
    var state: ClusterState
    /// Whose processes it starts and stops; nil: those that stay, and all.
    let owner: ClusterState.Owner?
    /// The pipe that the watcher reads.
    private var watcherPipe: Int32 = -1

    init(_ profile: ClusterProfile, _ state: ClusterState, owner: ClusterState.Owner?) {
        self.profile = profile
        self.state = state
        self.owner = owner
    }

    /// An attached cluster ends now: by the watcher, unless ``stop(grace:check:)`` was called.
    deinit { if watcherPipe >= 0 { close(watcherPipe) } }

    // MARK: Finding

    /// The cluster of a profile that was started on this machine and of which something runs. What
    /// is known of one that is gone is forgotten.
    ///
    /// - Throws: ``ClusterError`` for a cluster of another machine.
    package static func find(_ profile: ClusterProfile) throws(ClusterError) -> LocalCluster? {
        guard let state = try ClusterState.read(profile) else { return nil }
        if state.isAlive { return LocalCluster(profile, state, owner: nil) }
        forget(profile)
        return nil
    }

    /// Unless another command is at work: it may have begun anew.
    private static func forget(_ profile: ClusterProfile) {
        guard let lock = try? ClusterLock(profile, timeout: 0, check: {}) else { return }
        withExtendedLifetime(lock) {
            if let state = try? ClusterState.read(profile), !state.isAlive {
                ClusterState.remove(profile)
            }
        }
    }

    /// The cluster of a profile, or engines to be for a controller that was started elsewhere.
    ///
    /// - Parameter isAttached: whether what it starts ends with this process.
    /// - Throws: ``ClusterError``.
    package static func joining(
        _ profile: ClusterProfile, isAttached: Bool = false
    ) throws(ClusterError) -> LocalCluster {
        var state = try ClusterState.read(profile)
        if let known = state, !known.isAlive { state = nil }
        return LocalCluster(
            profile, state ?? ClusterState(), owner: isAttached ? .current : nil)
    }

    /// The controller, when it was started here.
    package var controller: ClusterProcess? { state.controller?.process }

    /// The engines that were started here, with the ids that they had when they joined.
    package var engines: [(id: Int?, process: ClusterProcess)] {
        state.engines.map { ($0.id, $0.process) }
    }

    // MARK: What ends with the owner

    /// Starts the watcher, once.
    ///
    /// - Throws: ``ClusterError``.
    func attach() throws(ClusterError) {
        guard let owner, watcherPipe < 0 else { return }
        var ends: [Int32] = [-1, -1]
        guard vtp_pipe(&ends) == 0 else {
            throw ClusterError(.system, "cannot make a pipe: \(String(cString: strerror(errno)))")
        }
        defer { close(ends[0]) }
        var command = try [
            VTLuaProgram.path(), "cluster", "watch", "--profile-dir", profile.directory,
            "--owner", "\(owner.pid)", "--owner-start", "\(owner.start)",
        ]
        if !profile.clusterID.isEmpty { command += ["--cluster-id", profile.clusterID] }
        do throws(ClusterError) {
            _ = try SessionProgram(
                command: command, environment: [ClusterMark.variable: state.token],
                input: ends[0], log: "/dev/null"
            ).start()
        } catch {
            close(ends[1])
            throw error
        }
        watcherPipe = ends[1]
    }

    /// What the watcher does: waits for the end of its owner, and stops what belongs to it.
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

/// The program `vtlua`, of which engines and watchers are made.
package enum VTLuaProgram {
    /// This program if it is one, else that which `VTLUA_WORKER` names, that beside it, or that on
    /// the `PATH`.
    ///
    /// - Throws: ``ClusterError``.
    package static func path() throws(ClusterError) -> String {
        if let named = environmentVariable("VTLUA_WORKER") { return named }
        let own = target(ofLink: "/proc/self/exe") ?? ""
        if own.hasSuffix("/vtlua") { return own }
        let beside = own.prefix(through: own.lastIndex(of: "/") ?? own.startIndex)
        if IPyParallel.isProgram("\(beside)/vtlua") { return "\(beside)/vtlua" }
        if let program = IPyParallel.programOnPath("vtlua") { return program }
        throw ClusterError(
            .startFailed,
            "`vtlua` is not on the PATH; engines are made of it. Name it by VTLUA_WORKER")
    }
}
