// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter

/// The connection file of a cluster's controller.
package struct ClusterAddress: Sendable {
    private let file: ConnectionFile

    /// The controller did not answer in time.
    package struct NoReply: Error, CustomStringConvertible {
        /// The likely reason.
        package let description: String
    }

    /// The connection file with this path.
    package init(file path: String) { file = ConnectionFile(path: path, role: .client) }

    /// The connection file of a profile.
    ///
    /// - Parameters:
    ///   - profile: the name of the profile; nil: "default".
    ///   - clusterID: selects a cluster where the profile has several.
    package init(profile: String?, clusterID: String?) {
        file = ConnectionFile(profile: profile, clusterID: clusterID, role: .client)
    }

    /// The names of the profiles that have a connection file for clients, in order.
    package static func profiles() -> [String] { ConnectionFile.profiles() }

    /// True if the file exists.
    package var exists: Bool { file.exists }

    /// Connects to the cluster.
    ///
    /// - Parameters:
    ///   - timeout: seconds that the controller may take to answer.
    ///   - check: called about 50 times a second until then; what it throws ends the attempt.
    /// - Throws: ``NoReply``; `ConnectionError` for a malformed file; what `check` throws.
    package func open(timeout: Double, check: () throws -> Void) throws -> ClusterHandle {
        let info = try file.read()
        do {
            return ClusterHandle(try ClusterConnection.open(info, timeout: timeout, check: check))
        } catch let error as ConnectionError {
            throw NoReply(description: error.description)
        }
    }
}
