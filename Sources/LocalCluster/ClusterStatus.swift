// SPDX-License-Identifier: BSD-3-Clause

package import VTJupyter
internal import VTParallel
internal import VTRuntime
internal import VTSystem

/// The engines of a cluster and their state.
package struct ClusterStatus: Sendable {
    /// The state of one engine.
    package struct Engine: Sendable {
        /// The id at the Hub.
        package var id: Int
        /// The identity of the engine on the network.
        package var uuid: String
        /// The report of a VTLua engine; nil for a Python engine, or if the engine did not answer
        /// within a second.
        package var report: EngineReport?
        /// The engine's queue at the Hub.
        package var queue: HubQuery.Queue?
        /// The engine's process, if it was started on this machine.
        package var process: ClusterProcess?

        /// True for an engine of VTLua, false for one of Python.
        package var isLua: Bool { uuid.hasPrefix(PeerIdentity.prefix) }

        /// "idle", "busy" and so on; "silent" if the engine does not answer, "dead" if its process
        /// has ended.
        package var state: String {
            if let report { return report.state }
            if let process, !process.isAlive { return "dead" }
            if isLua { return "silent" }
            return (queue.map { $0.waiting + $0.tasks } ?? 0) > 0 ? "busy" : "idle"
        }

        /// The name of the engine's machine; nil if it is unknown.
        package var host: String? {
            report?.host ?? (HostTag.of(uuid) == HostTag.own ? hostName() : nil)
        }

        /// The process id of the engine; nil if it is unknown.
        package var pid: Int? { report?.pid ?? process.map { Int($0.pid) } }
    }

    /// The profile of the cluster.
    package var profile: ClusterProfile
    /// The address of the controller.
    package var address: String
    /// True if connections are encrypted.
    package var isEncrypted: Bool
    /// The host of the controller.
    package var location: String
    /// The controller's process; nil if it was started elsewhere.
    package var controller: ClusterProcess?
    /// The engines in the order of their ids.
    package var engines: [Engine]
    /// Engines that were started on this machine and have not joined, or have ended.
    package var missing: [ClusterProcess]
    /// Tasks that the controller's scheduler has not assigned to an engine yet.
    package var unassigned: Int

    /// Asks a running cluster for its status.
    ///
    /// - Parameter timeout: the seconds that the controller may take to answer. Engines have one
    ///   second.
    /// - Throws: ``ClusterError``; any error of `check`.
    package static func ask(
        _ profile: ClusterProfile, timeout: Double = 10, check: () throws -> Void = {}
    ) throws -> ClusterStatus {
        let cluster = try LocalCluster.find(profile)
        if let cluster, let process = cluster.controller, !process.isAlive {
            throw ClusterError(
                .notRunning,
                "the controller of \(profile.description) has ended; clean up with: "
                    + profile.command("stop"),
                details: LocalCluster.end(of: process.log))
        }
        let file = profile.connectionFile(.client)
        guard file.exists else { throw ClusterError.none(in: profile) }
        do {
            let info = try file.read()
            let hub = try HubQuery(info, timeout: timeout)
            let engines = try hub.engines(check: check)
            let queues = try hub.queueStatus()
            let replies = hub.ask(
                EngineReport.request, of: EngineReport.speakers(engines), timeout: 1)
            let list = engines.sorted { $0.key < $1.key }.map { id, uuid in
                Engine(
                    id: id, uuid: uuid, report: replies[uuid].flatMap(EngineReport.init),
                    queue: queues.engines[id],
                    process: cluster?.engines.first { $0.id == id }?.process)
            }
            return ClusterStatus(
                profile: profile, address: info.address, isEncrypted: info.curve != nil,
                location: info.location, controller: cluster?.controller, engines: list,
                missing: missing(cluster, list), unassigned: queues.unassigned)
        } catch let error as ConnectionError {
            throw ClusterError(.noAnswer, error.description)
        } catch let error as SocketError {
            throw ClusterError(.system, error.description)
        }
    }

    /// Returns the processes that have not joined. Engines that do not report their process id are
    /// matched by whether their process runs.
    private static func missing(_ cluster: LocalCluster?, _ engines: [Engine]) -> [ClusterProcess] {
        guard let cluster else { return [] }
        let known = Set(engines.compactMap(\.pid))
        let isMixed = engines.contains { $0.pid == nil }
        return cluster.engines.map(\.process).filter { process in
            !known.contains(Int(process.pid)) && (!isMixed || !process.isAlive)
        }
    }
}

extension ClusterError {
    static func none(in profile: ClusterProfile) -> ClusterError {
        ClusterError(
            .notRunning,
            profile.absence)
    }
}
