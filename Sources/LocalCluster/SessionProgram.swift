// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTParallel
internal import VTRuntime
internal import VTSystem

/// A program to be started in its own session, with its output in a log.
struct SessionProgram {
    var command: [String]
    /// Variables to set in addition to this process's environment; nil removes a variable.
    var environment: [String: String?] = [:]
    /// Standard input; nil for an empty one.
    var input: Int32?
    var log: String

    /// Starts the program.
    ///
    /// - Throws: ``ClusterError``.
    func start() throws(ClusterError) -> ClusterProcess {
        let sink = try PrivateFile.makeLog(log)
        defer { close(sink) }
        var spawn = Spawn(command[0], Array(command.dropFirst()))
        spawn.environment = environment
        spawn.input = input
        spawn.output = sink
        spawn.errors = sink
        spawn.hasSession = true
        let child: Int32
        do {
            child = try spawn.start()
        } catch {
            throw ClusterError(.startFailed, error.description)
        }
        // A child that has ended keeps its line in /proc until it is waited for.
        return ClusterProcess(pid: child, start: ProcessStat(child)?.start ?? 0, log: log)
    }
}

/// The environment variable that marks the processes of a cluster and their children. It also finds
/// processes whose parent was killed.
enum ClusterMark {
    static let variable = "VTLUA_CLUSTER"

    /// Returns the ids of all marked processes.
    ///
    /// - Parameter session: restricts the search to this session.
    static func processes(_ token: String, session: Int32? = nil) -> [Int32] {
        let mark = Array("\(variable)=\(token)\0".utf8)
        return Directory.entries(of: "/proc").compactMap { Int32($0.name) }.filter { pid in
            guard pid != getpid(), let stat = ProcessStat(pid), !stat.isZombie,
                session == nil || stat.session == session
            else { return false }
            return (try? File.read("/proc/\(pid)/environ", limit: 1 << 20))?
                .firstRange(of: mark) != nil
        }
    }

    /// Kills the marked processes and waits at most a second until they have ended. Processes that
    /// a dying one has just started are found in the next round.
    static func killAll(_ token: String, session: Int32? = nil) {
        for _ in 0..<200 {
            let found = processes(token, session: session)
            if found.isEmpty { return }
            for pid in found { kill(pid, SIGKILL) }
            usleep(5000)
        }
    }
}
