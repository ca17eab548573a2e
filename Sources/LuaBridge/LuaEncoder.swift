// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua

/// Pushes `Encodable` values onto a Lua stack.
///
/// Structs become tables with fields, sequences become lists, and numbers keep their subtype.
/// Fields that are nil are left out. A superclass that is encoded by `superEncoder()` shares the
/// table.
struct LuaEncoder {
    /// The state of one call of ``Lua/push(encoding:)``, which borrows the Lua state meanwhile.
    final class Session {
        let L: OpaquePointer
        /// The error of a function that cannot throw. It is thrown at the next write, or at the
        /// end.
        var failure: LuaError?
        init(_ L: OpaquePointer) { self.L = L }

        func write(_ body: (borrowing Lua) throws(LuaError) -> Void) throws {
            if let failure { throw failure }
            try body(Lua(L))
        }

        /// Pushes a new table and stores it in `place`. Returns its index, which is not used after
        /// a failure.
        func pushTable(in place: Place) -> Int32 {
            do {
                try write { lua throws(LuaError) in
                    try lua.pushTable()
                    guard place.isField else { return }
                    try lua.pushValue(at: -1)
                    try place.put(lua)
                }
            } catch {
                failure = failure ?? error as? LuaError ?? .outOfMemory
            }
            return lua_gettop(L)
        }
    }

    /// The destination of a value.
    enum Place {
        case stack
        case field(any CodingKey, isInteger: Bool, of: Int32)
        case element(Int, of: Int32)

        var isField: Bool { if case .stack = self { false } else { true } }

        /// Takes the topmost value.
        func put(_ lua: borrowing Lua) throws(LuaError) {
            switch self {
            case .stack: return
            case .field(let key, let isInteger, let table):
                try lua.setRaw(key, isInteger: isInteger, of: Int(table))
            case .element(let position, let table):
                try lua.setRawElement(position, of: Int(table))
            }
        }
    }
}

extension Lua {
    /// Pushes a value by its `Encodable` conformance: a table with fields, a list or a scalar.
    ///
    /// - Throws: `EncodingError` with the coding path, ``LuaError`` with code `memory` or
    ///   `stackOverflow`, or an error of the value's own code.
    public func push(encoding value: some Encodable) throws {
        let base = top
        do {
            try LuaValueEncoder(.init(L), path: []).push(value)
        } catch {
            lua_settop(L, Int32(base))
            throw error
        }
    }
}

/// Encodes one value, which is left on top of the stack or stored in its place.
final class LuaValueEncoder: Encoder, SingleValueEncodingContainer {
    let session: LuaEncoder.Session
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }
    private let place: LuaEncoder.Place
    /// The table of the value's containers; 0: none yet.
    private var table: Int32
    private var wrote = false
    /// The type of the value.
    private var encoded: Any.Type?

    init(
        _ session: LuaEncoder.Session, path: [any CodingKey], place: LuaEncoder.Place = .stack,
        sharing table: Int32 = 0
    ) {
        self.session = session
        codingPath = path
        self.place = place
        self.table = table
    }

    /// Pushes `value`, exactly one slot.
    func push(_ value: some Encodable) throws {
        if let scalar = value as? any LuaScalar { return try push(scalar: scalar) }
        let base = lua_gettop(session.L)
        encoded = type(of: value)
        try value.encode(to: self)
        if let failure = session.failure { throw failure }
        if !wrote { try encodeNil() }
        lua_settop(session.L, base + 1)
    }

    func push(scalar: some LuaScalar) throws {
        do {
            try write { lua throws(LuaError) in try scalar.push(onto: lua) }
        } catch let error as LuaError where error.code == .conversion {
            throw EncodingError.invalidValue(
                scalar, .init(codingPath: codingPath, debugDescription: error.message))
        }
    }

    private func write(_ body: (borrowing Lua) throws(LuaError) -> Void) throws {
        wrote = true
        try session.write { lua throws(LuaError) in
            try body(lua)
            try place.put(lua)
        }
    }

    /// The table that all containers of the value share.
    private func container() -> Int32 {
        wrote = true
        if table == 0 { table = session.pushTable(in: place) }
        return table
    }

    func container<Key>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(
            LuaKeyedEncoder(
                session: session, codingPath: codingPath, table: container(),
                hasIntegers: Key.areIntegers(of: encoded)))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        let table = container()
        let count = session.failure == nil ? Int(lua_rawlen(session.L, table)) : 0
        return LuaListEncoder(
            session: session, codingPath: codingPath, table: table, count: count)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }

    func encodeNil() throws { try write { lua throws(LuaError) in try lua.pushNil() } }

    func encode(_ value: some Encodable) throws {
        try push(value)
        wrote = true
    }
}

