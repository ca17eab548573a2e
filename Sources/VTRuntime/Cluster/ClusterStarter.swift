// SPDX-License-Identifier: BSD-3-Clause

/// Starts clusters for a program that has been offered them. What it starts ends with the program,
/// or before, by ``stop()``.
///
/// It belongs to one thread at a time.
package final class ClusterStarter: ClusterStarting {
    private var clusters: [LocalCluster] = []

    package init() {}

    package func startController(_ place: ClusterPlace) throws {
        var options = LocalCluster.Options(try profile(place), engines: 0)
        options.isAttached = !place.isDetached
        options.timeout = max(30, place.timeout)
        clusters.append(try LocalCluster.start(options))
    }

    package func startEngines(_ count: Int, _ place: ClusterPlace) throws {
        let profile = try profile(place)
        if let own = clusters.first(where: { $0.profile == profile }) {
            return try own.add(count, timeout: max(60, place.timeout))
        }
        let cluster = try LocalCluster.joining(profile, isAttached: !place.isDetached)
        try cluster.add(count, timeout: max(60, place.timeout))
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
