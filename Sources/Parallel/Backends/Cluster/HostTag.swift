// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTSystem

/// Which machine this is, in a word of twelve letters that stands in the identity of an engine:
/// those on one machine can hand each other memory.
package enum HostTag {
    package static let own: String = {
        let boot = (try? File.read("/proc/sys/kernel/random/boot_id")) ?? []
        let space = File.target(ofLink: "/proc/self/ns/pid") ?? ""
        return String(digest(of: [.bytes(boot), .bytes(Array(space.utf8))]).prefix(12))
    }()

    /// The tag in an engine's identity; nil if it is none of ours.
    package static func of(_ uuid: String) -> String? {
        guard uuid.hasPrefix(EngineWire.prefix) else { return nil }
        let rest = uuid.dropFirst(EngineWire.prefix.count).split(separator: "-")
        return rest.count == 2 ? String(rest[0]) : nil
    }

    package static func makeUUID() -> String {
        EngineWire.prefix + own + "-" + randomDigits(bytes: 12)
    }
}
