// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
package import VTJupyter
internal import VTRuntime
internal import VTSystem

/// A profile of IPython that holds a cluster's files, and the id of the cluster in it.
package struct ClusterProfile: Sendable, Equatable {
    /// The name of the profile, or the directory if it has no profile's name.
    package let name: String
    /// The absolute path of the profile's directory.
    package let directory: String
    /// The id of the cluster; empty if it is the profile's only one.
    package let clusterID: String

    /// Finds the directory of a profile.
    ///
    /// - Parameters:
    ///   - profile: a name, or a path with a slash; nil for "default".
    ///   - directory: the profile's directory, instead of its name.
    /// - Throws: ``ClusterError`` if the id cannot be part of a file name.
    package init(
        profile: String? = nil, directory: String? = nil, clusterID: String? = nil
    ) throws(ClusterError) {
        let id = clusterID ?? ""
        let isWord = id.allSatisfy {
            $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0))
        }
        guard isWord, id.utf8.count <= 100 else {
            throw ClusterError(
                .system, "'\(id)' cannot be a cluster's id: use letters, digits and . _ -")
        }
        let found = directory ?? ConnectionFile.directory(ofProfile: profile ?? "default")
        self.directory = Self.absolute(found)
        self.clusterID = id
        name = directory == nil ? profile ?? "default" : self.directory
    }

    private static func absolute(_ path: String) -> String {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        if path.hasPrefix("/") { return path }
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        guard let here = getcwd(&buffer, buffer.count) else { return path }
        return path == "." ? String(cString: here) : String(cString: here) + "/" + path
    }

    /// Returns the connection file for one side.
    package func connectionFile(_ role: ConnectionInfo.Role) -> ConnectionFile {
        ConnectionFile(directory: directory, clusterID: clusterID, role: role)
    }

    func removeConnectionFiles() {
        for role in [ConnectionInfo.Role.client, .engine] { unlink(connectionFile(role).path) }
    }

    private var suffix: String { clusterID.isEmpty ? "" : "-\(clusterID)" }

    /// The path of the file with the state of the processes.
    package var stateFile: String { "\(directory)/pid/vtlua-cluster\(suffix).json" }

    /// The path of the controller's log.
    package var controllerLog: String { "\(directory)/log/vtlua-controller\(suffix).log" }

    /// Returns the path of an engine's log.
    package func engineLog(_ number: Int) -> String {
        "\(directory)/log/vtlua-engine\(suffix)-\(number).log"
    }

    /// The profile for messages, such as "the profile 'default'".
    package var description: String {
        "the profile '\(name)'" + (clusterID.isEmpty ? "" : ", cluster '\(clusterID)'")
    }

    /// Returns a command for this cluster, for messages.
    package func command(_ verb: String) -> String {
        var words = "vtlua cluster \(verb)"
        if name == directory {
            words += " --profile-dir \(directory)"
        } else if name != "default" {
            words += " --profile \(name)"
        }
        return words + (clusterID.isEmpty ? "" : " --cluster-id \(clusterID)")
    }

    /// Asks the controller to end its engines and itself.
    ///
    /// - Parameter timeout: the seconds that the controller may take to answer.
    /// - Throws: `ConnectionError`, `SocketError`.
    package func shutDown(timeout: Double) throws {
        try HubQuery(connectionFile(.client).read(), timeout: timeout).shutdown()
    }
}
