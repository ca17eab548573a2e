// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTSystem

/// A tag of twelve letters for a machine, which is a part of the identity of its engines: processes
/// on one machine can share memory.
package enum HostTag {
    /// The tag of this machine.
    package static let own: String = {
        let boot = (try? File.read("/proc/sys/kernel/random/boot_id")) ?? []
        let space = File.target(ofLink: "/proc/self/ns/pid") ?? ""
        return String(digest(of: [.bytes(boot), .bytes(Array(space.utf8))]).prefix(12))
    }()

    /// The tag in an engine's identity; nil for engines of other programs.
    package static func of(_ uuid: String) -> String? {
        guard uuid.hasPrefix(PeerIdentity.prefix) else { return nil }
        let rest = uuid.dropFirst(PeerIdentity.prefix.count).split(separator: "-")
        return rest.count == 2 ? String(rest[0]) : nil
    }

    /// A new identity for an engine on this machine.
    package static func makeUUID() -> String {
        PeerIdentity.prefix + own + "-" + randomDigits(bytes: 12)
    }
}
