// SPDX-License-Identifier: BSD-3-Clause

// Literals: `["radius": 2, "names": ["a", "b"], "mask": nil]` is a table.

extension LuaValue: ExpressibleByNilLiteral {
    /// Creates ``nil``.
    public init(nilLiteral: ()) { self = .nil }
}

extension LuaValue: ExpressibleByBooleanLiteral {
    /// Creates a boolean.
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
}

extension LuaValue: ExpressibleByIntegerLiteral {
    /// Creates a number of the integer subtype.
    public init(integerLiteral value: Int) { self = .integer(value) }
}

extension LuaValue: ExpressibleByFloatLiteral {
    /// Creates a number of the float subtype.
    public init(floatLiteral value: Double) { self = .number(value) }
}

extension LuaValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    /// Creates a string.
    public init(stringLiteral value: String) { self = .string(LuaBytes(value)) }
}

extension LuaValue: ExpressibleByArrayLiteral {
    /// Creates a list: a table with the elements from index 1 on. A place with nil stays empty.
    public init(arrayLiteral elements: LuaValue...) { self.init(elements) }
}

extension LuaValue: ExpressibleByDictionaryLiteral {
    /// Creates a table. A field with nil is left out; of several with the same key, the last one
    /// counts.
    public init(dictionaryLiteral elements: (LuaValue, LuaValue)...) {
        var pairs: [Pair] = []
        for (key, value) in elements {
            pairs.removeAll { $0.key == key }
            if value != .nil { pairs.append(Pair(key: key, value: value)) }
        }
        self = .table(pairs.sorted { Self.precedes($0.key, $1.key) })
    }
}

extension LuaBytes: ExpressibleByStringLiteral {
    /// Creates a string from a text, as UTF-8.
    public init(stringLiteral value: String) { self.init(value) }
}

extension LuaValue {
    /// Creates a string.
    public init(_ text: some StringProtocol) { self = .string(LuaBytes(String(text))) }

    /// Creates a list: a table with the elements from index 1 on. A place with nil stays empty.
    public init(_ elements: some Sequence<LuaValue>) {
        self = .table(
            elements.enumerated().compactMap { offset, value in
                value == .nil ? nil : Pair(key: .integer(offset + 1), value: value)
            })
    }

    /// Creates a table with a field for each pair.
    public init(_ fields: [String: LuaValue]) {
        let pairs = fields.filter { $0.value != .nil }
            .map { Pair(key: .string(LuaBytes($0.key)), value: $0.value) }
        self = .table(pairs.sorted { Self.precedes($0.key, $1.key) })
    }
}