struct LuaKeyedEncoder<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let session: LuaEncoder.Session
    let codingPath: [any CodingKey]
    let table: Int32
    /// True if the keys are those of a dictionary with integers.
    var hasIntegers = false

    private func put(_ key: Key) throws {
        try session.write { lua throws(LuaError) in
            try lua.setRaw(key, isInteger: hasIntegers, of: Int(table))
        }
    }

    private func encode(scalar value: some LuaPushable, _ key: Key) throws {
        try session.write { lua throws(LuaError) in try value.push(onto: lua) }
        try put(key)
    }

    func encodeNil(forKey key: Key) throws {}

    func encode(_ value: some Encodable, forKey key: Key) throws {
        try LuaValueEncoder(session, path: codingPath + [key]).push(value)
        try put(key)
    }

    // The most frequent types of fields, without a cast of the dynamic type.
    func encode(_ value: Bool, forKey key: Key) throws { try encode(scalar: value, key) }
    func encode(_ value: Int, forKey key: Key) throws { try encode(scalar: value, key) }
    func encode(_ value: Double, forKey key: Key) throws { try encode(scalar: value, key) }
    func encode(_ value: String, forKey key: Key) throws { try encode(scalar: value, key) }

    /// Stores a nested table in its field at once, and keeps it on the stack until the value is
    /// complete.
    private func nested(_ key: any CodingKey) -> Int32 {
        session.pushTable(in: .field(key, isInteger: hasIntegers, of: table))
    }

    func nestedContainer<Nested>(
        keyedBy keyType: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        KeyedEncodingContainer(
            LuaKeyedEncoder<Nested>(
                session: session, codingPath: codingPath + [key], table: nested(key)))
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        LuaListEncoder(session: session, codingPath: codingPath + [key], table: nested(key))
    }

    func superEncoder() -> any Encoder {
        LuaValueEncoder(session, path: codingPath, sharing: table)
    }

    func superEncoder(forKey key: Key) -> any Encoder {
        LuaValueEncoder(
            session, path: codingPath + [key],
            place: .field(key, isInteger: hasIntegers, of: table))
    }
}

struct LuaListEncoder: UnkeyedEncodingContainer {
    let session: LuaEncoder.Session
    let codingPath: [any CodingKey]
    let table: Int32
    var count = 0

    /// Takes the topmost value as the next element.
    private mutating func put() throws {
        if session.failure == nil, lua_type(session.L, -1) == LUA_TNIL {
            lua_settop(session.L, -2)
            return try encodeNil()
        }
        count += 1
        try session.write { lua throws(LuaError) in
            try lua.setRawElement(count, of: Int(table))
        }
    }

    private mutating func encode(scalar value: some LuaPushable) throws {
        try session.write { lua throws(LuaError) in try value.push(onto: lua) }
        try put()
    }

    mutating func encodeNil() throws {
        throw EncodingError.invalidValue(
            Optional<Int>.none as Any,
            .init(
                codingPath: codingPath + [LuaIndexKey(count + 1)],
                debugDescription: "a Lua list cannot hold nil"))
    }

    mutating func encode(_ value: some Encodable) throws {
        try LuaValueEncoder(session, path: codingPath + [LuaIndexKey(count + 1)]).push(value)
        try put()
    }

    mutating func encode(_ value: Bool) throws { try encode(scalar: value) }
    mutating func encode(_ value: Int) throws { try encode(scalar: value) }
    mutating func encode(_ value: Double) throws { try encode(scalar: value) }
    mutating func encode(_ value: String) throws { try encode(scalar: value) }

    private mutating func nested() -> Int32 {
        count += 1
        return session.pushTable(in: .element(count, of: table))
    }

    mutating func nestedContainer<Nested>(
        keyedBy keyType: Nested.Type
    ) -> KeyedEncodingContainer<Nested> {
        let table = nested()
        return KeyedEncodingContainer(
            LuaKeyedEncoder<Nested>(
                session: session, codingPath: codingPath + [LuaIndexKey(count)], table: table))
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        let table = nested()
        return LuaListEncoder(
            session: session, codingPath: codingPath + [LuaIndexKey(count)], table: table)
    }

    mutating func superEncoder() -> any Encoder {
        count += 1
        return LuaValueEncoder(
            session, path: codingPath + [LuaIndexKey(count)], place: .element(count, of: table))
    }
}

/// An index of a list, counted from 1.
struct LuaIndexKey: CodingKey {
    let position: Int
    init(_ position: Int) { self.position = position }
    init?(intValue: Int) { position = intValue }
    init?(stringValue: String) { return nil }
    var intValue: Int? { position }
    var stringValue: String { "[\(position)]" }
}
