// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge
public import VTWorkflow

/// A port of a module, or a parameter of a workflow, that a program declares in Swift.
///
/// ```swift
/// ["path": .init(.file), "radius": .init(.integer, default: .integer(2), minimum: 0)]
/// ```
public struct PortDeclaration: Sendable {
    /// The type of the values of a port.
    public indirect enum ValueType: Sendable, Hashable {
        /// Any value.
        case any
        /// `true` or `false`.
        case boolean
        /// An integer; a float such as 3.0 is not one.
        case integer
        /// An integer or a float.
        case number
        /// A string of any bytes.
        case string
        /// Any table.
        case table
        /// A typed array, such as an `NDArray`.
        case array
        /// The path of a file that exists.
        case file
        /// The path of a directory that exists.
        case directory
        /// A function.
        case function
        /// A module, a workflow, or the name of one.
        case module
        /// A list whose elements have a type.
        case list(ValueType)
        /// Items of a type, one after another, which are computed when they are needed.
        case stream(ValueType)
    }

    /// The type of the values.
    public var type: ValueType
    /// The value that is used where none is given.
    public var defaultValue: LuaValue?
    /// True if an input may be absent, or an output missing.
    public var isOptional: Bool
    /// The smallest number that the port accepts.
    public var minimum: Double?
    /// The largest number that the port accepts.
    public var maximum: Double?
    /// The values that the port accepts; empty for all.
    public var choices: [LuaValue]
    /// The description of the port.
    public var doc: String?
    /// The parts of files and directories that count when it is decided whether a result is used again.
    public var comparison = Port.Comparison.content
    /// True for a parameter whose value nothing may print or keep.
    public var isSecret = false
    /// The environment variable that gives a parameter its value where nothing else does.
    public var environmentVariable: String?

    /// Creates a declaration from its fields.
    public init(
        _ type: ValueType, default defaultValue: LuaValue? = nil, isOptional: Bool = false,
        minimum: Double? = nil, maximum: Double? = nil, choices: [LuaValue] = [],
        doc: String? = nil
    ) {
        self.type = type
        self.defaultValue = defaultValue
        self.isOptional = isOptional
        self.minimum = minimum
        self.maximum = maximum
        self.choices = choices
        self.doc = doc
    }
}

extension PortDeclaration.ValueType: CustomStringConvertible {
    /// The name of the type, as scripts have it.
    public var description: String { portType.description }

    /// The type as ports of a graph have it, with the types of scripts, which belong to a Lua state.
    private var portType: PortType {
        switch self {
        case .any: .any
        case .boolean: .boolean
        case .integer: .integer
        case .number: .number
        case .string: .string
        case .table: .table
        case .array: .array
        case .file: .file
        case .directory: .directory
        case .function: .function
        case .module: .module
        case .list(let element): .list(element.portType)
        case .stream(let item): .stream(item.portType)
        }
    }
}

extension PortDeclaration {
    /// Pushes the declaration as a script writes it: `{ "integer", default = 2, min = 0 }`.
    func push(onto lua: borrowing Lua) throws {
        try lua.pushTable(fields: 6)
        try lua.push(type.description)
        try lua.setRawElement(1, of: -2)
        if let defaultValue {
            try defaultValue.push(onto: lua)
            try lua.setRawField("default", of: -2)
        }
        if isOptional { try set("optional", true, lua) }
        if isSecret { try set("secret", true, lua) }
        if let doc { try set("doc", doc, lua) }
        if let environmentVariable { try set("env", environmentVariable, lua) }
        if comparison != .content { try set("compare", comparison.rawValue, lua) }
        for (name, bound) in [("min", minimum), ("max", maximum)] {
            guard let bound else { continue }
            // Messages print the bound as a script would: 2, not 2.0.
            if let integer = Int(exactly: bound) {
                try set(name, integer, lua)
            } else {
                try set(name, bound, lua)
            }
        }
        guard !choices.isEmpty else { return }
        try lua.pushTable(elements: choices.count)
        for (index, choice) in choices.enumerated() {
            try choice.push(onto: lua)
            try lua.setRawElement(index + 1, of: -2)
        }
        try lua.setRawField("choices", of: -2)
    }

    private func set(_ name: String, _ value: some LuaPushable, _ lua: borrowing Lua) throws {
        try value.push(onto: lua)
        try lua.setRawField(name, of: -2)
    }
}

extension Lua {
    /// Pushes a table of declarations by name.
    func push(_ ports: [String: PortDeclaration]) throws {
        try pushTable(fields: ports.count)
        for (name, port) in ports {
            try port.push(onto: self)
            try setRawField(name, of: -2)
        }
    }
}
