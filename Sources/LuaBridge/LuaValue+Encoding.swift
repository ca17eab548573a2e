// SPDX-License-Identifier: BSD-3-Clause

extension LuaValue {
    /// Creates a value from an `Encodable` one: structs become tables with fields, sequences become
    /// lists, and numbers keep their subtype.
    ///
    /// ```swift
    /// let parameters: [String: LuaValue] = ["box": try LuaValue(encoding: box)]
    /// ```
    ///
    /// - Throws: `EncodingError` with the coding path.
    public init(encoding value: some Encodable) throws {
        let place = CopyEncoder.Place()
        try CopyEncoder(place, path: []).encode(value)
        self = place.value
    }
}

/// Makes copies of Lua values from `Encodable` ones.
struct CopyEncoder: Encoder, SingleValueEncodingContainer {
    /// The value that containers fill in.
    final class Place {
        private var scalar = LuaValue.nil
        private var fields: [(key: LuaValue, place: Place)]?
        private var elements: [Place]?

        func set(_ value: LuaValue) { scalar = value }

        func field(_ key: LuaValue) -> Place {
            let place = Place()
            fields = fields ?? []
            fields?.append((key, place))
            return place
        }

        var count: Int { elements?.count ?? 0 }

        func element() -> Place {
            let place = Place()
            elements = elements ?? []
            elements?.append(place)
            return place
        }

        func makeTable() { fields = fields ?? [] }

        var value: LuaValue {
            if fields == nil, elements == nil { return scalar }
            var value = LuaValue(elements?.map(\.value) ?? [])
            if elements != nil {
                for (key, place) in fields ?? [] { value[key] = place.value }
                return value
            }
            var pairs: [LuaValue.Pair] = []
            var places: [LuaBytes: Int] = [:]
            for (key, place) in fields ?? [] {
                let pair = LuaValue.Pair(key: key, value: place.value)
                // Of several fields with one name, the last one counts.
                if case .string(let name) = key, let position = places[name] {
                    pairs[position] = pair
                    continue
                }
                if case .string(let name) = key { places[name] = pairs.count }
                pairs.append(pair)
            }
            return .table(
                pairs.filter { $0.value != .nil }.sorted { LuaValue.precedes($0.key, $1.key) })
        }
    }

    let place: Place
    let codingPath: [any CodingKey]
    /// The type of the value; nil where a container was asked for without one.
    var encoded: Any.Type?
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(_ place: Place, path: [any CodingKey]) {
        self.place = place
        codingPath = path
    }

    func invalid(_ value: Any, _ message: String) -> EncodingError {
        .invalidValue(value, .init(codingPath: codingPath, debugDescription: message))
    }

    func container<Key>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        place.makeTable()
        return KeyedEncodingContainer(
            KeyedCopyEncoder(encoder: self, hasIntegers: Key.areIntegers(of: encoded)))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        place.makeTable()
        return CopyListEncoder(encoder: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }

    func encodeNil() { place.set(.nil) }

    func encode(_ value: some Encodable) throws {
        guard let scalar = value as? any LuaScalar else {
            var encoder = self
            encoder.encoded = type(of: value)
            return try value.encode(to: encoder)
        }
        do {
            place.set(try scalar.luaValue())
        } catch {
            throw invalid(value, error.message)
        }
    }
}

private struct KeyedCopyEncoder<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: CopyEncoder
    let hasIntegers: Bool
    var codingPath: [any CodingKey] { encoder.codingPath }

    private func nested(_ key: any CodingKey) -> CopyEncoder {
        let place = encoder.place.field(key.luaKey(isInteger: hasIntegers))
        return CopyEncoder(place, path: codingPath + [key])
    }

    func encodeNil(forKey key: Key) {}

    func encode(_ value: some Encodable, forKey key: Key) throws { try nested(key).encode(value) }

    func nestedContainer<Nested>(
        keyedBy keyType: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        nested(key).container(keyedBy: keyType)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        nested(key).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { encoder }
    func superEncoder(forKey key: Key) -> any Encoder { nested(key) }
}

private struct CopyListEncoder: UnkeyedEncodingContainer {
    let encoder: CopyEncoder
    var codingPath: [any CodingKey] { encoder.codingPath }
    var count: Int { encoder.place.count }

    private func nested() -> CopyEncoder {
        let key = LuaIndexKey(count + 1)
        return CopyEncoder(encoder.place.element(), path: codingPath + [key])
    }

    func encodeNil() throws {
        throw nested().invalid(Optional<Int>.none as Any, "a Lua list cannot hold nil")
    }

    func encode(_ value: some Encodable) throws {
        let nested = nested()
        try nested.encode(value)
        if nested.place.value == .nil {
            throw nested.invalid(value, "a Lua list cannot hold nil")
        }
    }

    func nestedContainer<Nested>(
        keyedBy keyType: Nested.Type
    ) -> KeyedEncodingContainer<Nested> {
        nested().container(keyedBy: keyType)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { nested().unkeyedContainer() }

    func superEncoder() -> any Encoder { nested() }
}
