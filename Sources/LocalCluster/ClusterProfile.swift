// SPDX-License-Identifier: BSD-3-Clause

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
    /// The path of the client's connection file, if the cluster is given by it.
    private let clientFile: String?

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
        clientFile = nil
    }

    /// The cluster of a client's connection file, which may be a copy from another machine.
    package init(clientFile: String) {
        let path = Self.absolute(clientFile)
        self.clientFile = path
        name = path
        directory = path
        clusterID = ""
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
        if role == .client, let clientFile { return ConnectionFile(path: clientFile, role: role) }
        return ConnectionFile(directory: directory, clusterID: clusterID, role: role)
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
        if let clientFile { return "the cluster of \(clientFile)" }
        return "the profile '\(name)'" + (clusterID.isEmpty ? "" : ", cluster '\(clusterID)'")
    }

    /// The reason why there is no cluster, for messages.
    var absence: String {
        if let clientFile { return "there is no connection file \(clientFile)" }
        let isMissing = name != "default" && !File.exists(directory)
        return
            (isMissing
            ? "there is no profile '\(name)' (\(directory))" : "no cluster runs in \(description)")
            + "; start one with: \(command("start"))"
    }

    /// Returns a command for this cluster, for messages.
    package func command(_ verb: String) -> String {
        var words = "vtlua cluster \(verb)"
        if clientFile != nil { return words }
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
    /// - Returns: the engines that did not answer.
    /// - Throws: `ConnectionError`, `SocketError`.
    package func shutDown(timeout: Double) throws -> [String] {
        let left = endEngines {}
        try HubQuery(connectionFile(.client).read(), timeout: timeout).shutdown()
        return left
    }

    /// Asks all engines of the cluster to end, also those that other programs have started: without
    /// their controller they are of no use.
    ///
    /// - Returns: the engines that did not answer within 2 s.
    func endEngines(_ check: () throws -> Void) -> [String] {
        guard let info = try? connectionFile(.client).read(),
            let hub = try? HubQuery(info, timeout: 2), let engines = try? hub.engines(check: check)
        else { return [] }
        let replies = hub.ask(
            "shutdown_request", of: engines.values.sorted(), content: ["restart": false], timeout: 2
        )
        return engines.filter { replies[$0.value] == nil }.sorted { $0.key < $1.key }.map {
            "engine \($0.key) (\($0.value.hasPrefix(PeerIdentity.prefix) ? "lua" : "python"))"
        }
    }
}
