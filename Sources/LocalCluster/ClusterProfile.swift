// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
package import VTJupyter
internal import VTRuntime

/// Where a cluster's files are: a profile of IPython, and which of its clusters.
package struct ClusterProfile: Sendable, Equatable {
    /// "default", or the directory where that has no profile's name.
    package let name: String
    /// Absolute.
    package let directory: String
    /// Empty: the profile's only one.
    package let clusterID: String

    /// - Parameters:
    ///   - profile: a name, or a path with a slash; nil: "default".
    ///   - directory: instead of the profile's name.
    /// - Throws: ``ClusterError`` for an id that cannot be part of a file's name.
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

    package func connectionFile(_ role: ConnectionInfo.Role) -> ConnectionFile {
        ConnectionFile(directory: directory, clusterID: clusterID, role: role)
    }

    func removeConnectionFiles() {
        for role in [ConnectionInfo.Role.client, .engine] { unlink(connectionFile(role).path) }
    }

    private var suffix: String { clusterID.isEmpty ? "" : "-\(clusterID)" }

    /// What is known of the processes.
    package var stateFile: String { "\(directory)/pid/vtlua-cluster\(suffix).json" }

    package var controllerLog: String { "\(directory)/log/vtlua-controller\(suffix).log" }

    package func engineLog(_ number: Int) -> String {
        "\(directory)/log/vtlua-engine\(suffix)-\(number).log"
    }

    /// "the profile 'default'"
    package var description: String {
        "the profile '\(name)'" + (clusterID.isEmpty ? "" : ", cluster '\(clusterID)'")
    }

    /// A command that is about this cluster.
    package func command(_ verb: String) -> String {
        var words = "vtlua cluster \(verb)"
        if name == directory {
            words += " --profile-dir \(directory)"
        } else if name != "default" {
            words += " --profile \(name)"
        }
        return words + (clusterID.isEmpty ? "" : " --cluster-id \(clusterID)")
    }
}
