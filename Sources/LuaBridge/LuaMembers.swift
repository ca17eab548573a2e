// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua

/// The members of a ``LuaClass``, to be added by the closure of its initializer.
public struct LuaMembers<Object>: Sendable {
    /// A member's function. Argument 1 is the object, or the first operand.
    typealias Body = @Sendable (borrowing Lua, LuaClass<Object>) throws -> LuaReturn
    /// The start of an async method. Argument 1 is the object.
    typealias AsyncBody = @Sendable (borrowing Lua, LuaClass<Object>) throws -> AsyncOutcome

    var getters: [String: Body] = [:]
    var setters: [String: Body] = [:]
    var methods: [String: Body] = [:]
    var asyncMethods: [String: AsyncBody] = [:]
    var operators: [String: Body] = [:]
    var functions: [String: LuaFunctionBody] = [:]
    var asyncFunctions: [String: @Sendable (borrowing Lua) throws -> AsyncOutcome] = [:]
    var constructor: LuaFunctionBody?
    var fallback: Body?
    var assignment: Body?
}

/// The operators and events that a class can define, by the names of their metamethods.
public enum LuaOperator: String, Sendable {
    /// `a + b`
    case add = "__add"
    /// `a - b`
    case subtract = "__sub"
    /// `a * b`
    case multiply = "__mul"
    /// `a / b`
    case divide = "__div"
    /// `a % b`
    case modulo = "__mod"
    /// `a ^ b`
    case power = "__pow"
    /// `-a`
    case negate = "__unm"
    /// `a // b`
    case floorDivide = "__idiv"
    /// `a .. b`
    case concatenate = "__concat"
    /// `#a`
    case length = "__len"
    /// `a == b`, for two objects that are not the same.
    case equal = "__eq"
    /// `a < b`
    case less = "__lt"
    /// `a <= b`
    case lessOrEqual = "__le"
    /// `a(...)`
    case call = "__call"
    /// `tostring(a)`
    case string = "__tostring"
    /// The end of the scope of a variable with the attribute `close`.
    case close = "__close"
    /// `pairs(a)`
    case pairs = "__pairs"
}

// MARK: - Fields

extension LuaMembers {
    /// Adds a field that Lua code can read and write.
    public mutating func property<Value: LuaPushable & LuaReadable>(
        _ name: String, _ path: any WritableKeyPath<Object, Value> & Sendable
    ) {
        property(name) { $0[keyPath: path] }
        setters[name] = { lua, type in
            let boxed = try lua.boxed(type, at: 1)
            do {
                boxed.object[keyPath: path] = try Value.read(from: lua, at: 2)
            } catch let error as LuaError {
                throw lua.error("\(type.name).\(name): \(error.message)", level: 2)
            }
            return 0
        }
    }

    /// Adds a field that Lua code can read.
    public mutating func property<Value: LuaPushable>(
        _ name: String, _ path: any KeyPath<Object, Value> & Sendable
    ) {
        property(name) { $0[keyPath: path] }
    }

    /// Adds a field that is computed when Lua code reads it.
    public mutating func property<Value: LuaPushable>(
        _ name: String, _ get: @escaping @Sendable (Object) throws -> Value
    ) {
        getters[name] = { lua, type in
            try get(try lua.read(type, at: 1)).push(onto: lua)
            return 1
        }
    }

    /// Adds a field whose closure pushes the value itself. Argument 1 is the object.
    public mutating func rawProperty(
        _ name: String, _ get: @escaping @Sendable (borrowing Lua, Object) throws -> LuaReturn
    ) {
        getters[name] = { lua, type in try get(lua, try lua.read(type, at: 1)) }
    }

    /// Sets the function for assignments to fields that are not properties. Arguments 1 to 3 are
    /// the object, the field's name and the value.
    public mutating func newIndex(
        _ body: @escaping @Sendable (borrowing Lua, Object) throws -> LuaReturn
    ) {
        assignment = { lua, type in try body(lua, try lua.read(type, at: 1)) }
    }

    /// Sets the function that returns the values of fields that are neither methods nor properties.
    /// Arguments 1 and 2 are the object and the field's name.
    public mutating func index(
        _ body: @escaping @Sendable (borrowing Lua, Object) throws -> LuaReturn
    ) {
        fallback = { lua, type in try body(lua, try lua.read(type, at: 1)) }
    }
}

// MARK: - Methods

extension LuaMembers {
    /// Adds a method with typed arguments and a result.
    public mutating func method<each A: LuaReadable, R: LuaPushable>(
        _ name: String, _ body: @escaping @Sendable (Object, repeat each A) throws -> R
    ) {
        asyncMethods[name] = nil
        methods[name] = { lua, type in
            let object = try lua.receiver(type)
            var index = 1
            let result = try body(object, repeat lua.nextArgument(&index, as: (each A).self))
            return .values(try result.pushResults(onto: lua))
        }
    }

    /// Adds a method with typed arguments and several results, a tuple without labels, or none.
    public mutating func method<each A: LuaReadable, each R: LuaPushable>(
        _ name: String,
        _ body: @escaping @Sendable (Object, repeat each A) throws -> (repeat each R)
    ) {
        asyncMethods[name] = nil
        methods[name] = { lua, type in
            let object = try lua.receiver(type)
            var index = 1
            let results = try body(object, repeat lua.nextArgument(&index, as: (each A).self))
            var count = 0
            repeat try lua.pushResult(each results, &count)
            return .values(count)
        }
    }

