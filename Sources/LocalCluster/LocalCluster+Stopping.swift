// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTRuntime
internal import VTSystem

// MARK: - The end

extension LocalCluster {
    /// Stops the engines and the controller or, in an attached cluster, the processes that belong
    /// to this one. Processes that do not end in time are killed, with all their children.
    ///
    /// - Parameters:
    ///   - grace: the seconds that the engines, and then the controller, may take.
    ///   - check: called while waiting for another command.
    /// - Returns: the engines of the cluster that other programs have started and that did not
    ///   answer the request to end.
    /// - Throws: ``ClusterError``; any error of `check`.
    @discardableResult
    package func stop(grace: Double = 5, check: () throws -> Void = {}) throws -> [String] {
        let lock = try ClusterLock(profile, timeout: 30, check: check)
        defer { withExtendedLifetime(lock) {} }
        if let known = try ClusterState.read(profile) {
            state = known
        } else if owner != nil {
            return []  // another command has stopped it
        }
        let left = owner == nil && controller?.isAlive == true ? profile.endEngines(check) : []
        end(everything: owner == nil, grace: grace)
        return left
    }

    /// Stops the processes; the lock must be held.
    ///
    /// - Parameters:
    ///   - everything: true to stop also the processes without an owner, and those of other owners.
    ///   - keepsFiles: true to keep the connection files in any case.
    func end(everything: Bool, grace: Double, keepsFiles: Bool = false) {
        guard state.isOfThisBoot else { return ClusterState.remove(profile) }
        let controller = state.controller.flatMap {
            everything || $0.owner == owner ? $0 : nil
        }
        // Engines are useless without their controller.
        let leaving = state.engines.filter {
            everything || controller != nil || $0.owner == owner
        }
        Self.end(leaving.map(\.process), grace: grace)
        if controller != nil { endController(grace: grace, keepsFiles: keepsFiles) }
        state.engines.removeAll { engine in leaving.contains(engine) }
        if state.controller == nil, state.engines.isEmpty {
            ClusterMark.killAll(state.token)
            ClusterState.remove(profile)
        } else {
            try? state.write(profile)
        }
    }

    func endController(grace: Double, keepsFiles: Bool = false) {
        guard let controller = state.controller else { return }
        Self.end([controller.process], grace: grace)
        // Its schedulers are separate processes, which survive a killed controller.
        ClusterMark.killAll(state.token, session: controller.process.pid)
        state.controller = nil
        if state.engines.isEmpty { ClusterState.remove(profile) } else { try? state.write(profile) }
        guard !controller.keepsFiles, !keepsFiles else { return }
        // A killed controller leaves its connection files behind.
        profile.removeConnectionFiles()
    }

    /// Asks processes to end, all at once, and kills those that have not ended in time.
    static func end(_ processes: [ClusterProcess], grace: Double) {
        for process in processes { process.terminate() }
        wait(for: processes, seconds: grace)
        for process in processes { process.signal(SIGKILL) }
        wait(for: processes, seconds: 2)
    }

    private static func wait(for processes: [ClusterProcess], seconds: Double) {
        let deadline = Clock.seconds + seconds
        while Clock.seconds < deadline {
            for process in processes { process.reap() }
            if !processes.contains(where: \.isAlive) { return }
            usleep(5000)
        }
    }
}
