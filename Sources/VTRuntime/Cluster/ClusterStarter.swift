// SPDX-License-Identifier: BSD-3-Clause

/// Starts clusters for a program that has been offered them. What it starts ends with the program,
/// or before, by ``stop()``.
///
/// It belongs to one thread at a time.
package final class ClusterStarter: ClusterStarting {
    private var clusters: [LocalCluster] = []
    /// Told what happens while it starts something.
    package var progress: (LocalCluster.Progress) -> Void = { _ in }
    /// Called every now and then meanwhile; what it throws ends that.
    package var check: () throws -> Void = {}

    package init() {}

    package func startController(_ place: ClusterPlace) throws {
        var options = LocalCluster.Options(try profile(place), engines: 0)
        options.isAttached = true
        options.timeout = max(30, place.timeout)
        clusters.append(try LocalCluster.start(options, progress: progress, check: check))
    }

    package func startEngines(_ count: Int, _ place: ClusterPlace) throws {
        let profile = try profile(place)
        if let own = clusters.first(where: { $0.profile == profile }) {
            return try own.add(
                count, timeout: max(60, place.timeout), progress: progress, check: check)
        }
        let cluster = try LocalCluster.joining(profile, isAttached: true)
        try cluster.add(
            count, timeout: max(60, place.timeout), progress: progress, check: check)
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
