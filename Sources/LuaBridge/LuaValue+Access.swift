// SPDX-License-Identifier: BSD-3-Clause

extension LuaValue {
    /// True for `nil`.
    public var isNil: Bool { self == .nil }

    /// The boolean; nil for other values.
    public var boolean: Bool? { if case .boolean(let value) = self { value } else { nil } }

    /// The integer, or the value of a float that is integral; nil for other values.
    public var integer: Int? {
        switch self {
        case .integer(let value): value
        case .number(let value): Int(exactly: value)
        default: nil
        }
    }

    /// The number, of either subtype; nil for other values.
    public var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// The string as a text; nil for a string that is not UTF-8, and for other values.
    public var string: String? {
        guard case .string(let value) = self else { return nil }
        return String(validating: value.bytes, as: UTF8.self)
    }

    /// The string, of any bytes; nil for other values.
    public var bytes: LuaBytes? { if case .string(let value) = self { value } else { nil } }

    /// The pairs of a table, ordered by their keys; nil for other values.
    public var table: [Pair]? { if case .table(let pairs) = self { pairs } else { nil } }

    /// The elements of a table whose keys are 1 to n, or of a typed array along its first axis; nil
    /// for other values.
    public var array: [LuaValue]? {
        if case .object(let object) = self { return object.value.luaElements }
        guard case .table(let pairs) = self,
            pairs.enumerated().allSatisfy({ $1.key == .integer($0 + 1) })
        else { return nil }
        return pairs.map(\.value)
    }

    /// The fields of a table whose keys are texts, or the columns of a frame; nil for other values.
    public var dictionary: [String: LuaValue]? {
        if case .object(let object) = self { return object.value.luaFields }
        guard case .table(let pairs) = self else { return nil }
        var fields: [String: LuaValue] = [:]
        for pair in pairs {
            guard let name = pair.key.string else { return nil }
            fields[name] = pair.value
        }
        return fields
    }

    /// The name of the value's type in Lua, such as `number`.
    public var typeName: String {
        switch self {
        case .nil: "nil"
        case .boolean: "boolean"
        case .integer, .number: "number"
        case .string: "string"
        case .table: "table"
        case .object(let object): object.typeName
        case .opaque(let type, _): type
        }
    }

    /// The error for a value of another type, such as `integer expected, got nil`.
    public func mismatch(_ expected: String) -> LuaError {
        LuaError(.conversion, "\(expected) expected, got \(typeName)")
    }
}

// MARK: - Fields and elements

extension LuaValue {
    /// The value of a key, or `nil` if there is none, also for a value that is not a table. So
    /// `value["size"]["width"].integer` needs no checks in between.
    ///
    /// Setting `nil` removes the key. A value set in `nil` makes it a table; in other values that
    /// are not tables it is an error of the program.
    public subscript(key: LuaValue) -> LuaValue {
        get {
            if case .object(let object) = self { return object.value.luaValue(of: key) }
            guard case .table(let pairs) = self, let place = Self.place(of: key, in: pairs) else {
                return .nil
            }
            return pairs[place].value
        }
        set {
            var pairs: [Pair]
            switch self {
            case .nil: pairs = []
            case .table(let present): pairs = present
            default: preconditionFailure("a field of a \(typeName) cannot be set")
            }
            precondition(key != .nil, "nil cannot be a key")
            self = .nil  // so that the pairs are not copied
            if let place = Self.place(of: key, in: pairs) {
                if newValue == .nil {
                    pairs.remove(at: place)
                } else {
                    pairs[place].value = newValue
                }
            } else if newValue != .nil {
                let pair = Pair(key: key, value: newValue)
                let place = pairs.firstIndex { Self.precedes(key, $0.key) } ?? pairs.endIndex
                pairs.insert(pair, at: place)
            }
            self = .table(pairs)
        }
    }

    /// The value of a field, or `nil` if there is none.
    public subscript(name: String) -> LuaValue {
        get { self[.string(LuaBytes(name))] }
        set { self[.string(LuaBytes(name))] = newValue }
    }

    /// The element at an index, counted from 1, or `nil` if there is none.
    public subscript(index: Int) -> LuaValue {
        get { self[.integer(index)] }
        set { self[.integer(index)] = newValue }
    }

    private static func place(of key: LuaValue, in pairs: [Pair]) -> Int? {
        // In Lua, a float that is integral is the same key as the integer.
        let key =
            if case .number = key, let same = key.integer { LuaValue.integer(same) } else { key }
        // Elements of a list are at their places.
        if case .integer(let index) = key, pairs.indices.contains(index &- 1),
            pairs[index - 1].key == key
        {
            return index - 1
        }
        return pairs.firstIndex { $0.key == key }
    }
}
