// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTSystem
internal import VTWorkflow

/// One option of a call: its name, its type and range, and its default.
struct CallOption<Value: Sendable>: Sendable {
    let name: String
    let initial: Value
    /// Reads the value on top of the stack.
    fileprivate let read: @Sendable (borrowing Lua) throws(OptionError) -> Value

    /// The same option with a default.
    func or<T: Sendable>(_ initial: T) -> CallOption<T> where Value == T? {
        CallOption<T>(name: name, initial: initial) { lua throws(OptionError) in
            try read(lua) ?? initial
        }
    }
}

/// The error of an option: the value has another type, or is out of range.
enum OptionError: Error {
    /// `number expected, got string`
    case type(String)
    /// `must be at least 1, got 0`
    case range(String)
}

extension CallOption {
    /// An option of any type that Lua's values can be read as.
    static func value<T: LuaReadable & Sendable>(_ name: String, _ type: T.Type) -> CallOption<T?>
    where Value == T? {
        CallOption(name: name, initial: nil) { lua throws(OptionError) in try lua.option(type) }
    }

    /// A whole number. One above the range counts as the largest: the bounds are beyond all use,
    /// and keep sums from overflowing.
    static func integer(_ name: String, in range: ClosedRange<Int>) -> CallOption<Int?>
    where Value == Int? {
        CallOption(name: name, initial: nil) { lua throws(OptionError) in
            let number = try lua.option(Int.self)
            guard number >= range.lowerBound else {
                throw .range("must be at least \(range.lowerBound), got \(number)")
            }
            return min(number, range.upperBound)
        }
    }

    /// A positive number of seconds. Thirty years stand for anything longer, so that a clock can
    /// count to it.
    static func seconds(_ name: String) -> CallOption<Double?> where Value == Double? {
        CallOption(name: name, initial: nil) { lua throws(OptionError) in
            let seconds = try lua.option(Double.self)
            guard seconds > 0 else {
                // The sign of what is no number depends on the processor.
                let text = seconds.isNaN ? "nan" : Format.plainSeconds(seconds)
                throw .range("must be positive, got \(text)")
            }
            return min(seconds, 1e9)
        }
    }

    /// One of the texts of an enumeration.
    static func choice<T: CaseIterable & RawRepresentable<String> & Sendable>(
        _ name: String, _ type: T.Type
    ) -> CallOption<T?> where Value == T? {
        CallOption(name: name, initial: nil) { lua throws(OptionError) in
            let text = try lua.option(String.self)
            guard let value = T(rawValue: text) else {
                let known = T.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or ")
                throw .range("must be \(known), got \"\(text)\"")
            }
            return value
        }
    }
}

extension Lua {
    fileprivate func option<T: LuaReadable>(_ type: T.Type) throws(OptionError) -> T {
        do {
            return try read(type, at: -1)
        } catch {
            throw .type(error.plain.message)
        }
    }
}

/// The options of one call from Lua: a table whose fields are named.
///
/// Every error has the line of the caller, and names the call and the option.
struct OptionTable {
    private let subject: String
    /// The stack index of the table; nil: the call has no options.
    private let index: Int?

    /// - Parameters:
    ///   - index: the argument; nil, or none, is the same as an empty table.
    ///   - subject: the name of the call.
    ///   - names: the options that the call has.
    /// - Throws: ``LuaError`` for another type, and for an option that the call does not have.
    init(at index: Int, of subject: String, names: [String], _ lua: borrowing Lua) throws {
        self.subject = subject
        guard !lua.isNil(at: index) else {
            self.index = nil
            return
        }
        guard lua.type(at: index) == .table else { throw lua.expected("table", index) }
        self.index = index
        do {
            try Declaration(index: index, keys: names, subject: subject).checkKeys(lua)
        } catch let error as WorkflowError {
            throw lua.error(error.message)
        }
    }

    /// Returns the value of an option, or its default.
    func read<Value>(_ option: CallOption<Value>, _ lua: borrowing Lua) throws -> Value {
        try with(option.name, lua) { type in
            guard type != .nil else { return option.initial }
            do throws(OptionError) {
                return try option.read(lua)
            } catch {
                switch error {
                case .type(let text): throw lua.error("\(subject): `\(option.name)`: \(text)")
                case .range(let text): throw mistake(option.name, text, lua)
                }
            }
        }
    }

    /// Calls `body` with the type of an option's value, which is on top of the stack.
    func with<R>(
        _ name: String, _ lua: borrowing Lua, _ body: (LuaType) throws -> R
    ) throws -> R {
        guard let index else {
            try lua.pushNil()
            defer { lua.pop() }
            return try body(.nil)
        }
        try lua.pushRawField(name, of: index)
        defer { lua.pop() }
        return try body(lua.type(at: -1))
    }

    /// Pushes the elements of an option that is a list, or a result of `table.pack`. They stay on
    /// the stack.
    ///
    /// - Parameter kind: the elements, for messages: "arguments".
    /// - Returns: the stack indices of the elements; nil where the option is absent.
    func pushElements(
        of name: String, _ kind: String, _ lua: borrowing Lua
    ) throws -> Range<Int>? {
        guard let index else { return nil }
        try lua.pushRawField(name, of: index)
        if lua.isNil(at: -1) {
            lua.pop()
            return nil
        }
        guard lua.type(at: -1) == .table else {
            throw mistake(name, "must be a list of \(kind), got a \(lua.typeName(at: -1))", lua)
        }
        let list = lua.top
        if let fault = try lua.listFault(at: list, isPacked: true) {
            throw mistake(name, "must be a list of \(kind), got \(fault)", lua)
        }
        let count = try lua.packedCount(at: list)
        for position in 0..<count { try lua.pushRawElement(position + 1, of: list) }
        return (list + 1)..<(list + 1 + count)
    }

    /// The error for a value that an option cannot have: "map: `args` must be a list".
    func mistake(_ name: String, _ text: String, _ lua: borrowing Lua) -> LuaError {
        lua.error("\(subject): `\(name)` \(text)")
    }
}
