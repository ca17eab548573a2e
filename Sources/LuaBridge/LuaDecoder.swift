// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua

/// Reads `Decodable` values from a Lua stack.
final class LuaDecoder: Decoder, SingleValueDecodingContainer {
    let L: OpaquePointer
    let index: Int32
    let codingPath: [any CodingKey]
    /// The error of a function that cannot throw.
    var failure: LuaError?
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(_ L: OpaquePointer, index: Int32, path: [any CodingKey]) {
        self.L = L
        self.index = lua_absindex(L, index)
        codingPath = path
    }

    func context(
        _ message: String, _ key: (any CodingKey)? = nil
    ) -> DecodingError.Context {
        DecodingError.Context(
            codingPath: codingPath + (key.map { [$0] } ?? []), debugDescription: message)
    }

    /// Reads the value itself as `T`.
    func read<T: LuaReadable>(_ type: T.Type) throws -> T {
        do {
            return try T.read(from: Lua(L), at: Int(index))
        } catch {
            if Lua(L).isNil(at: Int(index)) {
                throw DecodingError.valueNotFound(type, context(error.message))
            }
            if type is any FixedWidthInteger.Type, Lua(L).type(at: Int(index)) == .number {
                throw DecodingError.dataCorrupted(context(error.message))
            }
            throw DecodingError.typeMismatch(type, context(error.message))
        }
    }

    private func requireTable(_ type: Any.Type) throws {
        guard lua_type(L, index) == LUA_TTABLE else {
            throw DecodingError.typeMismatch(
                type, context(Lua(L).mismatch("table", at: Int(index)).message))
        }
    }

    /// A decoder for the array or frame at the index; nil for other values.
    private var copied: CopyDecoder? {
        Lua(L).copiedObject(at: Int(index)).map {
            CopyDecoder(.object(LuaValue.Object($0)), path: codingPath)
        }
    }

    func container<Key>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        if let copied { return try copied.container(keyedBy: type) }
        try requireTable([String: Any].self)
        return KeyedDecodingContainer(LuaKeyedDecoder(decoder: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        if let copied { return try copied.unkeyedContainer() }
        try requireTable([Any].self)
        return LuaListDecoder(decoder: self)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

    func decodeNil() -> Bool { Lua(L).isNil(at: Int(index)) }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        if let scalar = type as? any LuaScalar.Type {
            return try read(scalar) as! T  // `scalar` is `type`, seen through its conformance
        }
        // A table that contains itself would exhaust the thread's stack.
        guard codingPath.count < Self.depth else {
            throw DecodingError.dataCorrupted(context("nested deeper than \(Self.depth) levels"))
        }
        if lua_type(L, index) == LUA_TUSERDATA,
            let list = Lua(L).copiedObject(at: Int(index))?.luaElements(as: type)
        {
            return list
        }
        let value = try T(from: self)
        if let failure { throw failure }
        return value
    }

    private static let depth = 200

    /// Calls `body` with a decoder for the element that `push` pushes.
    func nested<R>(
        key: any CodingKey, _ push: (borrowing Lua) throws(LuaError) -> Void,
        _ body: (LuaDecoder) throws -> R
    ) throws -> R {
        let base = lua_gettop(L)
        defer { lua_settop(L, base) }
        if let failure { throw failure }
        try push(Lua(L))
        return try body(LuaDecoder(L, index: -1, path: codingPath + [key]))
    }
}

extension Lua {
    /// Reads the value at `index` by its `Decodable` conformance, from tables with fields, lists
    /// and scalars.
    ///
    /// - Throws: `DecodingError` with the coding path.
    public func read<T: Decodable>(decoding type: T.Type = T.self, at index: Int) throws -> T {
        let base = top
        defer { lua_settop(L, Int32(base)) }
        return try LuaDecoder(L, index: Int32(index), path: []).decode(type)
    }
}

struct LuaKeyedDecoder<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: LuaDecoder
    var codingPath: [any CodingKey] { decoder.codingPath }

    private func with<R>(_ key: any CodingKey, _ body: (LuaDecoder) throws -> R) throws -> R {
        try decoder.nested(
            key: key,
            { lua throws(LuaError) in
                try lua.pushRaw(key, of: Int(decoder.index))
            }, body)
    }

