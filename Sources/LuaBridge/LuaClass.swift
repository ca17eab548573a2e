// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTLuaGuard

/// A Swift type as Lua sees it: its fields, methods and operators.
///
/// ```swift
/// struct Point: LuaObject {
///     var x = 0.0, y = 0.0
///     static let luaClass = LuaClass<Point>("Point") { type in
///         type.property("x", \.x)
///         type.property("y", \.y)
///         type.property("norm") { point in (point.x * point.x + point.y * point.y).squareRoot() }
///         type.method("scaled") { (point, factor: Double) in
///             Point(x: point.x * factor, y: point.y * factor)
///         }
///         type.operator(.add) { (a: Point, b: Point) in Point(x: a.x + b.x, y: a.y + b.y) }
///         type.constructor { (x: Double, y: Double) in Point(x: x, y: y) }
///     }
/// }
/// try lua.register(Point.luaClass)     -- Point(3, 4).norm == 5.0
/// ```
///
/// A value of a struct lives inside the Lua object: Lua's copies are references to it, and
/// reading it gives Swift a copy.
public final class LuaClass<Object>: Sendable {
    /// As `tostring` and messages show it.
    public let name: String
    let key = TypeKey()
    let members: LuaMembers<Object>

    public init(_ name: String, _ describe: (inout LuaMembers<Object>) -> Void) {
        self.name = name
        var members = LuaMembers<Object>()
        describe(&members)
        self.members = members
    }
}

/// A Swift type with a ``LuaClass`` of its own: it can be an argument and a result.
public protocol LuaObject: LuaPushable, LuaReadable {
    static var luaClass: LuaClass<Self> { get }
}

extension LuaObject {
    public func push(onto lua: borrowing Lua) throws(LuaError) {
        try lua.push(self, as: Self.luaClass)
    }

    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> Self {
        try lua.read(luaClass, at: index)
    }
}

/// Where a Swift value lives while Lua has it.
final class Held<Object>: AnyHeld {
    var object: Object
    init(_ object: Object) { self.object = object }
    var value: Any { object }
}

/// What holds a Swift value, whatever its type.
protocol AnyHeld: AnyObject {
    var value: Any { get }
}

extension Lua {
    /// Pushes a Swift value as an object of the class.
    public func push<Object>(_ object: Object, as type: LuaClass<Object>) throws(LuaError) {
        try pushObject(Held(object), key: type.key, name: type.name) { lua throws(LuaError) in
            try lua.fillMetatable(type)
        }
    }

    /// The Swift value at `index`.
    public func read<Object>(_ type: LuaClass<Object>, at index: Int) throws(LuaError) -> Object {
        try held(type, at: index).object
    }

    /// The Swift value at `index`, or nil if it is no object of the class.
    public func object<Object>(_ type: LuaClass<Object>, at index: Int) -> Object? {
        object(Held<Object>.self, at: index, key: type.key)?.object
    }

    /// The Swift value at `index`, whatever its class; nil if it is no object of any.
    public func hostObject(at index: Int) -> Any? {
        guard let held = vtl_anyobject(L, Int32(index)) else { return nil }
        let object: AnyObject = Unmanaged.fromOpaque(held).takeUnretainedValue()
        return (object as? any AnyHeld)?.value
    }

    func held<Object>(_ type: LuaClass<Object>, at index: Int) throws(LuaError) -> Held<Object> {
        guard let held = object(Held<Object>.self, at: index, key: type.key) else {
            throw mismatch(type.name, at: index)
        }
        return held
    }

    /// Makes the class a global: a table of its functions, and callable if it has a constructor.
    public func register<Object>(_ type: LuaClass<Object>) throws {
        try pushClass(type)
        try setGlobal(type.name)
    }

    /// Pushes the table of the class.
    public func pushClass<Object>(_ type: LuaClass<Object>) throws(LuaError) {
        let base = top
        do throws(LuaError) {
            try pushTable(fields: type.members.functions.count)
            for (name, body) in type.members.functions {
                try pushConfined(body)
                try setRawField(name, of: base + 1)
            }
            if let constructor = type.members.constructor {
                try pushTable(fields: 1)
                try pushConfined { lua in
                    lua.remove(at: 1)  // the class itself
                    return try constructor(lua)
                }
                try setRawField("__call", of: base + 2)
                setMetatable(of: base + 1)
            }
        } catch {
            lua_settop(L, Int32(base))
            throw error
        }
    }

    private func fillMetatable<Object>(_ type: LuaClass<Object>) throws(LuaError) {
        let metatable = top
        // The class lives, and its key with it, as long as a state knows its objects.
        try pushConfined { _ in
            withExtendedLifetime(type) {}
            return 0
        }
        try setRawField("__class", of: metatable)
        for (name, body) in type.members.operators {
            try pushConfined { lua in try body(lua, type) }
            try setRawField(name, of: metatable)
        }
        try pushTable(of: type.members.methods, type)
        try pushTable(of: type.members.getters, type)
        try pushFallback(type.members.fallback, type)
        try check(vtl_pushindex(L))
        try setRawField("__index", of: metatable)
        try pushTable(of: type.members.setters, type)
        try pushFallback(type.members.assignment, type)
        try check(vtl_pushnewindex(L))
        try setRawField("__newindex", of: metatable)
    }

    private func pushTable<Object>(
        of members: [String: LuaMembers<Object>.Body], _ type: LuaClass<Object>
    ) throws(LuaError) {
        try pushTable(fields: members.count)
        for (name, body) in members {
            try pushConfined { lua in try body(lua, type) }
            try setRawField(name, of: -2)
        }
    }

    private func pushFallback<Object>(
        _ body: LuaMembers<Object>.Body?, _ type: LuaClass<Object>
    ) throws(LuaError) {
        guard let body else { return try pushNil() }
        try pushConfined { lua in try body(lua, type) }
    }
}
