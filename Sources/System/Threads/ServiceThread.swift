// SPDX-License-Identifier: BSD-3-Clause

/// A thread that runs closures for other threads, one at a time, while they wait.
package final class ServiceThread: Sendable {
    private struct Request: Sendable {
        var body: @Sendable () -> Void
    }
    private struct State {
        var request: Request?
        var isDone = false
        var isEnding = false
    }
    private let state = Monitor(State())

    /// Starts the thread.
    ///
    /// - Throws: ``SystemError``.
    package init(_ name: String) throws(SystemError) {
        try startThread(name, stackSize: 8 << 20) { [state] in
            while true {
                let request = state.wait(until: .max) { state -> Request?? in
                    if state.isEnding { return .some(nil) }
                    guard let request = state.request else { return nil }
                    state.request = nil
                    return request
                }
                guard let found = request, let request = found else { return }
                request.body()
                state.withLock { $0.isDone = true }
                state.notifyAll()
            }
        }
    }

    deinit {
        state.withLock { $0.isEnding = true }
        state.notifyAll()
    }

    /// Runs `body` on the thread, and waits for its end. One thread at a time may call it.
    ///
    /// - Throws: the error of `body`.
    package func run<R>(_ body: @escaping () throws -> R) throws -> R {
        // The closure and its result cross to the thread while this one waits: nothing is used by two
        // threads at once.
        nonisolated(unsafe) var result: Result<R, any Error>?
        nonisolated(unsafe) let body = body
        state.withLock {
            $0.request = Request { result = Result { try body() } }
            $0.isDone = false
        }
        state.notifyAll()
        _ = state.wait(until: .max) { $0.isDone ? true : nil }
        guard let result else { preconditionFailure("the request has run") }
        return try result.get()
    }
}