    /// The keys that are texts or integers.
    var allKeys: [Key] {
        let lua = Lua(decoder.L)
        var keys: [Key] = []
        do {
            try lua.forEachPair(of: Int(decoder.index)) {
                let key =
                    if lua.type(at: -2) == .number {
                        lua.integer(at: -2).flatMap { Key(intValue: $0) }
                    } else {
                        lua.string(at: -2).flatMap { Key(stringValue: $0) }
                    }
                if let key { keys.append(key) }
            }
        } catch {
            decoder.failure = error as? LuaError ?? .outOfMemory
        }
        return keys
    }

    // If the look-up itself fails, the decoding that follows reports the error.
    func contains(_ key: Key) -> Bool { (try? with(key) { !$0.decodeNil() }) ?? true }

    func decodeNil(forKey key: Key) throws -> Bool { try with(key) { $0.decodeNil() } }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try with(key) { field in
            if field.decodeNil(), !(type is any ExpressibleByNilLiteral.Type) {
                throw missing(key)
            }
            return try field.decode(type)
        }
    }

    private func decode<T: LuaReadable>(scalar type: T.Type, _ key: Key) throws -> T {
        try with(key) { field in
            if field.decodeNil() { throw missing(key) }
            return try field.read(type)
        }
    }

    private func missing(_ key: Key) -> DecodingError {
        .keyNotFound(key, decoder.context("no field '\(key.stringValue)'"))
    }

    // The most frequent types of fields, without a cast of the dynamic type.
    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool {
        try decode(scalar: type, key)
    }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try decode(scalar: type, key) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double {
        try decode(scalar: type, key)
    }
    func decode(_ type: String.Type, forKey key: Key) throws -> String {
        try decode(scalar: type, key)
    }

    // A nested container outlives the call that returns it: its table stays on the stack until the
    // whole value is read.
    private func keep(_ key: any CodingKey) throws -> LuaDecoder {
        try Lua(decoder.L).pushRaw(key, of: Int(decoder.index))
        return LuaDecoder(decoder.L, index: -1, path: codingPath + [key])
    }

    func nestedContainer<Nested>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try keep(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try keep(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { decoder }
    func superDecoder(forKey key: Key) throws -> any Decoder { try keep(key) }
}

struct LuaListDecoder: UnkeyedDecodingContainer {
    let decoder: LuaDecoder
    var currentIndex = 0
    var codingPath: [any CodingKey] { decoder.codingPath }
    var count: Int? { Int(lua_rawlen(decoder.L, decoder.index)) }
    var isAtEnd: Bool { currentIndex >= (count ?? 0) }

    init(decoder: LuaDecoder) { self.decoder = decoder }

    private mutating func with<R>(_ body: (LuaDecoder) throws -> R) throws -> R {
        let position = currentIndex + 1
        if isAtEnd {
            throw DecodingError.valueNotFound(
                R.self, decoder.context("the list ends before", LuaIndexKey(position)))
        }
        let result = try decoder.nested(
            key: LuaIndexKey(position),
            { lua throws(LuaError) in
                try lua.pushRawElement(position, of: Int(decoder.index))
            }, body)
        currentIndex += 1
        return result
    }

    mutating func decodeNil() throws -> Bool {
        let isNil = try with { $0.decodeNil() }
        if !isNil { currentIndex -= 1 }
        return isNil
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        try with { try $0.decode(type) }
    }

    mutating func decode(_ type: Bool.Type) throws -> Bool { try with { try $0.read(type) } }
    mutating func decode(_ type: Int.Type) throws -> Int { try with { try $0.read(type) } }
    mutating func decode(_ type: Double.Type) throws -> Double { try with { try $0.read(type) } }
    mutating func decode(_ type: String.Type) throws -> String { try with { try $0.read(type) } }

    private mutating func keep() throws -> LuaDecoder {
        if isAtEnd {
            throw DecodingError.valueNotFound(
                [Any].self, decoder.context("the list ends before", LuaIndexKey(currentIndex + 1)))
        }
        currentIndex += 1
        try Lua(decoder.L).pushRawElement(currentIndex, of: Int(decoder.index))
        return LuaDecoder(decoder.L, index: -1, path: codingPath + [LuaIndexKey(currentIndex)])
    }

    mutating func nestedContainer<Nested>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        try keep().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try keep().unkeyedContainer()
    }

    mutating func superDecoder() throws -> any Decoder { try keep() }
}
