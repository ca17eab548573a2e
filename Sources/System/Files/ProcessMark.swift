// SPDX-License-Identifier: BSD-3-Clause

/// The identity of a process as a part of a file's name, so that a later process can remove what an
/// ended one has left: the machine, the boot, the number of the process and its start time.
package struct ProcessMark: Sendable, Equatable {
    /// A hash of the machine's name and of the name space of process numbers.
    let space: UInt32
    /// A hash of the id that changes at each boot of the machine.
    let boot: UInt32
    let pid: Int32
    /// The start time in clock ticks since the boot.
    let start: UInt64

    /// The mark of this process.
    package static let own: ProcessMark = {
        let space = File.target(ofLink: "/proc/self/ns/pid") ?? ""
        let host = (try? File.read("/proc/sys/kernel/hostname")) ?? []
        let boot = (try? File.read("/proc/sys/kernel/random/boot_id")) ?? []
        return ProcessMark(
            space: hash(host + Array(space.utf8)), boot: hash(boot), pid: getpid(),
            start: startTime(of: getpid()) ?? 0)
    }()

    init(space: UInt32, boot: UInt32, pid: Int32, start: UInt64) {
        self.space = space
        self.boot = boot
        self.pid = pid
        self.start = start
    }

    /// The mark as four hexadecimal numbers, such as `5f3a91c0-a1b2c3d-1a2b-3c4d5e`.
    package var text: String {
        [UInt64(space), UInt64(boot), UInt64(pid), start].map { String($0, radix: 16) }
            .joined(separator: "-")
    }

    /// Reads the mark at the start of a text that continues with a dash.
    ///
    /// - Returns: the mark, and the text after the dash; nil for another text.
    static func read(_ text: some StringProtocol) -> (mark: ProcessMark, rest: String)? {
        let parts = text.split(separator: "-", maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 5, let space = UInt32(parts[0], radix: 16),
            let boot = UInt32(parts[1], radix: 16), let pid = Int32(parts[2], radix: 16), pid > 0,
            let start = UInt64(parts[3], radix: 16)
        else { return nil }
        return (ProcessMark(space: space, boot: boot, pid: pid, start: start), String(parts[4]))
    }

    /// The states that a process can be in, as far as they are known.
    package enum State {
        case ended
        /// It was started before the last boot of this machine, or runs on a machine of the same
        /// name.
        case endedUnlessElsewhere
        /// It runs, or belongs to another machine or container.
        case unknown
    }

    package var state: State {
        let own = Self.own
        guard space == own.space else { return .unknown }
        guard boot == own.boot else { return .endedUnlessElsewhere }
        return Self.startTime(of: pid) == start ? .unknown : .ended
    }

    /// Returns the start time of a process; nil if it does not run.
    private static func startTime(of pid: Int32) -> UInt64? {
        guard let bytes = try? File.read("/proc/\(pid)/stat"),
            let end = bytes.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        // The name before it may contain any character. The state is field 3, the start time 22.
        let fields = bytes[(end + 1)...].split(separator: UInt8(ascii: " "))
        guard fields.count > 19, fields[0] != [UInt8(ascii: "Z")] else { return nil }
        return UInt64(String(decoding: fields[19], as: UTF8.self))
    }

    /// The FNV-1a hash.
    private static func hash(_ bytes: [UInt8]) -> UInt32 {
        bytes.reduce(2_166_136_261) { ($0 ^ UInt32($1)) &* 16_777_619 }
    }
}
