// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTLuaGuard
internal import Synchronization

/// A call of an async function by Lua code.
class AsyncCall {
    fileprivate let executor: AsyncExecutor
    fileprivate(set) var task: Task<Void, Never>?

    fileprivate init(_ executor: AsyncExecutor) { self.executor = executor }

    /// True if the function has returned or thrown.
    var isDone: Bool { true }

    /// Pushes the result.
    ///
    /// - Throws: the error of the function.
    fileprivate func finish(_ lua: borrowing Lua) throws -> LuaReturn { 0 }

    deinit { task?.cancel() }
}

/// The result of an async function, written by its task and then read by the state's thread.
///
/// Unchecked: `result` is written before `isDone` is set, and read after it was seen.
private final class AsyncResultBox<R: Sendable>: @unchecked Sendable {
    let isDone = Atomic(false)
    private(set) var result: Result<R, any Error>?

    func set(_ result: Result<R, any Error>) {
        self.result = result
        isDone.store(true, ordering: .releasing)
    }
}

private final class TypedAsyncCall<R: Sendable>: AsyncCall {
    private let box = AsyncResultBox<R>()
    private let push: (R, borrowing Lua) throws -> LuaReturn

    init(
        _ executor: AsyncExecutor, _ body: @escaping @Sendable () async throws -> R,
        push: @escaping (R, borrowing Lua) throws -> LuaReturn
    ) {
        self.push = push
        super.init(executor)
        task = Task(executorPreference: executor) { [box, executor] in
            do {
                box.set(.success(try await body()))
            } catch {
                box.set(.failure(error))
            }
            executor.notify()
        }
    }

    override var isDone: Bool { box.isDone.load(ordering: .acquiring) }

    override func finish(_ lua: borrowing Lua) throws -> LuaReturn {
        guard let result = box.result else { return 0 }
        return try push(try result.get(), lua)
    }
}

/// The outcome of the first part of a call.
package enum AsyncOutcome {
    case ended(LuaReturn)
    /// The object of the call is on the stack.
    case waits
}

/// Wakes the thread of a Lua state that waits for an async function.
package struct LuaAsyncSignal: Sendable {
    fileprivate let executor: AsyncExecutor

    /// Makes the thread call the function that ``Lua/callAsync(_:meanwhile:push:)`` was given.
    package func notify() { executor.notify() }
}

extension Lua {
    /// The signal for the thread of this state.
    package var asyncSignal: LuaAsyncSignal { LuaAsyncSignal(executor: core.asyncExecutor) }

    /// Calls an async function. Where the running coroutine can yield, returns when the function
    /// suspends; otherwise when it ends.
    ///
    /// - Throws: the error of the function; ``LuaError`` if the evaluation must end.
    ///
    /// - Parameters:
    ///   - body: the function.
    ///   - meanwhile: called now and again on this thread while the function runs elsewhere, and before
    ///     `push`.
    ///   - push: pushes the result.
    package func callAsync<R: Sendable>(
        _ body: @escaping @Sendable () async throws -> R, meanwhile: () -> Void = {},
        push: @escaping (R, borrowing Lua) throws -> LuaReturn
    ) throws -> AsyncOutcome {
        try checkCancellation()
        let executor = core.asyncExecutor
        // Functions that were called at the same time run in the pool, in parallel.
        if core.isConcurrent, isYieldable {
            let call = TypedAsyncCall(executor, body, push: push)
            try pushPending(call)
            return .waits
        }
        let call = executor.serving {
            let call = TypedAsyncCall(executor, body, push: push)
            call.watched {
                executor.runJobs()
                if !isYieldable {
                    executor.wait(until: { call.isDone }, meanwhile: meanwhile)
                }
            }
            return call
        }
        meanwhile()
        if call.isDone { return .ended(try call.finish(self)) }
        if vtl_stopped() != VTL_RUNNING {
            call.task?.cancel()
            try checkCancellation()
        }
        try pushPending(call)
        return .waits
    }

    private func pushPending(_ call: AsyncCall) throws(LuaError) {
        let held = Unmanaged.passRetained(call).toOpaque()
        try check(
            vtl_pushpending(L, held, AsyncCall.wait) { call in
                guard let call else { return }
                Unmanaged<AsyncCall>.fromOpaque(call).release()
            })
    }

    /// The call whose object is at `index`; nil if it was released.
    func asyncCall(at index: Int) -> AsyncCall? {
        guard let call = vtl_topending(L, Int32(index)) else { return nil }
        return Unmanaged<AsyncCall>.fromOpaque(call).takeUnretainedValue()
    }
}

extension AsyncCall {
    /// Waits for a call. C calls it in `vtl_resume`.
    fileprivate static let wait: vtl_wait = { call in
        guard let call else { return }
        let held = Unmanaged<AsyncCall>.fromOpaque(call).takeUnretainedValue()
        held.executor.serving {
            held.watched { held.executor.wait { held.isDone } }
        }
    }

    /// Runs `body`, during which a stop of this thread's evaluation cancels the task.
    fileprivate func watched(_ body: () -> Void) {
        guard let task else { return body() }
        StopWatch.shared.watching([task], body)
        if vtl_stopped() != VTL_RUNNING { task.cancel() }
    }

    /// The function that C calls when a waiting coroutine is resumed; the object is at 1.
    static let resume: vtl_function = { L, _ in
        let lua = Lua(L)
        do {
            guard let call = lua.asyncCall(at: 1) else {
                throw lua.error("the call of an async function was closed")
            }
            if call.isDone { return try call.finish(lua).finish(L) }
            try lua.checkCancellation()
            return VTL_AWAIT
        } catch {
            lua.pushError(error)
            return VTL_RAISE
        }
    }
}
