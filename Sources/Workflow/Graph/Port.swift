// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge
internal import VTSystem

/// An input or output of a module, or a parameter of a workflow.
public struct Port {
    /// The name, unique among the inputs, the outputs or the parameters.
    public var name: String
    /// The type of its values.
    public var type: PortType
    /// The description of the port.
    public var doc: String?
    /// True if an input may be absent, or an output missing.
    public var isOptional = false
    /// The value of an input that has no source.
    public var defaultValue: LuaReference?
    /// The smallest number that the port accepts.
    public var minimum: Bound?
    /// The largest number that the port accepts.
    public var maximum: Bound?
    /// The values that the port accepts; empty for all.
    public var choices: [LuaValue]

    /// The parts of files and directories that count in keys.
    public var comparison = Comparison.content

    /// The parts of a file or directory that count in the key of a result.
    public enum Comparison: String, Sendable, CaseIterable {
        /// The name and the content.
        case content
        /// The names, sizes and times: for data that is too large to read.
        case time
        /// The name only: for a directory into which modules write.
        case name
    }

    /// A limit of numbers.
    public struct Bound: Sendable {
        /// The limit.
        public var value: Double
        /// The limit as the script has it, for messages.
        public var text: String
    }

    /// True for a parameter whose value nothing may print or keep.
    public var isSecret = false
    /// The environment variable that gives a parameter its value where nothing else does.
    public var environmentVariable: String?

    /// True if an input must have a source.
    public var isRequired: Bool { !isOptional && defaultValue == nil }

    /// True if the port may refuse a value of the right type, or replace nil.
    var isDemanding: Bool {
        if case .custom = type { return true }
        return minimum != nil || maximum != nil || !choices.isEmpty || defaultValue != nil
    }

    /// Creates a port that accepts all values of a type.
    public init(name: String, type: PortType = .any) {
        self.name = name
        self.type = type
        choices = []
    }
}

// MARK: - Checking a value

extension Port {
    /// Returns the reason why the port refuses the value at `index`; nil if it accepts the value.
    package func mismatch(_ lua: borrowing Lua, at index: Int) throws -> String? {
        if isSecret, lua.type(at: index) != .string {
            // The value is not shown.
            return "expected a string, got a \(lua.typeName(at: index))"
        }
        if let reason = try type.mismatch(lua, at: index) { return reason }
        if let number = lua.number(at: index), minimum != nil || maximum != nil {
            if number.isNaN { return "nan is not within the bounds" }
            if let minimum, number < minimum.value {
                return "\(try lua.display(at: index)) is below the minimum \(minimum.text)"
            }
            if let maximum, number > maximum.value {
                return "\(try lua.display(at: index)) is above the maximum \(maximum.text)"
            }
        }
        if choices.isEmpty { return nil }
        let given = LuaValue(lua: lua, at: index)
        if choices.contains(given) { return nil }
        // 2.0 is the choice 2.
        if let integer = lua.integer(at: index), choices.contains(.integer(integer)) { return nil }
        return "\(quoted(given)) is not one of \(choices.map(quoted).joined(separator: ", "))"
    }

    private func quoted(_ value: LuaValue) -> String {
        if case .string(let text) = value { "'\(text.text)'" } else { value.brief }
    }
}

// MARK: - Reading a declaration

extension Port {
    private static let keys = [
        "doc", "optional", "default", "min", "max", "choices", "compare", "secret", "env",
    ]

    /// Reads the declaration at `index`: `"integer"`, a `vt.type`, or a table that has one of them
    /// as its first element.
    init(name: String, declaredAt index: Int, _ lua: borrowing Lua) throws {
        let declaration = lua.absolute(index)
        guard lua.type(at: declaration) == .table else {
            self.init(name: name, type: try PortType(at: declaration, lua))
            return
        }
        try lua.pushRawElement(1, of: declaration)
        defer { lua.pop() }
        guard !lua.isNil(at: -1) else {
            throw WorkflowError("no type; write for example { \"number\", doc = \"...\" }")
        }
        self.init(name: name, type: try PortType(at: lua.absolute(-1), lua))
        try lua.forEachPair(of: declaration) {
            guard let key = lua.string(at: -2) else {
                if lua.integer(at: -2) == 1 { return }
                throw WorkflowError(
                    "unexpected entry [\(try lua.display(at: -2))]; a port must have one type")
            }
            try set(key, at: lua.absolute(-1), lua)
        }
        try checkBounds()
        try checkSecret()
        try checkStream()
        try checkDefault(lua)
    }

