// SPDX-License-Identifier: BSD-3-Clause

extension LuaValue {
    /// Reads the copy by a `Decodable` conformance, from tables with fields, lists and scalars. The
    /// elements of a typed array are those of a list, the rows of a frame tables with fields.
    ///
    /// ```swift
    /// struct Summary: Decodable { var mean: Double, names: [String] }
    /// let summary = try outcome.outputs["summary"]?.decode(Summary.self)
    /// ```
    ///
    /// - Throws: `DecodingError` with the coding path.
    public func decode<T: Decodable>(_ type: T.Type = T.self) throws -> T {
        try CopyDecoder(self, path: []).decode(type)
    }
}

/// Reads `Decodable` values from copies of Lua values.
struct CopyDecoder: Decoder, SingleValueDecodingContainer {
    let value: LuaValue
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(_ value: LuaValue, path: [any CodingKey]) {
        self.value = value
        codingPath = path
    }

    func context(_ message: String) -> DecodingError.Context {
        DecodingError.Context(codingPath: codingPath, debugDescription: message)
    }

    private func table(for type: Any.Type) throws -> [LuaValue.Pair] {
        guard case .table(let pairs) = value else {
            throw DecodingError.typeMismatch(type, context(value.mismatch("table").message))
        }
        return pairs
    }

    func container<Key>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        if let fields = value.object?.luaFields {
            return KeyedDecodingContainer(KeyedCopyDecoder(decoder: self, fields: fields))
        }
        let pairs = try table(for: [String: Any].self)
        var fields: [String: LuaValue] = [:]
        var numbered: [Int: LuaValue] = [:]
        for pair in pairs {
            if let name = pair.key.string {
                fields[name] = pair.value
            } else if let number = pair.key.integer {
                numbered[number] = pair.value
            }
        }
        return KeyedDecodingContainer(
            KeyedCopyDecoder(decoder: self, fields: fields, numbered: numbered))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        if let elements = value.object?.luaElements {
            return CopyListDecoder(decoder: self, elements: elements)
        }
        let pairs = try table(for: [Any].self)
        let list = pairs.enumerated().prefix { $1.key == .integer($0 + 1) }.map(\.element.value)
        return CopyListDecoder(decoder: self, elements: list)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    func decodeNil() -> Bool { value == .nil }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        guard let scalar = type as? any LuaScalar.Type else {
            if let list = value.object?.luaElements(as: type) { return list }
            return try T(from: self)
        }
        do {
            return try scalar.init(luaValue: value) as! T  // `scalar` is `type`
        } catch {
            if value == .nil { throw DecodingError.valueNotFound(type, context(error.message)) }
            if type is any FixedWidthInteger.Type, value.number != nil {
                throw DecodingError.dataCorrupted(context(error.message))
            }
            throw DecodingError.typeMismatch(type, context(error.message))
        }
    }
}

private struct KeyedCopyDecoder<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: CopyDecoder
    let fields: [String: LuaValue]
    var numbered: [Int: LuaValue] = [:]
    var codingPath: [any CodingKey] { decoder.codingPath }
    var allKeys: [Key] {
        fields.keys.compactMap { Key(stringValue: $0) }
            + numbered.keys.sorted().compactMap { Key(intValue: $0) }
    }

    func contains(_ key: Key) -> Bool { value(of: key) != nil }

    private func value(of key: any CodingKey) -> LuaValue? {
        key.luaInteger.flatMap { numbered[$0] } ?? fields[key.stringValue]
    }

    private func nested(_ key: any CodingKey) -> CopyDecoder {
        CopyDecoder(value(of: key) ?? .nil, path: codingPath + [key])
    }

    func decodeNil(forKey key: Key) -> Bool { !contains(key) }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        if !contains(key), !(type is any ExpressibleByNilLiteral.Type) {
            throw DecodingError.keyNotFound(key, decoder.context("no field '\(key.stringValue)'"))
        }
        return try nested(key).decode(type)
    }

    func nestedContainer<Nested>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try nested(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try nested(key).unkeyedContainer()
    }

    func superDecoder() -> any Decoder { decoder }
    func superDecoder(forKey key: Key) -> any Decoder { nested(key) }
}

private struct CopyListDecoder: UnkeyedDecodingContainer {
    let decoder: CopyDecoder
    let elements: [LuaValue]
    var currentIndex = 0
    var codingPath: [any CodingKey] { decoder.codingPath }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    private mutating func next(_ type: Any.Type) throws -> CopyDecoder {
        let path = codingPath + [LuaIndexKey(currentIndex + 1)]
        guard !isAtEnd else {
            throw DecodingError.valueNotFound(
                type, .init(codingPath: path, debugDescription: "the list ends before"))
        }
        currentIndex += 1
        return CopyDecoder(elements[currentIndex - 1], path: path)
    }

    mutating func decodeNil() throws -> Bool {
        if isAtEnd { _ = try next(Any.self) }
        return false
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let start = currentIndex
        do {
            return try next(type).decode(type)
        } catch {
            currentIndex = start
            throw error
        }
    }

    mutating func nestedContainer<Nested>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        try next([String: Any].self).container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try next([Any].self).unkeyedContainer()
    }

    mutating func superDecoder() throws -> any Decoder { try next(Any.self) }
}
