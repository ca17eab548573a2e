// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge
internal import VTSystem

/// A table among the inputs of a node that has ports or parameters in it: its elements come from
/// several nodes.
public struct TableSource {
    /// The table without the ports.
    public var constants: LuaReference
    /// The ports and parameters, each with its place.
    public var elements: [Element]

    /// A port or a parameter in a table.
    public struct Element {
        /// The place in the table.
        public var path: TablePath
        /// The port or the parameter.
        public var source: Graph.Source

        /// Creates an element from its fields.
        public init(path: TablePath, source: Graph.Source) {
            self.path = path
            self.source = source
        }
    }

    /// Creates a source from its fields. The elements are sorted by their places.
    public init(constants: LuaReference, elements: [Element]) {
        self.constants = constants
        self.elements = elements.sorted { $0.path < $1.path }
    }
}

/// The keys that lead from a table to a value in it.
public struct TablePath: Hashable, Comparable, Sendable {
    /// The keys, that of the outermost table first.
    public var keys: [Key]

    /// A key of a table.
    public enum Key: Hashable, Comparable, Sendable {
        /// A position in a list, or another integer.
        case position(Int)
        /// The name of a field.
        case name([UInt8])

        /// Positions come before names.
        public static func < (one: Key, other: Key) -> Bool {
            switch (one, other) {
            case (.position(let one), .position(let other)): one < other
            case (.name(let one), .name(let other)): one.lexicographicallyPrecedes(other)
            case (.position, .name): true
            case (.name, .position): false
            }
        }
    }

    /// Creates a path from its keys.
    public init(_ keys: [Key]) { self.keys = keys }

    /// The path as Lua code after the name of an input, such as `values[2]` or `bounds.low`.
    public func label(after input: String) -> String {
        var label = input
        for key in keys {
            switch key {
            case .position(let position): label += "[\(position)]"
            case .name(let name):
                let text = String(decoding: name, as: UTF8.self)
                let isName = name.allSatisfy { byte in
                    byte == UInt8(ascii: "_")
                        || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 32)
                        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                }
                label += isName && text.first?.isNumber == false ? ".\(text)" : "[\"\(text)\"]"
            }
        }
        return label
    }

    public static func < (one: TablePath, other: TablePath) -> Bool {
        one.keys.lexicographicallyPrecedes(other.keys)
    }

    /// Bytes that no other path has.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for key in keys {
            switch key {
            case .position(let position):
                bytes.append(UInt8(ascii: "p"))
                withUnsafeBytes(of: position.littleEndian) { bytes += $0 }
            case .name(let name):
                bytes.append(UInt8(ascii: "n"))
                withUnsafeBytes(of: name.count.littleEndian) { bytes += $0 }
                bytes += name
            }
        }
        return bytes
    }
}

extension PortType {
    /// Returns the type of a value inside a value of this type; nil if this one has no values inside,
    /// or none at such a place.
    func element(at path: TablePath) -> PortType? {
        var type = self
        for key in path.keys {
            switch type {
            case .any, .table, .custom: type = .any
            case .list(let element):
                guard case .position = key else { return nil }
                type = element
            default: return nil
            }
        }
        return type
    }
}

extension Lua {
    /// Pushes the key of a path.
    func push(_ key: TablePath.Key) throws {
        switch key {
        case .position(let position): try push(position)
        case .name(let name): try name.withUnsafeBytes { try push(bytes: $0) }
        }
    }

    /// Pops a value, and sets it in the table below it. Tables on the way must exist.
    func setElement(at path: TablePath) throws {
        let value = top
        let table = value - 1
        guard let last = path.keys.last else { return pop() }
        try pushValue(at: table)
        for key in path.keys.dropLast() {
            try push(key)
            pushRawIndexed(of: -2)
            remove(at: -2)
        }
        try push(last)
        try pushValue(at: value)
        try setRawIndexed(of: -3)
        pop(2)
    }
}
