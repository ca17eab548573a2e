// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTLuaGuard

/// Stops evaluations, from any thread.
///
/// Pass it to ``Lua/limited(timeout:cancellation:_:)``. Cancelling is for good: an evaluation
/// that begins later stops at once.
public final class LuaCancellation: Sendable {
    private struct State {
        var cancelled = false
        var scopes: [Scope] = []
    }
    /// An open scope. Its address is used under the lock only, and removed before it closes.
    private struct Scope: @unchecked Sendable {
        let scope: OpaquePointer
    }
    private let state = Locked(State())

    public init() {}

    /// Stops what runs, within milliseconds unless it is inside a long C function.
    public func cancel() {
        state.withLock { state in
            state.cancelled = true
            for scope in state.scopes { vtl_scope_cancel(scope.scope) }
        }
    }

    public var isCancelled: Bool { state.withLock { $0.cancelled } }

    func attach(_ scope: OpaquePointer) {
        let scope = Scope(scope: scope)
        state.withLock { state in
            state.scopes.append(scope)
            if state.cancelled { vtl_scope_cancel(scope.scope) }
        }
    }

    func detach(_ scope: OpaquePointer) {
        let scope = Scope(scope: scope)
        state.withLock { state in state.scopes.removeAll { $0.scope == scope.scope } }
    }
}

extension Lua {
    /// Runs `body`, and Lua code in it, under a time limit and a cancellation.
    ///
    /// No hook is set meanwhile, so nothing is slower. When the limit is reached or the
    /// cancellation comes, a signal sets one on every coroutine that is active; `pcall` and
    /// `__close` cannot swallow it. The state stays usable.
    ///
    /// Out of reach: a single long call of a C function (`string.find` with a pattern that
    /// backtracks, `string.rep`).
    ///
    /// - Throws: ``LuaError`` with code `cancelled` or `timedOut`.
    public func limited<R: ~Copyable>(
        timeout: Duration? = nil, cancellation: LuaCancellation? = nil,
        _ body: (borrowing Lua) throws -> R
    ) throws -> R {
        let deadline = timeout.map { max(1, vtl_now() &+ $0.nanoseconds) } ?? 0
        guard let scope = vtl_scope_open(deadline) else {
            throw LuaError(.memory, "the system has no timer left for a time limit")
        }
        cancellation?.attach(scope)
        defer {
            cancellation?.detach(scope)
            vtl_scope_close(scope)
        }
        return try body(self)
    }

    /// Whether the present evaluation has been told to stop. For long Swift functions.
    public func checkCancellation() throws(LuaError) {
        switch vtl_stopped() {
        case VTL_CANCELLED: throw LuaError(.cancelled, "cancelled")
        case VTL_DEADLINE: throw LuaError(.timedOut, "timed out")
        default: if vtl_take_interrupt(L) { throw error("interrupted!") }
        }
    }
}

extension Duration {
    /// At most about 292 years; a limit longer than that is none.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow || whole > .max / 2 ? .max / 2 : whole + attoseconds / 1_000_000_000
    }
}
