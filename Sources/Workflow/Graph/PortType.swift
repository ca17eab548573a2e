// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge
internal import VTSystem

/// The type of the values of a port.
public indirect enum PortType {
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
    /// A function of Lua or C.
    case function
    /// Any table.
    case table
    /// A value whose type name is `array`.
    case array
    /// A module, a workflow, or the name of one.
    case module
    /// The path of a file that exists.
    case file
    /// The path of a directory that exists.
    case directory
    /// A table whose elements have a type, or an array whose elements or rows have it.
    case list(PortType)
    /// An iterator over items of a type, from which one module pulls what another one makes.
    case stream(PortType)
    /// A type made with `vt.type`.
    case custom(CustomType)

    /// Parses the name of a type, such as `list<list<number>>`.
    ///
    /// - Throws: ``WorkflowError`` with a suggestion, or with the names of all types.
    public init(parsing text: String) throws {
        let compact = String(text.filter { $0 != " " })
        if let simple = Self.simple[compact] {
            self = simple
        } else if compact.hasPrefix("list<"), compact.hasSuffix(">") {
            self = .list(try PortType(parsing: String(compact.dropFirst(5).dropLast())))
        } else if compact.hasPrefix("stream<"), compact.hasSuffix(">") {
            let item = try PortType(parsing: String(compact.dropFirst(7).dropLast()))
            if item.holdsStreams {
                throw WorkflowError(
                    "`\(text)`: the items of a stream cannot be streams; write stream<T> with another type"
                )
            }
            self = .stream(item)
        } else {
            let meant =
                Self.otherNames[compact.lowercased()]
                ?? closest(
                    to: compact, among: Self.simple.keys)
            throw WorkflowError(
                "`\(text)` is not a port type; "
                    + (meant.map { "did you mean `\($0)`?" }
                        ?? "the types are any, boolean, integer, number, string, function, list, "
                        + "list<T>, table, array, module, file, dir and stream<T>"))
        }
    }

    /// The names that other languages use.
    private static var otherNames: [String: String] {
        [
            "bool": "boolean", "int": "integer", "float": "number", "double": "number",
            "real": "number", "str": "string", "text": "string", "path": "file",
            "filename": "file", "directory": "dir", "folder": "dir", "object": "table",
            "map": "table", "dict": "table", "callable": "function", "iterator": "stream",
            "generator": "stream",
        ]
    }

    private static var simple: [String: PortType] {
        [
            "any": .any, "boolean": .boolean, "integer": .integer, "number": .number,
            "string": .string, "function": .function, "list": .list(.any), "table": .table,
            "array": .array, "module": .module, "file": .file,
            "dir": .directory, "stream": .stream(.any),
        ]
    }

    /// Returns true if an output of this type may be connected to an input of the type `other`: the
    /// types are equal, one of them is `any`, or each value of this type is one of the other.
    public func connects(to other: PortType) -> Bool {
        switch (self, other) {
        // The plan depends on which connections are streams.
        case (.stream(let mine), .stream(let theirs)): mine.connects(to: theirs)
        case (.stream, _), (_, .stream): false
        case (.any, _) where other.holdsStreams: false
        case (.any, _), (_, .any), (.integer, .number), (.file, .string), (.directory, .string):
            true
        case (.list(let mine), .list(let theirs)): mine.connects(to: theirs)
        case (.list, .table): true
        // The shape and the type of elements are checked in the run.
        case (.array, .list(let theirs)): theirs.canBeOfArray
        // A module is known before anything runs.
        case (_, .module):
            if case .module = self { true } else { false }
        // A custom type checks the value in the run.
        case (_, .custom(let theirs)):
            if case .custom(let mine) = self { mine === theirs } else { true }
        case (.custom, _): false
        default: description == other.description
        }
    }

    /// The custom type of the values or of their elements; nil for other types.
    var custom: CustomType? {
        switch self {
        case .custom(let type): type
        case .list(let element), .stream(let element): element.custom
        default: nil
        }
    }

    /// True for `any`, which accepts each value without a check.
    var isAny: Bool { if case .any = self { true } else { false } }
}

extension PortType: CustomStringConvertible {
    /// The name of the type, as scripts have it.
    public var description: String {
        switch self {
        case .any: "any"
        case .boolean: "boolean"
        case .integer: "integer"
        case .number: "number"
        case .string: "string"
        case .function: "function"
        case .table: "table"
        case .array: "array"
        case .module: "module"
        case .file: "file"
        case .directory: "dir"
        case .list(.any): "list"
        case .list(let element): "list<\(element)>"
        case .stream(.any): "stream"
        case .stream(let item): "stream<\(item)>"
        case .custom(let type): type.name
        }
    }
}

extension PortType {
    /// True if values name files: their content is part of keys.
    var holdsFiles: Bool {
        switch self {
        case .file: true
        case .list(let element): element.holdsFiles
        default: false
        }
    }

    /// True if values name directories: only their existence is checked.
    var holdsDirectories: Bool {
        switch self {
        case .directory: true
        case .list(let element): element.holdsDirectories
        default: false
        }
    }
}

/// A port type that a script makes with `vt.type`.
public final class CustomType {
    /// The name that messages show.
    public let name: String
    /// `check(value)` returns true, or false and a reason.
    let check: LuaReference?
    /// `convert(value)` returns the value to use.
    let convert: LuaReference?

    /// Creates a type from its name and its functions.
    public init(name: String, check: LuaReference?, convert: LuaReference?) {
        self.name = name
        self.check = check
        self.convert = convert
    }
}
