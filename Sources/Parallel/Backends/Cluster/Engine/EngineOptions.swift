// SPDX-License-Identifier: BSD-3-Clause

package import VTJupyter
internal import VTSystem

/// What an engine is told at its start.
package struct EngineOptions: Sendable {
    package var info: ConnectionInfo
    /// How its worker is made.
    package var worker: WorkerOptions
    /// What the worker's process runs.
    package var program: String
    /// How many times a worker that has died is replaced.
    package var restarts = 10
    /// The id that it would like to have.
    package var wanted: Int?
    /// Seconds until the controller has to answer.
    package var timeout = 60.0
    /// The version of this program.
    package var version: String
    /// Told what happens, a line at a time.
    package var log: @Sendable (String) -> Void

    package init(
        _ info: ConnectionInfo, program: String, version: String,
        log: @escaping @Sendable (String) -> Void
    ) {
        self.info = info
        self.program = program
        self.version = version
        self.log = log
        worker = WorkerOptions(count: 1)
    }
}

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
