// SPDX-License-Identifier: BSD-3-Clause

public import VTArrays
public import VTLuaBridge

extension LuaValue {
    /// Creates an array for Lua, which shares the memory: for a parameter, or an input of a
    /// ``WorkflowBuilder``.
    public init<Element>(_ array: NDArray<Element>) { self = array.luaValue() }

    /// Creates an array for Lua, which shares the memory.
    public init(_ array: AnyArray) { self = array.luaValue() }
}

extension AnyArray: LuaCopiedObject {
    /// The name of the type in Lua: `array`.
    public static var luaTypeName: String { "array" }

    /// The type and the shape: `array float64 3 x 4`.
    public var luaSummary: String { "array \(summary)" }

    /// The elements of an array with one axis; the rows of one with several, which share the memory.
    public var luaElements: [LuaValue]? {
        guard rank > 0 else { return nil }
        if rank == 1 {
            func values<Element: ArrayElement>(_ type: Element.Type) -> [LuaValue] {
                elements(of: type).map { Self.value($0) }
            }
            return values(dtype.elementType)
        }
        return (0..<shape[0]).map { part(at: $0).luaValue() }
    }

    /// Returns the element or the row at an index from 1; nil for other keys.
    public func luaValue(of key: LuaValue) -> LuaValue {
        guard rank > 0, let index = key.integer, index >= 1, index <= shape[0] else { return .nil }
        let part = part(at: index - 1)
        guard rank == 1 else { return part.luaValue() }
        func value<Element: ArrayElement>(_ type: Element.Type) -> LuaValue {
            Self.value(part.elements(of: type)[0])
        }
        return value(dtype.elementType)
    }

    /// Returns the elements of an array with one axis as a list of its type of elements.
    public func luaElements<List>(as type: List.Type) -> List? {
        guard rank == 1 else { return nil }
        if List.self == [Int].self, dtype == .int64 {
            return elements(of: Int64.self).map { Int($0) } as? List
        }
        return (type as? any ElementList.Type)?.elements(of: self) as? List
    }

    /// An element as Lua has it. A complex number is an array without axes.
    private static func value<Element: ArrayElement>(_ element: Element) -> LuaValue {
        switch element {
        case let truth as Bool: .boolean(truth)
        case let integer as any FixedWidthInteger:
            Int(exactly: integer).map { .integer($0) } ?? .number(Double(integer))
        case let number as any BinaryFloatingPoint: .number(Double(number))
        default: NDArray(shape: [], repeating: element).luaValue()
        }
    }
}

/// A list of the elements of an array.
private protocol ElementList {
    /// Returns the elements of an array of one axis; nil if it has another type.
    static func elements(of array: AnyArray) -> Self?
}

extension Array: ElementList where Element: ArrayElement {
    static func elements(of array: AnyArray) -> [Element]? {
        array.dtype == Element.dtype ? array.elements(of: Element.self) : nil
    }
}

extension Lua {
    /// Lets copies of values of this state have arrays and frames.
    func copyObjects() {
        setObjectCopier { lua, index in
            lua.type(at: index) == .userdata
                ? try? AnyArray.read(from: lua, at: index) : try? DataFrame(lua, at: index)
        }
    }
}
