// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTLuaGuard

// Calls of Lua code with Swift values as arguments and results.

extension Lua {
    /// Runs `code` and returns its first result.
    ///
    /// ```swift
    /// let n: Int = try lua.evaluate("return #arg")
    /// ```
    public func evaluate<R: LuaReadable>(
        _ code: String, name: String? = nil, as type: R.Type = R.self
    ) throws -> R {
        try load(code, name: name)
        try call(results: 1)
        defer { pop() }
        return try R.read(from: self, at: -1)
    }

    /// Runs `code` and returns several results.
    ///
    /// ```swift
    /// let (name, age) = try lua.evaluate("return 'Ada', 36", as: (String, Int).self)
    /// ```
    ///
    /// - Throws: ``LuaError``, or the error of a Swift function that Lua called.
    public func evaluate<each R: LuaReadable>(
        _ code: String, name: String? = nil, as type: (repeat each R).Type
    ) throws -> (repeat each R) {
        let base = top
        defer { lua_settop(L, Int32(base)) }
        try load(code, name: name)
        let wanted = Lua.countResults(repeat (each R).self)
        try call(results: wanted == LUA_MULTRET ? nil : Int(wanted))
        return try results(from: base + 1)
    }

    /// Runs `code` and returns all results.
    ///
    /// - Throws: ``LuaError``, or the error of a Swift function that Lua called.
    public func evaluate<E: LuaReadable>(
        _ code: String, name: String? = nil,
        as type: LuaVariadic<E>.Type = LuaVariadic<E>.self
    ) throws -> LuaVariadic<E> {
        let base = top
        defer { lua_settop(L, Int32(base)) }
        try load(code, name: name)
        try call(results: nil)
        return try LuaVariadic<E>.read(from: self, at: base + 1)
    }

    /// Calls a function with Swift values and reads its first result.
    ///
    /// - Throws: ``LuaError``, or the error of a Swift function that Lua called.
    @inlinable
    public func call<each A: LuaPushable, R: LuaReadable>(
        _ function: LuaReference, _ argument: repeat each A, returning type: R.Type = R.self
    ) throws -> R {
        var count = 0
        repeat _ = (each argument, count += 1)
        try beginCall(function, arguments: count)
        var pushed = 0
        do {
            repeat try pushArgument(each argument, &pushed)
        } catch {
            pop(pushed + 2)
            throw error
        }
        try finishCall(arguments: pushed)
        defer { pop(2) }
        return try R.read(from: self, at: -1)
    }

    /// Calls a function with one Swift value and reads its first result, faster than with a pack.
    @inlinable
    public func call<A: LuaPushable, R: LuaReadable>(
        _ function: LuaReference, _ argument: A, returning type: R.Type = R.self
    ) throws -> R {
        try beginCall(function, arguments: 1)
        var count = 0
        do {
            count = try argument.pushResults(onto: self)
        } catch {
            pop(2)
            throw error
        }
        try finishCall(arguments: count)
        defer { pop(2) }
        return try R.read(from: self, at: -1)
    }

    /// Calls a function with Swift values and reads several results.
    ///
    /// ```swift
    /// let (low, high) = try lua.call(range, samples, returning: (Double, Double).self)
    /// ```
    ///
    /// - Throws: ``LuaError``, or the error of a Swift function that Lua called.
    public func call<each A: LuaPushable, each R: LuaReadable>(
        _ function: LuaReference, _ argument: repeat each A, returning type: (repeat each R).Type
    ) throws -> (repeat each R) {
        let base = top
        defer { lua_settop(L, Int32(base)) }
        let wanted = Lua.countResults(repeat (each R).self)
        try start(function, repeat each argument, results: wanted)
        return try results(from: base + 2)
    }

    /// Calls a function with Swift values and reads all of its results.
    ///
    /// - Throws: ``LuaError``, or the error of a Swift function that Lua called.
    public func call<each A: LuaPushable, E: LuaReadable>(
        _ function: LuaReference, _ argument: repeat each A,
        returning type: LuaVariadic<E>.Type = LuaVariadic<E>.self
    ) throws -> LuaVariadic<E> {
        let base = top
        defer { lua_settop(L, Int32(base)) }
        try start(function, repeat each argument, results: LUA_MULTRET)
        return try LuaVariadic<E>.read(from: self, at: base + 2)
    }

    /// Calls a function with Swift values and ignores its results.
    ///
    /// - Throws: ``LuaError``, or the error of a Swift function that Lua called.
    public func call<each A: LuaPushable>(
        _ function: LuaReference, _ argument: repeat each A
    ) throws {
        let base = top
        defer { lua_settop(L, Int32(base)) }
        try start(function, repeat each argument, results: 0)
    }

    /// Calls the function; the results lie above the message handler, which is pushed first.
    private func start<each A: LuaPushable>(
        _ function: LuaReference, _ argument: repeat each A, results: Int32
    ) throws {
        var count = 0
        repeat _ = (each argument, count += 1)
        try beginCall(function, arguments: count)
        var pushed = 0
        do {
            repeat try pushArgument(each argument, &pushed)
        } catch {
            pop(pushed + 2)
            throw error
        }
        try finishCall(arguments: pushed, results: results)
    }

    /// The number of results to ask for; all of them for ``LuaVariadic``.
    static func countResults<each R>(_ type: repeat (each R).Type) -> Int32 {
        Lua.checkParameters(repeat each type)
        var count: Int32 = 0
        for type in repeat each type {
            if type is any RemainingArguments.Type { return LUA_MULTRET }
            count += 1
        }
        return count
    }

    /// Reads the results from an index on.
    func results<each R: LuaReadable>(from first: Int) throws -> (repeat each R) {
        var number = 0
        return (repeat try nextResult(&number, from: first, as: (each R).self))
    }

    private func nextResult<R: LuaReadable>(
        _ number: inout Int, from first: Int, as type: R.Type
    ) throws(LuaError) -> R {
        number += 1
        do throws(LuaError) {
            return try R.read(from: self, at: first + number - 1)
        } catch {
            throw error.naming("result \(number)")
        }
    }

    @inlinable
    func pushArgument(_ argument: some LuaPushable, _ count: inout Int) throws(LuaError) {
        count += try argument.pushResults(onto: self)
    }

    /// Pushes the message handler and the function, and reserves slots for `arguments`.
    @usableFromInline
    func beginCall(_ function: LuaReference, arguments: Int) throws(LuaError) {
        let slot = try function.slot(in: self)
        guard vtl_begin_call(L, slot, Int32(truncatingIfNeeded: arguments)) else {
            throw LuaError.stackOverflow
        }
    }

    /// Replaces the function and its arguments by the results, above the handler. Removes all of
    /// them when it throws.
    @usableFromInline
    func finishCall(arguments: Int, results: Int32 = 1) throws {
        let status = vtl_call_handled(L, Int32(truncatingIfNeeded: arguments), results)
        guard status != LUA_OK else { return }
        defer { pop() }
        throw takeAnyError(status)
    }
}
