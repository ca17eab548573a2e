// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge

/// What kind of value a port carries.
public indirect enum PortType {
    case any, boolean, integer, number, string, function, table, array
    /// A path of a file that exists.
    case file
    /// A path of a directory that exists.
    case directory
    case list(PortType)
    /// Made with `vt.type`.
    case custom(CustomType)

    /// The type that `text` names: `list<list<number>>`.
    ///
    /// - Throws: ``WorkflowError`` that names the types there are.
    public init(parsing text: String) throws {
        let compact = String(text.filter { $0 != " " })
        if let simple = Self.simple[compact] {
            self = simple
        } else if compact.hasPrefix("list<"), compact.hasSuffix(">") {
            self = .list(try PortType(parsing: String(compact.dropFirst(5).dropLast())))
        } else {
            let meant =
                Self.otherNames[compact.lowercased()]
                ?? closest(
                    to: compact, among: Self.simple.keys)
            throw WorkflowError(
                "`\(text)` is no port type; "
                    + (meant.map { "did you mean `\($0)`?" }
                        ?? "there are any, boolean, integer, number, string, function, list, "
                        + "list<T>, table, array, file and dir"))
        }
    }

    /// What other languages call them.
    private static var otherNames: [String: String] {
        [
            "bool": "boolean", "int": "integer", "float": "number", "double": "number",
            "real": "number", "str": "string", "text": "string", "path": "file",
            "filename": "file", "directory": "dir", "folder": "dir", "object": "table",
            "map": "table", "dict": "table", "callable": "function",
        ]
    }

    private static var simple: [String: PortType] {
        [
            "any": .any, "boolean": .boolean, "integer": .integer, "number": .number,
            "string": .string, "function": .function, "list": .list(.any), "table": .table,
            "array": .array, "file": .file, "dir": .directory,
        ]
    }

    /// Whether an output of this type may be connected to an input of `other`: the same type, an
    /// integer where a number is wanted, and `any` on either side. Nothing else converts.
    public func connects(to other: PortType) -> Bool {
        switch (self, other) {
        case (.any, _), (_, .any), (.integer, .number), (.file, .string), (.directory, .string):
            true
        case (.list(let mine), .list(let theirs)): mine.connects(to: theirs)
        case (.list, .table): true
        // A type of one's own decides when the value is there.
        case (_, .custom(let theirs)):
            if case .custom(let mine) = self { mine === theirs } else { true }
        case (.custom, _): false
        default: description == other.description
        }
    }

    /// The type of one's own that it is, or that its elements are.
    var custom: CustomType? {
        switch self {
        case .custom(let type): type
        case .list(let element): element.custom
        default: nil
        }
    }

    /// Whether a value has to be looked at: everything fits `any`.
    var isAny: Bool { if case .any = self { true } else { false } }
}

extension PortType: CustomStringConvertible {
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
        case .file: "file"
        case .directory: "dir"
        case .list(.any): "list"
        case .list(let element): "list<\(element)>"
        case .custom(let type): type.name
        }
    }
}

extension PortType {
    /// Whether its values name files, whose content matters as well.
    var holdsFiles: Bool {
        switch self {
        case .file: true
        case .list(let element): element.holdsFiles
        default: false
        }
    }

    /// Whether its values name directories, of which only the existence is looked at.
    var holdsDirectories: Bool {
        switch self {
        case .directory: true
        case .list(let element): element.holdsDirectories
        default: false
        }
    }
}

/// A port type of a user's own.
public final class CustomType {
    public let name: String
    /// `check(value)` gives true, or false and a reason.
    let check: LuaReference?
    /// `convert(value)` gives the value to use.
    let convert: LuaReference?

    public init(name: String, check: LuaReference?, convert: LuaReference?) {
        self.name = name
        self.check = check
        self.convert = convert
    }
}
