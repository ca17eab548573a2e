// SPDX-License-Identifier: BSD-3-Clause

/// A Python value as plain data.
package enum PythonValue: Sendable, Equatable {
    /// None.
    case none
    /// True or False.
    case bool(Bool)
    /// An integer of at most 64 bits.
    case int(Int)
    /// An integer of more than 64 bits: its decimal digits, with a sign if it is negative.
    case bigInt(String)
    case float(Double)
    case string(String)
    case bytes([UInt8])
    case list([PythonValue])
    case tuple([PythonValue])
    /// A dict, whose entries keep their order.
    case dict([PythonEntry])
    /// A set or a frozenset.
    case set([PythonValue])
    /// A numpy array.
    case array(PythonArray)
    /// An expression that the engine evaluates: ipyparallel's Reference.
    case reference(String)
    /// A class, function or instance, known by its name only. None of its code was run.
    indirect case object(PythonObject)
}

/// A key of a dict and its value.
package struct PythonEntry: Sendable, Equatable {
    package var key: PythonValue
    package var value: PythonValue

    package init(_ key: PythonValue, _ value: PythonValue) {
        self.key = key
        self.value = value
    }
}

/// A class or function, or an instance of a class, of some module.
package struct PythonObject: Sendable, Equatable {
    package var module: String
    package var name: String
    /// The arguments of the constructor; nil for the class or function itself.
    package var arguments: PythonValue?
    /// The argument of `__setstate__`, or the content of `__dict__`.
    package var state: PythonValue?

    package init(
        module: String, name: String, arguments: PythonValue? = nil, state: PythonValue? = nil
    ) {
        self.module = module
        self.name = name
        self.arguments = arguments
        self.state = state
    }

    /// The module and the name; only the name for builtins and for names of a script.
    package var qualifiedName: String {
        ["", "builtins", "__main__"].contains(module) ? name : "\(module).\(name)"
    }
}

extension PythonValue {
    /// The largest depth of nesting. It bounds the stack that a traversal needs.
    package static let mostLevels = 200
    /// The approximate number of bytes that values may take. A value that is referred to twice
    /// counts twice.
    package static let mostWeight = 1 << 30
    /// The weight of a value without its bytes.
    package static let weight = 32

    /// The value in a dict under a string key.
    package subscript(key: String) -> PythonValue? {
        guard case .dict(let entries) = self else { return nil }
        return entries.last { $0.key == .string(key) }?.value
    }

    /// The values of a list or tuple.
    package var elements: [PythonValue]? {
        switch self {
        case .list(let values), .tuple(let values): values
        default: nil
        }
    }

    package var string: String? { if case .string(let text) = self { text } else { nil } }
    package var int: Int? { if case .int(let number) = self { number } else { nil } }
    package var bool: Bool? { if case .bool(let truth) = self { truth } else { nil } }
    package var object: PythonObject? { if case .object(let it) = self { it } else { nil } }

    /// The name of the type in Python, with an article, for messages.
    package var kind: String {
        switch self {
        case .none: "None"
        case .bool: "a bool"
        case .int, .bigInt: "an int"
        case .float: "a float"
        case .string: "a str"
        case .bytes: "bytes"
        case .list: "a list"
        case .tuple: "a tuple"
        case .dict: "a dict"
        case .set: "a set"
        case .array: "a numpy array"
        case .reference(let name): "a reference to '\(name)'"
        case .object(let it):
            it.numpyKind
                ?? (it.arguments == nil
                    ? "'\(it.qualifiedName)'" : "an object of '\(it.qualifiedName)'")
        }
    }
}

extension PythonValue: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByBooleanLiteral
{
    package init(integerLiteral value: Int) { self = .int(value) }
    package init(floatLiteral value: Double) { self = .float(value) }
    package init(stringLiteral value: String) { self = .string(value) }
    package init(arrayLiteral elements: PythonValue...) { self = .list(elements) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
}
