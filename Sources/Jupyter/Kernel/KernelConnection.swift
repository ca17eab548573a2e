// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem

/// The endpoints and the key of a kernel, from the connection file that Jupyter writes for it.
package struct KernelConnection: Sendable {
    /// The sockets of a kernel.
    package enum Channel: String, CaseIterable, Sendable {
        case shell, control, stdin, iopub
        case heartbeat = "hb"
    }

    /// The key that signs messages.
    package let key: Key
    private let transport: String
    private let address: String
    private let ports: [Channel: Int]

    /// Reads a connection file.
    ///
    /// - Throws: ``ConnectionError``.
    package init(file path: String) throws(ConnectionError) {
        let text: [UInt8]
        do {
            text = try File.read(path, limit: 1 << 20)
        } catch {
            throw ConnectionError("\(path): \(error.reason)")
        }
        try self.init(parsing: text, source: path)
    }

    /// Parses a connection file.
    ///
    /// - Parameter source: the name of the file, for messages.
    /// - Throws: ``ConnectionError``.
    package init(parsing text: [UInt8], source: String) throws(ConnectionError) {
        let json: JSON
        do { json = try JSON(parsing: text) } catch {
            throw ConnectionError("\(source) is not JSON (at byte \(error.offset))")
        }
        guard json.members != nil else { throw ConnectionError("\(source) holds no JSON object") }
        transport = json["transport"].string ?? "tcp"
        guard ["tcp", "ipc"].contains(transport) else {
            throw ConnectionError("\(source): the transport is \(transport), not tcp or ipc")
        }
        address = json["ip"].string ?? "127.0.0.1"
        var ports: [Channel: Int] = [:]
        for channel in Channel.allCases {
            let name = channel.rawValue + "_port"
            guard let port = json[name].int, (1..<65536).contains(port) else {
                throw ConnectionError(
                    "\(source) has no port `\(name)`; is it a kernel's connection file?")
            }
            ports[channel] = port
        }
        self.ports = ports
        let scheme = json["signature_scheme"].string ?? "hmac-sha256"
        guard scheme == "hmac-sha256" else {
            throw ConnectionError(
                "\(source): the signature scheme is \(scheme), and only hmac-sha256 is understood")
        }
        key = Key(json["key"].string ?? "")
        guard !key.isEmpty || transport == "ipc" else {
            throw ConnectionError(
                "\(source) has no key: any process on this machine could send code")
        }
    }

    /// The address of a socket.
    package func endpoint(_ channel: Channel) -> String {
        // The initializer checked that each channel has a port.
        let port = ports[channel] ?? 0
        return transport == "ipc" ? "ipc://\(address)-\(port)" : "tcp://\(address):\(port)"
    }
}
