// SPDX-License-Identifier: BSD-3-Clause

// Async members of classes. The object crosses to the task of the function, so that it is Sendable:
// a struct is copied, a class protects itself or is an actor's.

extension LuaMembers where Object: Sendable {
    /// Adds an async method with typed arguments and a result.
    ///
    /// ```swift
    /// type.method("fetch", async: { (client, path: String) in try await client.get(path) })
    /// ```
    ///
    /// It waits and is cancelled as a function of `lua.push(async:)`. The object is a copy if it is a
    /// struct: to change it, return the new value.
    public mutating func method<each A: LuaReadable & Sendable, R: LuaPushable & Sendable>(
        _ name: String, async body: @escaping @Sendable (Object, repeat each A) async throws -> R
    ) {
        Lua.checkParameters(repeat (each A).self)
        methods[name] = nil
        asyncMethods[name] = { lua, type in
            let object = try lua.receiver(type)
            var index = 1
            let arguments = (repeat try lua.nextArgument(&index, as: (each A).self))
            return try lua.callAsync {
                try await body(object, repeat each arguments)
            } push: { result, lua in
                .values(try result.pushResults(onto: lua))
            }
        }
    }

    /// Adds an async method with typed arguments and several results, a tuple without labels, or
    /// none.
    public mutating func method<each A: LuaReadable & Sendable, each R: LuaPushable & Sendable>(
        _ name: String,
        async body: @escaping @Sendable (Object, repeat each A) async throws -> (repeat each R)
    ) {
        Lua.checkParameters(repeat (each A).self)
        methods[name] = nil
        asyncMethods[name] = { lua, type in
            let object = try lua.receiver(type)
            var index = 1
            let arguments = (repeat try lua.nextArgument(&index, as: (each A).self))
            return try lua.callAsync {
                try await body(object, repeat each arguments)
            } push: { (results: (repeat each R), lua) in
                var count = 0
                repeat try lua.pushResult(each results, &count)
                return .values(count)
            }
        }
    }

    /// Refuses an async method whose result Lua cannot have.
    @available(
        *, deprecated,
        message: """
            a parameter of the closure is not LuaReadable and Sendable, or its result is neither \
            LuaPushable and Sendable, nor a tuple of such values without labels, nor Void
            """
    )
    public mutating func method<each A, R>(
        _ name: String, async body: @escaping @Sendable (Object, repeat each A) async throws -> R
    ) throws {
        throw LuaError(.argument, "\(R.self) is not LuaPushable")
    }
}

extension LuaMembers {
    /// Adds an async function with a result to the class's table.
    public mutating func function<each A: LuaReadable & Sendable, R: LuaPushable & Sendable>(
        _ name: String, async body: @escaping @Sendable (repeat each A) async throws -> R
    ) {
        functions[name] = nil
        asyncFunctions[name] = Lua.asyncBody(body)
    }

    /// Adds an async function with several results, a tuple without labels, or none, to the class's
    /// table.
    public mutating func function<each A: LuaReadable & Sendable, each R: LuaPushable & Sendable>(
        _ name: String,
        async body: @escaping @Sendable (repeat each A) async throws -> (repeat each R)
    ) {
        functions[name] = nil
        asyncFunctions[name] = Lua.asyncBody(body)
    }

    /// Refuses an async function whose result Lua cannot have.
    @available(
        *, deprecated,
        message: """
            a parameter of the closure is not LuaReadable and Sendable, or its result is neither \
            LuaPushable and Sendable, nor a tuple of such values without labels, nor Void
            """
    )
    public mutating func function<each A, R>(
        _ name: String, async body: @escaping @Sendable (repeat each A) async throws -> R
    ) throws {
        throw LuaError(.argument, "\(R.self) is not LuaPushable")
    }
}
