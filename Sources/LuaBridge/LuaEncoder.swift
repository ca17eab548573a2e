// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua

/// Pushes `Encodable` values onto a Lua stack.
///
/// Structs become tables with fields, sequences become lists, numbers keep their subtype, nil
/// leaves a field out. What a class encodes by `superEncoder()` goes into the same table.
struct LuaEncoder {
    /// Where an encoder writes. It lives for one call of ``Lua/push(encoding:)``, during which
    /// the state is lent to that call.
    final class Session {
        let L: OpaquePointer
        /// Containers are asked for where nothing may be thrown: a failure there is told at the
        /// next write, and at the end.
        var failure: LuaError?
        init(_ L: OpaquePointer) { self.L = L }

        func write(_ body: (borrowing Lua) throws(LuaError) -> Void) throws {
            if let failure { throw failure }
            try body(Lua(L))
        }

        /// Pushes a new table and puts it into `place`. Its index; after a failure one that is
        /// not used.
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

    /// Where a value goes that nobody takes from the stack.
    enum Place {
        case stack
        case field(String, of: Int32)
        case element(Int, of: Int32)

        var isField: Bool { if case .stack = self { false } else { true } }

        /// Takes the topmost value.
        func put(_ lua: borrowing Lua) throws(LuaError) {
            switch self {
            case .stack: return
            case .field(let name, let table): try lua.setRawField(name, of: Int(table))
            case .element(let position, let table):
                try lua.setRawElement(position, of: Int(table))
            }
        }
    }
}

extension Lua {
    /// Pushes a value by its `Encodable` conformance.
    ///
    /// - Throws: `EncodingError` with the coding path, ``LuaError`` with code `memory` or
    ///   `stackOverflow`, or what the value's own code throws.
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

/// Encodes one value: whatever it asks for is left on top of the stack, or put into its place.
final class LuaValueEncoder: Encoder, SingleValueEncodingContainer {
    let session: LuaEncoder.Session
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }
    private let place: LuaEncoder.Place
    /// Set when a container or value was asked for.
    private var table: Int32
    private var wrote = false

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
        try value.encode(to: self)
        if let failure = session.failure { throw failure }
        if !wrote { try encodeNil() }
        lua_settop(session.L, base + 1)
    }

    func push(scalar: some LuaPushable) throws {
        try write { lua throws(LuaError) in try scalar.push(onto: lua) }
    }

    private func write(_ body: (borrowing Lua) throws(LuaError) -> Void) throws {
        wrote = true
        try session.write { lua throws(LuaError) in
            try body(lua)
            try place.put(lua)
        }
    }

    /// The table of the containers: one value may be asked for several, they share it.
    private func container() -> Int32 {
        wrote = true
        if table == 0 { table = session.pushTable(in: place) }
        return table
    }

    func container<Key>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(
            LuaKeyedEncoder(session: session, codingPath: codingPath, table: container()))
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

/// The types that are one Lua value by themselves.
protocol LuaScalar: LuaPushable {}
extension Bool: LuaScalar {}
extension Int: LuaScalar {}
extension Int64: LuaScalar {}
extension Int32: LuaScalar {}
extension UInt8: LuaScalar {}
extension Double: LuaScalar {}
extension Float: LuaScalar {}
extension String: LuaScalar {}

extension LuaValueEncoder {
    // The integer types that have no conformance of their own.
    func encode(_ value: Int8) throws { try push(Int(value)) }
    func encode(_ value: Int16) throws { try push(Int(value)) }
    func encode(_ value: UInt16) throws { try push(Int(value)) }
    func encode(_ value: UInt32) throws { try push(Int(value)) }
    func encode(_ value: UInt64) throws { try pushExact(value) }
    func encode(_ value: UInt) throws { try pushExact(UInt64(value)) }

    private func pushExact(_ value: UInt64) throws {
        guard let exact = Int(exactly: value) else {
            throw EncodingError.invalidValue(
                value,
                .init(
                    codingPath: codingPath,
                    debugDescription: "\(value) does not fit in a Lua integer"))
        }
        try push(exact)
    }
}

struct LuaKeyedEncoder<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let session: LuaEncoder.Session
    let codingPath: [any CodingKey]
    let table: Int32

    private func put(_ key: Key) throws {
        try session.write { lua throws(LuaError) in
            try lua.setRawField(key.stringValue, of: Int(table))
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

    // What structs are mostly made of, without a look at the dynamic type.
    func encode(_ value: Bool, forKey key: Key) throws { try encode(scalar: value, key) }
    func encode(_ value: Int, forKey key: Key) throws { try encode(scalar: value, key) }
    func encode(_ value: Double, forKey key: Key) throws { try encode(scalar: value, key) }
    func encode(_ value: String, forKey key: Key) throws { try encode(scalar: value, key) }

    /// A nested table is put into its field at once, and kept below on the stack until the value
    /// is done.
    private func nested(_ key: any CodingKey) -> Int32 {
        session.pushTable(in: .field(key.stringValue, of: table))
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
            session, path: codingPath + [key], place: .field(key.stringValue, of: table))
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

/// A place in a list, counted from 1 as Lua does.
struct LuaIndexKey: CodingKey {
    let position: Int
    init(_ position: Int) { self.position = position }
    init?(intValue: Int) { position = intValue }
    init?(stringValue: String) { return nil }
    var intValue: Int? { position }
    var stringValue: String { "[\(position)]" }
}
