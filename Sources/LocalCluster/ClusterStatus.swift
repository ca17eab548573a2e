// SPDX-License-Identifier: BSD-3-Clause

package import VTJupyter
internal import VTParallel
internal import VTRuntime

/// Who is in a cluster, and what they are doing.
package struct ClusterStatus: Sendable {
    package struct Engine: Sendable {
        package var id: Int
        package var uuid: String
        /// What the engine says of itself; nil: it is Python's, or has not answered within a
        /// second.
        package var report: EngineReport?
        /// What the Hub knows of its work.
        package var queue: HubQuery.Queue?
        /// Its process, when it was started on this machine.
        package var process: ClusterProcess?

        package var isLua: Bool { uuid.hasPrefix(EngineWire.prefix) }

        /// "idle", "busy", ...; "silent" for one that does not answer, "dead" for one that cannot.
        package var state: String {
            if let report { return report.state }
            if let process, !process.isAlive { return "dead" }
            if isLua { return "silent" }
            return (queue.map { $0.waiting + $0.tasks } ?? 0) > 0 ? "busy" : "idle"
        }

        /// nil: it does not say.
        package var host: String? {
            report?.host ?? (HostTag.of(uuid) == HostTag.own ? hostName() : nil)
        }

        package var pid: Int? { report?.pid ?? process.map { Int($0.pid) } }
    }

    package var profile: ClusterProfile
    package var address: String
    /// Whether connections are encrypted.
    package var isEncrypted: Bool
    /// The machine that it runs on.
    package var location: String
    /// nil: it was started elsewhere.
    package var controller: ClusterProcess?
    /// By id.
    package var engines: [Engine]
    /// Engines that were started here, and are not among those that have joined: they have ended,
    /// or are on their way.
    package var missing: [ClusterProcess]
    /// Tasks that the controller's scheduler has given to nobody yet.
    package var unassigned: Int

    /// Asks a running cluster.
    ///
    /// - Parameter timeout: seconds that the controller may take to answer; engines have one.
    /// - Throws: ``ClusterError``; what `check` throws.
    package static func ask(
        _ profile: ClusterProfile, timeout: Double = 10, check: () throws -> Void = {}
    ) throws -> ClusterStatus {
        let cluster = try LocalCluster.find(profile)
        if let cluster, let process = cluster.controller, !process.isAlive {
            throw ClusterError(
                .notRunning,
                "the controller of \(profile.description) has ended; clear up with: "
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

    /// Which engine is which process is known of those that say it; others are told by whether they
    /// live.
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
            "no cluster runs in \(profile.description); start one with: "
                + profile.command("start"))
    }
}
