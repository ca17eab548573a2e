// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTLuaGuard

/// The start of an async function for Lua. It reads the arguments, which lie on the stack from index 1 on.
package typealias AsyncBody = (borrowing Lua) throws -> AsyncOutcome

private final class AsyncCallback {
    let body: AsyncBody
    init(_ body: @escaping AsyncBody) { self.body = body }

    /// The function that C calls.
    static let enter: vtl_function = { L, context in
        let lua = Lua(L)
        do {
            let outcome = try Unmanaged<AsyncCallback>.fromOpaque(context)
                ._withUnsafeGuaranteedRef { try $0.body(lua) }
            switch outcome {
            case .ended(let values): return values.finish(L)
            case .waits: return VTL_AWAIT
            }
        } catch {
            lua.pushError(error)
            return VTL_RAISE
        }
    }
}

extension Lua {
    /// Pushes an async Swift function with typed arguments and a result.
    ///
    /// ```swift
    /// try lua.push(async: { (url: String) in try await client.get(url) })
    /// try lua.setGlobal("fetch")
    /// ```
    ///
    /// For Lua code it is an ordinary function. While it waits, its coroutine is suspended; where no
    /// coroutine can be suspended, as in the main program or in `compute`, the thread of the state waits, and
    /// runs the parts of the function that need no other thread. ``concurrently`` calls several
    /// functions at once.
    ///
    /// When the evaluation is stopped (``limited(timeout:cancellation:_:)``), or the coroutine is closed,
    /// the task of the function is cancelled. Lua code goes on without waiting for its end.
    public func push<each A: LuaReadable & Sendable, R: LuaPushable & Sendable>(
        async body: @escaping @Sendable (repeat each A) async throws -> R
    ) throws(LuaError) {
        try pushAsync(Lua.asyncBody(body))
    }

    /// Pushes an async Swift function with typed arguments and several results, a tuple without
    /// labels, or none.
    public func push<each A: LuaReadable & Sendable, each R: LuaPushable & Sendable>(
        async body: @escaping @Sendable (repeat each A) async throws -> (repeat each R)
    ) throws(LuaError) {
        try pushAsync(Lua.asyncBody(body))
    }

    /// Makes an async function whose result Lua cannot have an error of the compiler.
    @available(
        *, deprecated,
        message: """
            a parameter of the closure is not LuaReadable and Sendable, or its result is neither \
            LuaPushable and Sendable, nor a tuple of such values without labels, nor Void
            """
    )
    public consuming func push<each A, R>(
        async body: @escaping @Sendable (repeat each A) async throws -> R
    ) throws(LuaError) {
        throw LuaError(.argument, "\(R.self) is not LuaPushable")
    }

    /// Sets a global variable to an async Swift function with typed arguments and a result.
    ///
    /// ```swift
    /// try lua.setGlobal("fetch", async: { (url: String) in try await client.get(url) })
    /// ```
    public func setGlobal<each A: LuaReadable & Sendable, R: LuaPushable & Sendable>(
        _ name: String, async body: @escaping @Sendable (repeat each A) async throws -> R
    ) throws {
        try push(async: body)
        try setGlobal(name)
    }

    /// Sets a global variable to an async Swift function with typed arguments and several results, a
    /// tuple without labels, or none.
    public func setGlobal<each A: LuaReadable & Sendable, each R: LuaPushable & Sendable>(
        _ name: String,
        async body: @escaping @Sendable (repeat each A) async throws -> (repeat each R)
    ) throws {
        try push(async: body)
        try setGlobal(name)
    }

    /// Makes an async function whose result Lua cannot have an error of the compiler.
    @available(
        *, deprecated,
        message: """
            a parameter of the closure is not LuaReadable and Sendable, or its result is neither \
            LuaPushable and Sendable, nor a tuple of such values without labels, nor Void
            """
    )
    public consuming func setGlobal<each A, R>(
        _ name: String, async body: @escaping @Sendable (repeat each A) async throws -> R
    ) throws {
        throw LuaError(.argument, "\(R.self) is not LuaPushable")
    }

    /// The start of an async function with a result.
    static func asyncBody<each A: LuaReadable & Sendable, R: LuaPushable & Sendable>(
        _ body: @escaping @Sendable (repeat each A) async throws -> R
    ) -> @Sendable (borrowing Lua) throws -> AsyncOutcome {
        checkParameters(repeat (each A).self)
        return { lua in
            var index = 0
            let arguments = (repeat try lua.nextArgument(&index, as: (each A).self))
            return try lua.callAsync {
                try await body(repeat each arguments)
            } push: { result, lua in
                .values(try result.pushResults(onto: lua))
            }
        }
    }

    /// The start of an async function with several results or none.
    static func asyncBody<each A: LuaReadable & Sendable, each R: LuaPushable & Sendable>(
        _ body: @escaping @Sendable (repeat each A) async throws -> (repeat each R)
    ) -> @Sendable (borrowing Lua) throws -> AsyncOutcome {
        checkParameters(repeat (each A).self)
        return { lua in
            var index = 0
            let arguments = (repeat try lua.nextArgument(&index, as: (each A).self))
            return try lua.callAsync {
                try await body(repeat each arguments)
            } push: { (results: (repeat each R), lua) in
                var count = 0
                repeat try lua.pushResult(each results, &count)
                return .values(count)
            }
        }
    }

    /// Pushes a function that reads its arguments itself.
    package func pushAsync(_ body: @escaping AsyncBody) throws(LuaError) {
        let held = Unmanaged.passRetained(AsyncCallback(body)).toOpaque()
        try check(
            vtl_pushasync(L, AsyncCallback.enter, AsyncCall.resume, held) { context in
                if let context { Unmanaged<AsyncCallback>.fromOpaque(context).release() }
            })
    }
}
