// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import Glibc
internal import VTJupyter
internal import VTParallel
internal import VTRuntime

/// A program that is started in a session of its own, with its output in a log.
struct SessionProgram {
    var command: [String]
    /// Set on top of this process's environment; nil unsets.
    var environment: [String: String?] = [:]
    /// Standard input; nil: nothing to read.
    var input: Int32?
    var log: String

    /// - Throws: ``ClusterError``.
    func start() throws(ClusterError) -> ClusterProcess {
        let sink = try PrivateFile.makeLog(log)
        defer { close(sink) }
        var child: pid_t = 0
        let status = withCStrings(command) { arguments in
            withCStrings(VTParallel.environment(setting: environment)) { variables in
                vtp_spawn_session(command[0], arguments, variables, input ?? -1, sink, &child)
            }
        }
        guard status == 0 else {
            throw ClusterError(
                .startFailed,
                "cannot start '\(command[0])': \(String(cString: strerror(status)))")
        }
        // Ours until it is waited for: it has a line in /proc, even when it has ended already.
        return ClusterProcess(pid: child, start: ProcessStat(child)?.start ?? 0, log: log)
    }
}

/// What marks the processes of a cluster, and all that they have started: a variable of the
/// environment. So those whose parent was killed are found, too.
enum ClusterMark {
    static let variable = "VTLUA_CLUSTER"

    /// The numbers of all processes that bear it.
    ///
    /// - Parameter session: of this session only.
    static func processes(_ token: String, session: Int32? = nil) -> [Int32] {
        let mark = Array("\(variable)=\(token)\0".utf8)
        return filesOfDirectory("/proc").compactMap { Int32($0) }.filter { pid in
            guard pid != getpid(), let stat = ProcessStat(pid), !stat.isZombie,
                session == nil || stat.session == session
            else { return false }
            return contents(ofFile: "/proc/\(pid)/environ")?.firstRange(of: mark) != nil
        }
    }

    /// Ends them, whatever they do, and waits a second at most until they are gone. Those that a
    /// dying one has just started are found the next time.
    static func killAll(_ token: String, session: Int32? = nil) {
        for _ in 0..<200 {
            let found = processes(token, session: session)
            if found.isEmpty { return }
            for pid in found { kill(pid, SIGKILL) }
            usleep(5000)
        }
    }
}
