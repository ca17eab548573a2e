// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTLocalCluster

/// The options that select a cluster.
struct ClusterChoice: ParsableArguments {
    @Option(help: "Select an IPython profile by name or directory.")
    var profile: String?

    @Option(name: .customLong("profile-dir"), help: "Select an IPython profile by directory.")
    var profileDirectory: String?

    @Option(
        name: .customLong("cluster-id"),
        help: "Select a cluster when the profile has several.")
    var clusterID: String?

    func validate() throws {
        guard profile == nil || profileDirectory == nil else {
            throw ValidationError("--profile and --profile-dir cannot be combined")
        }
        do { _ = try found } catch { throw ValidationError(error.message) }
    }

    /// True if nothing was selected.
    var isDefault: Bool { profile == nil && profileDirectory == nil && clusterID == nil }

    var found: ClusterProfile {
        get throws(ClusterError) {
            try ClusterProfile(
                profile: profile, directory: profileDirectory, clusterID: clusterID)
        }
    }
}
