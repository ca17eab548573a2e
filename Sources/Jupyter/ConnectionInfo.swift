// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem

/// The ports and the key of a controller, from the connection file that it writes.
package struct ConnectionInfo: Sendable {
    /// The side that a file is for. A client's file has other ports than an engine's.
    package enum Role: String, Sendable { case client, engine }

    package let role: Role
    /// The text of the file, on one line.
    package let text: [UInt8]
    /// The transport and the host, such as `tcp://127.0.0.1`.
    package let interface: String
    /// The key that signs messages.
    package let key: Key
    /// The server's public CURVE key; nil if connections are not encrypted.
    package let curve: String?
    /// The host that the controller runs on.
    package let location: String
    /// The scheme of the task scheduler: "leastload", "pure", ...
    package let taskScheme: String
    private let ports: [String: Int]
    /// The ports of a broadcast view.
    package let broadcast: [Int]

    /// Parses a connection file.
    ///
    /// - Parameter source: the name of the file, for messages.
    /// - Throws: ``ConnectionError``.
    package init(parsing text: [UInt8], role: Role, source: String) throws(ConnectionError) {
        let json: JSON
        do { json = try JSON(parsing: text) } catch {
            throw ConnectionError("\(source) is not JSON (at byte \(error.offset))")
        }
        guard json.members != nil else { throw ConnectionError("\(source) holds no JSON object") }
        self.role = role
        self.text = json.bytes
        let needed =
            switch role {
            case .client: ["registration", "control", "mux", "task", "iopub", "notification"]
            case .engine:
                ["registration", "control", "mux", "task", "iopub", "hb_ping", "hb_pong"]
            }
        var ports: [String: Int] = [:]
        for name in needed {
            guard let port = json[name].int, (0..<65536).contains(port) else {
                let other = role == .client ? "engine" : "client"
                throw ConnectionError(
                    "\(source) has no port `\(name)`; is it the \(other)'s file?")
            }
            ports[name] = port
        }
        self.ports = ports
        switch json["broadcast"] {
        case .array(let list): broadcast = list.compactMap(\.int)
        case .integer(let port): broadcast = [port]
        default: broadcast = []
        }
        for end in ["pack", "unpack"] {
            let format = json[end].string ?? "json"
            guard format == "json" || format == "orjson" else {
                throw ConnectionError(
                    "\(source): the controller packs messages as \(format), and only json is "
                        + "understood; start it with --Session.packer=json")
            }
        }
        let scheme = json["signature_scheme"].string ?? "hmac-sha256"
        guard scheme == "hmac-sha256" else {
            throw ConnectionError(
                "\(source): the signature scheme is \(scheme), and only hmac-sha256 is understood")
        }
        key = Key(json["key"].string ?? json["exec_key"].string ?? "")
        curve = json["curve_serverkey"].string.flatMap { $0.isEmpty ? nil : $0 }
        if let curve, curve.utf8.count != 40 {
            throw ConnectionError("\(source): `curve_serverkey` is not a key of 40 letters")
        }
        guard !key.isEmpty || curve != nil else {
            throw ConnectionError(
                "\(source) has no key: any process could send code. Start the controller with a "
                    + "key, or with --enable-curve")
        }
        location = json["location"].string ?? ""
        taskScheme = json["task_scheme"].string ?? "leastload"
        let given = json["interface"].string ?? json["url"].string ?? "tcp://127.0.0.1"
        interface = Self.reachable(given, location: location)
        if let ssh = json["ssh"].string, !ssh.isEmpty, !Self.isHere(location) {
            throw ConnectionError(
                "\(source): the controller is reached through ssh (\(ssh)), which is not done "
                    + "here; forward its ports with ssh -L, and set `ssh` to \"\"")
        }
    }

    /// The address of a named port.
    package func endpoint(_ name: String) -> String { endpoint(ports[name] ?? 0) }

    package func endpoint(_ port: Int) -> String {
        interface.hasPrefix("ipc://") ? "\(interface)-\(port)" : "\(interface):\(port)"
    }

    /// Replaces an address that stands for all interfaces, which a client cannot connect to.
    private static func reachable(_ interface: String, location: String) -> String {
        for anywhere in ["tcp://0.0.0.0", "tcp://*", "tcp://[::]"] where interface == anywhere {
            return "tcp://" + (isHere(location) ? "127.0.0.1" : location)
        }
        return interface
    }

    private static func isHere(_ location: String) -> Bool {
        location.isEmpty || location == "127.0.0.1" || location == "localhost"
            || location == hostName() || location == String(hostName().prefix { $0 != "." })
    }

    /// True if the controller runs on this machine.
    package var isHere: Bool { Self.isHere(location) }

    /// The controller's address, for messages.
    package var address: String { endpoint("registration") }
}

/// A connection that cannot be made or used: the cause and the remedy.
package struct ConnectionError: Error, CustomStringConvertible, Equatable {
    package let description: String
    package init(_ description: String) { self.description = description }
}
