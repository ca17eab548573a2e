// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
internal import VTJupyter
internal import VTRuntime

// MARK: - The end

extension LocalCluster {
    /// Ends the engines and the controller, or, of an attached cluster, what belongs to this
    /// process. Nothing of it is left, whatever the processes do: what has not ended in time is
    /// killed, with all that it has started.
    ///
    /// - Parameters:
    ///   - grace: seconds that the engines, and then the controller, may take.
    ///   - check: called while another command is waited for.
    /// - Throws: ``ClusterError``; what `check` throws.
    package func stop(grace: Double = 5, check: () throws -> Void = {}) throws {
        let lock = try ClusterLock(profile, timeout: 30, check: check)
        defer { withExtendedLifetime(lock) {} }
        if let known = try ClusterState.read(profile) {
            state = known
        } else if owner != nil {
            return  // somebody else has stopped it
        }
        end(everything: owner == nil, grace: grace)
    }

    /// With the lock held.
    ///
    /// - Parameters:
    ///   - everything: also what belongs to no process, or to another.
    ///   - keepsFiles: whether the connection files stay in any case.
    func end(everything: Bool, grace: Double, keepsFiles: Bool = false) {
        guard state.isOfThisBoot else { return ClusterState.remove(profile) }
        let controller = state.controller.flatMap {
            everything || $0.owner == owner ? $0 : nil
        }
        // Engines are of no use without their controller.
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
        // Its schedulers are processes of their own, which outlive one that was killed.
        ClusterMark.killAll(state.token, session: controller.process.pid)
        state.controller = nil
        if state.engines.isEmpty { ClusterState.remove(profile) } else { try? state.write(profile) }
        guard !controller.keepsFiles, !keepsFiles else { return }
        // One that was killed leaves its connection files.
        profile.removeConnectionFiles()
    }

    /// Asks processes to end, all at once, and kills what has not ended in time.
    static func end(_ processes: [ClusterProcess], grace: Double) {
        for process in processes { process.terminate() }
        wait(for: processes, seconds: grace)
        for process in processes { process.signal(SIGKILL) }
        wait(for: processes, seconds: 2)
    }

    private static func wait(for processes: [ClusterProcess], seconds: Double) {
        let deadline = monotonicSeconds() + seconds
        while monotonicSeconds() < deadline {
            for process in processes { process.reap() }
            if !processes.contains(where: \.isAlive) { return }
            usleep(5000)
        }
    }
}
