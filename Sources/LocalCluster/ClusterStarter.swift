// SPDX-License-Identifier: BSD-3-Clause

public import VTRuntime
internal import VTSystem

/// Starts clusters on this machine for a program whose user has accepted an offer. What it starts
/// ends with the program, or before, by ``stop()``.
///
/// ```swift
/// var options = Runtime.Options()
/// options.answer = { _ in .yes }
/// options.clusterStarter = { ClusterStarter() }
/// ```
///
/// It must be used from one thread at a time.
public final class ClusterStarter: ClusterStarting {
    private var clusters: [LocalCluster] = []

    /// Starts nothing yet.
    public init() {}

    /// Starts a controller in a profile and waits until it answers.
    ///
    /// - Parameters:
    ///   - place: the profile, and for how long the start may wait: at least 30 seconds.
    ///   - check: called while the method waits; an error that it throws ends the start.
    /// - Throws: an error whose description gives the reason; what `check` throws.
    public func startController(_ place: ClusterPlace, check: () throws -> Void = {}) throws {
        var options = LocalCluster.Options(try profile(place), engines: 0)
        options.isAttached = !place.isDetached
        options.timeout = max(.seconds(30), place.timeout).inSeconds
        clusters.append(try LocalCluster.start(options, check: check))
    }

    /// Starts engines and waits until they have joined the controller.
    ///
    /// - Parameters:
    ///   - count: the number of engines to start, 1 or more.
    ///   - place: the profile, and for how long the start may wait: at least 60 seconds.
    ///   - check: called while the method waits; an error that it throws ends the start.
    /// - Throws: an error whose description gives the reason; what `check` throws.
    public func startEngines(
        _ count: Int, _ place: ClusterPlace, check: () throws -> Void = {}
    ) throws {
        let profile = try profile(place)
        let timeout = max(.seconds(60), place.timeout).inSeconds
        if let own = clusters.first(where: { $0.profile == profile }) {
            return try own.add(count, timeout: timeout, check: check)
        }
        let cluster = try LocalCluster.joining(profile, isAttached: !place.isDetached)
        try cluster.add(count, timeout: timeout, check: check)
        clusters.append(cluster)
    }

    /// Stops what it has started, and waits until it has ended.
    public func stop() {
        // The watcher stops what could not be stopped here.
        for cluster in clusters { _ = try? cluster.stop() }
        clusters = []
    }

    private func profile(_ place: ClusterPlace) throws(ClusterError) -> ClusterProfile {
        try ClusterProfile(profile: place.profile, clusterID: place.clusterID)
    }
}
