// SPDX-License-Identifier: BSD-3-Clause

internal import CVTArrayLua
internal import CVTArrays
public import VTArrays
public import VTLuaBridge

extension Lua {
    /// Pushes an array that shares the memory. It counts as memory of the state.
    public func push<Element>(_ array: NDArray<Element>) throws(LuaError) {
        try AnyArray(array).push(onto: self)
    }

    /// Pushes an array that shares the memory. It counts as memory of the state.
    public func push(_ array: AnyArray) throws(LuaError) { try array.push(onto: self) }
}

extension AnyArray: LuaScalar {
    /// Pushes an array that shares the memory. It counts as memory of the state.
    public func push(onto lua: borrowing Lua) throws(LuaError) {
        try lua.reserve(2)
        let L = lua.L
        try lua.check(withBlock { block, view in vta_push_block(L, block, view) })
    }

    /// Reads an array of any type, whose memory is shared until the array is changed here or in Lua.
    ///
    /// - Throws: `LuaError` with code `conversion` for other values, such as a list.
    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> AnyArray {
        var block: OpaquePointer?
        var view = va_view()
        switch vta_take_block(lua.L, Int32(index), &block, &view) {
        case VTA_CLOSED_ARRAY: throw LuaError(.conversion, "the array was closed")
        case VTA_IS_ARRAY: break
        case VTA_NO_MEMORY_FOR_ARRAY: throw LuaError(.memory, "not enough memory")
        default: throw lua.mismatch("array", at: index)
        }
        guard let block else { throw lua.mismatch("array", at: index) }
        defer { va_block_release(block) }
        return AnyArray(sharing: block, view: view)
    }

    /// Creates an array from a copy of one in Lua, which it shares.
    public init(luaValue: LuaValue) throws(LuaError) {
        guard let array = luaValue.object as? AnyArray else {
            throw luaValue.mismatch("array")
        }
        self = array
    }

    /// Returns an object of the array, which shares the memory.
    public func luaValue() -> LuaValue { .object(LuaValue.Object(self)) }
}

extension NDArray: LuaScalar {
    /// Pushes an array that shares the memory. It counts as memory of the state.
    public func push(onto lua: borrowing Lua) throws(LuaError) {
        try AnyArray(self).push(onto: lua)
    }

    /// Reads an array of this type of elements, whose memory is shared until the array is changed here
    /// or in Lua.
    ///
    /// - Throws: `LuaError` with code `conversion` for other values and for arrays of another type,
    ///   which `AnyArray` reads and converts.
    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> Self {
        try Self(ofElements: try AnyArray.read(from: lua, at: index))
    }

    /// Creates an array from a copy of one in Lua, which it shares.
    public init(luaValue: LuaValue) throws(LuaError) {
        self = try Self(ofElements: try AnyArray(luaValue: luaValue))
    }

    /// Returns an object of the array, which shares the memory.
    public func luaValue() -> LuaValue { AnyArray(self).luaValue() }

    private init(ofElements array: AnyArray) throws(LuaError) {
        guard array.dtype == Element.dtype else {
            throw LuaError(
                .conversion,
                "an array of \(Element.dtype) expected, got \(array.summary); convert it with "
                    + "a:astype \"\(Element.dtype)\"")
        }
        do throws(ArrayError) {
            self = try NDArray(array)
        } catch {
            throw LuaError(.conversion, error.message)
        }
    }
}