    /// Adds a method with typed arguments that can modify the object, and a result.
    public mutating func mutatingMethod<each A: LuaReadable, R: LuaPushable>(
        _ name: String, _ body: @escaping @Sendable (inout Object, repeat each A) throws -> R
    ) {
        asyncMethods[name] = nil
        methods[name] = { lua, type in
            let boxed = try lua.boxedReceiver(type)
            var index = 1
            let result = try body(
                &boxed.object, repeat lua.nextArgument(&index, as: (each A).self))
            return .values(try result.pushResults(onto: lua))
        }
    }

    /// Adds a method with typed arguments that can modify the object, and several results, a tuple
    /// without labels, or none.
    public mutating func mutatingMethod<each A: LuaReadable, each R: LuaPushable>(
        _ name: String,
        _ body: @escaping @Sendable (inout Object, repeat each A) throws -> (repeat each R)
    ) {
        asyncMethods[name] = nil
        methods[name] = { lua, type in
            let boxed = try lua.boxedReceiver(type)
            var index = 1
            let results = try body(
                &boxed.object, repeat lua.nextArgument(&index, as: (each A).self))
            var count = 0
            repeat try lua.pushResult(each results, &count)
            return .values(count)
        }
    }

    /// Adds a method that reads its arguments, from index 2 on, and pushes its results itself.
    public mutating func rawMethod(
        _ name: String, _ body: @escaping @Sendable (borrowing Lua, Object) throws -> LuaReturn
    ) {
        asyncMethods[name] = nil
        methods[name] = { lua, type in try body(lua, try lua.receiver(type)) }
    }
}

// MARK: - Functions and operators

extension LuaMembers {
    /// Adds a function with a result to the class's table.
    public mutating func function<each A: LuaReadable, R: LuaPushable>(
        _ name: String, _ body: @escaping @Sendable (repeat each A) throws -> R
    ) {
        asyncFunctions[name] = nil
        functions[name] = typed(body)
    }

    /// Adds a function with several results, a tuple without labels, or none, to the class's table.
    public mutating func function<each A: LuaReadable, each R: LuaPushable>(
        _ name: String, _ body: @escaping @Sendable (repeat each A) throws -> (repeat each R)
    ) {
        asyncFunctions[name] = nil
        functions[name] = typed(body)
    }

    /// Sets the function that a call of the class runs: `Point(3, 4)`.
    public mutating func constructor<each A: LuaReadable>(
        _ body: @escaping @Sendable (repeat each A) throws -> Object
    ) where Object: LuaPushable {
        constructor = typed(body)
    }

    /// Adds an operator with typed operands and a result.
    public mutating func `operator`<each A: LuaReadable, R: LuaPushable>(
        _ event: LuaOperator, _ body: @escaping @Sendable (repeat each A) throws -> R
    ) {
        let body = typed(body)
        operators[event.rawValue] = { lua, _ in try body(lua) }
    }

    /// Adds an operator with typed operands and several results, a tuple without labels, or none.
    public mutating func `operator`<each A: LuaReadable, each R: LuaPushable>(
        _ event: LuaOperator, _ body: @escaping @Sendable (repeat each A) throws -> (repeat each R)
    ) {
        let body = typed(body)
        operators[event.rawValue] = { lua, _ in try body(lua) }
    }

    private func typed<each A: LuaReadable, R: LuaPushable>(
        _ body: @escaping @Sendable (repeat each A) throws -> R
    ) -> LuaFunctionBody {
        Lua.checkParameters(repeat (each A).self)
        return { lua in
            var index = 0
            let result = try body(repeat lua.nextArgument(&index, as: (each A).self))
            return .values(try result.pushResults(onto: lua))
        }
    }

    private func typed<each A: LuaReadable, each R: LuaPushable>(
        _ body: @escaping @Sendable (repeat each A) throws -> (repeat each R)
    ) -> LuaFunctionBody {
        Lua.checkParameters(repeat (each A).self)
        return { lua in
            var index = 0
            let results = try body(repeat lua.nextArgument(&index, as: (each A).self))
            var count = 0
            repeat try lua.pushResult(each results, &count)
            return .values(count)
        }
    }

    /// Adds an operator that reads its operands and pushes its results itself. The first operand
    /// must be an object of the class.
    public mutating func rawOperator(
        _ event: LuaOperator,
        _ body: @escaping @Sendable (borrowing Lua, Object) throws -> LuaReturn
    ) {
        operators[event.rawValue] = { lua, type in try body(lua, try lua.read(type, at: 1)) }
    }

    /// Adds an operator that pushes its results itself, with an object of the class as one of its
    /// operands.
    package mutating func anyOperator(
        _ event: LuaOperator,
        _ body: @escaping @Sendable (borrowing Lua, Object) throws -> LuaReturn
    ) {
        operators[event.rawValue] = { lua, type in
            if let object = lua.object(type, at: 1) { return try body(lua, object) }
            return try body(lua, try lua.read(type, at: 2))
        }
    }
}

extension Lua {
    /// Argument 1 as the object of a method call. The error suggests `p:move(1)` for `p.move(1)`.
    func receiver<Object>(_ type: LuaClass<Object>) throws(LuaError) -> Object {
        do throws(LuaError) {
            return try read(type, at: 1)
        } catch {
            throw argumentError(1, "\(error.message); is the call written with ':'?")
        }
    }

    /// The box of argument 1 as the object of a method call.
    func boxedReceiver<Object>(_ type: LuaClass<Object>) throws(LuaError) -> Boxed<Object> {
        _ = try receiver(type)
        return try boxed(type, at: 1)
    }
}
