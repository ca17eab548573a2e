// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTSystem

/// Stops the child of a ``ProcessServer`` from any thread.
final class ChildControl: TaskInterrupter {
    private struct State {
        /// Nil while there is none.
        var child: Child?
        /// The numbers of the calls that the child was sent last, by their place in the page.
        var calls = [Int](repeating: 0, count: Int(VTP_PAGE_CALLS))
        var next = 0
    }

    private let state = Monitor(State())

    /// Makes this the child that is stopped; the server's thread calls it.
    func set(_ child: Child?) { state.withLock { $0 = State(child: child) } }

    /// Notes that the child is sent tasks of a call, and returns the place at which the page says
    /// which of them are not wanted.
    func begin(_ call: Call) -> Int {
        state.withLock { state in
            let place = state.next
            state.next = (place + 1) % state.calls.count
            state.calls[place] = call.number
            if let page = state.child?.page { vtp_page_cancel(page, Int32(place), 0, 0) }
            return place
        }
    }

    /// Makes the child stop what it runs, if that is not wanted any more, and skip what it was sent.
    func interrupt(_ call: Call) {
        state.withLock { state in
            guard let child = state.child else { return }
            for (place, number) in state.calls.enumerated() where number == call.number {
                vtp_page_cancel(
                    child.page, Int32(place), Int64(call.number), vtp_load(call.stop))
            }
            // A child that starts the call just now reads the page after it has set `call`.
            if vtp_load(&child.page.pointee.call) == Int64(call.number) { child.signal(SIGUSR2) }
        }
    }

    func kill() { state.withLock { $0.child?.kill() } }
}
