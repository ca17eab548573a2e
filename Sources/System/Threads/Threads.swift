// SPDX-License-Identifier: BSD-3-Clause

internal import CVTSystem

/// The function that a thread runs, as an object for C.
private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// Starts a detached thread.
///
/// - Parameters:
///   - name: for debuggers and `top`; at most 15 letters.
///   - stackSize: in bytes, of which only the used part takes memory; nil: the system's default.
/// - Throws: ``SystemError`` when the system has no thread or no memory for it.
package func startThread(
    _ name: String, stackSize: Int? = nil, _ run: @escaping @Sendable () -> Void
) throws(SystemError) {
    let body = Unmanaged.passRetained(ThreadBody(run))
    let status = vty_thread_start(
        name, stackSize ?? 0,
        { body in
            // Passed in below, and never nil.
            Unmanaged<ThreadBody>.fromOpaque(body!).takeRetainedValue().run()
            return nil
        }, body.toOpaque())
    if status != 0 {
        body.release()
        throw SystemError("cannot start a thread", status)
    }
}

/// The processors of this machine.
package enum Processors {
    /// The number of processors that this program may use.
    package static var count: Int { Int(vty_processors()) }

    /// Spins for a moment in a loop that waits, then yields the processor: waking a thread that
    /// sleeps takes longer than most short tasks.
    package static func relax() { vty_relax() }
}
