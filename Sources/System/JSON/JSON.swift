// SPDX-License-Identifier: BSD-3-Clause

/// A value of JSON (RFC 8259).
package enum JSON: Sendable {
    /// `null`
    case null
    /// `true` or `false`
    case boolean(Bool)
    /// A number without a fraction that fits into 64 bits.
    case integer(Int)
    /// Any other number.
    case number(Double)
    /// A text.
    case string(String)
    /// A list of values.
    case array([JSON])
    /// Members in the order in which they are written.
    case object([Member])

    /// A member of an object. Its key may occur more than once.
    package typealias Member = (key: String, value: JSON)

    /// The value of the first member with that key; null where there is none, and for what is no
    /// object.
    package subscript(key: String) -> JSON {
        guard case .object(let members) = self else { return .null }
        return members.first { $0.key == key }?.value ?? .null
    }

    /// The text of a string; nil for other values.
    package var string: String? { if case .string(let text) = self { text } else { nil } }
    /// The truth of a boolean; nil for other values.
    package var bool: Bool? { if case .boolean(let truth) = self { truth } else { nil } }
    /// The elements of an array; nil for other values.
    package var array: [JSON]? { if case .array(let list) = self { list } else { nil } }
    /// The members of an object; nil for other values.
    package var members: [Member]? { if case .object(let all) = self { all } else { nil } }
    /// True if the value is null.
    package var isNull: Bool { if case .null = self { true } else { false } }

    /// An integer, or a number without a fraction; nil for other values.
    package var int: Int? {
        switch self {
        case .integer(let number): number
        case .number(let number): Int(exactly: number)
        default: nil
        }
    }

    /// A number of either kind; nil for other values.
    package var double: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .number(let number): number
        default: nil
        }
    }
}

extension JSON: Equatable {
    /// Compares members in their order.
    package static func == (a: JSON, b: JSON) -> Bool {
        switch (a, b) {
        case (.null, .null): true
        case (.boolean(let a), .boolean(let b)): a == b
        case (.integer(let a), .integer(let b)): a == b
        case (.number(let a), .number(let b)): a == b
        case (.string(let a), .string(let b)): a == b
        case (.array(let a), .array(let b)): a == b
        case (.object(let a), .object(let b)): a.elementsEqual(b) { $0 == $1 }
        default: false
        }
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
    ExpressibleByNilLiteral
{
    /// A string.
    package init(stringLiteral value: String) { self = .string(value) }
    /// An integer.
    package init(integerLiteral value: Int) { self = .integer(value) }
    /// A boolean.
    package init(booleanLiteral value: Bool) { self = .boolean(value) }
    /// Null.
    package init(nilLiteral: ()) { self = .null }
    /// An array.
    package init(arrayLiteral elements: JSON...) { self = .array(elements) }
    /// An object with the members in the order of the literal.
    package init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(elements.map { ($0.0, $0.1) })
    }

    /// A string; null for nil.
    package init(_ text: String?) { self = text.map { .string($0) } ?? .null }
    /// An integer; null for nil.
    package init(_ number: Int?) { self = number.map { .integer($0) } ?? .null }
    /// A number; null for nil. NaN and the infinities are written as null, too.
    package init(_ number: Double?) { self = number.map { .number($0) } ?? .null }
    /// An array of strings.
    package init(_ texts: [String]) { self = .array(texts.map { .string($0) }) }
}
