// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTLuaGuard
internal import VTSystem

/// Stops evaluations, from any thread.
///
/// It is passed to ``Lua/limited(timeout:cancellation:_:)``. A cancellation is permanent: an
/// evaluation that begins later stops at once.
public final class LuaCancellation: Sendable {
    private struct State {
        var cancelled = false
        var scopes: [Scope] = []
    }
    /// An open scope. Unchecked: its address is used under the lock only, and is removed before the
    /// scope is closed.
    private struct Scope: @unchecked Sendable {
        let scope: OpaquePointer
    }
    private let state = Monitor(State())

    /// Creates a cancellation for any number of evaluations.
    public init() {}

    /// Stops the evaluations that run, within milliseconds; those inside a C function, when it
    /// returns.
    public func cancel() {
        state.withLock { state in
            state.cancelled = true
            for scope in state.scopes { vtl_scope_cancel(scope.scope) }
        }
    }

    /// True if ``cancel()`` was called.
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
    /// No hook is set, so that the code runs at full speed. When the limit is reached or the
    /// evaluation is cancelled, a signal handler sets a hook on every active coroutine, which
    /// raises an error that `pcall` and `__close` cannot swallow. The state remains usable.
    ///
    /// A single long call of a C function, such as `string.rep` or `string.find` with a pattern
    /// that backtracks, is not interrupted.
    ///
    /// - Parameters:
    ///   - timeout: the time limit; nil for none.
    ///   - cancellation: an object that can stop the evaluation; nil for none.
    ///   - body: the evaluation.
    /// - Throws: ``LuaError`` with code `cancelled` or `timedOut`.
    public func limited<R: ~Copyable>(
        timeout: Duration? = nil, cancellation: LuaCancellation? = nil,
        _ body: (borrowing Lua) throws -> R
    ) throws -> R {
        let deadline = timeout.map { max(1, Clock.now &+ $0.nanoseconds) } ?? 0
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

    /// Keeps the hook that `debug.sethook` has set, if there is one, so that code that sets another
    /// one can be followed by code that runs with this one.
    package func keepHook() throws { try checkRun(vtl_hook_keep(L)) }

    /// True as long as the current evaluation need not stop.
    package var isRunning: Bool { vtl_stopped() == VTL_RUNNING }

    /// Throws if the current evaluation must stop. Long Swift functions should call it regularly.
    ///
    /// - Throws: ``LuaError`` with code `cancelled` or `timedOut`, or `runtime` after Ctrl-C.
    public func checkCancellation() throws(LuaError) {
        switch vtl_stopped() {
        case VTL_CANCELLED: throw LuaError(.cancelled, "cancelled")
        case VTL_DEADLINE: throw LuaError(.timedOut, "timed out")
        default: if vtl_take_interrupt(L) { throw error("interrupted!") }
        }
    }
}

extension Duration {
    /// The duration in nanoseconds, at most about 146 years.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow || whole > .max / 2 ? .max / 2 : whole + attoseconds / 1_000_000_000
    }
}
