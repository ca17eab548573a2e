// SPDX-License-Identifier: BSD-3-Clause

internal import CVTSystem
internal import VTJupyter
internal import VTRuntime
internal import VTSystem

/// A process of a cluster, identified by its process id and start time, because the id alone may be
/// used again.
package struct ClusterProcess: Sendable, Equatable {
    package let pid: Int32
    /// The start time in clock ticks since the machine was booted.
    package let start: Int
    /// The path of the process's log.
    package let log: String

    package init(pid: Int32, start: Int, log: String) {
        self.pid = pid
        self.start = start
        self.log = log
    }

    /// True if the process runs. False if it has ended, is a zombie, or its id belongs to another
    /// process.
    package var isAlive: Bool { ProcessStat(pid)?.identifies(self) ?? false }

    /// The resident memory of the process in bytes; 0 if it does not run.
    package var memory: Int { isAlive ? Int(vty_resident(pid)) : 0 }

    func signal(_ number: Int32) { if isAlive { kill(pid, number) } }

    /// Asks the process to end, even if it is suspended.
    func terminate() {
        signal(SIGTERM)
        signal(SIGCONT)
    }

    /// Collects the exit status of an ended child process. Returns the exit code, or the negative
    /// number of the signal; nil if the process is not a child that has ended.
    @discardableResult
    func reap() -> Int32? {
        switch ProcessEnd.reap(pid, waits: false) {
        case .code(let code): code
        case .signal(let number): -number
        case .unknown, nil: nil
        }
    }
}

/// The state of a process according to `/proc/PID/stat`.
struct ProcessStat {
    let pid: Int32
    let state: UInt8
    /// The process id of the session leader.
    let session: Int32
    let start: Int

    init?(_ pid: Int32) {
        guard pid > 0, let bytes = try? File.read("/proc/\(pid)/stat"),
            let end = bytes.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        // The process name before it may contain any character. The state is field 3, the session
        // field 6, the start time field 22.
        let fields = bytes[(end + 1)...].split(separator: UInt8(ascii: " "))
        guard fields.count > 19, let state = fields[0].first,
            let session = Int32(String(decoding: fields[3], as: UTF8.self)),
            let start = Int(String(decoding: fields[19], as: UTF8.self))
        else { return nil }
        self.pid = pid
        self.state = state
        self.session = session
        self.start = start
    }

    var isZombie: Bool { state == UInt8(ascii: "Z") || state == UInt8(ascii: "X") }

    func identifies(_ process: ClusterProcess) -> Bool {
        start == process.start && !isZombie
    }
}

/// Returns an id that changes at each boot of the machine. Process ids are only comparable within
/// one boot.
func bootID() -> String {
    let bytes = (try? File.read("/proc/sys/kernel/random/boot_id")) ?? []
    return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
}
