// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel

/// What a thread runs.
private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// Starts a thread of its own, which nobody waits for.
///
/// - Parameters:
///   - name: for debuggers and `top`; 15 letters at most.
///   - stackSize: in bytes; only what is used takes memory.
/// - Throws: ``SystemError``.
func startThread(
    _ name: String, stackSize: Int, _ run: @escaping @Sendable () -> Void
) throws {
    let body = ThreadBody {
        vtp_thread_name(name)
        run()
    }
    let context = Unmanaged.passRetained(body)
    let status = vtp_thread_start(
        stackSize,
        { context in
            // Passed in below, and never nil.
            Unmanaged<ThreadBody>.fromOpaque(context!).takeRetainedValue().run()
            return nil
        }, context.toOpaque())
    if status != 0 {
        context.release()
        throw SystemError("cannot start a thread", status)
    }
}