    private mutating func set(_ key: String, at value: Int, _ lua: borrowing Lua) throws {
        switch key {
        case "doc": doc = try expect(String.self, key, value, lua)
        case "optional": isOptional = try expect(Bool.self, key, value, lua)
        case "default": defaultValue = try lua.reference(at: value)
        case "secret": isSecret = try expect(Bool.self, key, value, lua)
        case "env": environmentVariable = try expect(String.self, key, value, lua)
        case "min": minimum = try bound(key, value, lua)
        case "max": maximum = try bound(key, value, lua)
        case "compare":
            let text = try expect(String.self, key, value, lua)
            guard let comparison = Comparison(rawValue: text) else {
                throw WorkflowError(
                    "`compare` must be \"content\", \"time\" or \"name\", got \"\(text)\"")
            }
            guard type.holdsFiles || type.holdsDirectories else {
                throw WorkflowError("`compare` applies to files and directories, not to \(type)")
            }
            self.comparison = comparison
        case "choices": choices = try expect([LuaValue].self, key, value, lua)
        default:
            throw WorkflowError(
                "unknown attribute `\(key)`" + suggestion(for: key, among: Self.keys))
        }
    }

    private func expect<T: LuaReadable>(
        _ type: T.Type, _ key: String, _ index: Int, _ lua: borrowing Lua
    ) throws -> T {
        do {
            return try lua.read(type, at: index)
        } catch {
            throw WorkflowError("`\(key)`: \(error.plain.message)")
        }
    }

    private func bound(_ key: String, _ index: Int, _ lua: borrowing Lua) throws -> Bound {
        Bound(value: try expect(Double.self, key, index, lua), text: try lua.display(at: index))
    }

    private func checkBounds() throws {
        if minimum == nil, maximum == nil { return }
        switch type {
        case .integer, .number, .any, .custom: break
        default: throw WorkflowError("`min` and `max` apply to numbers, not to \(type)")
        }
        if let minimum, let maximum, minimum.value > maximum.value {
            throw WorkflowError(
                "the minimum \(minimum.text) is above the maximum \(maximum.text)")
        }
    }

    /// Throws if the port refuses its default. The path of a default need not exist before the
    /// value is used.
    private func checkDefault(_ lua: borrowing Lua) throws {
        guard let defaultValue else { return }
        switch type {
        case .file, .directory: return
        default: break
        }
        try lua.push(defaultValue)
        defer { lua.pop() }
        let reason =
            type.holdsPaths
            ? try type.withNames.mismatch(lua, at: -1) : try mismatch(lua, at: -1)
        if let reason {
            throw WorkflowError("the default does not fit: \(reason)")
        }
    }
}

extension PortType {
    /// The type with strings in the place of files and directories, which need not exist then.
    fileprivate var withNames: PortType {
        switch self {
        case .file, .directory: .string
        case .list(let element): .list(element.withNames)
        default: self
        }
    }

    /// Reads the type at `index`: a name, or a value made with `vt.type`.
    init(at index: Int, _ lua: borrowing Lua) throws {
        if let custom = lua.object(CustomType.luaClass, at: index) {
            self = .custom(custom)
        } else if let name = lua.string(at: index) {
            try self.init(parsing: name)
        } else {
            throw WorkflowError(
                "a type must be a string such as \"number\" or made with vt.type, "
                    + "got a \(lua.typeName(at: index))")
        }
    }
}

extension CustomType {
    /// The class of values made with `vt.type`.
    public static let luaClass = LuaClass<CustomType>("vt.type") { type in
        type.property("name") { $0.name }
        type.operator(.string) { (type: LuaReference) in "vt.type" }
    }
}
