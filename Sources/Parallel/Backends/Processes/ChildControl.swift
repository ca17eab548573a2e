// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import Glibc
internal import VTSystem

/// Stops the child of a ``ProcessServer`` from any thread.
final class ChildControl: TaskInterrupter {
    /// Nil while there is none.
    private let child = Monitor<Child?>(nil)

    /// Makes this the child that is stopped; the server's thread calls it.
    func set(_ child: Child?) { self.child.withLock { $0 = child } }

    /// Makes the child stop what it runs, if that is not wanted any more.
    func interrupt(_ call: Call) {
        child.withLock { child in
            guard let child else { return }
            let running = vtp_load(&child.page.pointee.call)
            guard running == Int64(call.number) || running == 0 else { return }
            vtp_store(&child.page.pointee.cancel_from, vtp_load(call.stop))
            vtp_store(&child.page.pointee.cancel_call, Int64(call.number))
            // A child that starts the call just now reads the page after it has set `call`.
            if vtp_load(&child.page.pointee.call) == Int64(call.number) { child.signal(SIGUSR2) }
        }
    }

    func kill() { child.withLock { $0?.kill() } }
}
