// SPDX-License-Identifier: BSD-3-Clause

/// Starts clusters for a program that has been offered them. What it starts ends with the program,
/// or before, by ``stop()``.
///
/// It belongs to one thread at a time.
package final class ClusterStarter {
    private var clusters: [LocalCluster] = []

    package init() {}

    /// - Parameter check: called every now and then; what it throws ends the start.
    package func startController(_ place: ClusterPlace, check: () throws -> Void = {}) throws {
        var options = LocalCluster.Options(try profile(place), engines: 0)
        options.isAttached = !place.isDetached
        options.timeout = max(30, place.timeout)
        clusters.append(try LocalCluster.start(options, check: check))
    }

    package func startEngines(
        _ count: Int, _ place: ClusterPlace, check: () throws -> Void = {}
    ) throws {
        let profile = try profile(place)
        let timeout = max(60, place.timeout)
        if let own = clusters.first(where: { $0.profile == profile }) {
            return try own.add(count, timeout: timeout, check: check)
        }
        let cluster = try LocalCluster.joining(profile, isAttached: !place.isDetached)
        try cluster.add(count, timeout: timeout, check: check)
        clusters.append(cluster)
    }

    /// Ends what it has started.
    package func stop() {
        // The watcher sees to what cannot be stopped now.
        for cluster in clusters { try? cluster.stop() }
        clusters = []
    }

    private func profile(_ place: ClusterPlace) throws(ClusterError) -> ClusterProfile {
        try ClusterProfile(profile: place.profile, clusterID: place.clusterID)
    }
}

extension ClusterPlace {
    /// - Parameters:
    ///   - profile: a name, or a path with a slash; nil: "default".
    ///   - timeout: seconds that the controller may take to answer.
    package init(named profile: String?, clusterID: String? = nil, timeout: Double = 10) {
        self.init(profile: profile, clusterID: clusterID, timeout: timeout)
    }
}
