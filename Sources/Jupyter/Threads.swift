// SPDX-License-Identifier: BSD-3-Clause

internal import CVTJupyter
internal import Glibc

private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// Starts a thread that nobody waits for.
///
/// - Parameter name: for debuggers and `top`; 15 letters at most.
/// - Throws: ``SocketError``.
func startThread(
    _ name: String, _ run: @escaping @Sendable () -> Void
) throws(SocketError) {
    let body = Unmanaged.passRetained(ThreadBody(run))
    let status = vtj_thread(
        name,
        { body in
            // Passed in below, and never nil.
            if let body { Unmanaged<ThreadBody>.fromOpaque(body).takeRetainedValue().run() }
            return nil
        }, body.toOpaque())
    guard status == 0 else {
        body.release()
        throw SocketError("cannot start a thread: \(String(cString: strerror(status)))")
    }
}
