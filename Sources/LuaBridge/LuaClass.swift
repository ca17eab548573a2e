// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTLuaGuard

/// A description of a Swift type for Lua: its fields, methods and operators.
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
/// A struct is stored inside the Lua object. Lua variables refer to that object; reading it returns
/// a copy to Swift.
public final class LuaClass<Object>: Sendable {
    /// The name in `tostring` and in messages.
    public let name: String
    let key = TypeKey()
    let members: LuaMembers<Object>

    /// Creates a class. `describe` adds its members.
    public init(_ name: String, _ describe: (inout LuaMembers<Object>) -> Void) {
        self.name = name
        var members = LuaMembers<Object>()
        describe(&members)
        self.members = members
    }
}

/// A Swift type with a ``LuaClass``, whose values can be arguments and results.
///
/// A struct is copied when it is pushed and read. A class, which must be final, is one object in
/// Lua however often it is pushed, and Lua and Swift share it.
public protocol LuaObject: LuaPushable, LuaReadable {
    /// The class of the type's objects in Lua.
    static var luaClass: LuaClass<Self> { get }
}

extension LuaObject {
    /// Pushes the value as an object of its class.
    public func push(onto lua: borrowing Lua) throws(LuaError) {
        try lua.push(self, as: Self.luaClass)
    }

    /// Reads an object of the class.
    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> Self {
        try lua.read(luaClass, at: index)
    }
}

extension LuaObject where Self: AnyObject {
    /// Pushes the object of this reference: the same one each time, while the state has it.
    public func push(onto lua: borrowing Lua) throws(LuaError) {
        try lua.pushUnique(self, as: Self.luaClass)
    }
}

/// The box of a Swift value inside a Lua userdata.
final class Boxed<Object>: AnyBoxed {
    var object: Object
    init(_ object: Object) { self.object = object }
    var value: Any { object }
}

/// A box of a Swift value of any type.
protocol AnyBoxed: AnyObject {
    var value: Any { get }
}

extension Lua {
    /// Pushes a Swift value as an object of the class.
    public func push<Object>(_ object: Object, as type: LuaClass<Object>) throws(LuaError) {
        try pushObject(Boxed(object), key: type.key, name: type.name) { lua throws(LuaError) in
            try lua.fillMetatable(type)
        }
    }

    /// Pushes the object of a Swift reference: the same one each time, while the state has it.
    public func pushUnique<Object: AnyObject>(
        _ object: Object, as type: LuaClass<Object>
    ) throws(LuaError) {
        let base = top
        do throws(LuaError) {
            try pushMetatable(key: type.key, name: type.name) { lua throws(LuaError) in
                try lua.fillMetatable(type)
            }
            try pushRawField("__objects", of: base + 1)
            if isNil(at: -1) {
                pop()
                try pushWeakTable(.values)
                try pushValue(at: -1)
                try setRawField("__objects", of: base + 1)
            }
            let address = Unmanaged.passUnretained(object).toOpaque()
            try reserve(2)
            if lua_rawgetp(L, -1, address) != LUA_TUSERDATA {
                pop()
                try push(object, as: type)
                lua_pushlightuserdata(L, address)
                lua_pushvalue(L, -2)
                try check(vtl_rawset(L, Int32(base + 2)))
            }
        } catch {
            lua_settop(L, Int32(base))
            throw error
        }
        lua_copy(L, -1, Int32(base + 1))
        lua_settop(L, Int32(base + 1))
    }

    /// The Swift value of the object at `index`.
    ///
    /// - Throws: ``LuaError`` with code `conversion` if it is not an object of the class.
    public func read<Object>(_ type: LuaClass<Object>, at index: Int) throws(LuaError) -> Object {
        try boxed(type, at: index).object
    }

    /// The Swift value of the object at `index`; nil if it is not an object of the class.
    public func object<Object>(_ type: LuaClass<Object>, at index: Int) -> Object? {
        object(Boxed<Object>.self, at: index, key: type.key)?.object
    }

    /// The Swift value of the object at `index`, of any class; nil if it is not an object.
    public func hostObject(at index: Int) -> Any? {
        guard let boxed = vtl_anyobject(L, Int32(index)) else { return nil }
        let object: AnyObject = Unmanaged.fromOpaque(boxed).takeUnretainedValue()
        return (object as? any AnyBoxed)?.value
    }

    func boxed<Object>(_ type: LuaClass<Object>, at index: Int) throws(LuaError) -> Boxed<Object> {
        guard let boxed = object(Boxed<Object>.self, at: index, key: type.key) else {
            throw mismatch(type.name, at: index)
        }
        return boxed
    }

    /// Sets a global with the class's name to a table of its functions, which is callable if the
    /// class has a constructor.
    public func register<Object>(_ type: LuaClass<Object>) throws {
        try pushClass(type)
        try setGlobal(type.name)
    }

    /// Pushes a table of the class's functions, which is callable if the class has a constructor.
    public func pushClass<Object>(_ type: LuaClass<Object>) throws(LuaError) {
        let base = top
        do throws(LuaError) {
            try pushTable(fields: type.members.functions.count)
            for (name, body) in type.members.functions {
                try pushConfined(body)
                try setRawField(name, of: base + 1)
            }
            for (name, body) in type.members.asyncFunctions {
                try pushAsync(body)
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
        // Keeps the class, and its key, as long as the state has its metatable.
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
        for (name, body) in type.members.asyncMethods {
            try pushAsync { lua in try body(lua, type) }
            try setRawField(name, of: -2)
        }
        try pushTable(of: type.members.getters, type)
        try pushFallback(type.members.fallback, type)
        try check(vtl_pushindex(L))
        try setRawField("__index", of: metatable)
        try pushTable(of: type.members.setters, type)
        try pushFallback(type.members.assignment ?? LuaMembers<Object>.refusedAssignment, type)
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
