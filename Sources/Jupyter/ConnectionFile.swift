// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc

/// Where the connection files of a cluster are, as IPython lays them out.
package struct ConnectionFile: Sendable, Equatable {
    package var path: String
    package var role: ConnectionInfo.Role

    package init(path: String, role: ConnectionInfo.Role) {
        self.path = path
        self.role = role
    }

    /// - Parameters:
    ///   - profile: its name; nil: "default".
    ///   - clusterID: of several clusters in one profile.
    package init(profile: String?, clusterID: String?, role: ConnectionInfo.Role) {
        self.init(
            directory: Self.directory(ofProfile: profile ?? "default"), clusterID: clusterID,
            role: role)
    }

    /// - Parameter directory: the profile's.
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

    package static func directory(ofProfile name: String) -> String {
        name.contains("/") ? name : "\(ipythonDirectory)/profile_\(name)"
    }

    /// The names of the profiles that have a client's file, in order.
    package static func profiles() -> [String] {
        let names = filesOfDirectory(ipythonDirectory).filter { $0.hasPrefix("profile_") }
            .map { String($0.dropFirst("profile_".count)) }
        return names.filter { name in
            ConnectionFile(profile: name, clusterID: nil, role: .client).exists
        }.sorted()
    }

    package var exists: Bool { access(path, R_OK) == 0 }

    /// Reads it. The controller may be writing it just now: what does not parse is read again.
    ///
    /// - Throws: ``ConnectionError``.
    package func read() throws(ConnectionError) -> ConnectionInfo {
        for attempt in 0... {
            guard let text = contents(of: path) else {
                throw ConnectionError("\(path): \(String(cString: strerror(errno)))")
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

    /// Nobody writes more.
    private static let largest = 1 << 20

    private func contents(of path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var text = [UInt8](repeating: 0, count: Self.largest)
        var count = 0
        while count < text.count {
            let more = Glibc.read(file, &text[count], text.count - count)
            if more < 0, errno == EINTR { continue }
            if more < 0 { return nil }
            if more == 0 { break }
            count += more
        }
        return Array(text.prefix(count))
    }
}

package func environmentVariable(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
}

/// The names in a directory; none where there is no such directory.
func filesOfDirectory(_ path: String) -> [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names
}
