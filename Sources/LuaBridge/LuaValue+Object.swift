// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua

extension LuaCopiedObject {
    /// Nil: the object is not a list.
    public var luaElements: [LuaValue]? { nil }
    /// Nil: the object has no fields.
    public var luaFields: [String: LuaValue]? { nil }
    /// Nil: there is no faster way.
    public func luaElements<List>(as type: List.Type) -> List? { nil }

    func isEqual(to other: any LuaCopiedObject) -> Bool { other as? Self == self }
}

extension LuaValue {
    /// The value of Swift that stands for an object of Lua; nil for other values.
    public var object: (any LuaCopiedObject)? {
        if case .object(let object) = self { object.value } else { nil }
    }
}

extension Lua {
    /// Sets the function that copies an object of the library; it returns nil for other values.
    package func setObjectCopier(
        _ copier: ((borrowing Lua, Int) -> (any LuaCopiedObject)?)?
    ) {
        core.objectCopier = copier
    }

    /// A copy of the object at `index`; nil for other values.
    func copiedObject(at index: Int) -> (any LuaCopiedObject)? {
        guard let copier = core.objectCopier else { return nil }
        switch type(at: index) {
        case .userdata: return copier(self, absolute(index))
        case .table:
            guard lua_checkstack(L, 1) != 0, lua_getmetatable(L, Int32(index)) != 0 else {
                return nil
            }
            pop()
            return copier(self, absolute(index))
        default: return nil
        }
    }

    /// The elements of the object at `index` as a list of Swift; nil if it has none.
    func copiedElements<Element: LuaReadable>(
        at index: Int, as type: [Element].Type
    ) throws(LuaError) -> [Element]? {
        guard let object = copiedObject(at: index) else { return nil }
        if let list = object.luaElements(as: type) { return list }
        guard let values = object.luaElements else { return nil }
        var elements: [Element] = []
        elements.reserveCapacity(values.count)
        try reserve(1)
        for (offset, value) in values.enumerated() {
            try value.push(onto: self)
            defer { pop() }
            do throws(LuaError) {
                elements.append(try Element.read(from: self, at: -1))
            } catch {
                throw LuaError(error.code, "element \(offset + 1): \(error.message)")
            }
        }
        return elements
    }
}
