// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTSystem

/// The connection file of a cluster's controller.
package struct ClusterAddress: Sendable {
    private let file: ConnectionFile
    /// The name of the profile; nil for a file.
    private let profile: String?

    /// The controller did not answer in time.
    package struct NoReply: Error, CustomStringConvertible {
        /// The likely reason.
        package let description: String
    }

    /// The connection file with this path.
    package init(file path: String) {
        file = ConnectionFile(path: path, role: .client)
        profile = nil
    }

    /// The connection file of a profile.
    ///
    /// - Parameters:
    ///   - profile: the name of the profile; nil: "default".
    ///   - clusterID: selects a cluster where the profile has several.
    package init(profile: String?, clusterID: String?) {
        file = ConnectionFile(profile: profile, clusterID: clusterID, role: .client)
        self.profile = profile ?? "default"
    }

    /// The names of the profiles that have a connection file for clients, in order.
    package static func profiles() -> [String] { ConnectionFile.profiles() }

    /// True if the file exists.
    package var exists: Bool { file.exists }

    /// Describes that there is no file, for messages.
    ///
    /// - Parameter command: the command that starts a cluster there.
    package func absence(_ command: String) -> String {
        guard let profile else { return "there is no connection file \(file.path)" }
        let start = "start one with: \(command)"
        let directory = ConnectionFile.directory(ofProfile: profile)
        if File.exists(directory) { return "no cluster runs in the profile '\(profile)'; \(start)" }
        let others = Self.profiles()
        return "there is no profile '\(profile)' (\(directory)); "
            + (others.isEmpty ? "" : "clusters are in: \(others.joined(separator: ", ")); ") + start
    }

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
