// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem

/// The connection file of a cluster, at the path where IPython keeps it.
package struct ConnectionFile: Sendable, Equatable {
    /// The path of the file.
    package var path: String
    /// The side that the file is for.
    package var role: ConnectionInfo.Role

    package init(path: String, role: ConnectionInfo.Role) {
        self.path = path
        self.role = role
    }

    /// Finds the file in a profile of IPython.
    ///
    /// - Parameters:
    ///   - profile: the name of the profile; nil for "default".
    ///   - clusterID: selects a cluster when the profile has several.
    package init(profile: String?, clusterID: String?, role: ConnectionInfo.Role) {
        self.init(
            directory: Self.directory(ofProfile: profile ?? "default"), clusterID: clusterID,
            role: role)
    }

    /// Finds the file in a profile's directory.
    ///
    /// - Parameters:
    ///   - directory: the profile's directory.
    ///   - clusterID: selects a cluster when the profile has several.
    package init(directory: String, clusterID: String?, role: ConnectionInfo.Role) {
        let id = clusterID.flatMap { $0.isEmpty ? nil : "-\($0)" } ?? ""
        path = "\(directory)/security/ipcontroller\(id)-\(role.rawValue).json"
        self.role = role
    }

    /// `$IPYTHONDIR`, or `~/.ipython`.
    package static var ipythonDirectory: String {
        if let directory = environmentVariable("IPYTHONDIR") { return directory }
        return (environmentVariable("HOME") ?? "") + "/.ipython"
    }

    /// Returns the directory of a profile; a name with a slash is a path already.
    package static func directory(ofProfile name: String) -> String {
        name.contains("/") ? name : "\(ipythonDirectory)/profile_\(name)"
    }

    /// The names of the profiles that have a client's file, in order.
    package static func profiles() -> [String] {
        let names = Directory.entries(of: ipythonDirectory).map(\.name).filter {
            $0.hasPrefix("profile_")
        }
        .map { String($0.dropFirst("profile_".count)) }
        return names.filter { name in
            ConnectionFile(profile: name, clusterID: nil, role: .client).exists
        }.sorted()
    }

    /// True if the file exists and can be read.
    package var exists: Bool { access(path, R_OK) == 0 }

    /// Reads the file. A file that does not parse is read again, because the controller may be
    /// writing it.
    ///
    /// - Throws: ``ConnectionError``.
    package func read() throws(ConnectionError) -> ConnectionInfo {
        for attempt in 0... {
            let text: [UInt8]
            do {
                text = try File.read(path, limit: 1 << 20)
            } catch {
                throw ConnectionError("\(path): \(error.reason)")
            }
            do throws(ConnectionError) {
                return try ConnectionInfo(parsing: text, role: role, source: path)
            } catch {
                if attempt == 3 { throw error }
                usleep(100_000)
            }
        }
        throw ConnectionError("\(path) cannot be read")
    }
}
