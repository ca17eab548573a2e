// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import VTSystem

/// A function of a Lua state, or another value that can be called.
///
/// ```swift
/// let area = try lua.global("area", as: LuaFunction.self)
/// let size = try area.call(2, 3, in: lua, returning: Double.self)
/// ```
///
/// A handle keeps the function, as a ``LuaReference`` does. For many calls in a row,
/// ``Lua/prepared(_:_:)`` with the ``reference`` is faster.
public struct LuaFunction: LuaPushable, LuaReadable {
    /// The reference that keeps the function.
    public let reference: LuaReference

    /// Pushes the function.
    public func push(onto lua: borrowing Lua) throws(LuaError) { try reference.push(onto: lua) }

    /// Creates a handle for the function at `index`.
    public static func read(
        from lua: borrowing Lua, at index: Int
    ) throws(LuaError) -> LuaFunction {
        guard try lua.isCallable(at: index) else { throw lua.mismatch("function", at: index) }
        return LuaFunction(reference: try lua.reference(at: index))
    }

    /// Calls the function with Swift values and reads its first result.
    ///
    /// - Throws: ``LuaError``, or the error of a Swift function that Lua called.
    public func call<each A: LuaPushable, R: LuaReadable>(
        _ argument: repeat each A, in lua: borrowing Lua, returning type: R.Type = R.self
    ) throws -> R {
        try lua.call(reference, repeat each argument, returning: type)
    }

    /// Calls the function with Swift values and reads several results.
    ///
    /// - Throws: ``LuaError``, or the error of a Swift function that Lua called.
    public func call<each A: LuaPushable, each R: LuaReadable>(
        _ argument: repeat each A, in lua: borrowing Lua, returning type: (repeat each R).Type
    ) throws -> (repeat each R) {
        try lua.call(reference, repeat each argument, returning: type)
    }

    /// Calls the function with Swift values and reads all of its results.
    ///
    /// - Throws: ``LuaError``, or the error of a Swift function that Lua called.
    public func call<each A: LuaPushable, E: LuaReadable>(
        _ argument: repeat each A, in lua: borrowing Lua,
        returning type: LuaVariadic<E>.Type = LuaVariadic<E>.self
    ) throws -> LuaVariadic<E> {
        try lua.call(reference, repeat each argument, returning: type)
    }

    /// Calls the function with Swift values and ignores its results.
    ///
    /// - Throws: ``LuaError``, or the error of a Swift function that Lua called.
    public func call<each A: LuaPushable>(
        _ argument: repeat each A, in lua: borrowing Lua
    ) throws {
        try lua.call(reference, repeat each argument)
    }
}

@available(*, unavailable)
extension LuaFunction: Sendable {}

// MARK: - Calls by name

extension Lua {
    /// Calls a global function, or one in a table such as `string.rep`, and reads its first result.
    ///
    /// ```swift
    /// let line = try lua.call("string.rep", "-", 40, returning: String.self)
    /// ```
    ///
    /// - Throws: ``LuaError`` with code `argument` if there is no such function; otherwise as
    ///   ``call(_:_:returning:)``.
    public func call<each A: LuaPushable, R: LuaReadable>(
        _ name: String, _ argument: repeat each A, returning type: R.Type = R.self
    ) throws -> R {
        try call(try function(name), repeat each argument, returning: type)
    }

    /// Calls a global function, or one in a table, and reads several results.
    public func call<each A: LuaPushable, each R: LuaReadable>(
        _ name: String, _ argument: repeat each A, returning type: (repeat each R).Type
    ) throws -> (repeat each R) {
        try call(try function(name), repeat each argument, returning: type)
    }

    /// Calls a global function, or one in a table, and reads all of its results.
    public func call<each A: LuaPushable, E: LuaReadable>(
        _ name: String, _ argument: repeat each A,
        returning type: LuaVariadic<E>.Type = LuaVariadic<E>.self
    ) throws -> LuaVariadic<E> {
        try call(try function(name), repeat each argument, returning: type)
    }

    /// Calls a global function, or one in a table, and ignores its results.
    public func call<each A: LuaPushable>(_ name: String, _ argument: repeat each A) throws {
        try call(try function(name), repeat each argument)
    }

    /// The function that a name with dots stands for.
    private func function(_ name: String) throws -> LuaReference {
        let base = top
        defer { lua_settop(L, Int32(base)) }
        try pushGlobals()
        var table = ""
        for part in name.split(separator: ".", omittingEmptySubsequences: false) {
            guard type(at: -1) == .table || type(at: -1) == .userdata else {
                throw LuaError(.argument, "no function '\(name)': no table has '\(part)'")
            }
            try pushField(String(part), of: -1)
            guard isNil(at: -1) else {
                table += part + "."
                continue
            }
            let names = try functionNames(at: -2).map { table + $0 }
            let hint = suggestion(for: table + part, among: names)
            throw LuaError(.argument, "no function '\(name)': '\(table)\(part)' is nil\(hint)")
        }
        guard try isCallable(at: -1) else {
            throw LuaError(.argument, "no function '\(name)': it is a \(typeName(at: -1))")
        }
        return try reference(at: -1)
    }

    /// The names of the functions and tables in the table at `index`.
    private func functionNames(at index: Int) throws -> [String] {
        guard type(at: index) == .table else { return [] }
        var names: [String] = []
        try forEachPair(of: index) {
            if let name = string(at: -2), try type(at: -1) == .table || isCallable(at: -1) {
                names.append(name)
            }
        }
        return names
    }

    /// True for a function and for a value with the metamethod `__call`.
    func isCallable(at index: Int) throws(LuaError) -> Bool {
        if type(at: index) == .function { return true }
        let index = absolute(index)
        guard try pushMetatable(of: index) else { return false }
        defer { pop(2) }
        do throws(LuaError) {
            try pushRawField("__call", of: -1)
        } catch {
            try pushNil()
        }
        return type(at: -1) == .function
    }
}
