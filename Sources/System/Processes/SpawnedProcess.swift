// SPDX-License-Identifier: BSD-3-Clause

internal import CVTSystem

/// A child process that its parent signals and reaps, from any thread.
///
/// Its number is used only while it is not reaped: no signal reaches another process that has the
/// number afterwards.
package final class SpawnedProcess: Sendable {
    /// The number of the process, and of the group that it heads.
    package let pid: Int32
    private let hasSession: Bool
    private let end = Monitor<ProcessEnd?>(nil)

    /// Starts a program.
    ///
    /// - Throws: ``SystemError``.
    package init(_ spawn: Spawn) throws(SystemError) {
        hasSession = spawn.hasSession
        pid = try spawn.start()
    }

    /// Sends a signal to the process alone.
    package func signal(_ number: Int32) {
        end.withLock { if $0 == nil { VTSystem.kill(pid, number) } }
    }

    /// Kills the process and all of its group; of its session, if it has one.
    package func kill() {
        end.withLock { end in
            guard end == nil else { return }
            VTSystem.kill(-pid, SIGKILL)
            // Not before the process itself, which could start another program.
            if hasSession { vty_kill_session(pid) }
        }
    }

    /// Reaps the process if it has ended; nil while it runs.
    package func reapIfEnded() -> ProcessEnd? {
        end.withLock { end in
            if end == nil { end = ProcessEnd.reap(pid, waits: false) }
            return end
        }
    }

    /// Waits for the end of the process. To be called when it has been killed or is about to end:
    /// signals wait meanwhile.
    @discardableResult
    package func reap() -> ProcessEnd {
        end.withLock { end in
            let found = end ?? ProcessEnd.reap(pid, waits: true) ?? .unknown
            end = found
            return found
        }
    }

    /// Waits for the end of the process, and kills it with its group at the deadline.
    ///
    /// - Parameters:
    ///   - deadline: nanoseconds of ``Clock``.
    ///   - interval: microseconds between two looks.
    @discardableResult
    package func wait(until deadline: Int64, interval: UInt32 = 200) -> ProcessEnd {
        while Clock.now < deadline {
            if let end = reapIfEnded() { return end }
            usleep(interval)
        }
        kill()
        return reap()
    }
}
