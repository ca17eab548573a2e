// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem

/// The facts that, together with its number, distinguish a process from every other one.
struct ProcessIdentity: Equatable {
    /// The time when the process was started, in clock ticks since the system was started; 0: not
    /// known.
    var began = 0
    /// The name of the system's start.
    var boot = ""
    /// The namespace of process numbers: containers have their own.
    var space = ""

    /// The present process.
    static var current: ProcessIdentity {
        ProcessIdentity(
            began: start(of: "self") ?? 0, boot: currentBoot, space: space(of: "self"))
    }

    private static let currentBoot: String = {
        let text = File.text("/proc/sys/kernel/random/boot_id") ?? ""
        return text.split(separator: "\n").first.map(String.init) ?? ""
    }()

    private static func space(of process: String) -> String {
        File.target(ofLink: "/proc/\(process)/ns/pid") ?? ""
    }

    /// Returns the time when a process was started; nil if there is no such process.
    private static func start(of process: String) -> Int? {
        guard let text = File.text("/proc/\(process)/stat"),
            // The second field, the name of the program, can contain anything.
            let end = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        // The state of the process is the first of these fields and the third of all.
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
        return Int(fields[19])
    }

    /// Returns whether the process with this number has ended; nil where this cannot be known here.
    ///
    /// - Parameter isSameHost: true if the process was started on a machine of this name.
    func hasEnded(pid: pid_t, isSameHost: Bool) -> Bool? {
        guard began != 0, !boot.isEmpty else {
            // A record of a version that did not write the identity.
            return isSameHost ? kill(pid, 0) != 0 && errno == ESRCH : nil
        }
        guard boot == Self.currentBoot else { return isSameHost ? true : nil }
        if space == Self.space(of: "self") { return Self.start(of: "\(pid)") != began }
        // The number belongs to another container. A container inside this one can be seen.
        if isSeenInside(pid) { return false }
        return isSameHost ? true : nil
    }

    /// Returns true if there is a process that was started at the same time, and has the number in
    /// its innermost namespace.
    private func isSeenInside(_ pid: pid_t) -> Bool {
        for entry in Directory.entries(of: "/proc") where Int(entry.name) != nil {
            guard Self.start(of: entry.name) == began,
                let status = File.text("/proc/\(entry.name)/status"),
                let line = status.split(separator: "\n").first(where: { $0.hasPrefix("NSpid:") }),
                line.split(whereSeparator: \.isWhitespace).last == "\(pid)"
            else { continue }
            return true
        }
        return false
    }
}
