// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import Glibc
internal import VTJupyter
internal import VTRuntime

/// A process of a cluster, known by its number and by when it started: the number alone may be
/// another's by now.
package struct ClusterProcess: Sendable, Equatable {
    package let pid: Int32
    /// Clock ticks since the machine started.
    package let start: Int
    package let log: String

    package init(pid: Int32, start: Int, log: String) {
        self.pid = pid
        self.start = start
        self.log = log
    }

    /// Whether it runs: neither ended, nor a zombie, nor another by now.
    package var isAlive: Bool { ProcessStat(pid)?.identifies(self) ?? false }

    /// Bytes of memory that it occupies.
    package var memory: Int { isAlive ? Int(vtp_resident(pid)) : 0 }

    func signal(_ number: Int32) { if isAlive { kill(pid, number) } }

    /// Asks it to end; also when it was stopped.
    func terminate() {
        signal(SIGTERM)
        signal(SIGCONT)
    }

    /// Lets go of what has ended, if it was a child of this process; its exit code, or the negative
    /// of the signal's number.
    @discardableResult
    func reap() -> Int32? {
        var end: Int32 = 0
        var status: Int32 = 0
        guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
        let signal = status & 0x7f  // WTERMSIG
        end = signal == 0 ? (status >> 8) & 0xff : -signal
        return end
    }
}

/// What the system tells of a process, in `/proc/PID/stat`.
struct ProcessStat {
    let pid: Int32
    let state: UInt8
    /// The number of the process that has begun its session.
    let session: Int32
    let start: Int

    init?(_ pid: Int32) {
        guard pid > 0, let bytes = contents(ofFile: "/proc/\(pid)/stat"),
            let end = bytes.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        // The name before it may hold anything. State is field 3, session 6, the start 22.
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

/// Which start of the machine this is: numbers of processes begin anew with each.
func bootID() -> String {
    let bytes = contents(ofFile: "/proc/sys/kernel/random/boot_id") ?? []
    return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
}
