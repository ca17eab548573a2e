// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua

/// What a ``LuaClass`` is made of, while it is described.
public struct LuaMembers<Object>: Sendable {
    /// The object, or the first operand, is argument 1.
    typealias Body = @Sendable (borrowing Lua, LuaClass<Object>) throws -> LuaReturn

    var getters: [String: Body] = [:]
    var setters: [String: Body] = [:]
    var methods: [String: Body] = [:]
    var operators: [String: Body] = [:]
    var functions: [String: LuaFunctionBody] = [:]
    var constructor: LuaFunctionBody?
    var fallback: Body?
    var assignment: Body?
}

/// The operators and events a class can answer.
public enum LuaOperator: String, Sendable {
    case add = "__add"
    case subtract = "__sub"
    case multiply = "__mul"
    case divide = "__div"
    case modulo = "__mod"
    case power = "__pow"
    case negate = "__unm"
    case floorDivide = "__idiv"
    case concatenate = "__concat"
    case length = "__len"
    case equal = "__eq"
    case less = "__lt"
    case lessOrEqual = "__le"
    case call = "__call"
    case string = "__tostring"
    case close = "__close"
    case pairs = "__pairs"
}

// MARK: - Fields

extension LuaMembers {
    /// A field that Lua can read and write.
    public mutating func property<Value: LuaPushable & LuaReadable>(
        _ name: String, _ path: any WritableKeyPath<Object, Value> & Sendable
    ) {
        property(name) { $0[keyPath: path] }
        setters[name] = { lua, type in
            let held = try lua.held(type, at: 1)
            do {
                held.object[keyPath: path] = try Value.read(from: lua, at: 2)
            } catch let error as LuaError {
                throw lua.error("\(type.name).\(name): \(error.message)", level: 2)
            }
            return 0
        }
    }

    /// A field that Lua can read.
    public mutating func property<Value: LuaPushable>(
        _ name: String, _ path: any KeyPath<Object, Value> & Sendable
    ) {
        property(name) { $0[keyPath: path] }
    }

    /// A field that is computed when Lua reads it.
    public mutating func property<Value: LuaPushable>(
        _ name: String, _ get: @escaping @Sendable (Object) throws -> Value
    ) {
        getters[name] = { lua, type in
            try get(try lua.read(type, at: 1)).push(onto: lua)
            return 1
        }
    }

    /// A field that pushes its value itself; the object is argument 1.
    public mutating func rawProperty(
        _ name: String, _ get: @escaping @Sendable (borrowing Lua, Object) throws -> LuaReturn
    ) {
        getters[name] = { lua, type in try get(lua, try lua.read(type, at: 1)) }
    }

    /// What is told of an assignment to a field that is no property: gets the object, the field's
    /// name and the value, as arguments 1 to 3.
    public mutating func newIndex(
        _ body: @escaping @Sendable (borrowing Lua, Object) throws -> LuaReturn
    ) {
        assignment = { lua, type in try body(lua, try lua.read(type, at: 1)) }
    }

    /// What answers for a field that is none of the above: gets the object and the field's name,
    /// as arguments 1 and 2.
    public mutating func index(
        _ body: @escaping @Sendable (borrowing Lua, Object) throws -> LuaReturn
    ) {
        fallback = { lua, type in try body(lua, try lua.read(type, at: 1)) }
    }
}

// MARK: - Methods

extension LuaMembers {
    /// A method with typed arguments and a result.
    public mutating func method<each A: LuaReadable, R: LuaPushable>(
        _ name: String, _ body: @escaping @Sendable (Object, repeat each A) throws -> R
    ) {
        methods[name] = { lua, type in
            let object = try lua.receiver(type)
            var index = 1
            let result = try body(object, repeat lua.nextArgument(&index, as: (each A).self))
            try result.push(onto: lua)
            return 1
        }
    }

    /// A method with typed arguments that may change the object.
    public mutating func mutatingMethod<each A: LuaReadable>(
        _ name: String, _ body: @escaping @Sendable (inout Object, repeat each A) throws -> Void
    ) {
        methods[name] = { lua, type in
            _ = try lua.receiver(type)
            let held = try lua.held(type, at: 1)
            var index = 1
            try body(&held.object, repeat lua.nextArgument(&index, as: (each A).self))
            return 0
        }
    }

    /// A method that reads its arguments, from index 2 on, and pushes its results itself.
    public mutating func rawMethod(
        _ name: String, _ body: @escaping @Sendable (borrowing Lua, Object) throws -> LuaReturn
    ) {
        methods[name] = { lua, type in try body(lua, try lua.receiver(type)) }
    }

    /// A function of the class's table.
    public mutating func function<each A: LuaReadable, R: LuaPushable>(
        _ name: String, _ body: @escaping @Sendable (repeat each A) throws -> R
    ) {
        functions[name] = typed(body)
    }

    /// What calling the class does: `Point(3, 4)`.
    public mutating func constructor<each A: LuaReadable>(
        _ body: @escaping @Sendable (repeat each A) throws -> Object
    ) where Object: LuaPushable {
        constructor = typed(body)
    }

    private func typed<each A: LuaReadable, R: LuaPushable>(
        _ body: @escaping @Sendable (repeat each A) throws -> R
    ) -> LuaFunctionBody {
        { lua in
            var index = 0
            try body(repeat lua.nextArgument(&index, as: (each A).self)).push(onto: lua)
            return 1
        }
    }

    /// An operator with typed operands.
    public mutating func `operator`<each A: LuaReadable, R: LuaPushable>(
        _ event: LuaOperator, _ body: @escaping @Sendable (repeat each A) throws -> R
    ) {
        operators[event.rawValue] = { lua, _ in
            var index = 0
            try body(repeat lua.nextArgument(&index, as: (each A).self)).push(onto: lua)
            return 1
        }
    }

    /// An operator that reads its operands and pushes its results itself.
    public mutating func rawOperator(
        _ event: LuaOperator,
        _ body: @escaping @Sendable (borrowing Lua, Object) throws -> LuaReturn
    ) {
        operators[event.rawValue] = { lua, type in try body(lua, try lua.read(type, at: 1)) }
    }
}

extension Lua {
    /// Argument 1 as the object of a method call; `p.move(1)` for `p:move(1)` is explained.
    func receiver<Object>(_ type: LuaClass<Object>) throws(LuaError) -> Object {
        do throws(LuaError) {
            return try read(type, at: 1)
        } catch {
            throw argumentError(1, "\(error.message); is the call written with ':'?")
        }
    }
}
