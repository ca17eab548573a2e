// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua

/// Any number of values of one type: the remaining arguments or the last results of a function, in
/// Swift or in Lua.
///
/// ```swift
/// try lua.setGlobal("sum") { (numbers: LuaVariadic<Double>) in numbers.reduce(0, +) }
/// let all = try lua.evaluate("return sum(1, 2), 3", as: LuaVariadic<Double>.self)
/// ```
///
/// It must be the last parameter or the last result.
public struct LuaVariadic<Element> {
    /// The values.
    public var elements: [Element]

    /// Creates values.
    public init(_ elements: some Sequence<Element>) { self.elements = Array(elements) }
}

extension LuaVariadic: Sendable where Element: Sendable {}
extension LuaVariadic: Equatable where Element: Equatable {}

extension LuaVariadic: RandomAccessCollection, MutableCollection {
    /// The first position.
    public var startIndex: Int { elements.startIndex }
    /// The position after the last value.
    public var endIndex: Int { elements.endIndex }
    /// The value at a position, counted from 0.
    public subscript(position: Int) -> Element {
        get { elements[position] }
        set { elements[position] = newValue }
    }
}

extension LuaVariadic: ExpressibleByArrayLiteral {
    /// Creates values from a literal.
    public init(arrayLiteral elements: Element...) { self.elements = elements }
}

extension LuaVariadic: LuaPushable where Element: LuaPushable {
    /// Pushes a list of the values: inside other values they are one.
    public func push(onto lua: borrowing Lua) throws(LuaError) { try elements.push(onto: lua) }

    /// Pushes all values.
    public func pushResults(onto lua: borrowing Lua) throws(LuaError) -> Int {
        let base = lua.top
        do throws(LuaError) {
            try lua.reserve(elements.count)
            for element in elements { try element.push(onto: lua) }
        } catch {
            lua_settop(lua.L, Int32(base))
            throw error
        }
        return elements.count
    }
}

extension LuaVariadic: LuaReadable where Element: LuaReadable {
    /// Reads the values from `index` to the top of the stack.
    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> Self {
        var values: [Element] = []
        var position = lua.absolute(index)
        let top = lua.top
        while position <= top {
            do throws(LuaError) {
                values.append(try Element.read(from: lua, at: position))
            } catch {
                guard error.code == .conversion else { throw error }
                throw LuaError(.conversion, "value \(values.count + 1): \(error.message)")
            }
            position += 1
        }
        return Self(values)
    }
}

/// The remaining arguments, of any element type.
protocol RemainingArguments {
    /// The first value from `index` on that cannot be read, and its error.
    static func mismatch(_ lua: borrowing Lua, from index: Int) -> (Int, LuaError)?
}

extension LuaVariadic: RemainingArguments where Element: LuaReadable {
    static func mismatch(_ lua: borrowing Lua, from index: Int) -> (Int, LuaError)? {
        var position = index
        while position <= lua.top {
            do throws(LuaError) {
                _ = try Element.read(from: lua, at: position)
            } catch {
                return (position, error)
            }
            position += 1
        }
        return nil
    }
}

extension Lua {
    /// The error for an argument that could not be read.
    @usableFromInline
    func argumentFailure(_ type: Any.Type, at index: Int, _ error: LuaError) -> LuaError {
        guard error.code == .conversion else { return error }
        if let remaining = type as? any RemainingArguments.Type,
            let (position, error) = remaining.mismatch(self, from: index)
        {
            return argumentError(position, error.message)
        }
        return argumentError(index, error.message)
    }

    /// Ends the program if remaining arguments are followed by another parameter, which would read
    /// the same values.
    @usableFromInline
    static func checkParameters<each A>(_ type: repeat (each A).Type) {
        var found = false
        for type in repeat each type {
            precondition(!found, "LuaVariadic must be the last parameter of a function")
            found = type is any RemainingArguments.Type
        }
    }

    /// Pushes one of several results.
    @inlinable
    func pushResult(_ result: some LuaPushable, _ count: inout Int) throws(LuaError) {
        try reserve(1)
        count += try result.pushResults(onto: self)
    }
}
