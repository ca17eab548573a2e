// SPDX-License-Identifier: BSD-3-Clause

internal import CLua

/// Pushes `Encodable` values onto a Lua stack.
///
/// Structs become tables with fields, sequences become lists, numbers keep their subtype, nil
/// leaves a field out. An error names the coding path.
struct LuaEncoder {
    /// Where an encoder writes. It lives for one call of ``Lua/push(encoding:)``, during which
    /// the state is lent to that call.
    final class Session {
        let L: OpaquePointer
        init(_ L: OpaquePointer) { self.L = L }

        func write(
            _ path: [any CodingKey], _ body: (borrowing Lua) throws(LuaError) -> Void
        ) throws {
            do {
                try body(Lua(L))
            } catch {
                throw EncodingError.invalidValue(
                    L,
                    .init(codingPath: path, debugDescription: error.message, underlyingError: error)
                )
            }
        }
    }
}

extension Lua {
    /// Pushes a value by its `Encodable` conformance.
    ///
    /// - Throws: `EncodingError` with the coding path, or what the value's own code throws.
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

/// Encodes one value: whatever it asks for is left on top of the stack.
final class LuaValueEncoder: Encoder, SingleValueEncodingContainer {
    let session: LuaEncoder.Session
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }
    /// Set when a container or value was asked for.
    private var table: Int32 = 0
    private var wrote = false

    init(_ session: LuaEncoder.Session, path: [any CodingKey]) {
        self.session = session
        codingPath = path
    }

    /// Pushes `value`, exactly one slot.
    func push(_ value: some Encodable) throws {
        if let scalar = value as? any LuaScalar {
            return try write { lua throws(LuaError) in try scalar.push(onto: lua) }
        }
        let base = lua_gettop(session.L)
        try value.encode(to: self)
        if !wrote { try encodeNil() }
        lua_settop(session.L, base + 1)
    }

    private func write(_ body: (borrowing Lua) throws(LuaError) -> Void) throws {
        wrote = true
        try session.write(codingPath, body)
    }

    /// The table of the containers: one value may be asked for several, they share it.
    private func container() -> Int32 {
        if table == 0 {
            // A failure here is told at the first value that is put in.
            try? write { lua throws(LuaError) in try lua.pushTable() }
            table = lua_gettop(session.L)
        }
        return table
    }

    func container<Key>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(
            LuaKeyedEncoder(session: session, codingPath: codingPath, table: container()))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        LuaListEncoder(session: session, codingPath: codingPath, table: container())
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

    func encodeNil(forKey key: Key) throws {}

    func encode(_ value: some Encodable, forKey key: Key) throws {
        let path = codingPath + [key]
        try LuaValueEncoder(session, path: path).push(value)
        try session.write(path) { lua throws(LuaError) in
            try lua.setRawField(key.stringValue, of: Int(table))
        }
    }

    /// A nested table, put into its field at once and kept below on the stack until the value
    /// is done.
    private func nested(_ key: any CodingKey) -> Int32 {
        try? session.write(codingPath) { lua throws(LuaError) in
            try lua.pushTable()
            try lua.pushValue(at: -1)
            try lua.setRawField(key.stringValue, of: Int(table))
        }
        return lua_gettop(session.L)
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

    func superEncoder() -> any Encoder { LuaValueEncoder(session, path: codingPath) }
    func superEncoder(forKey key: Key) -> any Encoder {
        LuaValueEncoder(session, path: codingPath + [key])
    }
}

struct LuaListEncoder: UnkeyedEncodingContainer {
    let session: LuaEncoder.Session
    let codingPath: [any CodingKey]
    let table: Int32
    var count = 0

    init(session: LuaEncoder.Session, codingPath: [any CodingKey], table: Int32) {
        self.session = session
        self.codingPath = codingPath
        self.table = table
    }

    private func put(_ path: [any CodingKey]) throws {
        try session.write(path) { lua throws(LuaError) in
            try lua.setRawElement(count, of: Int(table))
        }
    }

    mutating func encodeNil() throws {
        throw EncodingError.invalidValue(
            Optional<Int>.none as Any,
            .init(
                codingPath: codingPath + [LuaIndexKey(count + 1)],
                debugDescription: "a Lua list cannot hold nil"))
    }

    mutating func encode(_ value: some Encodable) throws {
        count += 1
        let path = codingPath + [LuaIndexKey(count)]
        try LuaValueEncoder(session, path: path).push(value)
        try put(path)
    }

    private mutating func nested() -> Int32 {
        count += 1
        let position = count
        try? session.write(codingPath) { lua throws(LuaError) in
            try lua.pushTable()
            try lua.pushValue(at: -1)
            try lua.setRawElement(position, of: Int(table))
        }
        return lua_gettop(session.L)
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

    func superEncoder() -> any Encoder { LuaValueEncoder(session, path: codingPath) }
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
